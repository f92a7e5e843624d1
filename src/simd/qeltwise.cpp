#include "simd/qeltwise.h"

#define SDX_SIMD_WANT_DL
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/qeltwise.cpp"
// clang-format off
#include "simd/foreach-inl.h"
#include "simd/compat-inl.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace sardonyx::simd {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

using DI = hn::ScalableTag<int32_t>;
using DF = hn::ScalableTag<float>;
using VI = hn::Vec<DI>;
using VF = hn::Vec<DF>;

struct Constants {
  explicit HWY_INLINE Constants(const QBinaryArgs& g)
      : fa(hn::Set(DF(), g.a_factor)),
        fb(hn::Set(DF(), g.b_factor)),
        shift(hn::Set(DF(), g.shift)),
        low(hn::Set(DF(), static_cast<float>(g.low))),
        high(hn::Set(DF(), static_cast<float>(g.high))),
        za(hn::Set(DI(), g.a_zero)),
        zb(hn::Set(DI(), g.b_zero)) {}
  VF fa, fb, shift, low, high;
  VI za, zb;
};

template <bool kMultiply>
HWY_INLINE VI combine(const Constants& k, VI a, VI b) {
  const DF df;
  VF y;
  if constexpr (kMultiply) {
    const VF x = hn::Mul(hn::ConvertTo(df, hn::Sub(a, k.za)), hn::ConvertTo(df, hn::Sub(b, k.zb)));
    y = hn::Add(hn::Mul(x, k.fa), k.shift);
  } else {
    y = hn::MulAdd(hn::ConvertTo(df, a), k.fa, hn::MulAdd(hn::ConvertTo(df, b), k.fb, k.shift));
  }
  return hn::NearestInt(hn::Min(hn::Max(y, k.low), k.high));
}

template <class T, class D8>
HWY_INLINE hn::Vec<D8> Narrow(D8 d, VI x) {
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL
  return hn::Vec<D8>{_mm512_cvtepi32_epi8(x.raw)};
#else
  return hn::DemoteTo(d, x);
#endif
}

template <bool kMultiply, class T>
void binary_as(const QBinaryArgs& g, const T* a, bool a_scalar, const T* b, bool b_scalar, T* y, int64_t n) {
  const DI d;
  const hn::Rebind<T, DI> d8;
  const int64_t lanes = HWY_LANES(int32_t);
  const Constants k(g);
  const VI a1 = hn::Set(d, n > 0 ? *a : 0), b1 = hn::Set(d, n > 0 ? *b : 0);
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const VI x = a_scalar ? a1 : hn::PromoteTo(d, hn::LoadU(d8, a + i));
    const VI z = b_scalar ? b1 : hn::PromoteTo(d, hn::LoadU(d8, b + i));
    hn::StoreU(Narrow<T>(d8, combine<kMultiply>(k, x, z)), d8, y + i);
  }
  if (i < n) {
    const size_t left = static_cast<size_t>(n - i);
    const VI x = a_scalar ? a1 : hn::PromoteTo(d, compat::LoadN(d8, a + i, left));
    const VI z = b_scalar ? b1 : hn::PromoteTo(d, compat::LoadN(d8, b + i, left));
    compat::StoreN(Narrow<T>(d8, combine<kMultiply>(k, x, z)), d8, y + i, left);
  }
}

template <class T>
void binary(const QBinaryArgs& g, const T* a, bool a_scalar, const T* b, bool b_scalar, T* y, int64_t n) {
  if (g.multiply)
    binary_as<true>(g, a, a_scalar, b, b_scalar, y, n);
  else
    binary_as<false>(g, a, a_scalar, b, b_scalar, y, n);
}

void lookup(const uint8_t* table, const uint8_t* x, uint8_t* y, int64_t n) {
  int64_t i = 0;
#if HWY_TARGET == HWY_AVX3_DL
  __m512i part[4];
  for (int k = 0; k < 4; ++k) part[k] = _mm512_loadu_si512(table + 64 * k);
  for (; i + 64 <= n; i += 64) {
    const __m512i v = _mm512_loadu_si512(x + i);
    const __m512i low = _mm512_permutex2var_epi8(part[0], v, part[1]),
                  high = _mm512_permutex2var_epi8(part[2], v, part[3]);
    _mm512_storeu_si512(y + i, _mm512_mask_blend_epi8(_mm512_movepi8_mask(v), low, high));
  }
#endif
  for (; i < n; ++i) y[i] = table[x[i]];
}

constexpr QEltwiseTable kQEltwiseTable = {binary<uint8_t>, binary<int8_t>, lookup};

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace sardonyx::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sardonyx::simd {
SDX_SIMD_GETTERS(qeltwise, QEltwiseTable, kQEltwiseTable)
}  // namespace sardonyx::simd
#endif
