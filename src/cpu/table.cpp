#include "cpu/table.h"

#include <algorithm>
#include <iterator>

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

// The algorithms of std::ranges would do, but not every standard library in use has them.
constexpr struct {
  constexpr bool operator()(const KernelEntry& a, const KernelEntry& b) const { return a.op < b.op; }
  constexpr bool operator()(const KernelEntry& a, std::string_view b) const { return a.op < b; }
  constexpr bool operator()(std::string_view a, const KernelEntry& b) const { return a < b.op; }
} kByOp;
static_assert(std::is_sorted(std::begin(kTable), std::end(kTable), kByOp));

}  // namespace

KernelList cpu_kernels(std::string_view op) {
  KernelList found;
  const auto [first, last] = std::equal_range(std::begin(kTable), std::end(kTable), op, kByOp);
  for (const KernelEntry* e = first; e != last; ++e) found.push_back(e);
  std::stable_sort(found.begin(), found.end(),
                   [](const KernelEntry* a, const KernelEntry* b) { return a->def->priority > b->def->priority; });
  return found;
}

}  // namespace sardonyx
