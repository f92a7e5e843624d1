// Operations that Highway 1.0.3 lacks, under the names newer releases use, plus the byte dot product.
// Include after foreach-inl.h, before HWY_BEFORE_NAMESPACE. Everything lives in sardonyx::simd::HWY_NAMESPACE::compat.
#include "hwy/highway.h"
#if HWY_TARGET == HWY_AVX3_DL || HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX2
#include <immintrin.h>
#endif
#if HWY_TARGET == HWY_NEON
#include <arm_neon.h>
#endif

#if defined(SDX_SIMD_COMPAT_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef SDX_SIMD_COMPAT_INL
#undef SDX_SIMD_COMPAT_INL
#else
#define SDX_SIMD_COMPAT_INL
#endif

HWY_BEFORE_NAMESPACE();
namespace sardonyx::simd {
namespace HWY_NAMESPACE {
namespace {
namespace compat {
namespace hn = hwy::HWY_NAMESPACE;

// The first min(n, Lanes(d)) lanes from p, zeros above. Reads nothing beyond p[n - 1].
template <class D, typename T = hn::TFromD<D>>
HWY_INLINE hn::VFromD<D> LoadN(D d, const T* HWY_RESTRICT p, size_t n) {
  const size_t lanes = hn::Lanes(d);
  if (n >= lanes) return hn::LoadU(d, p);
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL
  return hn::MaskedLoad(hn::FirstN(d, n), d, p);
#else
#if HWY_TARGET == HWY_AVX2
  if constexpr (sizeof(T) >= 4) return hn::MaskedLoad(hn::FirstN(d, n), d, p);
#endif
  HWY_ALIGN T buf[HWY_LANES(T)] = {};
  for (size_t i = 0; i < n; ++i) buf[i] = p[i];
  return hn::Load(d, buf);
#endif
}

// Stores the first min(n, Lanes(d)) lanes. Writes nothing beyond p[n - 1].
template <class D, typename T = hn::TFromD<D>>
HWY_INLINE void StoreN(hn::VFromD<D> v, D d, T* HWY_RESTRICT p, size_t n) {
  const size_t lanes = hn::Lanes(d);
  if (n >= lanes) return hn::StoreU(v, d, p);
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL
  hn::BlendedStore(v, hn::FirstN(d, n), d, p);
#else
#if HWY_TARGET == HWY_AVX2
  if constexpr (sizeof(T) >= 4) return hn::BlendedStore(v, hn::FirstN(d, n), d, p);
#endif
  HWY_ALIGN T buf[HWY_LANES(T)];
  hn::Store(v, d, buf);
  for (size_t i = 0; i < n; ++i) p[i] = buf[i];
#endif
}

// Sum of all lanes as a scalar.
template <class D>
HWY_INLINE hn::TFromD<D> ReduceSum(D d, hn::VFromD<D> v) {
  return hn::GetLane(hn::SumOfLanes(d, v));
}

// sum + the four neighbouring products u8 * i8 of each 32-bit lane, exact (no 16-bit saturation).
#if HWY_TARGET == HWY_AVX3_DL
HWY_INLINE hn::Vec<hn::Full512<int32_t>> SumOfMulQuadAccumulate(hn::Full512<int32_t> /*d*/,
                                                                hn::Vec<hn::Full512<uint8_t>> a,
                                                                hn::Vec<hn::Full512<int8_t>> b,
                                                                hn::Vec<hn::Full512<int32_t>> sum) {
  return hn::Vec<hn::Full512<int32_t>>{_mm512_dpbusd_epi32(sum.raw, a.raw, b.raw)};
}
#else
template <class DI32, class VU8, class VI8>
HWY_INLINE hn::VFromD<DI32> SumOfMulQuadAccumulate(DI32 d, VU8 a, VI8 b, hn::VFromD<DI32> sum) {
  const hn::RebindToUnsigned<DI32> du;
  const auto au = hn::BitCast(du, a);
  const auto bi = hn::BitCast(d, b);
  const auto mask = hn::Set(du, 0xFF);
  auto byte_a = [&](auto shifted) HWY_ATTR { return hn::BitCast(d, hn::And(shifted, mask)); };
  sum = hn::Add(sum, hn::Mul(byte_a(au), hn::ShiftRight<24>(hn::ShiftLeft<24>(bi))));
  sum = hn::Add(sum, hn::Mul(byte_a(hn::ShiftRight<8>(au)), hn::ShiftRight<24>(hn::ShiftLeft<16>(bi))));
  sum = hn::Add(sum, hn::Mul(byte_a(hn::ShiftRight<16>(au)), hn::ShiftRight<24>(hn::ShiftLeft<8>(bi))));
  return hn::Add(sum, hn::Mul(byte_a(hn::ShiftRight<24>(au)), hn::ShiftRight<24>(bi)));
}
#endif

}  // namespace compat
}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace sardonyx::simd
HWY_AFTER_NAMESPACE();

#endif  // SDX_SIMD_COMPAT_INL
