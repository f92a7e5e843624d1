// Reductions of bfloat16.
#include "simd/reduce_parts.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/reduce_bf16.cpp"
// clang-format off
#include "simd/foreach-inl.h"
#include "simd/reduce-inl.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace sardonyx::simd {
namespace HWY_NAMESPACE {
namespace {

constexpr ReduceTable kReduceBF16 = MakeReduceTable<Coded<false>>();

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace sardonyx::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sardonyx::simd {
SDX_SIMD_GETTERS(reduce_bf16, ReduceTable, kReduceBF16)
}  // namespace sardonyx::simd
#endif
