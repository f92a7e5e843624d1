// Comparisons of 64-bit integers and f64.
#include "simd/eltwise_binary_parts.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/eltwise_binary_compare64.cpp"
// clang-format off
#include "simd/foreach-inl.h"
#include "simd/eltwise_binary_compare-inl.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace sardonyx::simd {
namespace HWY_NAMESPACE {
namespace {

constexpr BinaryTable MakeTable() {
  BinaryTable t;
  for (DType type : {DType::kI64, DType::kU64}) Put<OpEqual, uint64_t>(t, Binary::kEqual, type);
  Put<OpEqual, double>(t, Binary::kEqual, DType::kF64);
  PutOrder<int64_t>(t, DType::kI64);
  PutOrder<uint64_t>(t, DType::kU64);
  PutOrder<double>(t, DType::kF64);
  return t;
}
constexpr BinaryTable kBinaryCompare64 = MakeTable();

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace sardonyx::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sardonyx::simd {
SDX_SIMD_GETTERS(binary_compare64, BinaryTable, kBinaryCompare64)
}  // namespace sardonyx::simd
#endif
