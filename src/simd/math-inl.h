// Elementary functions on vectors of f32. Unless said otherwise: within 2 ulp, subnormals included, NaN in NaN out,
// infinities and -0 as in the C library. Polynomials are minimax fits on the reduced range.
#include "hwy/highway.h"

#if defined(SDX_SIMD_MATH_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef SDX_SIMD_MATH_INL
#undef SDX_SIMD_MATH_INL
#else
#define SDX_SIMD_MATH_INL
#endif

HWY_BEFORE_NAMESPACE();
namespace sardonyx::simd {
namespace HWY_NAMESPACE {
namespace {
namespace math {
namespace hn = hwy::HWY_NAMESPACE;

template <class D>
using V = hn::VFromD<D>;
template <class D>
using VI = hn::VFromD<hn::RebindToSigned<D>>;

// c[0] + c[1] x + ... by Horner's rule.
template <class D, int N>
HWY_INLINE V<D> Poly(D d, V<D> x, const float (&c)[N]) {
  V<D> sum = hn::Set(d, c[N - 1]);
  for (int i = N - 2; i >= 0; --i) sum = hn::MulAdd(sum, x, hn::Set(d, c[i]));
  return sum;
}

constexpr float kMagic = 12582912.0f;  // 1.5 * 2^23: adding it leaves the nearest integer in the low mantissa bits
constexpr int32_t kMagicBits = 0x4B400000;

// x = n ln 2 + r with |r| <= ln 2 / 2; returns expm1(r), n and, in `biased`, n + kMagicBits. |x| < 2^22.
template <class D>
HWY_INLINE V<D> ReducedExpM1(D d, V<D> x, V<D>& n, VI<D>& biased) {
  constexpr float kC[] = {0.5f, 0.1666654348f, 0.04166642949f, 0.008366545662f, 0.001393825747f};
  const auto shifted = hn::MulAdd(x, hn::Set(d, 1.44269504f), hn::Set(d, kMagic));
  n = hn::Sub(shifted, hn::Set(d, kMagic));
  auto r = hn::NegMulAdd(n, hn::Set(d, 0.693359375f), x);
  r = hn::NegMulAdd(n, hn::Set(d, -2.12194440e-4f), r);
  biased = hn::BitCast(hn::RebindToSigned<D>(), shifted);
  return hn::MulAdd(hn::Mul(r, r), Poly(d, r, kC), r);
}

// 2^n for n + kMagicBits, -126 <= n <= 127.
template <class D>
HWY_INLINE V<D> PowerOfTwo(D d, VI<D> biased) {
  const hn::RebindToSigned<D> di;
  return hn::BitCast(d, hn::ShiftLeft<23>(hn::Add(biased, hn::Set(di, 127))));
}

// (1 + p) 2^n, rounded once also where it is subnormal or infinite. AVX-512 has an instruction for it.
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL
HWY_INLINE hn::Vec512<float> Scaled(hn::Vec512<float> y, hn::Vec512<float> n) {
  return hn::Vec512<float>{_mm512_scalef_ps(y.raw, n.raw)};
}
HWY_INLINE hn::Vec256<float> Scaled(hn::Vec256<float> y, hn::Vec256<float> n) {
  return hn::Vec256<float>{_mm256_scalef_ps(y.raw, n.raw)};
}
template <size_t N>
HWY_INLINE hn::Vec128<float, N> Scaled(hn::Vec128<float, N> y, hn::Vec128<float, N> n) {
  return hn::Vec128<float, N>{_mm_scalef_ps(y.raw, n.raw)};
}
template <class D>
HWY_INLINE V<D> TimesPowerOfTwo(D d, V<D> p, V<D> n, VI<D>) {
  return Scaled(hn::Add(hn::Set(d, 1.0f), p), n);
}
#else
template <class D>
HWY_INLINE V<D> TimesPowerOfTwo(D d, V<D> p, V<D>, VI<D> biased) {
  const hn::RebindToSigned<D> di;
  const auto n = hn::Sub(biased, hn::Set(di, kMagicBits));
  const auto half = hn::ShiftRight<1>(n);  // two factors, each of which is a normal number
  const auto s1 = hn::BitCast(d, hn::ShiftLeft<23>(hn::Add(half, hn::Set(di, 127))));
  const auto s2 = hn::BitCast(d, hn::ShiftLeft<23>(hn::Add(hn::Sub(n, half), hn::Set(di, 127))));
  return hn::Mul(hn::MulAdd(p, s1, s1), s2);
}
#endif

// The larger of low and x, the smaller of high and x; NaN where x is. x86 gives the second operand if one is NaN;
// others give the number.
template <class D>
HWY_INLINE V<D> AtLeast(D d, float low, V<D> x) {
#if HWY_ARCH_X86 && HWY_TARGET != HWY_SCALAR
  return hn::Max(hn::Set(d, low), x);
#else
  return hn::IfThenElse(hn::IsNaN(x), x, hn::Max(hn::Set(d, low), x));
#endif
}

template <class D>
HWY_INLINE V<D> AtMost(D d, float high, V<D> x) {
#if HWY_ARCH_X86 && HWY_TARGET != HWY_SCALAR
  return hn::Min(hn::Set(d, high), x);
#else
  return hn::IfThenElse(hn::IsNaN(x), x, hn::Min(hn::Set(d, high), x));
#endif
}

template <class D>
HWY_INLINE V<D> Exp(D d, V<D> x) {
  const auto inside = AtMost(d, 89.0f, AtLeast(d, -104.5f, x));
  V<D> n;
  VI<D> biased;
  const auto p = ReducedExpM1(d, inside, n, biased);
  return TimesPowerOfTwo(d, p, n, biased);
}

// For x <= 0 or NaN; what would be subnormal is 0. The cheap form for softmax and the like.
template <class D>
HWY_INLINE V<D> ExpOfNegative(D d, V<D> x) {
  V<D> n;
  VI<D> biased;
  const auto p = ReducedExpM1(d, AtLeast(d, -88.0f, x), n, biased);
  const auto s = PowerOfTwo(d, biased);
  return hn::IfThenZeroElse(hn::Lt(x, hn::Set(d, -87.3f)), hn::MulAdd(p, s, s));
}

// x <= 88; below -18 the result is -1.
template <class D>
HWY_INLINE V<D> ExpM1(D d, V<D> x) {
  V<D> n;
  VI<D> biased;
  const auto p = ReducedExpM1(d, hn::Max(x, hn::Set(d, -18.0f)), n, biased);
  const auto s = PowerOfTwo(d, biased);
  const auto y = hn::MulAdd(p, s, hn::Sub(s, hn::Set(d, 1.0f)));
  // Tiny and NaN arguments are their own result; this also keeps -0.
  return hn::IfThenElse(hn::Ge(hn::Abs(x), hn::Set(d, 1e-12f)), y, x);
}

// log(1 + f) + e ln 2 for 1 + f in [sqrt(1/2), sqrt(2)].
template <class D>
HWY_INLINE V<D> LogOfParts(D d, V<D> f, V<D> e) {
  constexpr float kC[] = {0.3333331347f,  -0.2500000894f, 0.2000207305f,  -0.1666799635f, 0.1422032714f,
                          -0.1240603179f, 0.1188356802f,  -0.1167144924f, 0.06750956178f};
  const auto f2 = hn::Mul(f, f);
  auto y = hn::Mul(hn::Mul(f2, f), Poly(d, f, kC));
  y = hn::MulAdd(e, hn::Set(d, -2.12194440e-4f), y);
  y = hn::NegMulAdd(f2, hn::Set(d, 0.5f), y);
  y = hn::Add(f, y);
  return hn::MulAdd(e, hn::Set(d, 0.693359375f), y);
}

template <class D>
HWY_INLINE V<D> Log(D d, V<D> x) {
  const hn::RebindToSigned<D> di;
  const auto subnormal = hn::Lt(x, hn::Set(d, 1.17549435e-38f));
  const auto scaled = hn::IfThenElse(subnormal, hn::Mul(x, hn::Set(d, 33554432.0f)), x);
  const auto offset = hn::IfThenElseZero(subnormal, hn::Set(d, -25.0f));
  // Adding the distance from sqrt(1/2) to 1 moves the cut between exponents to sqrt(1/2).
  const auto bits = hn::Add(hn::BitCast(di, scaled), hn::Set(di, 0x3F800000 - 0x3F3504F3));
  const auto e = hn::Add(hn::ConvertTo(d, hn::Sub(hn::ShiftRight<23>(bits), hn::Set(di, 127))), offset);
  const auto m = hn::BitCast(d, hn::Add(hn::And(bits, hn::Set(di, 0x007FFFFF)), hn::Set(di, 0x3F3504F3)));
  auto y = LogOfParts(d, hn::Sub(m, hn::Set(d, 1.0f)), e);
  const auto inf = hn::Set(d, HUGE_VALF);
  y = hn::IfThenElse(hn::Lt(x, inf), y, x);  // +inf and NaN
  y = hn::IfThenElse(hn::Eq(x, hn::Zero(d)), hn::Neg(inf), y);
  return hn::IfThenElse(hn::Lt(x, hn::Zero(d)), hn::Sub(inf, inf), y);
}

// log(1 + u) for 0 <= u <= 1.
template <class D>
HWY_INLINE V<D> Log1pOfUnit(D d, V<D> u) {
  const auto half = hn::Set(d, 0.5f);
  const auto large = hn::Gt(u, hn::Set(d, 0.414213562f));
  const auto f = hn::IfThenElse(large, hn::MulSub(u, half, half), u);
  return LogOfParts(d, f, hn::IfThenElseZero(large, hn::Set(d, 1.0f)));
}

template <class D>
HWY_INLINE V<D> Tanh(D d, V<D> x) {
  const auto a = hn::Min(hn::Abs(x), hn::Set(d, 10.0f));
  const auto t = ExpM1(d, hn::Add(a, a));
  const auto y = hn::CopySign(hn::Div(t, hn::Add(t, hn::Set(d, 2.0f))), x);
  return hn::IfThenElse(hn::IsNaN(x), x, y);
}

template <class D>
HWY_INLINE V<D> Sigmoid(D d, V<D> x) {
  const auto one = hn::Set(d, 1.0f);
  const auto e = Exp(d, hn::Neg(hn::Abs(x)));
  const auto y = hn::IfThenElse(hn::Lt(x, hn::Zero(d)), e, one);
  return hn::Div(y, hn::Add(one, e));
}

template <class D>
HWY_INLINE V<D> Softplus(D d, V<D> x) {
  const auto e = Exp(d, hn::Neg(hn::Abs(x)));
  const auto y = hn::Add(Log1pOfUnit(d, e), hn::Max(x, hn::Zero(d)));
  return hn::IfThenElse(hn::IsNaN(x), x, y);
}

// x tanh(softplus(x)): with e = exp(x) the tanh is (e^2 + 2 e) / (e^2 + 2 e + 2).
template <class D>
HWY_INLINE V<D> Mish(D d, V<D> x) {
  const auto e = Exp(d, hn::Min(x, hn::Set(d, 20.0f)));
  const auto two = hn::Set(d, 2.0f);
  const auto n = hn::Mul(e, hn::Add(e, two));
  const auto t = hn::Div(n, hn::Add(n, two));
  return hn::Mul(x, hn::IfThenElse(hn::IsNaN(x), x, t));
}

// |x| < kErfSplit.
constexpr float kErfSplit = 0.921875f;
template <class D>
HWY_INLINE V<D> ErfSmall(D d, V<D> x) {
  constexpr float kC[] = {0.1283791512f,   -0.3761249781f,  0.1128184348f,
                          -0.02676734887f, 0.004994038027f, -5.994504900e-4f};
  return hn::MulAdd(x, Poly(d, hn::Mul(x, x), kC), x);
}
// erfc(a) for a >= kErfSplit, with an error that is small beside erf(a); 0 where erf(a) rounds to 1.
template <class D>
HWY_INLINE V<D> ErfcLarge(D d, V<D> a) {
  constexpr float kC[] = {-1.985348354e-4f, -1.127663851f,    -0.6372020245f, -0.1039142683f,
                          0.02221857011f,   -0.003041120246f, 1.957229106e-4f};
  const auto inside = hn::Min(a, hn::Set(d, 3.95f));
  V<D> n;
  VI<D> biased;
  const auto p = ReducedExpM1(d, Poly(d, inside, kC), n, biased);
  const auto s = PowerOfTwo(d, biased);
  return hn::IfThenElseZero(hn::Lt(a, hn::Set(d, 3.95f)), hn::MulAdd(p, s, s));
}

template <class D>
HWY_INLINE V<D> Erf(D d, V<D> x) {
  const auto a = hn::Abs(x);
  const auto large = hn::CopySign(hn::Sub(hn::Set(d, 1.0f), ErfcLarge(d, a)), x);
  const auto y = hn::IfThenElse(hn::Lt(a, hn::Set(d, kErfSplit)), ErfSmall(d, x), large);
  return hn::IfThenElse(hn::IsNaN(x), x, y);
}

// x/2 (1 + erf(x / sqrt 2)). Without cancellation for negative x; 0 below -5.6, where the true value exceeds -6e-8.
template <class D>
HWY_INLINE V<D> GeluErf(D d, V<D> x) {
  const auto one = hn::Set(d, 1.0f);
  const auto z = hn::Mul(x, hn::Set(d, 0.707106781f));
  const auto a = hn::Abs(z);
  const auto c = ErfcLarge(d, a);
  const auto large = hn::IfThenElse(hn::Lt(x, hn::Zero(d)), c, hn::Sub(hn::Set(d, 2.0f), c));
  const auto sum = hn::IfThenElse(hn::Lt(a, hn::Set(d, kErfSplit)), hn::Add(one, ErfSmall(d, z)), large);
  return hn::Mul(hn::Mul(hn::Set(d, 0.5f), x), sum);
}

// x/2 (1 + tanh(u)) = x sigmoid(2 u), u = sqrt(2 / pi) (x + 0.044715 x^3).
template <class D>
HWY_INLINE V<D> GeluTanh(D d, V<D> x) {
  const auto x2 = hn::Mul(x, x);
  const auto u = hn::Mul(x, hn::MulAdd(x2, hn::Set(d, 0.0713548163f), hn::Set(d, 1.595769122f)));
  return hn::Mul(x, Sigmoid(d, u));
}

// Largest |x| that ReducedAngle serves.
#if HWY_NATIVE_FMA
constexpr float kMaxAngle = 65536.0f;
#else
constexpr float kMaxAngle = 2048.0f;
#endif

// x = n pi/2 + r, |r| <= pi/4; returns r and n in `quadrant` (its low bits count).
template <class D>
HWY_INLINE V<D> ReducedAngle(D d, V<D> x, VI<D>& quadrant) {
  const auto shifted = hn::MulAdd(x, hn::Set(d, 0.636619772f), hn::Set(d, kMagic));
  const auto n = hn::Sub(shifted, hn::Set(d, kMagic));
  quadrant = hn::BitCast(hn::RebindToSigned<D>(), shifted);
#if HWY_NATIVE_FMA
  auto r = hn::NegMulAdd(n, hn::Set(d, 0x1.921fb6p+0f), x);
  r = hn::NegMulAdd(n, hn::Set(d, -0x1.777a5cp-25f), r);
  return hn::NegMulAdd(n, hn::Set(d, -0x1.ee59dap-50f), r);
#else
  // Parts of at most 13 bits, so that their products with n are exact.
  auto r = hn::NegMulAdd(n, hn::Set(d, 0x1.921p+0f), x);
  r = hn::NegMulAdd(n, hn::Set(d, 0x1.f6ap-13f), r);
  r = hn::NegMulAdd(n, hn::Set(d, 0x1.110p-26f), r);
  return hn::NegMulAdd(n, hn::Set(d, 0x1.68c234p-39f), r);
#endif
}

template <class D>
HWY_INLINE V<D> SinOfReduced(D d, V<D> r) {
  constexpr float kC[] = {-0.1666666716f, 0.00833338033f, -1.985350537e-4f, 2.837395186e-6f};
  const auto r2 = hn::Mul(r, r);
  return hn::MulAdd(hn::Mul(r2, r), Poly(d, r2, kC), r);
}
template <class D>
HWY_INLINE V<D> CosOfReduced(D d, V<D> r) {
  constexpr float kC[] = {0.04166664556f, -0.001388731063f, 2.443255289e-5f};
  const auto r2 = hn::Mul(r, r);
  const auto y = hn::NegMulAdd(r2, hn::Set(d, 0.5f), hn::Set(d, 1.0f));
  return hn::MulAdd(hn::Mul(r2, r2), Poly(d, r2, kC), y);
}

// |x| <= kMaxAngle. kQuarters = 1 shifts by a quarter turn: the cosine.
template <int kQuarters, class D>
HWY_INLINE V<D> SinOrCos(D d, V<D> x) {
  const hn::RebindToSigned<D> di;
  VI<D> q;
  const auto r = ReducedAngle(d, x, q);
  q = hn::Add(q, hn::Set(di, kQuarters));
  const auto odd = hn::RebindMask(d, hn::TestBit(q, hn::Set(di, 1)));
  const auto y = hn::IfThenElse(odd, CosOfReduced(d, r), SinOfReduced(d, r));
  const auto sign = hn::ShiftLeft<30>(hn::And(q, hn::Set(di, 2)));
  const auto result = hn::Xor(y, hn::BitCast(d, sign));
  return kQuarters == 0 ? hn::IfThenElse(hn::Eq(x, hn::Zero(d)), x, result) : result;
}

template <class D>
HWY_INLINE V<D> Tan(D d, V<D> x) {
  const hn::RebindToSigned<D> di;
  VI<D> q;
  const auto r = ReducedAngle(d, x, q);
  const auto odd = hn::RebindMask(d, hn::TestBit(q, hn::Set(di, 1)));
  const auto s = SinOfReduced(d, r), c = CosOfReduced(d, r);
  const auto y = hn::Div(hn::IfThenElse(odd, hn::Neg(c), s), hn::IfThenElse(odd, s, c));
  return hn::IfThenElse(hn::Eq(x, hn::Zero(d)), x, y);
}

}  // namespace math
}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace sardonyx::simd
HWY_AFTER_NAMESPACE();

#endif  // SDX_SIMD_MATH_INL
