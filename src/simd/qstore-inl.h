// How int32 sums become stored results: int32, float or bytes (see qconv.h).
#include "hwy/highway.h"
#include "simd/qconv.h"

#if defined(SDX_SIMD_QSTORE_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef SDX_SIMD_QSTORE_INL
#undef SDX_SIMD_QSTORE_INL
#else
#define SDX_SIMD_QSTORE_INL
#endif

HWY_BEFORE_NAMESPACE();
namespace sardonyx::simd {
namespace HWY_NAMESPACE {
namespace {
namespace qstore {
namespace hn = hwy::HWY_NAMESPACE;

using DI = hn::ScalableTag<int32_t>;
using DF = hn::ScalableTag<float>;
using VI = hn::Vec<DI>;
using VF = hn::Vec<DF>;
constexpr int kLanes = HWY_LANES(int32_t);

template <QOut kind>
struct Element {
  using Type = int32_t;
};
template <>
struct Element<QOut::kF32> {
  using Type = float;
};
template <>
struct Element<QOut::kU8> {
  using Type = uint8_t;
};
template <>
struct Element<QOut::kI8> {
  using Type = int8_t;
};

// One byte per lane; every lane already lies within the type's range.
template <class T, class D8 = hn::Rebind<T, DI>>
HWY_INLINE hn::Vec<D8> Narrow(VI x) {
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL
  return hn::Vec<D8>{_mm512_cvtepi32_epi8(x.raw)};
#else
  return hn::DemoteTo(D8(), x);
#endif
}

// To the nearest integer, ties to even; x lies within int32.
HWY_INLINE VI RoundInRange(VF x) {
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL
  return VI{_mm512_cvtps_epi32(x.raw)};
#elif HWY_TARGET == HWY_AVX2
  return VI{_mm256_cvtps_epi32(x.raw)};
#else
  return hn::NearestInt(x);
#endif
}

// Clipped, rounded and moved to the zero point, still one per 32-bit lane. Clipping comes before rounding: both ends
// are integers, and the conversion cannot overflow.
struct Quantiser {
  explicit Quantiser(const QOutput& o)
      : low(hn::Set(DF(), static_cast<float>(o.low - o.zero))),
        high(hn::Set(DF(), static_cast<float>(o.high - o.zero))),
        zero(hn::Set(DI(), o.zero)) {}
  HWY_INLINE VI operator()(VF x) const { return hn::Add(RoundInRange(hn::Min(hn::Max(x, low), high)), zero); }
  VF low, high;
  VI zero;
};

// Results of the columns [at, at + kLanes).
template <QOut kind>
struct Finish {
  using T = typename Element<kind>::Type;
  HWY_INLINE Finish(const QOutput& o, const QColumns& c, int64_t at) : quantise(o) {
    if constexpr (kind != QOut::kI32) scale = hn::LoadU(DF(), c.scale + at);
    if constexpr (kind == QOut::kF32) bias = c.bias ? hn::LoadU(DF(), c.bias + at) : hn::Zero(DF());
  }
  HWY_INLINE VF scaled(VI x) const { return hn::Mul(hn::ConvertTo(DF(), x), scale); }
  HWY_INLINE void store(VI x, T* to, int left) const {
    const size_t n = static_cast<size_t>(left);
    if constexpr (kind == QOut::kI32) {
      compat::StoreN(x, DI(), to, n);
    } else if constexpr (kind == QOut::kF32) {
      compat::StoreN(hn::Add(scaled(x), bias), DF(), to, n);
    } else {
      compat::StoreN(Narrow<T>(quantise(scaled(x))), hn::Rebind<T, DI>(), to, n);
    }
  }
  Quantiser quantise;
  VF scale = hn::Zero(DF()), bias = hn::Zero(DF());
};

#if HWY_TARGET != HWY_SCALAR
// Bytes of four vectors whose lanes are the columns 4 v .. 4 v + 3 of each 16-byte part, in the order of the columns.
template <class T, class D8 = hn::Repartition<T, DI>>
HWY_INLINE hn::Vec<D8> NarrowParts(const VI* x) {
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL
  const auto a = _mm512_packs_epi32(x[0].raw, x[1].raw), b = _mm512_packs_epi32(x[2].raw, x[3].raw);
  if constexpr (sizeof(T) == 1 && T(-1) > T(0)) return hn::Vec<D8>{_mm512_packus_epi16(a, b)};
  return hn::Vec<D8>{_mm512_packs_epi16(a, b)};
#elif HWY_TARGET == HWY_AVX2
  const auto a = _mm256_packs_epi32(x[0].raw, x[1].raw), b = _mm256_packs_epi32(x[2].raw, x[3].raw);
  if constexpr (sizeof(T) == 1 && T(-1) > T(0)) return hn::Vec<D8>{_mm256_packus_epi16(a, b)};
  return hn::Vec<D8>{_mm256_packs_epi16(a, b)};
#else
  HWY_ALIGN T bytes[4 * kLanes];
  for (int v = 0; v < 4; ++v) hn::StoreU(Narrow<T>(x[v]), hn::Rebind<T, DI>(), bytes + v * 4);
  static_assert(kLanes == 4);
  return hn::Load(D8(), bytes);
#endif
}

// Results of four vectors in the order of NarrowParts from column `at` on; column arrays are in the order of the
// vectors.
template <QOut kind>
struct Parts {
  using T = typename Element<kind>::Type;
  HWY_INLINE Parts(const QOutput& o, const QColumns& c, int64_t at)
      : f{{o, c, at}, {o, c, at + kLanes}, {o, c, at + 2 * kLanes}, {o, c, at + 3 * kLanes}} {}
  HWY_INLINE void store(const VI* sums, T* to, int cols) const {
    if constexpr (kind == QOut::kU8 || kind == QOut::kI8) {
      const VI q[4] = {f[0].quantise(f[0].scaled(sums[0])), f[0].quantise(f[1].scaled(sums[1])),
                       f[0].quantise(f[2].scaled(sums[2])), f[0].quantise(f[3].scaled(sums[3]))};
      compat::StoreN(NarrowParts<T>(q), hn::Repartition<T, DI>(), to, static_cast<size_t>(cols));
    } else {
      HWY_ALIGN T values[4 * kLanes];
      for (int v = 0; v < 4; ++v) f[v].store(sums[v], values + v * kLanes, kLanes);
      for (int i = 0; i < cols; ++i) to[i] = values[i % 16 / 4 * kLanes + i / 16 * 4 + i % 4];
    }
  }
  Finish<kind> f[4];
};
#endif

}  // namespace qstore
}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace sardonyx::simd
HWY_AFTER_NAMESPACE();

#endif  // SDX_SIMD_QSTORE_INL
