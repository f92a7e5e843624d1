#include "cpu/table.h"

#include <algorithm>

namespace sardonyx {

#define SDX_KERNEL_ENTRY(provider, op, variant) extern const KernelDef kernel_##provider##_##op##_##variant;
#include "kernel_table.inc"
#undef SDX_KERNEL_ENTRY

namespace {

#define SDX_KERNEL_ENTRY(provider, op, variant) {#provider, #op, #variant, &kernel_##provider##_##op##_##variant},
constexpr KernelEntry kTable[] = {
#include "kernel_table.inc"
};
#undef SDX_KERNEL_ENTRY

static_assert(std::ranges::is_sorted(kTable, {}, &KernelEntry::op));

}  // namespace

KernelList cpu_kernels(std::string_view op) {
  KernelList found;
  for (const KernelEntry& e : std::ranges::equal_range(kTable, op, {}, &KernelEntry::op)) found.push_back(&e);
  std::stable_sort(found.begin(), found.end(),
                   [](const KernelEntry* a, const KernelEntry* b) { return a->def->priority > b->def->priority; });
  return found;
}

}  // namespace sardonyx
