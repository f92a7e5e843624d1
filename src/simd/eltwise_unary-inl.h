// Loops over one operation `Op`, whose Of(d, x, a, b) maps a vector; a and b are the broadcast parameters.
#include "simd/eltwise_unary_parts.h"
#include "simd/half-inl.h"

#if defined(SDX_SIMD_UNARY_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef SDX_SIMD_UNARY_INL
#undef SDX_SIMD_UNARY_INL
#else
#define SDX_SIMD_UNARY_INL
#endif

HWY_BEFORE_NAMESPACE();
namespace sardonyx::simd {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

#define SDX_UNARY_OP(Name, ...)                                                                     \
  struct Name {                                                                                     \
    template <class D, class V = hn::VFromD<D>>                                                     \
    static HWY_INLINE V Of([[maybe_unused]] D d, V x, [[maybe_unused]] V a, [[maybe_unused]] V b) { \
      __VA_ARGS__;                                                                                  \
    }                                                                                               \
  };

template <class Op, class T>
void Map(const void* in, void* out, int64_t n, const UnaryParams& params) {
  const hn::ScalableTag<T> d;
  const auto* src = static_cast<const T*>(in);
  auto* dst = static_cast<T*>(out);
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto a = hn::Set(d, static_cast<T>(params.a)), b = hn::Set(d, static_cast<T>(params.b));
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(Op::Of(d, hn::LoadU(d, src + i), a, b), d, dst + i);
  if (i < n) {
    const size_t rest = static_cast<size_t>(n - i);
    compat::StoreN(Op::Of(d, compat::LoadN(d, src + i, rest), a, b), d, dst + i, rest);
  }
}

constexpr int64_t kUnaryBlock = 256;

template <bool kHalf>
HWY_NOINLINE void LoadUnaryBlock(const uint16_t* in, float* out, int64_t n) {
  LoadCodes<kHalf>(in, out, n);
}
template <bool kHalf>
HWY_NOINLINE void StoreUnaryBlock(const float* in, uint16_t* out, int64_t n) {
  StoreCodes<kHalf>(in, out, n);
}

// f16 or bf16 through blocks of f32. kBool: Fn writes bool.
template <UnaryFn Fn, bool kHalf, bool kBool>
void MapCodes(const void* in, void* out, int64_t n, const UnaryParams& params) {
  HWY_ALIGN float block[kUnaryBlock];
  for (int64_t i = 0; i < n; i += kUnaryBlock) {
    const int64_t m = n - i < kUnaryBlock ? n - i : kUnaryBlock;
    LoadUnaryBlock<kHalf>(static_cast<const uint16_t*>(in) + i, block, m);
    if constexpr (kBool) {
      Fn(block, static_cast<uint8_t*>(out) + i, m, params);
    } else {
      Fn(block, block, m, params);
      StoreUnaryBlock<kHalf>(block, static_cast<uint16_t*>(out) + i, m);
    }
  }
}

template <UnaryFn F32, bool kBool = false>
constexpr void PutF32(UnaryTable& t, Unary op) {
  const int i = static_cast<int>(op);
  t.f32[i] = F32;
  t.f16[i] = MapCodes<F32, true, kBool>;
  t.bf16[i] = MapCodes<F32, false, kBool>;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace sardonyx::simd
HWY_AFTER_NAMESPACE();

#endif  // SDX_SIMD_UNARY_INL
