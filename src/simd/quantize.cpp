#include "simd/quantize.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/quantize.cpp"
// clang-format off
#include "simd/foreach-inl.h"
#include "simd/compat-inl.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace sardonyx::simd {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<float>;
using DI = hn::RebindToSigned<D>;
using V = hn::VFromD<D>;
using VI = hn::VFromD<DI>;

// The larger, the smaller of a and b; b if a is NaN.
HWY_INLINE V LargerOr(V a, V b) {
#if HWY_ARCH_X86 && HWY_TARGET != HWY_SCALAR
  return hn::Max(a, b);
#else
  return hn::IfThenElse(hn::Gt(a, b), a, b);
#endif
}

HWY_INLINE V SmallerOr(V a, V b) {
#if HWY_ARCH_X86 && HWY_TARGET != HWY_SCALAR
  return hn::Min(a, b);
#else
  return hn::IfThenElse(hn::Lt(a, b), a, b);
#endif
}

// lo and hi are the limits less the zero point: whole numbers, so clamping may go before rounding. NaN becomes the
// lower limit.
HWY_INLINE VI Quantized(V x, V scale, VI zero, V lo, V hi) {
  return hn::Add(hn::NearestInt(hn::Min(LargerOr(hn::Div(x, scale), lo), hi)), zero);
}

template <class Q, bool kEach>
HWY_INLINE void Quantize(const float* in, Q* out, int64_t n, const float* scale, const int32_t* zero) {
  const D d;
  const DI di;
  const hn::Rebind<Q, D> dq;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto s1 = hn::Set(d, *scale);
  const auto z1 = hn::Set(di, *zero);
  const auto lo = hn::Set(di, hwy::LowestValue<Q>()), hi = hn::Set(di, hwy::HighestValue<Q>());
  const auto lo1 = hn::ConvertTo(d, hn::Sub(lo, z1)), hi1 = hn::ConvertTo(d, hn::Sub(hi, z1));
  const auto quantized = [&](V x, V s, VI z) {
    return hn::DemoteTo(dq, kEach
                                ? Quantized(x, s, z, hn::ConvertTo(d, hn::Sub(lo, z)), hn::ConvertTo(d, hn::Sub(hi, z)))
                                : Quantized(x, s1, z1, lo1, hi1));
  };
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const auto s = kEach ? hn::LoadU(d, scale + i) : s1;
    const auto z = kEach ? hn::LoadU(di, zero + i) : z1;
    hn::StoreU(quantized(hn::LoadU(d, in + i), s, z), dq, out + i);
  }
  if (i < n) {
    const size_t rest = static_cast<size_t>(n - i);
    const auto s = kEach ? compat::LoadN(d, scale + i, rest) : s1;
    const auto z = kEach ? compat::LoadN(di, zero + i, rest) : z1;
    compat::StoreN(quantized(compat::LoadN(d, in + i, rest), s, z), dq, out + i, rest);
  }
}

template <class Q, class VQ>
HWY_INLINE VI Widen(VQ q) {
  if constexpr (sizeof(Q) == 4) {
    return q;
  } else {
    return hn::PromoteTo(DI(), q);
  }
}

template <class Q, bool kEach>
HWY_INLINE void Dequantize(const Q* in, float* out, int64_t n, const float* scale, const int32_t* zero) {
  const D d;
  const DI di;
  const hn::Rebind<Q, D> dq;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto s1 = hn::Set(d, *scale);
  const auto z1 = hn::Set(di, *zero);
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const auto s = kEach ? hn::LoadU(d, scale + i) : s1;
    const auto z = kEach ? hn::LoadU(di, zero + i) : z1;
    hn::StoreU(hn::Mul(hn::ConvertTo(d, hn::Sub(Widen<Q>(hn::LoadU(dq, in + i)), z)), s), d, out + i);
  }
  if (i < n) {
    const size_t rest = static_cast<size_t>(n - i);
    const auto s = kEach ? compat::LoadN(d, scale + i, rest) : s1;
    const auto z = kEach ? compat::LoadN(di, zero + i, rest) : z1;
    compat::StoreN(hn::Mul(hn::ConvertTo(d, hn::Sub(Widen<Q>(compat::LoadN(dq, in + i, rest)), z)), s), d, out + i,
                   rest);
  }
}

template <class Q>
void To(const float* in, Q* out, int64_t n, float scale, int32_t zero) {
  Quantize<Q, false>(in, out, n, &scale, &zero);
}
template <class Q>
void ToEach(const float* in, Q* out, int64_t n, const float* scale, const int32_t* zero) {
  if (n > 0) Quantize<Q, true>(in, out, n, scale, zero);
}
template <class Q>
void From(const Q* in, float* out, int64_t n, float scale, int32_t zero) {
  Dequantize<Q, false>(in, out, n, &scale, &zero);
}
template <class Q>
void FromEach(const Q* in, float* out, int64_t n, const float* scale, const int32_t* zero) {
  if (n > 0) Dequantize<Q, true>(in, out, n, scale, zero);
}

void RangeOf(const float* in, int64_t n, float* lo, float* hi) {
  const D d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  auto low = hn::Set(d, HUGE_VALF), high = hn::Set(d, -HUGE_VALF);
  auto low1 = low, high1 = high;
  int64_t i = 0;
  for (; i + 2 * lanes <= n; i += 2 * lanes) {
    const auto x = hn::LoadU(d, in + i), y = hn::LoadU(d, in + i + lanes);
    low = SmallerOr(x, low);
    high = LargerOr(x, high);
    low1 = SmallerOr(y, low1);
    high1 = LargerOr(y, high1);
  }
  low = hn::Min(low, low1);
  high = hn::Max(high, high1);
  for (; i + lanes <= n; i += lanes) {
    const auto x = hn::LoadU(d, in + i);
    low = SmallerOr(x, low);
    high = LargerOr(x, high);
  }
  float least = hn::GetLane(hn::MinOfLanes(d, low)), most = hn::GetLane(hn::MaxOfLanes(d, high));
  for (; i < n; ++i) {
    least = in[i] < least ? in[i] : least;
    most = in[i] > most ? in[i] : most;
  }
  const bool none = least == HUGE_VALF && most == -HUGE_VALF;
  *lo = none ? 0 : least;
  *hi = none ? 0 : most;
}

constexpr QuantizeTable kQuantizeTable = {To<uint8_t>,        To<int8_t>,        To<uint16_t>,      To<int16_t>,
                                          From<uint8_t>,      From<int8_t>,      From<uint16_t>,    From<int16_t>,
                                          From<int32_t>,      RangeOf,           ToEach<uint8_t>,   ToEach<int8_t>,
                                          ToEach<uint16_t>,   ToEach<int16_t>,   FromEach<uint8_t>, FromEach<int8_t>,
                                          FromEach<uint16_t>, FromEach<int16_t>, FromEach<int32_t>};

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace sardonyx::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sardonyx::simd {
SDX_SIMD_GETTERS(quantize, QuantizeTable, kQuantizeTable)
}  // namespace sardonyx::simd
#endif
