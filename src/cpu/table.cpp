#include "cpu/table.h"

#include <algorithm>
#include <vector>

namespace sardonyx {

#define SDX_KERNEL_ENTRY(provider, op, variant) extern const KernelDef kernel_##provider##_##op##_##variant;
#include "kernel_table.inc"
#undef SDX_KERNEL_ENTRY

namespace {

#define SDX_KERNEL_ENTRY(provider, op, variant) {#provider, #op, #variant, &kernel_##provider##_##op##_##variant},
constexpr KernelEntry kTable[] = {
#include "kernel_table.inc"
    {}};
#undef SDX_KERNEL_ENTRY

const std::vector<KernelEntry>& sorted() {
  static const std::vector<KernelEntry> table = [] {
    std::vector<KernelEntry> t(std::begin(kTable), std::end(kTable) - 1);
    std::sort(t.begin(), t.end(), [](const KernelEntry& a, const KernelEntry& b) {
      if (a.op != b.op) return a.op < b.op;
      if (a.def->priority != b.def->priority) return a.def->priority > b.def->priority;
      return a.variant < b.variant;
    });
    return t;
  }();
  return table;
}

}  // namespace

std::span<const KernelEntry> all_cpu_kernels() { return sorted(); }

std::span<const KernelEntry> cpu_kernels(std::string_view op) {
  const auto& t = sorted();
  const auto lo =
      std::lower_bound(t.begin(), t.end(), op, [](const KernelEntry& e, std::string_view o) { return e.op < o; });
  auto hi = lo;
  while (hi != t.end() && hi->op == op) ++hi;
  return {lo, hi};
}

}  // namespace sardonyx
