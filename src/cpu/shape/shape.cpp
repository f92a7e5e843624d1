// Shape and Size: extents as data.
#include "cpu/common/axis.h"
#include "kernel/kernel.h"

namespace sardonyx {
namespace {

class ShapeOf final : public Kernel {
 public:
  explicit ShapeOf(const KernelQuery& q)
      : start_(q.attr_int("start")), end_(q.has_attr("end") ? q.attr_int("end") : INT64_MAX) {}

  Status run(RunCtx& c) const override {
    const Extents& d = c.in_dims(0);
    const int64_t rank = static_cast<int64_t>(d.size());
    const int64_t begin = clamp(start_, rank), end = clamp(end_, rank);
    for (int64_t i = begin; i < end; ++i) c.out<int64_t>(0)[i - begin] = d[static_cast<size_t>(i)];
    return {};
  }

 private:
  static int64_t clamp(int64_t v, int64_t rank) {
    if (v < 0) v += rank;
    return v < 0 ? 0 : v > rank ? rank : v;
  }
  int64_t start_, end_;
};

class SizeOf final : public Kernel {
 public:
  Status run(RunCtx& c) const override {
    *c.out<int64_t>(0) = c.in_count(0);
    return {};
  }
};

}  // namespace

SDX_KERNEL(cpu, Shape, any) = {.make = make_kernel<ShapeOf>};
SDX_KERNEL(cpu, Size, any) = {.make = make_kernel<SizeOf>};

}  // namespace sardonyx
