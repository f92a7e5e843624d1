// Sine, cosine and tangent in f32; the rare arguments too large for the vector code go to the C library.
#include "simd/eltwise_unary_parts.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/eltwise_unary_trig.cpp"
// clang-format off
#include "simd/foreach-inl.h"
#include "simd/eltwise_unary-inl.h"
#include "simd/math-inl.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace sardonyx::simd {
namespace HWY_NAMESPACE {
namespace {

struct OpSin {
  template <class D, class V = hn::VFromD<D>>
  static HWY_INLINE V Of(D d, V x) {
    return math::SinOrCos<0>(d, x);
  }
  static HWY_INLINE float Libm(float x) { return ::sinf(x); }
};
struct OpCos {
  template <class D, class V = hn::VFromD<D>>
  static HWY_INLINE V Of(D d, V x) {
    return math::SinOrCos<1>(d, x);
  }
  static HWY_INLINE float Libm(float x) { return ::cosf(x); }
};
struct OpTan {
  template <class D, class V = hn::VFromD<D>>
  static HWY_INLINE V Of(D d, V x) {
    return math::Tan(d, x);
  }
  static HWY_INLINE float Libm(float x) { return ::tanf(x); }
};

template <class Op, class D>
HWY_NOINLINE void LargeAngles(D d, const float* x, float* y) {
  for (size_t i = 0; i < hn::Lanes(d); ++i) {
    if (!(x[i] <= math::kMaxAngle && x[i] >= -math::kMaxAngle)) y[i] = Op::Libm(x[i]);
  }
}

template <class Op, class D, class V = hn::VFromD<D>>
HWY_INLINE V Angle(D d, V x) {
  const auto fits = hn::Le(hn::Abs(x), hn::Set(d, math::kMaxAngle));
  auto y = Op::Of(d, hn::IfThenElseZero(fits, x));
  if (HWY_UNLIKELY(!hn::AllTrue(d, fits))) {
    HWY_ALIGN float from[HWY_LANES(float)];
    HWY_ALIGN float to[HWY_LANES(float)];
    hn::Store(x, d, from);
    hn::Store(y, d, to);
    LargeAngles<Op>(d, from, to);
    y = hn::Load(d, to);
  }
  return y;
}

template <class Inner>
struct OpAngle {
  template <class D, class V = hn::VFromD<D>>
  static HWY_INLINE V Of(D d, V x, V /*a*/, V /*b*/) {
    return Angle<Inner>(d, x);
  }
};

constexpr UnaryTable MakeTable() {
  UnaryTable t;
  PutF32<Map<OpAngle<OpSin>, float>>(t, Unary::kSin);
  PutF32<Map<OpAngle<OpCos>, float>>(t, Unary::kCos);
  PutF32<Map<OpAngle<OpTan>, float>>(t, Unary::kTan);
  return t;
}
constexpr UnaryTable kUnaryTrig = MakeTable();

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace sardonyx::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sardonyx::simd {
SDX_SIMD_GETTERS(unary_trig, UnaryTable, kUnaryTrig)
}  // namespace sardonyx::simd
#endif
