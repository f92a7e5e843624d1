// Exact sums of products of bytes: four unsigned of A times four signed of B per 32-bit lane. Vectors of B are made
// ready once (qdot::LoadB) and used by several rows of A (qdot::SetA).
#include "hwy/highway.h"
#if HWY_TARGET == HWY_NEON
#include <arm_neon.h>
#endif

#if defined(SDX_SIMD_QDOT_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef SDX_SIMD_QDOT_INL
#undef SDX_SIMD_QDOT_INL
#else
#define SDX_SIMD_QDOT_INL
#endif

#undef SDX_QDOT_BYTES
#if HWY_TARGET == HWY_AVX3_DL
#define SDX_QDOT_BYTES 1
#else
#define SDX_QDOT_BYTES 0
#endif

HWY_BEFORE_NAMESPACE();
namespace sardonyx::simd {
namespace HWY_NAMESPACE {
namespace {
namespace qdot {
namespace hn = hwy::HWY_NAMESPACE;

using DI = hn::ScalableTag<int32_t>;
using DU = hn::ScalableTag<uint32_t>;
using VI = hn::Vec<DI>;
constexpr int kLanes = HWY_LANES(int32_t);

#if SDX_QDOT_BYTES

using A = VI;
using B = VI;
HWY_INLINE A SplitA(VI v) { return v; }
HWY_INLINE B SplitB(VI v) { return v; }
HWY_INLINE VI Add(A a, B b, VI sum) { return VI{_mm512_dpbusd_epi32(sum.raw, a.raw, b.raw)}; }

#elif defined(SDX_SIMD_NEON_DOT)

// The instruction takes signed bytes: A enters less 128, and what that lacks is 128 times the sum of B.
using A = VI;
struct B {
  VI bytes, rest;
  HWY_INLINE B() {}
  HWY_INLINE B(VI b, VI r) : bytes(b), rest(r) {}
};
HWY_INLINE VI DotOf(VI a, VI b, VI sum) {
  return VI(vdotq_s32(sum.raw, vreinterpretq_s8_s32(a.raw), vreinterpretq_s8_s32(b.raw)));
}
HWY_INLINE A SplitA(VI v) { return hn::Xor(v, hn::Set(DI(), static_cast<int32_t>(0x80808080u))); }
HWY_INLINE B SplitB(VI v) { return B(v, hn::ShiftLeft<7>(DotOf(hn::Set(DI(), 0x01010101), v, hn::Zero(DI())))); }
HWY_INLINE VI Add(A a, B b, VI sum) { return DotOf(a, b.bytes, hn::Add(sum, b.rest)); }

#elif HWY_TARGET == HWY_SCALAR

using A = VI;
using B = VI;
HWY_INLINE A SplitA(VI v) { return v; }
HWY_INLINE B SplitB(VI v) { return v; }
HWY_INLINE VI Add(A a, B b, VI sum) {
  const uint32_t x = static_cast<uint32_t>(hn::GetLane(a)), y = static_cast<uint32_t>(hn::GetLane(b));
  uint32_t s = static_cast<uint32_t>(hn::GetLane(sum));
  for (int i = 0; i < 32; i += 8)
    s += static_cast<uint32_t>(static_cast<int32_t>(x >> i & 255) * static_cast<int8_t>(y >> i & 255));
  return hn::Set(DI(), static_cast<int32_t>(s));
}

#else

// Pairs of 16-bit products never saturate.
using D16 = hn::Repartition<int16_t, DI>;
using V16 = hn::Vec<D16>;
struct A {
  V16 even, odd;
};
struct B {  // constructors in so many words: GCC gives implicit ones none of this target's attributes
  V16 even, odd;
  HWY_INLINE B() {}
  HWY_INLINE B(V16 e, V16 o) : even(e), odd(o) {}
};
HWY_INLINE A SplitA(VI v) {
  const D16 d;
  const hn::RebindToUnsigned<D16> du;
  return {hn::And(hn::BitCast(d, v), hn::Set(d, 0xFF)), hn::BitCast(d, hn::ShiftRight<8>(hn::BitCast(du, v)))};
}
HWY_INLINE B SplitB(VI v) {
  const D16 d;
  const V16 w = hn::BitCast(d, v);
  return {hn::ShiftRight<8>(hn::ShiftLeft<8>(w)), hn::ShiftRight<8>(w)};
}
HWY_INLINE VI AddPairs(V16 a, V16 b, VI sum) {
#if HWY_TARGET == HWY_NEON
  const int32x4_t lo = vmull_s16(vget_low_s16(a.raw), vget_low_s16(b.raw));
  const int32x4_t hi = vmull_s16(vget_high_s16(a.raw), vget_high_s16(b.raw));
#if HWY_ARCH_ARM_A64
  return hn::Add(sum, VI(vpaddq_s32(lo, hi)));
#else
  return hn::Add(sum, VI(vcombine_s32(vpadd_s32(vget_low_s32(lo), vget_high_s32(lo)),
                                      vpadd_s32(vget_low_s32(hi), vget_high_s32(hi)))));
#endif
#elif HWY_TARGET == HWY_WASM
  return hn::Add(sum, VI{wasm_i32x4_dot_i16x8(a.raw, b.raw)});
#else
  VI unused = hn::Zero(DI());
  return hn::ReorderWidenMulAccumulate(DI(), a, b, sum, unused);
#endif
}
HWY_INLINE VI Add(A a, B b, VI sum) { return AddPairs(a.odd, b.odd, AddPairs(a.even, b.even, sum)); }

#endif

HWY_INLINE uint32_t Read4(const uint8_t* p) {
  uint32_t v;
  __builtin_memcpy(&v, p, 4);
  return v;
}
HWY_INLINE A SetA(const uint8_t* p) { return SplitA(hn::Set(DI(), static_cast<int32_t>(Read4(p)))); }
HWY_INLINE B LoadB(const int8_t* p) { return SplitB(hn::LoadU(DI(), reinterpret_cast<const int32_t*>(p))); }

}  // namespace qdot
}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace sardonyx::simd
HWY_AFTER_NAMESPACE();

#endif  // SDX_SIMD_QDOT_INL
