// What the tests of the compute tables share: targets to try, values worth trying, distance in units of the last place.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "simd/choose.h"
#include "tensor/codec.h"
#include "tensor/dtype.h"

namespace sardonyx::simd {

// Targets that this machine runs and that families without dot products compile.
inline std::vector<Target> targets_to_test() {
  std::vector<Target> v;
  for (Target t : compiled_targets()) {
    if (cpu_runs(t) && t != Target::kAvx3Dl && t != Target::kNeonDot) v.push_back(t);
  }
  return v;
}

// |got - want| in units of the last place of `want` rounded to a format with `digits` significant bits and smallest
// exponent `min_exp` (of the leading bit). 0 when both are NaN or equal, huge when only one is NaN or infinite.
inline double ulps(double got, long double want, int digits, int min_exp, double max_finite) {
  if (std::isnan(got) || std::isnan(want)) return std::isnan(got) && std::isnan(want) ? 0 : 1e30;
  if (std::isinf(got) || std::isinf(want)) {
    if (static_cast<long double>(got) == want) return 0;
    if (std::isinf(want) || std::signbit(got) != std::signbit(want)) return 1e30;
    const long double rounds_to_infinity = max_finite + std::ldexp(1.0L, std::ilogb(max_finite) - digits);
    return static_cast<double>(std::fabs(want) >= rounds_to_infinity
                                   ? 0
                                   : (rounds_to_infinity - std::fabs(want)) /
                                         std::ldexp(1.0L, std::ilogb(max_finite) - digits + 1));
  }
  if (static_cast<long double>(got) == want) return 0;
  int e = min_exp;
  if (want != 0) e = std::max(e, std::ilogb(want));
  return static_cast<double>(std::fabs(static_cast<long double>(got) - want) / std::ldexp(1.0L, e - digits + 1));
}
inline double ulps(DType t, double got, long double want) {
  switch (t) {
    case DType::kF16: return ulps(got, want, 11, -14, 65504);
    case DType::kBF16: return ulps(got, want, 8, -126, 3.3895313892515355e38);
    case DType::kF64: return ulps(got, want, 53, -1022, 1.7976931348623157e308);
    default: return ulps(got, want, 24, -126, 3.4028234663852886e38);
  }
}

// Element i of a buffer as double; exact but for 64-bit integers beyond 2^53.
inline double value_at(DType t, const void* p, int64_t i) {
  const auto at = [&](auto zero) {
    std::memcpy(&zero, static_cast<const char*>(p) + i * static_cast<int64_t>(sizeof zero), sizeof zero);
    return zero;
  };
  switch (t) {
    case DType::kF32: return at(float{});
    case DType::kF64: return at(double{});
    case DType::kF16: return f32_from_f16(at(uint16_t{}));
    case DType::kBF16: return f32_from_bf16(at(uint16_t{}));
    case DType::kU8: return at(uint8_t{});
    case DType::kBool: return at(uint8_t{}) != 0;
    case DType::kI8: return at(int8_t{});
    case DType::kU16: return at(uint16_t{});
    case DType::kI16: return at(int16_t{});
    case DType::kU32: return at(uint32_t{});
    case DType::kI32: return at(int32_t{});
    case DType::kU64: return static_cast<double>(at(uint64_t{}));
    case DType::kI64: return static_cast<double>(at(int64_t{}));
    default: return std::nan("");
  }
}

// Integer element i, sign- or zero-extended to 64 bits.
inline uint64_t int_at(DType t, const void* p, int64_t i) {
  const int bits = dtype_bits(t);
  uint64_t c = 0;
  std::memcpy(&c, static_cast<const char*>(p) + i * bits / 8, static_cast<size_t>(bits / 8));
  if (is_signed_int(t)) c = static_cast<uint64_t>(static_cast<int64_t>(c << (64 - bits)) >> (64 - bits));
  return c;
}

// Bytes of n elements: for floats special values and magnitudes of all sizes up to `scale`; for integers extremes and
// random bits; for bool 0 and 1.
inline std::vector<uint8_t> sample(DType t, int64_t n, uint32_t seed, double scale = 1e3) {
  std::mt19937_64 rng(seed);
  const size_t bytes = static_cast<size_t>(dtype_bits(t)) / 8;
  std::vector<uint8_t> out(static_cast<size_t>(n) * bytes);
  const double special[] = {0.0,
                            -0.0,
                            1.0,
                            -1.0,
                            0.5,
                            -0.5,
                            1.5,
                            2.5,
                            -2.5,
                            INFINITY,
                            -INFINITY,
                            NAN,
                            1e-45,
                            -1e-45,
                            1e-40,
                            2e-39,
                            -1.1754943e-38,
                            3.4028234e38,
                            -3.4028234e38,
                            1e-8,
                            6e-5,
                            65504,
                            -65504,
                            88.5,
                            -88.5,
                            89,
                            -104,
                            1e10};
  const uint64_t ints[] = {0,      1,      2,          3,          ~uint64_t{0},       ~uint64_t{1},       0x7F, 0x80,
                           0x7FFF, 0x8000, 0x7FFFFFFF, 0x80000000, 0x7FFFFFFFFFFFFFFF, 0x8000000000000000, 7,    100};
  std::uniform_real_distribution<double> uniform(-1, 1);
  for (int64_t i = 0; i < n; ++i) {
    uint64_t code = rng() % 3 == 0 ? ints[rng() % std::size(ints)] : rng() >> (rng() % 64);
    if (is_float(t)) {
      double v = uniform(rng) * scale;
      if (rng() % 4 == 0) v = uniform(rng);
      if (rng() % 6 == 0) v = std::ldexp(uniform(rng), -static_cast<int>(rng() % 140));
      if (rng() % 8 == 0) v = special[rng() % std::size(special)];
      if (t == DType::kF32) code = f32_bits(static_cast<float>(v));
      if (t == DType::kF64) code = f64_bits(v);
      if (t == DType::kF16) code = f16_from_f64(v);
      if (t == DType::kBF16) code = bf16_from_f64(v);
    }
    if (t == DType::kBool) code &= 1;
    std::memcpy(out.data() + static_cast<size_t>(i) * bytes, &code, bytes);
  }
  return out;
}

}  // namespace sardonyx::simd
