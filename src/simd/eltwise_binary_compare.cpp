// Comparisons of bool and of integers of up to 32 bits.
#include "simd/eltwise_binary_parts.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/eltwise_binary_compare.cpp"
// clang-format off
#include "simd/foreach-inl.h"
#include "simd/eltwise_binary_compare-inl.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace sardonyx::simd {
namespace HWY_NAMESPACE {
namespace {

struct OpSameTruth {
  static HWY_INLINE bool Of(uint8_t a, uint8_t b) { return (a != 0) == (b != 0); }
};

constexpr BinaryTable MakeTable() {
  BinaryTable t;
  for (DType type : {DType::kI8, DType::kU8}) Put<OpEqual, uint8_t>(t, Binary::kEqual, type);
  for (DType type : {DType::kI16, DType::kU16}) Put<OpEqual, uint16_t>(t, Binary::kEqual, type);
  for (DType type : {DType::kI32, DType::kU32}) Put<OpEqual, uint32_t>(t, Binary::kEqual, type);
  Put<OpSameTruth, uint8_t>(t, Binary::kEqual, DType::kBool);
  PutOrder<int8_t>(t, DType::kI8);
  PutOrder<uint8_t>(t, DType::kU8);
  PutOrder<int16_t>(t, DType::kI16);
  PutOrder<uint16_t>(t, DType::kU16);
  PutOrder<int32_t>(t, DType::kI32);
  PutOrder<uint32_t>(t, DType::kU32);
  return t;
}
constexpr BinaryTable kBinaryCompare = MakeTable();

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace sardonyx::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sardonyx::simd {
SDX_SIMD_GETTERS(binary_compare, BinaryTable, kBinaryCompare)
}  // namespace sardonyx::simd
#endif
