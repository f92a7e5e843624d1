// ScatterND. Tuples are applied in order; threads share out the elements of the slices, so duplicates meet on one
// thread.
#include "cpu/shape/nd_index.h"
#include "cpu/shape/scatter_reduce.h"

namespace sardonyx {
namespace {

constexpr int64_t kColumns = 1024;  // elements of a slice per task

class ScatterNd final : public Kernel {
 public:
  explicit ScatterNd(const KernelQuery& q) : reduction_(reduction_of(q)) {}

  Status prepare(PrepareCtx& c) const override {
    const NdIndex x = plan_nd_index(c, 0);
    c.work<NdIndex>() = x;
    c.may_reuse(0, 0);
    const bool empty = x.tuples == 0 || x.slice == 0;
    c.tasks(empty ? 0 : (x.slice + kColumns - 1) / kColumns,
            static_cast<double>(x.tuples * std::min(x.slice, kColumns)) * 2);
    return {};
  }

  Status run(RunCtx& c) const override {
    const NdIndex& x = c.work<NdIndex>();
    const int64_t* indices = c.in<int64_t>(1);
    BadIndex bad;
    copy_input(c);
    SDX_RETURN_IF_ERROR(visit_reduction(c.dtype(0), reduction_, [&]<class T>(std::type_identity<T>, auto apply) {
      c.parallel([&](Range r, int) { scatter(x, indices, c.in<T>(2), c.out<T>(0), r, apply, bad); });
      return Status();
    }));
    return bad.any() ? x.error(indices, bad) : Status();
  }

 private:
  template <class T, class Apply>
  static void scatter(const NdIndex& x, const int64_t* indices, const T* updates, T* out, Range r, Apply apply,
                      BadIndex& bad) {
    const int64_t begin = r.begin * kColumns, end = std::min(x.slice, r.end * kColumns);
    for (int64_t t = 0; t < x.tuples; ++t) {
      const int64_t at = x.offset(indices, t, bad);
      if (at < 0) continue;
      for (int64_t j = begin; j < end; ++j) out[at + j] = apply(out[at + j], updates[t * x.slice + j]);
    }
  }
  Reduction reduction_;
};

}  // namespace

SDX_KERNEL(cpu, ScatterND, any) = {.refuse = refuse_reduction, .make = make_kernel<ScatterNd>};

}  // namespace sardonyx
