// Cast and CastLike between numeric types, and BitCast.
#include "simd/cast.h"

#include <algorithm>
#include <cstring>

#include "kernel/kernel.h"

namespace sardonyx {
namespace {

constexpr int64_t kChunk = 8192;  // elements per task: whole bytes of packed types

simd::CastParams params_of(const KernelQuery& q) {
  const std::string mode = q.attr_string("round_mode");
  const ScaleRound round = mode == "down"      ? ScaleRound::kDown
                           : mode == "nearest" ? ScaleRound::kNearest
                                               : ScaleRound::kUp;
  return {.saturate = q.attr_int("saturate") != 0, .round = round};
}

class CastNumbers final : public Kernel {
 public:
  explicit CastNumbers(const KernelQuery& q)
      : fn_(simd::cast(q.dtype(0), q.out_dtype(0))), params_(params_of(q)), same_(q.dtype(0) == q.out_dtype(0)) {}

  Status prepare(PrepareCtx& c) const override {
    const int64_t n = c.out_count(0);
    if (same_)
      c.alias(0, 0);
    else if (dtype_bits(c.dtype(0)) == dtype_bits(c.out_dtype(0)))
      c.may_reuse(0, 0);
    c.tasks((n + kChunk - 1) / kChunk, kChunk);
    return {};
  }
  Status run(RunCtx& c) const override {
    if (same_ && c.in(0) == c.out(0)) return {};
    const int64_t n = c.out_count(0), from = dtype_bits(c.dtype(0)), to = dtype_bits(c.out_dtype(0));
    c.parallel([&](Range r, int) {
      const int64_t begin = r.begin * kChunk, end = std::min(r.end * kChunk, n);
      fn_(c.in<std::byte>(0) + begin * from / 8, c.out<std::byte>(0) + begin * to / 8, end - begin, params_);
    });
    return {};
  }

 private:
  simd::CastFn fn_;
  simd::CastParams params_;
  bool same_;
};

class BitCast final : public Kernel {
 public:
  Status prepare(PrepareCtx& c) const override {
    c.alias(0, 0);
    return {};
  }
  Status run(RunCtx& c) const override {
    const size_t bytes = storage_bytes(c.dtype(0), c.in_count(0));
    if (c.in(0) != c.out(0) && bytes) std::memcpy(c.out(0), c.in(0), bytes);
    return {};
  }
};

Reason numbers_only(const KernelQuery& q) {
  if (q.dtype(0) == DType::kString || q.out_dtype(0) == DType::kString) return "only between numeric types";
  return simd::cast(q.dtype(0), q.out_dtype(0)) ? kAccept : Reason("no conversion between these types");
}

}  // namespace

SDX_KERNEL(cpu, Cast, number) = {.priority = 10, .refuse = numbers_only, .make = make_kernel<CastNumbers>};
SDX_KERNEL(cpu, CastLike, number) = {.priority = 10, .refuse = numbers_only, .make = make_kernel<CastNumbers>};
SDX_KERNEL(cpu, BitCast, any) = {.make = make_kernel<BitCast>};

}  // namespace sardonyx
