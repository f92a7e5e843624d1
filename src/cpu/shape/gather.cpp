// Gather: copies whole blocks of the input chosen by indices along one axis.
#include "cpu/common/axis.h"
#include "cpu/common/element.h"
#include "cpu/common/mover.h"

namespace sardonyx {
namespace {

struct Work {
  int64_t axis, extent, picks, block;  // blocks of `block` elements; tasks are outer x picks
};

class Gather final : public Kernel {
 public:
  explicit Gather(const KernelQuery& q) : axis_(q.attr_int("axis")) {}

  Status prepare(PrepareCtx& c) const override {
    const Extents& d = c.in_dims(0);
    const int rank = c.rank(0), axis = wrap_axis(axis_, rank);
    Work& w = c.work<Work>();
    w = {axis, d[static_cast<size_t>(axis)], c.in_count(1), product(d, axis + 1, rank)};
    c.tasks(w.block ? product(d, 0, axis) * w.picks : 0, static_cast<double>(w.block) + 2);
    return {};
  }

  Status run(RunCtx& c) const override {
    const Work& w = c.work<Work>();
    const IndexReader index{c.in(1), c.dtype(1) == DType::kI64};
    BadIndex bad;
    SDX_RETURN_IF_ERROR(visit_storage(c.dtype(0), [&]<class T>(std::type_identity<T>) {
      c.parallel([&](Range r, int) { gather(w, index, c.in<T>(0), c.out<T>(0), r, bad); });
      return Status();
    }));
    if (bad.any()) return bad_index("indices", bad.position(), index[bad.position()], w.extent, w.axis);
    return {};
  }

 private:
  template <class T>
  static void gather(const Work& w, const IndexReader& index, const T* in, T* out, Range r, BadIndex& bad) {
    for (int64_t t = r.begin; t < r.end;) {
      const int64_t outer = t / w.picks, end = std::min(r.end, (outer + 1) * w.picks);
      const T* from = in + outer * w.extent * w.block;
      for (int64_t pick = t - outer * w.picks; t < end; ++t, ++pick) {
        int64_t i = index[pick];
        if (i < 0) i += w.extent;
        if (i < 0 || i >= w.extent) {
          bad.report(pick);
          continue;
        }
        if (w.block == 1)
          out[t] = from[i];
        else
          std::copy_n(from + i * w.block, w.block, out + t * w.block);
      }
    }
  }
  int64_t axis_;
};

}  // namespace

SDX_KERNEL(cpu, Gather, any) = {.make = make_kernel<Gather>};

}  // namespace sardonyx
