// Slice: a strided copy whose steps may be negative.
#include "cpu/common/axis.h"
#include "cpu/common/mover.h"

namespace sardonyx {
namespace {

// The first element taken on an axis of `extent`.
int64_t first_index(int64_t start, int64_t step, int64_t extent) {
  if (start < 0) start += extent;
  return std::clamp<int64_t>(start, 0, step < 0 ? extent - 1 : extent);
}

class Slice final : public Kernel {
 public:
  Status prepare(PrepareCtx& c) const override {
    const Extents& d = c.in_dims(0);
    Extents src = dense_strides(d);
    Mover& m = c.work<Mover>();
    m = Mover{};
    if (c.out_count(0) == 0) {
      book(c, m);
      return {};
    }
    SDX_TRY(const auto starts, c.ints(1));
    SmallVec<int64_t, 8> axes, steps(starts.size(), 1);
    if (c.has(3)) {
      SDX_TRY(axes, c.ints(3));
    } else {
      for (size_t i = 0; i < starts.size(); ++i) axes.push_back(static_cast<int64_t>(i));
    }
    if (c.has(4)) {
      SDX_TRY(steps, c.ints(4));
    }
    SDX_CHECK(axes.size() == starts.size() && steps.size() == starts.size());
    int64_t at = 0;
    for (size_t i = 0; i < starts.size(); ++i) {
      const size_t a = static_cast<size_t>(wrap_axis(axes[i], c.rank(0)));
      at += first_index(starts[i], steps[i], d[a]) * src[a];
      if (c.out_dims(0)[a] > 1) src[a] *= steps[i];
    }
    SDX_RETURN_IF_ERROR(plan_mover(m, c.dtype(0), c.out_dims(0), src, dense_strides(c.out_dims(0)), at));
    if (c.out_dims(0) == d && m.mode == Mover::Mode::kBlock) c.alias(0, 0);
    book(c, m);
    return {};
  }
  Status run(RunCtx& c) const override { return run_single(c, c.work<Mover>()); }
};

}  // namespace

SDX_KERNEL(cpu, Slice, any) = {.make = make_kernel<Slice>};

}  // namespace sardonyx
