// Pow whose exponent has another element type, Equal of strings, Where and Clip.
#include <cmath>

#include "cpu/common/element.h"
#include "cpu/math/broadcast.h"
#include "kernel/kernel.h"
#include "simd/cast.h"
#include "simd/eltwise_binary.h"
#include "simd/eltwise_misc.h"

namespace sardonyx {
namespace {

constexpr int64_t kBlock = 512;

// The exponent is brought to the base's type block by block. An integer base with a float exponent is computed in
// float64.
class MixedPow final : public Kernel {
 public:
  MixedPow(DType base, DType exponent) {
    common_ = is_int(base) && is_float(exponent) ? DType::kF64 : base;
    base_size_ = dtype_bits(base) / 8, exponent_size_ = dtype_bits(exponent) / 8;
    to_common_ = common_ == base ? nullptr : simd::cast(base, common_);
    from_common_ = common_ == base ? nullptr : simd::cast(common_, base);
    exponent_ = simd::cast(exponent, common_);
    fn_ = simd::binary(simd::Binary::kPow, common_, simd::Form::kVV);
  }
  Status prepare(PrepareCtx& c) const override {
    const std::span<const int64_t> dims[] = {c.in_dims(0), c.in_dims(1)};
    BroadcastPlan& p = c.work<BroadcastPlan>();
    SDX_RETURN_IF_ERROR(plan_broadcast(p, dims, c.out_dims(0)));
    c.tasks(p.tasks(), static_cast<double>(p.piece) * 20);
    return {};
  }
  Status run(RunCtx& c) const override {
    const BroadcastPlan& p = c.work<BroadcastPlan>();
    c.parallel(
        [&](Range r, int) { p.for_each(r, [&](const int64_t* in, int64_t o, int64_t n) { row(c, p, in, o, n); }); });
    return {};
  }

 private:
  void row(RunCtx& c, const BroadcastPlan& p, const int64_t* in, int64_t o, int64_t n) const {
    alignas(64) std::byte base[kBlock * 8], exponent[kBlock * 8], result[kBlock * 8], source[kBlock * 8];
    for (int64_t i = 0; i < n; i += kBlock) {
      const int64_t m = std::min(kBlock, n - i);
      const std::byte* x = gather(c.in<std::byte>(0), in[0], i, m, base_size_, p.scalar[0], source);
      if (to_common_) {
        to_common_(x, base, m, {});
        x = base;
      } else {
        std::copy(x, x + m * base_size_, base);
      }
      exponent_(gather(c.in<std::byte>(1), in[1], i, m, exponent_size_, p.scalar[1], source), exponent, m, {});
      fn_(base, exponent, result, m);
      std::byte* out = c.out<std::byte>(0) + (o + i) * base_size_;
      if (from_common_)
        from_common_(result, out, m, {});
      else
        std::copy(result, result + m * base_size_, out);
    }
  }
  static const std::byte* gather(const std::byte* from, int64_t at, int64_t i, int64_t m, int64_t size, bool scalar,
                                 std::byte* buffer) {
    if (!scalar) return from + (at + i) * size;
    simd::fill(buffer, from + at * size, static_cast<int>(size), m);
    return buffer;
  }
  DType common_;
  int64_t base_size_, exponent_size_;
  simd::CastFn to_common_, from_common_, exponent_;
  simd::BinaryFn fn_;
};

Reason refuse_mixed_pow(const KernelQuery& q) {
  const DType common = is_int(q.dtype(0)) && is_float(q.dtype(1)) ? DType::kF64 : q.dtype(0);
  if (simd::binary(simd::Binary::kPow, common, simd::Form::kVV) == nullptr)
    return "the base's type has no power function";
  if (simd::cast(q.dtype(1), common) == nullptr) return "the exponent's type cannot be converted";
  return kAccept;
}

class EqualStrings final : public Kernel {
 public:
  Status prepare(PrepareCtx& c) const override {
    const std::span<const int64_t> dims[] = {c.in_dims(0), c.in_dims(1)};
    BroadcastPlan& p = c.work<BroadcastPlan>();
    SDX_RETURN_IF_ERROR(plan_broadcast(p, dims, c.out_dims(0)));
    c.tasks(p.tasks(), static_cast<double>(p.piece) * 10);
    return {};
  }
  Status run(RunCtx& c) const override {
    const BroadcastPlan& p = c.work<BroadcastPlan>();
    const std::string *a = c.in<std::string>(0), *b = c.in<std::string>(1);
    bool* out = c.out<bool>(0);
    c.parallel([&](Range r, int) {
      p.for_each(r, [&](const int64_t* in, int64_t o, int64_t n) {
        for (int64_t i = 0; i < n; ++i)
          out[o + i] = a[in[0] + (p.scalar[0] ? 0 : i)] == b[in[1] + (p.scalar[1] ? 0 : i)];
      });
    });
    return {};
  }
};

class Where final : public Kernel {
 public:
  explicit Where(const KernelQuery& q) : type_(q.dtype(1)) {}
  Status prepare(PrepareCtx& c) const override {
    const std::span<const int64_t> dims[] = {c.in_dims(0), c.in_dims(1), c.in_dims(2)};
    BroadcastPlan& p = c.work<BroadcastPlan>();
    SDX_RETURN_IF_ERROR(plan_broadcast(p, dims, c.out_dims(0)));
    c.tasks(p.tasks(), static_cast<double>(p.piece));
    return {};
  }
  Status run(RunCtx& c) const override {
    const BroadcastPlan& p = c.work<BroadcastPlan>();
    if (type_ == DType::kString) return run_strings(c, p);
    const uint8_t* cond = c.in<uint8_t>(0);
    const std::byte *x = c.in<std::byte>(1), *y = c.in<std::byte>(2);
    std::byte* out = c.out<std::byte>(0);
    const int64_t size = element_bytes(type_);
    const simd::WhereFn fn = simd::where(static_cast<int>(size), p.scalar[1], p.scalar[2]);
    c.parallel([&](Range r, int) {
      p.for_each(r, [&](const int64_t* in, int64_t o, int64_t n) {
        if (!p.scalar[0]) {
          fn(cond + in[0], x + in[1] * size, y + in[2] * size, out + o * size, n);
          return;
        }
        const int side = cond[in[0]] ? 1 : 2;
        const std::byte* from = side == 1 ? x + in[1] * size : y + in[2] * size;
        if (p.scalar[side])
          simd::fill(out + o * size, from, static_cast<int>(size), n);
        else
          std::copy(from, from + n * size, out + o * size);
      });
    });
    return {};
  }

 private:
  static Status run_strings(RunCtx& c, const BroadcastPlan& p) {
    const bool* cond = c.in<bool>(0);
    const std::string* from[] = {c.in<std::string>(1), c.in<std::string>(2)};
    std::string* out = c.out<std::string>(0);
    p.for_each({0, p.tasks()}, [&](const int64_t* in, int64_t o, int64_t n) {
      for (int64_t i = 0; i < n; ++i) {
        const int side = cond[in[0] + (p.scalar[0] ? 0 : i)] ? 0 : 1;
        out[o + i] = from[side][in[side + 1] + (p.scalar[side + 1] ? 0 : i)];
      }
    });
    return {};
  }
  DType type_;
};

// An absent bound is the type's own limit.
template <class T>
void widest(std::byte* lo, std::byte* hi) {
  T l, h;
  if constexpr (std::is_same_v<T, F16> || std::is_same_v<T, BF16>) {
    l = T(-INFINITY), h = T(INFINITY);
  } else if constexpr (std::is_floating_point_v<T>) {
    l = -std::numeric_limits<T>::infinity(), h = std::numeric_limits<T>::infinity();
  } else {
    l = std::numeric_limits<T>::min(), h = std::numeric_limits<T>::max();
  }
  std::memcpy(lo, &l, sizeof(T));
  std::memcpy(hi, &h, sizeof(T));
}

class Clip final : public Kernel {
 public:
  explicit Clip(const KernelQuery& q) : fn_(simd::clip(q.dtype(0))), size_(element_bytes(q.dtype(0))) {
    (void)visit_number(q.dtype(0), [&]<class T>(std::type_identity<T>) {
      widest<T>(lo_, hi_);
      return Status();
    });
  }
  Status prepare(PrepareCtx& c) const override {
    const std::span<const int64_t> dims[] = {c.out_dims(0)};
    BroadcastPlan& p = c.work<BroadcastPlan>();
    SDX_RETURN_IF_ERROR(plan_broadcast(p, dims, c.out_dims(0)));
    c.tasks(p.tasks(), static_cast<double>(p.piece));
    c.may_reuse(0, 0);
    return {};
  }
  Status run(RunCtx& c) const override {
    const BroadcastPlan& p = c.work<BroadcastPlan>();
    const void* lo = c.has(1) ? c.in(1) : lo_;
    const void* hi = c.has(2) ? c.in(2) : hi_;
    c.parallel([&](Range r, int) {
      p.for_each(r, [&](const int64_t* in, int64_t o, int64_t n) {
        fn_(c.in<std::byte>(0) + in[0] * size_, c.out<std::byte>(0) + o * size_, n, lo, hi);
      });
    });
    return {};
  }

 private:
  simd::ClipFn fn_;
  int64_t size_;
  alignas(16) std::byte lo_[8], hi_[8];
};

Reason refuse_clip(const KernelQuery& q) {
  return simd::clip(q.dtype(0)) ? kAccept : Reason("this element type cannot be ordered");
}
Reason refuse_where(const KernelQuery& q) {
  return is_packed(q.dtype(1)) ? Reason("elements of less than a byte are not selected one by one") : kAccept;
}
Reason refuse_equal(const KernelQuery& q) { return q.dtype(0) == DType::kString ? kAccept : Reason("strings only"); }

}  // namespace

SDX_KERNEL(cpu, Pow, mixed) = {
    .priority = 5, .refuse = refuse_mixed_pow, .make = [](const KernelQuery& q) -> Result<KernelPtr> {
      return KernelPtr(new MixedPow(q.dtype(0), q.dtype(1)));
    }};
SDX_KERNEL(cpu, Equal, strings) = {.priority = 5, .refuse = refuse_equal, .make = make_kernel<EqualStrings>};
SDX_KERNEL(cpu, Where, any) = {.priority = 10, .refuse = refuse_where, .make = make_kernel<Where>};
SDX_KERNEL(cpu, Clip, any) = {.priority = 10, .refuse = refuse_clip, .make = make_kernel<Clip>};

}  // namespace sardonyx
