// Vector forms of the activations that matrix products fuse. Include after foreach-inl.h.
// Accuracy: a few units in the last place, relative, also in the tails down to an absolute 1e-36; NaN stays NaN.
#include "hwy/highway.h"
#include "simd/gemm.h"
#if HWY_TARGET == HWY_NEON
#include <arm_neon.h>
#endif

#if defined(SDX_SIMD_ACT_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef SDX_SIMD_ACT_INL
#undef SDX_SIMD_ACT_INL
#else
#define SDX_SIMD_ACT_INL
#endif

HWY_BEFORE_NAMESPACE();
namespace sardonyx::simd {
namespace HWY_NAMESPACE {
namespace {
namespace act {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_NEON
// Highway's Max and Min prefer the number to the NaN here; these instructions keep the NaN.
HWY_INLINE hn::Vec128<float, 4> Bound(hn::Vec128<float, 4> x, hn::Vec128<float, 4> low, hn::Vec128<float, 4> high) {
  return hn::Vec128<float, 4>(vminq_f32(vmaxq_f32(x.raw, low.raw), high.raw));
}
#endif

// min(max(x, low), high) that keeps NaN: the first argument of x86's max and min loses against a NaN.
template <class D, class V = hn::VFromD<D>>
HWY_INLINE V Clip(D d, V x, V low, V high) {
#if HWY_TARGET == HWY_SCALAR
  (void)d;
  x = hn::IfThenElse(hn::Lt(x, low), low, x);
  return hn::IfThenElse(hn::Gt(x, high), high, x);
#elif HWY_TARGET == HWY_NEON
  (void)d;
  return Bound(x, low, high);
#else
  (void)d;
  return hn::Min(high, hn::Max(low, x));
#endif
}

// e^x; 0 below -87.3 and infinity above 88.3, so results are never subnormal.
template <class D, class V = hn::VFromD<D>>
HWY_INLINE V Exp(D d, V y) {
  const hn::RebindToSigned<D> di;
  const V low = hn::Set(d, -87.3f), high = hn::Set(d, 88.3f);
  const V x = Clip(d, y, low, high);
  const V n = hn::Round(hn::Mul(x, hn::Set(d, 1.44269504f)));
  V r = hn::NegMulAdd(n, hn::Set(d, 0.693145752f), x);
  r = hn::NegMulAdd(n, hn::Set(d, 1.42860677e-6f), r);
  V p = hn::MulAdd(hn::Set(d, 0.001381455804f), r, hn::Set(d, 0.008368736133f));
  p = hn::MulAdd(p, r, hn::Set(d, 0.04166838899f));
  p = hn::MulAdd(p, r, hn::Set(d, 0.1666652113f));
  p = hn::MulAdd(p, r, hn::Set(d, 0.5f));
  p = hn::MulAdd(hn::Mul(p, r), r, hn::Add(r, hn::Set(d, 1.0f)));
  const auto exponent = hn::ShiftLeft<23>(hn::Add(hn::ConvertTo(di, n), hn::Set(di, 127)));
  p = hn::Mul(p, hn::BitCast(d, exponent));
  p = hn::IfThenElse(hn::Lt(y, low), hn::Zero(d), p);
  return hn::IfThenElse(hn::Gt(y, high), hn::Inf(d), p);
}

template <class D, class V = hn::VFromD<D>>
HWY_INLINE V Sigmoid(D d, V x) {
  const V one = hn::Set(d, 1.0f);
  return hn::Div(one, hn::Add(one, Exp(d, hn::Neg(x))));
}

template <class D, class V = hn::VFromD<D>>
HWY_INLINE V Tanh(D d, V x) {
  const V one = hn::Set(d, 1.0f), a = hn::Abs(x), s = hn::Mul(x, x);
  V p = hn::MulAdd(hn::Set(d, -0.005704990589f), s, hn::Set(d, 0.02063908987f));
  p = hn::MulAdd(p, s, hn::Set(d, -0.05373971537f));
  p = hn::MulAdd(p, s, hn::Set(d, 0.1333144158f));
  p = hn::MulAdd(p, s, hn::Set(d, -0.3333328068f));
  const V small = hn::MulAdd(hn::Mul(p, s), x, x);
  const V big = hn::Sub(one, hn::Div(hn::Set(d, 2.0f), hn::Add(one, Exp(d, hn::Add(a, a)))));
  return hn::IfThenElse(hn::Gt(a, hn::Set(d, 0.625f)), hn::CopySign(big, x), small);
}

// x * Phi(x). The upper tail of Phi is exp(-a^2) t P(t) / 2 with a = |x| / sqrt(2), t = 1 / (1 + 0.4 a).
template <class D, class V = hn::VFromD<D>>
HWY_INLINE V GeluErf(D d, V x) {
  const V one = hn::Set(d, 1.0f);
  const V a = hn::Mul(hn::Abs(x), hn::Set(d, 0.707106781f));
  const V t = hn::Div(one, hn::MulAdd(hn::Set(d, 0.4f), a, one));
  V p = hn::MulAdd(hn::Set(d, 0.03983538598f), t, hn::Set(d, -0.1333360374f));
  p = hn::MulAdd(p, t, hn::Set(d, 0.06935171038f));
  p = hn::MulAdd(p, t, hn::Set(d, 0.1049675792f));
  p = hn::MulAdd(p, t, hn::Set(d, 0.06781126559f));
  p = hn::MulAdd(p, t, hn::Set(d, 0.1985756755f));
  p = hn::MulAdd(p, t, hn::Set(d, 0.2005350888f));
  p = hn::MulAdd(p, t, hn::Set(d, 0.2266367972f));
  p = hn::MulAdd(p, t, hn::Set(d, 0.2256225944f));
  const V half_tail = hn::Mul(hn::Mul(hn::Set(d, 0.5f), hn::Mul(p, t)), Exp(d, hn::Neg(hn::Mul(a, a))));
  const V tail = hn::Mul(x, half_tail);
  const V y = hn::IfThenElse(hn::Lt(x, hn::Zero(d)), tail, hn::Sub(x, tail));
  // -inf * 0 and inf - inf: the limits are 0 and inf.
  const V inf = hn::Set(d, 3.4e38f);
  return hn::IfThenElse(hn::Gt(x, inf), x, hn::IfThenElse(hn::Lt(x, hn::Neg(inf)), hn::Neg(hn::Zero(d)), y));
}

template <class D, class V = hn::VFromD<D>>
HWY_INLINE V Silu(D d, V x) {
  const V y = hn::Mul(x, Sigmoid(d, x));
  return hn::IfThenElse(hn::Lt(x, hn::Set(d, -3.4e38f)), hn::Neg(hn::Zero(d)), y);
}

template <class D, class V = hn::VFromD<D>>
HWY_INLINE V GeluTanh(D d, V x) {
  const V cubic = hn::MulAdd(hn::Mul(hn::Mul(x, x), hn::Set(d, 0.044715f)), x, x);
  const V y = hn::Mul(x, Sigmoid(d, hn::Mul(cubic, hn::Set(d, 1.59576912f))));
  return hn::IfThenElse(hn::Lt(x, hn::Set(d, -3.4e38f)), hn::Neg(hn::Zero(d)), y);
}

template <class D, class V = hn::VFromD<D>>
HWY_INLINE V Clip01(D d, V x) {
  return Clip(d, x, hn::Zero(d), hn::Set(d, 1.0f));
}

// One activation with its parameters, applied to a vector. kind is a template argument: the caller switches once.
template <Act kind, class D, class V = hn::VFromD<D>>
HWY_INLINE V Apply(D d, V x, float p0, float p1) {
  if constexpr (kind == Act::kRelu) return Clip(d, x, hn::Zero(d), hn::Inf(d));
  if constexpr (kind == Act::kClip) return Clip(d, x, hn::Set(d, p0), hn::Set(d, p1));
  if constexpr (kind == Act::kLeakyRelu) return hn::IfThenElse(hn::Lt(x, hn::Zero(d)), hn::Mul(x, hn::Set(d, p0)), x);
  if constexpr (kind == Act::kSigmoid) return Sigmoid(d, x);
  if constexpr (kind == Act::kTanh) return Tanh(d, x);
  if constexpr (kind == Act::kSilu) return Silu(d, x);
  if constexpr (kind == Act::kGeluErf) return GeluErf(d, x);
  if constexpr (kind == Act::kGeluTanh) return GeluTanh(d, x);
  if constexpr (kind == Act::kHardSwish) {
    return hn::Mul(x, Clip01(d, hn::MulAdd(x, hn::Set(d, 1.0f / 6), hn::Set(d, 0.5f))));
  }
  if constexpr (kind == Act::kHardSigmoid) return Clip01(d, hn::MulAdd(x, hn::Set(d, p0), hn::Set(d, p1)));
  return x;
}

}  // namespace act
}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace sardonyx::simd
HWY_AFTER_NAMESPACE();

#endif  // SDX_SIMD_ACT_INL
