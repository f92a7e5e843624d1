// The conversions that models use most, per target; the rest come from cast_scalar.
#include "simd/cast.h"

#include "simd/cast_number.h"
#include "simd/cast_scalar.h"
#include "simd/loops.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/cast.cpp"
// clang-format off
#include "simd/foreach-inl.h"
#include "simd/half-inl.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace sardonyx::simd {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

template <bool kHalf>
void FromCodes(const void* in, void* out, int64_t n, const CastParams&) {
  LoadCodes<kHalf>(static_cast<const uint16_t*>(in), static_cast<float*>(out), n);
}
template <bool kHalf>
void ToCodes(const void* in, void* out, int64_t n, const CastParams&) {
  StoreCodes<kHalf>(static_cast<const float*>(in), static_cast<uint16_t*>(out), n);
}

// out-of-range lanes become INT32_MIN, whatever the instruction does.
template <class DF>
HWY_INLINE hn::Vec<hn::RebindToSigned<DF>> Truncate(DF df, hn::VFromD<DF> v) {
  const hn::RebindToSigned<DF> di;
  const auto fits = hn::And(hn::Ge(v, hn::Set(df, -2147483648.0f)), hn::Lt(v, hn::Set(df, 2147483648.0f)));
  const auto cut = hn::ConvertTo(di, hn::IfThenElseZero(fits, v));
  return hn::IfThenElse(hn::RebindMask(di, fits), cut, hn::Set(di, INT32_MIN));
}

void FloatToInt(const void* in, void* out, int64_t n, const CastParams&) {
  const hn::ScalableTag<float> df;
  const hn::RebindToSigned<decltype(df)> di;
  const auto* src = static_cast<const float*>(in);
  auto* dst = static_cast<int32_t*>(out);
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(df));
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(Truncate(df, hn::LoadU(df, src + i)), di, dst + i);
  if (i < n) {
    const size_t rest = static_cast<size_t>(n - i);
    compat::StoreN(Truncate(df, compat::LoadN(df, src + i, rest)), di, dst + i, rest);
  }
}

// To uint8 or int8: the low byte of the int32.
void FloatToByte(const void* in, void* out, int64_t n, const CastParams&) {
  const hn::ScalableTag<float> df;
  const hn::RebindToSigned<decltype(df)> di;
  const hn::Rebind<uint8_t, decltype(df)> db;
  const auto* src = static_cast<const float*>(in);
  auto* dst = static_cast<uint8_t*>(out);
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(df));
  const auto low = hn::Set(di, 0xFF);
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    hn::StoreU(hn::DemoteTo(db, hn::And(Truncate(df, hn::LoadU(df, src + i)), low)), db, dst + i);
  }
  if (i < n) {
    const size_t rest = static_cast<size_t>(n - i);
    compat::StoreN(hn::DemoteTo(db, hn::And(Truncate(df, compat::LoadN(df, src + i, rest)), low)), db, dst + i, rest);
  }
}

template <class From, class To>
void Convert(const void* in, void* out, int64_t n, const CastParams&) {
  const auto* src = static_cast<const From*>(in);
  auto* dst = static_cast<To*>(out);
  SDX_IVDEP
  for (int64_t i = 0; i < n; ++i) dst[i] = to_number<To>(src[i]);
}
template <class From>
void ToBool(const void* in, void* out, int64_t n, const CastParams&) {
  const auto* src = static_cast<const From*>(in);
  auto* dst = static_cast<uint8_t*>(out);
  SDX_IVDEP
  for (int64_t i = 0; i < n; ++i) dst[i] = src[i] != 0;
}
template <class To>
void FromBool(const void* in, void* out, int64_t n, const CastParams&) {
  const auto* src = static_cast<const uint8_t*>(in);
  auto* dst = static_cast<To*>(out);
  SDX_IVDEP
  for (int64_t i = 0; i < n; ++i) dst[i] = static_cast<To>(src[i] != 0);
}

constexpr CastTable MakeTable() {
  CastTable t;
  const auto at = [&t](DType from, DType to) -> CastFn& { return t.fn[static_cast<int>(from)][static_cast<int>(to)]; };
  using D = DType;
  at(D::kF16, D::kF32) = FromCodes<true>;
  at(D::kBF16, D::kF32) = FromCodes<false>;
  at(D::kF32, D::kF16) = ToCodes<true>;
  at(D::kF32, D::kBF16) = ToCodes<false>;
  at(D::kF32, D::kI32) = FloatToInt;
  at(D::kF32, D::kU8) = FloatToByte;
  at(D::kF32, D::kI8) = FloatToByte;
  at(D::kF32, D::kI64) = Convert<float, int64_t>;
  at(D::kF32, D::kF64) = Convert<float, double>;
  at(D::kF64, D::kF32) = Convert<double, float>;
  at(D::kF64, D::kI64) = Convert<double, int64_t>;
  at(D::kI64, D::kF64) = Convert<int64_t, double>;
  at(D::kU8, D::kF32) = Convert<uint8_t, float>;
  at(D::kI8, D::kF32) = Convert<int8_t, float>;
  at(D::kU16, D::kF32) = Convert<uint16_t, float>;
  at(D::kI16, D::kF32) = Convert<int16_t, float>;
  at(D::kI32, D::kF32) = Convert<int32_t, float>;
  at(D::kI64, D::kF32) = Convert<int64_t, float>;
  at(D::kI64, D::kI32) = Convert<int64_t, int32_t>;
  at(D::kI32, D::kI64) = Convert<int32_t, int64_t>;
  at(D::kU8, D::kI32) = Convert<uint8_t, int32_t>;
  at(D::kI8, D::kI32) = Convert<int8_t, int32_t>;
  at(D::kI32, D::kU8) = Convert<int32_t, uint8_t>;
  at(D::kI32, D::kI8) = Convert<int32_t, int8_t>;
  at(D::kF32, D::kBool) = ToBool<float>;
  at(D::kI32, D::kBool) = ToBool<int32_t>;
  at(D::kI64, D::kBool) = ToBool<int64_t>;
  at(D::kBool, D::kF32) = FromBool<float>;
  at(D::kBool, D::kI32) = FromBool<int32_t>;
  at(D::kBool, D::kI64) = FromBool<int64_t>;
  return t;
}
constexpr CastTable kCastTable = MakeTable();

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace sardonyx::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sardonyx::simd {
namespace {
SDX_SIMD_GETTERS(cast_table, CastTable, kCastTable)

CastFn pick(const CastTable& table, DType from, DType to) {
  const int f = static_cast<int>(from), t = static_cast<int>(to);
  if (f >= kDTypeCount || t >= kDTypeCount) return nullptr;
  const CastFn fast = table.fn[f][t];
  return fast != nullptr ? fast : cast_scalar(from, to);
}
}  // namespace

CastFn cast(DType from, DType to) { return pick(cast_table(), from, to); }
CastFn cast_for(Target target, DType from, DType to) {
  const CastTable* table = cast_table_for(target);
  return table != nullptr ? pick(*table, from, to) : nullptr;
}
}  // namespace sardonyx::simd
#endif  // HWY_ONCE
