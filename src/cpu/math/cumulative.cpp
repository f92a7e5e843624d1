// CumSum and CumProd.
#include "cpu/common/axis.h"
#include "kernel/kernel.h"
#include "simd/reduce.h"

namespace sardonyx {
namespace {

class Cumulative final : public Kernel {
 public:
  Cumulative(const KernelQuery& q, simd::Scan op)
      : fn_(simd::scan(op, q.dtype(0))),
        size_(dtype_bits(q.dtype(0)) / 8),
        exclusive_(q.attr_int("exclusive") != 0),
        reverse_(q.attr_int("reverse") != 0) {}
  // The axis is read when running: it need not be known before.
  Status run(RunCtx& c) const override {
    const Extents& d = c.in_dims(0);
    const int rank = static_cast<int>(d.size());
    const int64_t given = IndexReader{c.in(1), c.dtype(1) == DType::kI64}[0];
    if (given < -rank || given >= rank)
      return fail(Code::kRange, "axis ", given, " is outside [", -rank, ",", rank - 1, "]");
    const int axis = wrap_axis(given, rank);
    const int64_t outer = product(d, 0, axis), extent = d[static_cast<size_t>(axis)],
                  inner = product(d, axis + 1, rank);
    for (int64_t o = 0; o < outer; ++o) {
      const int64_t at = o * extent * inner * size_;
      fn_(c.in<std::byte>(0) + at, c.out<std::byte>(0) + at, extent, inner, inner, exclusive_, reverse_);
    }
    return {};
  }

 private:
  simd::ScanFn fn_;
  int64_t size_;
  bool exclusive_, reverse_;
};

Reason refuse(const KernelQuery& q) {
  return simd::scan(simd::Scan::kSum, q.dtype(0)) ? kAccept : Reason("this element type has no running sum");
}

}  // namespace

SDX_KERNEL(cpu, CumSum, any) = {
    .priority = 10, .refuse = refuse, .make = [](const KernelQuery& q) -> Result<KernelPtr> {
      return KernelPtr(new Cumulative(q, simd::Scan::kSum));
    }};
SDX_KERNEL(cpu, CumProd, any) = {
    .priority = 10, .refuse = refuse, .make = [](const KernelQuery& q) -> Result<KernelPtr> {
      return KernelPtr(new Cumulative(q, simd::Scan::kProd));
    }};

}  // namespace sardonyx
