// GatherElements: every output element picks its own position along one axis.
#include "cpu/common/axis.h"
#include "cpu/common/element.h"
#include "cpu/common/mover.h"

namespace sardonyx {
namespace {

struct Work {
  int rank, axis;
  const int64_t *extents, *strides;  // of the indices; of the data
  int64_t extent, axis_stride, line;
};

class GatherElements final : public Kernel {
 public:
  explicit GatherElements(const KernelQuery& q) : axis_(q.attr_int("axis")) {}

  Status prepare(PrepareCtx& c) const override {
    const Extents &d = c.in_dims(0), &n = c.in_dims(1);
    const Extents strides = dense_strides(d);
    const int rank = c.rank(0);
    int64_t* extents = c.array<int64_t>(n.size());
    int64_t* kept = c.array<int64_t>(n.size());
    std::copy(n.begin(), n.end(), extents);
    std::copy(strides.begin(), strides.end(), kept);
    const int axis = wrap_axis(axis_, rank);
    Work& w = c.work<Work>();
    w = {rank, axis, extents, kept, d[static_cast<size_t>(axis)], strides[static_cast<size_t>(axis)], n.back()};
    c.tasks(c.in_count(1) ? c.in_count(1) / w.line : 0, static_cast<double>(w.line) * 2);
    return {};
  }

  Status run(RunCtx& c) const override {
    const Work& w = c.work<Work>();
    const IndexReader index{c.in(1), c.dtype(1) == DType::kI64};
    BadIndex bad;
    SDX_RETURN_IF_ERROR(visit_storage(c.dtype(0), [&]<class T>(std::type_identity<T>) {
      c.parallel([&](Range r, int) {
        for (int64_t t = r.begin; t < r.end; ++t) gather_line(w, index, c.in<T>(0), c.out<T>(0), t, bad);
      });
      return Status();
    }));
    if (bad.any()) return bad_index("indices", bad.position(), index[bad.position()], w.extent, w.axis);
    return {};
  }

 private:
  template <class T>
  static void gather_line(const Work& w, const IndexReader& index, const T* in, T* out, int64_t line, BadIndex& bad) {
    int64_t base = 0, rest = line;
    for (int a = w.rank - 1; a-- > 0;) {
      const int64_t i = rest % w.extents[a];
      rest /= w.extents[a];
      if (a != w.axis) base += i * w.strides[a];
    }
    const int64_t along = w.axis == w.rank - 1 ? 0 : 1;
    for (int64_t j = 0; j < w.line; ++j) {
      const int64_t at = line * w.line + j;
      int64_t i = index[at];
      if (i < 0) i += w.extent;
      if (i < 0 || i >= w.extent)
        bad.report(at);
      else
        out[at] = in[base + i * w.axis_stride + j * along];
    }
  }
  int64_t axis_;
};

}  // namespace

SDX_KERNEL(cpu, GatherElements, any) = {.make = make_kernel<GatherElements>};

}  // namespace sardonyx
