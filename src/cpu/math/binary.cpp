// Element-wise operators of two inputs with broadcasting, and Max/Min of any number.
#include "cpu/math/broadcast.h"
#include "kernel/kernel.h"
#include "simd/eltwise_binary.h"

namespace sardonyx {
namespace {

struct Work {
  BroadcastPlan plan;
  int64_t in_size[2], out_size;
};

double cost_of(simd::Binary op) { return op == simd::Binary::kPow || op == simd::Binary::kFmod ? 12 : 1; }

class Binary final : public Kernel {
 public:
  Binary(simd::Binary op, DType type) : op_(op) {
    for (int f = 0; f < simd::kFormCount; ++f) fn_[f] = simd::binary(op, type, static_cast<simd::Form>(f));
    size_ = dtype_bits(type) / 8;
  }

  Status prepare(PrepareCtx& c) const override {
    Work& w = c.work<Work>();
    const std::span<const int64_t> dims[] = {c.in_dims(0), c.in_dims(1)};
    SDX_RETURN_IF_ERROR(plan_broadcast(w.plan, dims, c.out_dims(0)));
    c.tasks(w.plan.tasks(), static_cast<double>(w.plan.piece) * cost_of(op_));
    if (!simd::gives_bool(op_) || size_ == 1) {
      if (c.in_dims(0) == c.out_dims(0)) c.may_reuse(0, 0);
      if (c.in_dims(1) == c.out_dims(0)) c.may_reuse(1, 0);
    }
    return {};
  }

  Status run(RunCtx& c) const override {
    const Work& w = c.work<Work>();
    const std::byte *a = c.in<std::byte>(0), *b = c.in<std::byte>(1);
    std::byte* out = c.out<std::byte>(0);
    const int64_t out_size = simd::gives_bool(op_) ? 1 : size_;
    const simd::Form form = w.plan.scalar[0] ? simd::Form::kSV : w.plan.scalar[1] ? simd::Form::kVS : simd::Form::kVV;
    const simd::BinaryFn fn = fn_[static_cast<int>(form)];
    c.parallel([&](Range r, int) {
      w.plan.for_each(r, [&](const int64_t* in, int64_t o, int64_t n) {
        fn(a + in[0] * size_, b + in[1] * size_, out + o * out_size, n);
      });
    });
    return {};
  }

 private:
  simd::Binary op_;
  int64_t size_;
  simd::BinaryFn fn_[simd::kFormCount];
};

// Max and Min: the first two inputs into the output, then one more at a time.
class Fold final : public Kernel {
 public:
  Fold(simd::Binary op, DType type) : size_(dtype_bits(type) / 8) {
    for (int f = 0; f < simd::kFormCount; ++f) fn_[f] = simd::binary(op, type, static_cast<simd::Form>(f));
  }

  Status prepare(PrepareCtx& c) const override {
    const int rounds = std::max(1, c.inputs() - 1);
    BroadcastPlan* plans = c.array<BroadcastPlan>(static_cast<size_t>(rounds));
    for (int k = 0; k < rounds; ++k) {
      const std::span<const int64_t> first =
          k == 0 ? std::span<const int64_t>(c.in_dims(0)) : std::span<const int64_t>(c.out_dims(0));
      const std::span<const int64_t> dims[] = {first, c.in_dims(c.inputs() == 1 ? 0 : k + 1)};
      SDX_RETURN_IF_ERROR(plan_broadcast(plans[k], dims, c.out_dims(0)));
    }
    c.work<const BroadcastPlan*>() = plans;
    // Later rounds read the output, so ranges must mean the same elements in each: pieces of equal rows do not, one
    // task does.
    c.tasks(rounds == 1 ? plans[0].tasks() : 1,
            rounds == 1 ? static_cast<double>(plans[0].piece) : static_cast<double>(c.out_count(0)) * rounds);
    return {};
  }

  Status run(RunCtx& c) const override {
    const BroadcastPlan* plans = c.work<const BroadcastPlan*>();
    const int rounds = std::max(1, c.inputs() - 1);
    std::byte* out = c.out<std::byte>(0);
    c.parallel([&](Range r, int) {
      for (int k = 0; k < rounds; ++k) {
        const BroadcastPlan& p = plans[k];
        const std::byte* a = k == 0 ? c.in<std::byte>(0) : out;
        const std::byte* b = c.in<std::byte>(c.inputs() == 1 ? 0 : k + 1);
        const simd::Form form = p.scalar[0] ? simd::Form::kSV : p.scalar[1] ? simd::Form::kVS : simd::Form::kVV;
        p.for_each(rounds == 1 ? r : Range{0, p.tasks()}, [&](const int64_t* in, int64_t o, int64_t n) {
          fn_[static_cast<int>(form)](a + in[0] * size_, b + in[1] * size_, out + o * size_, n);
        });
      }
    });
    return {};
  }

 private:
  int64_t size_;
  simd::BinaryFn fn_[simd::kFormCount];
};

template <simd::Binary kOp>
Reason refuse(const KernelQuery& q) {
  if (simd::binary(kOp, q.dtype(0), simd::Form::kVV) == nullptr) return "this element type has no vector code";
  if (q.inputs() > 1 && q.dtype(1) != q.dtype(0)) return "the inputs differ in element type";
  return kAccept;
}
template <simd::Binary kOp>
Result<KernelPtr> make(const KernelQuery& q) {
  return KernelPtr(new Binary(kOp, q.dtype(0)));
}
template <simd::Binary kOp>
Result<KernelPtr> make_fold(const KernelQuery& q) {
  return KernelPtr(new Fold(kOp, q.dtype(0)));
}

template <simd::Binary kInts, simd::Binary kFmod>
Result<KernelPtr> make_mod(const KernelQuery& q) {
  return KernelPtr(new Binary(q.attr_int("fmod") ? kFmod : kInts, q.dtype(0)));
}
Result<KernelPtr> make_shift(const KernelQuery& q) {
  return KernelPtr(
      new Binary(q.attr_string("direction") == "LEFT" ? simd::Binary::kShl : simd::Binary::kShr, q.dtype(0)));
}

}  // namespace

#define SDX_CPU_BINARY(Name, op) \
  SDX_KERNEL(cpu, Name, binary) = {.priority = 10, .refuse = refuse<simd::Binary::op>, .make = make<simd::Binary::op>}
#define SDX_CPU_FOLD(Name, op)    \
  SDX_KERNEL(cpu, Name, fold) = { \
      .priority = 10, .refuse = refuse<simd::Binary::op>, .make = make_fold<simd::Binary::op>}

SDX_CPU_BINARY(Add, kAdd);
SDX_CPU_BINARY(Sub, kSub);
SDX_CPU_BINARY(Mul, kMul);
SDX_CPU_BINARY(Div, kDiv);
SDX_CPU_BINARY(Pow, kPow);
SDX_CPU_BINARY(PRelu, kPRelu);
SDX_CPU_BINARY(And, kAnd);
SDX_CPU_BINARY(Or, kOr);
SDX_CPU_BINARY(Xor, kXor);
SDX_CPU_BINARY(BitwiseAnd, kBitAnd);
SDX_CPU_BINARY(BitwiseOr, kBitOr);
SDX_CPU_BINARY(BitwiseXor, kBitXor);
SDX_CPU_BINARY(Equal, kEqual);
SDX_CPU_BINARY(Less, kLess);
SDX_CPU_BINARY(LessOrEqual, kLessEqual);
SDX_CPU_BINARY(Greater, kGreater);
SDX_CPU_BINARY(GreaterOrEqual, kGreaterEqual);
SDX_CPU_FOLD(Max, kMax);
SDX_CPU_FOLD(Min, kMin);
SDX_KERNEL(cpu, Mod, binary) = {
    .priority = 10, .refuse = refuse<simd::Binary::kMod>, .make = make_mod<simd::Binary::kMod, simd::Binary::kFmod>};
SDX_KERNEL(cpu, BitShift, binary) = {.priority = 10, .refuse = refuse<simd::Binary::kShl>, .make = make_shift};

}  // namespace sardonyx
