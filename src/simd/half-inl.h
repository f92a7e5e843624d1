// Vectors of f32 from and to f16 and bf16 codes, and whole blocks of them. Rounds to nearest even; NaNs as in codec.h.
#include "hwy/highway.h"
#include "simd/compat-inl.h"

#if defined(SDX_SIMD_HALF_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef SDX_SIMD_HALF_INL
#undef SDX_SIMD_HALF_INL
#else
#define SDX_SIMD_HALF_INL
#endif

HWY_BEFORE_NAMESPACE();
namespace sardonyx::simd {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

// f16 codec: kHalf = true; bf16: false.
template <bool kHalf, class DF, class VU16>
HWY_INLINE hn::VFromD<DF> F32FromCode(DF df, VU16 code) {
  const hn::RebindToUnsigned<DF> du;
  [[maybe_unused]] const hn::RebindToSigned<DF> di;
  if constexpr (!kHalf) {
    return hn::BitCast(df, hn::ShiftLeft<16>(hn::PromoteTo(du, code)));
  } else {
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL || HWY_TARGET == HWY_NEON
    const hn::Rebind<hwy::float16_t, DF> dh;
    return hn::PromoteTo(df, hn::BitCast(dh, code));
#else
    const auto c = hn::BitCast(di, hn::PromoteTo(du, code));
    const auto mag = hn::And(c, hn::Set(di, 0x7FFF));
    const auto sign = hn::ShiftLeft<16>(hn::And(c, hn::Set(di, 0x8000)));
    const auto rebase = hn::Set(di, 112 << 23);
    auto bits = hn::Add(hn::ShiftLeft<13>(mag), rebase);
    const auto special = hn::Gt(mag, hn::Set(di, 0x7BFF));
    bits = hn::IfThenElse(special, hn::Add(bits, rebase), bits);
    bits = hn::IfThenElse(hn::Gt(mag, hn::Set(di, 0x7C00)), hn::Or(bits, hn::Set(di, 0x400000)), bits);
    const auto tiny = hn::BitCast(di, hn::Mul(hn::ConvertTo(df, mag), hn::Set(df, 5.9604644775390625e-8f)));
    bits = hn::IfThenElse(hn::Gt(hn::Set(di, 0x0400), mag), tiny, bits);
    return hn::BitCast(df, hn::Or(bits, sign));
#endif
  }
}

template <bool kHalf, class DF, class V>
HWY_INLINE hn::Vec<hn::Rebind<uint16_t, DF>> CodeFromF32([[maybe_unused]] DF df, V v) {
  const hn::RebindToSigned<DF> di;
  const hn::RebindToUnsigned<DF> du;
  const hn::Rebind<uint16_t, DF> dc;
  const auto bits = hn::BitCast(di, v);
  if constexpr (!kHalf) {
    const auto ubits = hn::BitCast(du, v);
    const auto lsb = hn::And(hn::ShiftRight<16>(ubits), hn::Set(du, 1u));
    const auto rounded = hn::ShiftRight<16>(hn::Add(ubits, hn::Add(lsb, hn::Set(du, 0x7FFFu))));
    const auto nan = hn::Or(hn::ShiftRight<16>(ubits), hn::Set(du, 0x40u));
    const auto is_nan = hn::Gt(hn::And(bits, hn::Set(di, 0x7FFFFFFF)), hn::Set(di, 0x7F800000));
    const auto code = hn::IfThenElse(is_nan, hn::BitCast(di, nan), hn::BitCast(di, rounded));
    return hn::DemoteTo(dc, code);
  } else {
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL || HWY_TARGET == HWY_NEON
    const hn::Rebind<hwy::float16_t, DF> dh;
    return hn::BitCast(dc, hn::DemoteTo(dh, v));
#else
    const auto mag = hn::And(bits, hn::Set(di, 0x7FFFFFFF));
    const auto sign = hn::BitCast(di, hn::ShiftLeft<15>(hn::ShiftRight<31>(hn::BitCast(du, v))));
    const auto rebased = hn::Sub(mag, hn::Set(di, 112 << 23));
    const auto lsb = hn::And(hn::ShiftRight<13>(rebased), hn::Set(di, 1));
    auto code = hn::ShiftRight<13>(hn::Add(rebased, hn::Add(lsb, hn::Set(di, 0xFFF))));
    const auto half = hn::Set(df, 0.5f);
    const auto tiny = hn::Sub(hn::BitCast(di, hn::Add(hn::BitCast(df, mag), half)), hn::BitCast(di, half));
    code = hn::IfThenElse(hn::Gt(hn::Set(di, 113 << 23), mag), tiny, code);
    code = hn::IfThenElse(hn::Gt(code, hn::Set(di, 0x7C00)), hn::Set(di, 0x7C00), code);
    const auto nan = hn::Or(hn::Set(di, 0x7E00), hn::And(hn::ShiftRight<13>(mag), hn::Set(di, 0x1FF)));
    code = hn::IfThenElse(hn::Gt(mag, hn::Set(di, 0x7F800000)), nan, code);
    return hn::DemoteTo(dc, hn::Or(code, sign));
#endif
  }
}

template <bool kHalf>
HWY_INLINE void LoadCodes(const uint16_t* in, float* out, int64_t n) {
  const hn::ScalableTag<float> df;
  const hn::Rebind<uint16_t, decltype(df)> dc;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(df));
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(F32FromCode<kHalf>(df, hn::LoadU(dc, in + i)), df, out + i);
  if (i < n) {
    const size_t rest = static_cast<size_t>(n - i);
    compat::StoreN(F32FromCode<kHalf>(df, compat::LoadN(dc, in + i, rest)), df, out + i, rest);
  }
}

template <bool kHalf>
HWY_INLINE void StoreCodes(const float* in, uint16_t* out, int64_t n) {
  const hn::ScalableTag<float> df;
  const hn::Rebind<uint16_t, decltype(df)> dc;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(df));
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(CodeFromF32<kHalf>(df, hn::LoadU(df, in + i)), dc, out + i);
  if (i < n) {
    const size_t rest = static_cast<size_t>(n - i);
    compat::StoreN(CodeFromF32<kHalf>(df, compat::LoadN(df, in + i, rest)), dc, out + i, rest);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace sardonyx::simd
HWY_AFTER_NAMESPACE();

#endif  // SDX_SIMD_HALF_INL
