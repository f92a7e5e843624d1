// Element-wise operators of one input: one kernel class over the table of vector functions.
#include "kernel/kernel.h"
#include "simd/eltwise_unary.h"

namespace sardonyx {
namespace {

constexpr int64_t kPiece = 8192;

class Unary final : public Kernel {
 public:
  Unary(simd::Unary op, DType type, DType out, simd::UnaryParams params)
      : fn_(simd::unary(op, type)),
        params_(params),
        in_size_(dtype_bits(type) / 8),
        out_size_(dtype_bits(out) / 8),
        cost_(op >= simd::Unary::kExp && op <= simd::Unary::kAtanh ? 6 : 1) {}

  Status prepare(PrepareCtx& c) const override {
    const int64_t n = c.out_count(0);
    c.work<int64_t>() = n;
    c.tasks((n + kPiece - 1) / kPiece, static_cast<double>(std::min(n, kPiece)) * cost_);
    c.may_reuse(0, 0);
    return {};
  }
  Status run(RunCtx& c) const override {
    const int64_t n = c.work<int64_t>();
    c.parallel([&](Range r, int) {
      const int64_t from = r.begin * kPiece, to = std::min(n, r.end * kPiece);
      fn_(c.in<std::byte>(0) + from * in_size_, c.out<std::byte>(0) + from * out_size_, to - from, params_);
    });
    return {};
  }

 private:
  simd::UnaryFn fn_;
  simd::UnaryParams params_;
  int64_t in_size_, out_size_;
  double cost_;
};

template <simd::Unary kOp>
Reason refuse(const KernelQuery& q) {
  return simd::unary(kOp, q.dtype(0)) ? kAccept : Reason("this element type has no vector code");
}

double param(const KernelQuery& q, const char* name) {
  if (name == nullptr) return 0;
  const AttrDef* d = q.op().find_attr(name);
  return d != nullptr && d->type == AttrType::kInt ? static_cast<double>(q.attr_int(name))
                                                   : static_cast<double>(q.attr_float(name));
}

struct Names {
  const char *a = nullptr, *b = nullptr;
};

template <simd::Unary kOp, Names kNames>
Result<KernelPtr> make(const KernelQuery& q) {
  return KernelPtr(new Unary(kOp, q.dtype(0), q.out_dtype(0), {param(q, kNames.a), param(q, kNames.b)}));
}

constexpr char kAlpha[] = "alpha", kBeta[] = "beta", kGamma[] = "gamma", kLambd[] = "lambd", kBias[] = "bias",
               kPositive[] = "detect_positive", kNegative[] = "detect_negative";

Result<KernelPtr> make_gelu(const KernelQuery& q) {
  const simd::Unary op = q.attr_string("approximate") == "tanh" ? simd::Unary::kGeluTanh : simd::Unary::kGeluErf;
  return KernelPtr(new Unary(op, q.dtype(0), q.out_dtype(0), {}));
}

}  // namespace

#define SDX_CPU_UNARY(Name, op)    \
  SDX_KERNEL(cpu, Name, unary) = { \
      .priority = 10, .refuse = refuse<simd::Unary::op>, .make = make<simd::Unary::op, Names{}>}
#define SDX_CPU_UNARY_WITH(Name, op, ...) \
  SDX_KERNEL(cpu, Name, unary_with) = {   \
      .priority = 10, .refuse = refuse<simd::Unary::op>, .make = make<simd::Unary::op, Names{__VA_ARGS__}>}

SDX_CPU_UNARY(Abs, kAbs);
SDX_CPU_UNARY(Neg, kNeg);
SDX_CPU_UNARY(Sqrt, kSqrt);
SDX_CPU_UNARY(Reciprocal, kReciprocal);
SDX_CPU_UNARY(Floor, kFloor);
SDX_CPU_UNARY(Ceil, kCeil);
SDX_CPU_UNARY(Round, kRound);
SDX_CPU_UNARY(Sign, kSign);
SDX_CPU_UNARY(Relu, kRelu);
SDX_CPU_UNARY(HardSwish, kHardSwish);
SDX_CPU_UNARY(Softsign, kSoftsign);
SDX_CPU_UNARY(Exp, kExp);
SDX_CPU_UNARY(Log, kLog);
SDX_CPU_UNARY(Sigmoid, kSigmoid);
SDX_CPU_UNARY(Tanh, kTanh);
SDX_CPU_UNARY(Erf, kErf);
SDX_CPU_UNARY(Softplus, kSoftplus);
SDX_CPU_UNARY(Mish, kMish);
SDX_CPU_UNARY(Sin, kSin);
SDX_CPU_UNARY(Cos, kCos);
SDX_CPU_UNARY(Tan, kTan);
SDX_CPU_UNARY(Asin, kAsin);
SDX_CPU_UNARY(Acos, kAcos);
SDX_CPU_UNARY(Atan, kAtan);
SDX_CPU_UNARY(Sinh, kSinh);
SDX_CPU_UNARY(Cosh, kCosh);
SDX_CPU_UNARY(Asinh, kAsinh);
SDX_CPU_UNARY(Acosh, kAcosh);
SDX_CPU_UNARY(Atanh, kAtanh);
SDX_CPU_UNARY(IsNaN, kIsNaN);
SDX_CPU_UNARY(Not, kNot);
SDX_CPU_UNARY(BitwiseNot, kBitwiseNot);
SDX_CPU_UNARY_WITH(LeakyRelu, kLeakyRelu, kAlpha);
SDX_CPU_UNARY_WITH(ThresholdedRelu, kThresholdedRelu, kAlpha);
SDX_CPU_UNARY_WITH(HardSigmoid, kHardSigmoid, kAlpha, kBeta);
SDX_CPU_UNARY_WITH(Shrink, kShrink, kLambd, kBias);
SDX_CPU_UNARY_WITH(Swish, kSwish, kAlpha);
SDX_CPU_UNARY_WITH(Elu, kElu, kAlpha);
SDX_CPU_UNARY_WITH(Selu, kSelu, kAlpha, kGamma);
SDX_CPU_UNARY_WITH(Celu, kCelu, kAlpha);
SDX_CPU_UNARY_WITH(IsInf, kIsInf, kPositive, kNegative);
SDX_KERNEL(cpu, Gelu, unary) = {.priority = 10, .refuse = refuse<simd::Unary::kGeluErf>, .make = make_gelu};

}  // namespace sardonyx
