// A plain loop over two inputs, for operations that compilers vectorise for the target at hand by themselves.
#include "simd/eltwise_binary_parts.h"
#include "simd/loops.h"

#if defined(SDX_SIMD_BINARY_LOOP_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef SDX_SIMD_BINARY_LOOP_INL
#undef SDX_SIMD_BINARY_LOOP_INL
#else
#define SDX_SIMD_BINARY_LOOP_INL
#endif

HWY_BEFORE_NAMESPACE();
namespace sardonyx::simd {
namespace HWY_NAMESPACE {
namespace {

template <class Op, class T, class Out, Form kForm>
void Loop(const void* a, const void* b, void* out, int64_t n) {
  const auto* pa = static_cast<const T*>(a);
  const auto* pb = static_cast<const T*>(b);
  auto* po = static_cast<Out*>(out);
  if (n <= 0) return;
  const T sa = pa[0], sb = pb[0];
  SDX_IVDEP
  for (int64_t i = 0; i < n; ++i) {
    const T x = kForm == Form::kSV ? sa : pa[i];
    const T y = kForm == Form::kVS ? sb : pb[i];
    po[i] = static_cast<Out>(Op::Of(x, y));
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace sardonyx::simd
HWY_AFTER_NAMESPACE();

#endif  // SDX_SIMD_BINARY_LOOP_INL
