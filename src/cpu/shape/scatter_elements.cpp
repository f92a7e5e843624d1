// ScatterElements. Updates that can meet differ only along the scattered axis, so the other coordinates are shared out
// among threads and those along the axis are applied in order: the result does not depend on the number of threads.
#include "cpu/common/axis.h"
#include "cpu/common/mover.h"
#include "cpu/shape/scatter_reduce.h"

namespace sardonyx {
namespace {

constexpr int64_t kColumns = 512;  // of the last axis, per task

struct Work {
  int rank, axis;
  const int64_t *extents, *strides, *index_strides;  // of the indices, of the data, of the indices
  int64_t extent, columns, blocks;  // of the data's axis; of the last axis (1 if that is the scattered one)
};

class ScatterElements final : public Kernel {
 public:
  explicit ScatterElements(const KernelQuery& q) : axis_(q.attr_int("axis")), reduction_(reduction_of(q)) {}

  Status prepare(PrepareCtx& c) const override {
    const Extents &d = c.in_dims(0), &n = c.in_dims(1);
    const int rank = c.rank(0), axis = wrap_axis(axis_, rank);
    const size_t size = d.size();
    int64_t* arrays = c.array<int64_t>(3 * size);
    const Extents strides = dense_strides(d), index_strides = dense_strides(n);
    std::copy(n.begin(), n.end(), arrays);
    std::copy(strides.begin(), strides.end(), arrays + size);
    std::copy(index_strides.begin(), index_strides.end(), arrays + 2 * size);
    const int64_t columns = axis == rank - 1 ? 1 : n.back(), blocks = (columns + kColumns - 1) / kColumns;
    const int64_t along = n[static_cast<size_t>(axis)], count = c.in_count(1);
    Work& w = c.work<Work>();
    w = {rank, axis, arrays, arrays + size, arrays + 2 * size, d[static_cast<size_t>(axis)], columns, blocks};
    c.may_reuse(0, 0);
    c.tasks(count ? count / along / columns * blocks : 0, static_cast<double>(along * std::min(columns, kColumns)) * 4);
    return {};
  }

  Status run(RunCtx& c) const override {
    const Work& w = c.work<Work>();
    const IndexReader index{c.in(1), c.dtype(1) == DType::kI64};
    BadIndex bad;
    copy_input(c);
    SDX_RETURN_IF_ERROR(visit_reduction(c.dtype(0), reduction_, [&]<class T>(std::type_identity<T>, auto apply) {
      c.parallel([&](Range r, int) {
        for (int64_t t = r.begin; t < r.end; ++t) scatter(w, index, c.in<T>(2), c.out<T>(0), t, apply, bad);
      });
      return Status();
    }));
    if (bad.any()) return bad_index("indices", bad.position(), index[bad.position()], w.extent, w.axis);
    return {};
  }

 private:
  template <class T, class Apply>
  static void scatter(const Work& w, const IndexReader& index, const T* updates, T* out, int64_t task, Apply apply,
                      BadIndex& bad) {
    const int64_t begin = task % w.blocks * kColumns, end = std::min(w.columns, begin + kColumns);
    int64_t base = 0, from = 0, rest = task / w.blocks;
    for (int a = w.rank - 1; a-- > 0;) {
      if (a == w.axis) continue;
      const int64_t i = rest % w.extents[a];
      rest /= w.extents[a];
      base += i * w.strides[a];
      from += i * w.index_strides[a];
    }
    for (int64_t k = 0; k < w.extents[w.axis]; ++k) {
      for (int64_t j = begin; j < end; ++j) {
        const int64_t at = from + k * w.index_strides[w.axis] + j;
        int64_t i = index[at];
        if (i < 0) i += w.extent;
        if (i < 0 || i >= w.extent) {
          bad.report(at);
          continue;
        }
        T& place = out[base + i * w.strides[w.axis] + j];
        place = apply(place, updates[at]);
      }
    }
  }
  int64_t axis_;
  Reduction reduction_;
};

}  // namespace

SDX_KERNEL(cpu, ScatterElements, any) = {.refuse = refuse_reduction, .make = make_kernel<ScatterElements>};

}  // namespace sardonyx
