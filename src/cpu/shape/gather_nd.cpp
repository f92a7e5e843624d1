// GatherND: copies the slices that tuples of indices address.
#include "cpu/common/element.h"
#include "cpu/shape/nd_index.h"

namespace sardonyx {
namespace {

class GatherNd final : public Kernel {
 public:
  explicit GatherNd(const KernelQuery& q) : batch_dims_(static_cast<int>(q.attr_int("batch_dims"))) {}

  Status prepare(PrepareCtx& c) const override {
    const NdIndex x = plan_nd_index(c, batch_dims_);
    c.work<NdIndex>() = x;
    c.tasks(x.slice ? x.tuples : 0, static_cast<double>(x.slice) + 2 * x.depth);
    return {};
  }

  Status run(RunCtx& c) const override {
    const NdIndex& x = c.work<NdIndex>();
    const int64_t* indices = c.in<int64_t>(1);
    BadIndex bad;
    SDX_RETURN_IF_ERROR(visit_storage(c.dtype(0), [&]<class T>(std::type_identity<T>) {
      c.parallel([&](Range r, int) {
        for (int64_t t = r.begin; t < r.end; ++t) {
          const int64_t at = x.offset(indices, t, bad);
          if (at >= 0) std::copy_n(c.in<T>(0) + at, x.slice, c.out<T>(0) + t * x.slice);
        }
      });
      return Status();
    }));
    return bad.any() ? x.error(indices, bad) : Status();
  }

 private:
  int batch_dims_;
};

}  // namespace

SDX_KERNEL(cpu, GatherND, any) = {.make = make_kernel<GatherNd>};

}  // namespace sardonyx
