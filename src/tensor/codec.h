// Scalar conversions between float and the narrow formats (f16, bf16, the float8 family, float4), exact conversions to
// wider ones, and access to packed 2- and 4-bit elements. A code is the element's raw bits in an unsigned integer.
// Encoding rounds once, to nearest even. Out-of-range and NaN follow ONNX's Cast: with saturate, float8 infinities and
// overflows become the largest finite value; without it they become infinity where the format has one, else NaN.
// float4 always saturates and encodes NaN as -0. NaN payloads of f16 and bf16 are kept as the F16C instructions do.
// All functions are pure and forced inline, so that vector code compiled per target may call them.
#pragma once
#include <cstddef>
#include <cstdint>

#if defined(_MSC_VER) && !defined(__clang__)
#define SDX_ALWAYS_INLINE __forceinline
#else
#define SDX_ALWAYS_INLINE inline __attribute__((always_inline))
#endif

namespace sardonyx {

SDX_ALWAYS_INLINE constexpr uint32_t f32_bits(float v) { return __builtin_bit_cast(uint32_t, v); }
SDX_ALWAYS_INLINE constexpr float f32_from_bits(uint32_t v) { return __builtin_bit_cast(float, v); }
SDX_ALWAYS_INLINE constexpr uint64_t f64_bits(double v) { return __builtin_bit_cast(uint64_t, v); }
SDX_ALWAYS_INLINE constexpr double f64_from_bits(uint64_t v) { return __builtin_bit_cast(double, v); }

// Rounds to odd: inexact results get an odd last bit, so that rounding them again to any format with at most 22
// significant bits gives the correctly rounded value of the original.
SDX_ALWAYS_INLINE constexpr float f32_odd_from_f64(double v) {
  constexpr double kMax = 3.4028234663852886e38;
  if (v != v) return f32_from_bits(0x7FC00000u | (static_cast<uint32_t>(f64_bits(v) >> 32) & 0x80000000u));
  const bool infinite = (f64_bits(v) << 1) == 0xFFE0000000000000u;
  if (!infinite && (v > kMax || v < -kMax)) return v > 0 ? 3.40282347e38f : -3.40282347e38f;
  const float f = static_cast<float>(v);
  const double back = f;
  if (back == v) return f;
  const bool away = v > 0 ? back > v : back < v;
  return f32_from_bits((f32_bits(f) - (away ? 1u : 0u)) | 1u);
}
SDX_ALWAYS_INLINE constexpr float f32_odd_from_u64(uint64_t v) {
  if (v >> 24 == 0) return static_cast<float>(static_cast<uint32_t>(v));
  const int shift = 40 - __builtin_clzll(v);
  const uint64_t kept = v >> shift;
  const uint64_t sticky = (kept << shift) != v;
  return static_cast<float>(static_cast<uint32_t>(kept | sticky)) * static_cast<float>(uint64_t{1} << shift);
}
SDX_ALWAYS_INLINE constexpr float f32_odd_from_i64(int64_t v) {
  return v < 0 ? -f32_odd_from_u64(uint64_t{0} - static_cast<uint64_t>(v)) : f32_odd_from_u64(static_cast<uint64_t>(v));
}

// A format with a sign, E exponent bits and M mantissa bits. kMax: largest finite magnitude. kInf: magnitude code that
// overflow gives when not saturating. kNan: magnitude code of NaN. kUnsignedZero ("fnuz"): no -0, NaN is code 0x80.
template <int E, int M, int Bias, uint32_t kMax, uint32_t kInf, uint32_t kNan, bool kUnsignedZero>
struct MiniFloat {
  static constexpr int kWidth = 1 + E + M;
  static constexpr uint32_t kSign = 1u << (E + M);

  SDX_ALWAYS_INLINE static constexpr uint32_t encode(float v, bool saturate) {
    const uint32_t bits = f32_bits(v);
    const uint32_t mag = bits & 0x7FFFFFFFu;
    const uint32_t sign = (bits >> 31) << (E + M);
    if (mag > 0x7F800000u) return kUnsignedZero ? kNan : (sign | kNan);
    uint32_t code = round_magnitude(mag);
    if (code > kMax) code = saturate ? kMax : kInf;
    if (kUnsignedZero) return code == 0 || code == kNan ? code : (sign | code);
    return sign | code;
  }
  SDX_ALWAYS_INLINE static constexpr float decode(uint32_t code) {
    const uint32_t mag = code & (kSign - 1);
    const uint32_t sign = (code & kSign) << (31 - E - M);
    if (kUnsignedZero && code == kNan) return f32_from_bits(0x7FC00000u);
    if (!kUnsignedZero && kInf != kNan && mag == kInf) return f32_from_bits(sign | 0x7F800000u);
    if (!kUnsignedZero && mag > kMax) return f32_from_bits(sign | 0x7FC00000u);
    const uint32_t bits = mag >> M != 0 ? (mag << (23 - M)) + (static_cast<uint32_t>(127 - Bias) << 23)
                                        : f32_bits(static_cast<float>(mag) * kSmallest);
    return f32_from_bits(sign | bits);
  }

 private:
  static constexpr float kSmallest = f32_from_bits(static_cast<uint32_t>(127 + 1 - Bias - M) << 23);

  SDX_ALWAYS_INLINE static constexpr uint32_t round_magnitude(uint32_t mag) {
    constexpr uint32_t kMinNormal = static_cast<uint32_t>(127 + 1 - Bias) << 23;
    if (mag < kMinNormal) {
      const float magic = f32_from_bits(static_cast<uint32_t>(127 + 24 - Bias - M) << 23);  // one unit = kSmallest
      return f32_bits(f32_from_bits(mag) + magic) - f32_bits(magic);
    }
    const uint32_t rebased = mag - (static_cast<uint32_t>(127 - Bias) << 23);
    return (rebased + ((1u << (22 - M)) - 1) + ((rebased >> (23 - M)) & 1)) >> (23 - M);
  }
};

using F8E4M3FN = MiniFloat<4, 3, 7, 0x7E, 0x7F, 0x7F, false>;
using F8E4M3FNUZ = MiniFloat<4, 3, 8, 0x7F, 0x80, 0x80, true>;
using F8E5M2 = MiniFloat<5, 2, 15, 0x7B, 0x7C, 0x7E, false>;
using F8E5M2FNUZ = MiniFloat<5, 2, 16, 0x7F, 0x80, 0x80, true>;

SDX_ALWAYS_INLINE constexpr uint16_t f16_from_f32(float v) {
  const uint32_t bits = f32_bits(v);
  if ((bits & 0x7FFFFFFFu) > 0x7F800000u)
    return static_cast<uint16_t>((bits >> 16 & 0x8000u) | 0x7E00u | (bits >> 13 & 0x1FFu));
  return static_cast<uint16_t>(MiniFloat<5, 10, 15, 0x7BFF, 0x7C00, 0x7E00, false>::encode(v, false));
}
SDX_ALWAYS_INLINE constexpr float f32_from_f16(uint16_t code) {
  const uint32_t c = code;
  if ((c & 0x7FFFu) > 0x7C00u) return f32_from_bits((c & 0x8000u) << 16 | 0x7FC00000u | (c & 0x1FFu) << 13);
  return MiniFloat<5, 10, 15, 0x7BFF, 0x7C00, 0x7E00, false>::decode(c);
}
SDX_ALWAYS_INLINE constexpr uint16_t bf16_from_f32(float v) {
  const uint32_t bits = f32_bits(v);
  if ((bits & 0x7FFFFFFFu) > 0x7F800000u) return static_cast<uint16_t>(bits >> 16 | 0x40u);
  return static_cast<uint16_t>((bits + 0x7FFFu + (bits >> 16 & 1)) >> 16);
}
SDX_ALWAYS_INLINE constexpr float f32_from_bf16(uint16_t code) {
  return f32_from_bits(static_cast<uint32_t>(code) << 16);
}

SDX_ALWAYS_INLINE constexpr uint16_t f16_from_f64(double v) { return f16_from_f32(f32_odd_from_f64(v)); }
SDX_ALWAYS_INLINE constexpr uint16_t bf16_from_f64(double v) { return bf16_from_f32(f32_odd_from_f64(v)); }

// float4e2m1: magnitudes 0, 0.5, 1, 1.5, 2, 3, 4, 6; the sign is bit 3.
SDX_ALWAYS_INLINE constexpr uint8_t f4_from_f32(float v) {
  if (v != v) return 8;
  return static_cast<uint8_t>(MiniFloat<2, 1, 1, 7, 7, 8, false>::encode(v, true));
}
SDX_ALWAYS_INLINE constexpr float f32_from_f4(uint32_t code) {
  const uint32_t mag = code & 7;
  const uint32_t bits = mag >= 2 ? (mag << 22) + (126u << 23) : (mag != 0 ? 0x3F000000u : 0u);
  return f32_from_bits((code & 8) << 28 | bits);
}

// How a value between two powers of two becomes float8e8m0.
enum class ScaleRound : uint8_t { kUp, kDown, kNearest };

// float8e8m0: 2^(code - 127), 255 is NaN. The sign is ignored; zero becomes the smallest power; ties of kNearest go up.
// NaN and infinity become NaN, as does overflow without saturate.
SDX_ALWAYS_INLINE constexpr uint8_t f8e8m0_from_f32(float v, bool saturate, ScaleRound round) {
  const uint32_t mag = f32_bits(v) & 0x7FFFFFFFu;
  if (mag >= 0x7F800000u) return 255;
  if (mag < 0x00800000u) {  // below 2^-126: the candidates are 2^-127 (fraction 0x400000) and 2^-126
    const bool up = round == ScaleRound::kUp ? mag > 0x400000u : round == ScaleRound::kNearest && mag >= 0x600000u;
    return up ? 1 : 0;
  }
  const uint32_t fraction = mag & 0x7FFFFFu;
  const bool up = round == ScaleRound::kUp ? fraction != 0 : round == ScaleRound::kNearest && fraction >= 0x400000u;
  const uint32_t code = (mag >> 23) + (up ? 1u : 0u);
  return static_cast<uint8_t>(code == 255 && saturate ? 254 : code);
}
SDX_ALWAYS_INLINE constexpr float f32_from_f8e8m0(uint8_t code) {
  if (code == 255) return f32_from_bits(0x7FC00000u);
  return f32_from_bits(code == 0 ? 0x00400000u : static_cast<uint32_t>(code) << 23);
}

// Bytes that n elements of `bits` bits occupy.
constexpr size_t packed_bytes(int64_t n, int bits) {
  return (static_cast<size_t>(n) * static_cast<size_t>(bits) + 7) / 8;
}

// Element i of packed storage, as its raw code; Bits is 2 or 4. store_packed leaves the byte's other elements alone.
template <int Bits>
SDX_ALWAYS_INLINE constexpr uint8_t load_packed(const uint8_t* p, int64_t i) {
  constexpr int kPer = 8 / Bits;
  return static_cast<uint8_t>(p[i / kPer] >> (i % kPer * Bits) & ((1 << Bits) - 1));
}
template <int Bits>
SDX_ALWAYS_INLINE constexpr void store_packed(uint8_t* p, int64_t i, uint8_t code) {
  constexpr int kPer = 8 / Bits;
  constexpr int kMask = (1 << Bits) - 1;
  const int shift = static_cast<int>(i % kPer) * Bits;
  p[i / kPer] = static_cast<uint8_t>((p[i / kPer] & ~(kMask << shift)) | (code & kMask) << shift);
}

// The value of a signed code: int4 0xF is -1.
template <int Bits>
SDX_ALWAYS_INLINE constexpr int8_t sign_extend(uint8_t code) {
  return static_cast<int8_t>(static_cast<int8_t>(static_cast<uint8_t>(code << (8 - Bits))) >> (8 - Bits));
}

}  // namespace sardonyx
