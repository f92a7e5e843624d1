// f16 and bf16 forms of a binary f32 function.
#include "simd/eltwise_binary_parts.h"
#include "simd/half-inl.h"

#if defined(SDX_SIMD_BINARY_HALF_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef SDX_SIMD_BINARY_HALF_INL
#undef SDX_SIMD_BINARY_HALF_INL
#else
#define SDX_SIMD_BINARY_HALF_INL
#endif

HWY_BEFORE_NAMESPACE();
namespace sardonyx::simd {
namespace HWY_NAMESPACE {
namespace {

constexpr int64_t kBlock = 256;

template <bool kHalf>
HWY_NOINLINE void LoadBlock(const void* in, float* out, int64_t n) {
  LoadCodes<kHalf>(static_cast<const uint16_t*>(in), out, n);
}
template <bool kHalf>
HWY_NOINLINE void StoreBlock(const float* in, void* out, int64_t n) {
  StoreCodes<kHalf>(in, static_cast<uint16_t*>(out), n);
}

// f16 or bf16 operands through blocks of f32. kBool: Fn writes bool.
template <BinaryFn Fn, bool kHalf, Form kForm, bool kBool>
void ViaF32(const void* a, const void* b, void* out, int64_t n) {
  HWY_ALIGN float fa[kBlock];
  HWY_ALIGN float fb[kBlock];
  const auto* pa = static_cast<const uint16_t*>(a);
  const auto* pb = static_cast<const uint16_t*>(b);
  if (n <= 0) return;
  if (kForm == Form::kSV) LoadBlock<kHalf>(pa, fa, 1);
  if (kForm == Form::kVS) LoadBlock<kHalf>(pb, fb, 1);
  for (int64_t i = 0; i < n; i += kBlock) {
    const int64_t m = n - i < kBlock ? n - i : kBlock;
    if (kForm != Form::kSV) LoadBlock<kHalf>(pa + i, fa, m);
    if (kForm != Form::kVS) LoadBlock<kHalf>(pb + i, fb, m);
    if constexpr (kBool) {
      Fn(fa, fb, static_cast<uint8_t*>(out) + i, m);
    } else {
      float* result = kForm == Form::kSV ? fb : fa;
      Fn(fa, fb, result, m);
      StoreBlock<kHalf>(result, static_cast<uint16_t*>(out) + i, m);
    }
  }
}

template <BinaryFn Fn, Form kForm, bool kBool>
constexpr void PutHalves(BinaryTable& t, Binary op) {
  t.at(op, DType::kF32, kForm) = Fn;
  t.at(op, DType::kF16, kForm) = ViaF32<Fn, true, kForm, kBool>;
  t.at(op, DType::kBF16, kForm) = ViaF32<Fn, false, kForm, kBool>;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace sardonyx::simd
HWY_AFTER_NAMESPACE();

#endif  // SDX_SIMD_BINARY_HALF_INL
