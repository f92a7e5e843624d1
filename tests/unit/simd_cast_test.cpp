#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "simd/cast.h"

namespace sardonyx::simd {
namespace {

bool castable(DType t) { return dtype_bits(t) != 0 && !is_complex(t); }

std::vector<DType> castable_types() {
  std::vector<DType> v;
  for (int i = 1; i < kDTypeCount; ++i) {
    if (castable(static_cast<DType>(i))) v.push_back(static_cast<DType>(i));
  }
  return v;
}

bool float_like(DType t) { return is_float(t) || is_float8(t) || t == DType::kF4E2M1; }

template <class T>
T load(const uint8_t* p, int64_t i) {
  T v;
  std::memcpy(&v, p + i * static_cast<int64_t>(sizeof(T)), sizeof(T));
  return v;
}

// Raw code of element i, zero-extended.
uint64_t code_at(DType t, const uint8_t* p, int64_t i) {
  switch (dtype_bits(t)) {
    case 2: return load_packed<2>(p, i);
    case 4: return load_packed<4>(p, i);
    case 8: return p[i];
    case 16: return load<uint16_t>(p, i);
    case 32: return load<uint32_t>(p, i);
    default: return load<uint64_t>(p, i);
  }
}

// Value of a code: exact in long double for every type.
long double value_of(DType t, uint64_t c) {
  switch (t) {
    case DType::kF32: return f32_from_bits(static_cast<uint32_t>(c));
    case DType::kF64: return f64_from_bits(c);
    case DType::kF16: return f32_from_f16(static_cast<uint16_t>(c));
    case DType::kBF16: return f32_from_bf16(static_cast<uint16_t>(c));
    case DType::kF8E4M3FN: return F8E4M3FN::decode(static_cast<uint32_t>(c));
    case DType::kF8E4M3FNUZ: return F8E4M3FNUZ::decode(static_cast<uint32_t>(c));
    case DType::kF8E5M2: return F8E5M2::decode(static_cast<uint32_t>(c));
    case DType::kF8E5M2FNUZ: return F8E5M2FNUZ::decode(static_cast<uint32_t>(c));
    case DType::kF8E8M0: return f32_from_f8e8m0(static_cast<uint8_t>(c));
    case DType::kF4E2M1: return f32_from_f4(static_cast<uint32_t>(c));
    case DType::kBool: return c != 0;
    default: break;
  }
  const int bits = dtype_bits(t);
  if (is_signed_int(t)) return static_cast<long double>(static_cast<int64_t>(c << (64 - bits)) >> (64 - bits));
  return static_cast<long double>(c);
}

// Rounds to odd at double precision: encoders of double inputs then round once.
double odd_double(long double v) {
  double d = static_cast<double>(v);
  if (std::isnan(d) || static_cast<long double>(d) == v) return d;
  if (std::fabs(static_cast<long double>(d)) > std::fabs(v)) d = std::nextafter(d, 0.0);
  return f64_from_bits(f64_bits(d) | 1);
}

uint64_t reference(DType from, DType to, uint64_t c, const CastParams& p) {
  if (from == to && from != DType::kBool) return c;
  const long double v = value_of(from, c);
  const float odd = f32_odd_from_f64(odd_double(v));
  switch (to) {
    case DType::kF32: return f32_bits(static_cast<float>(v));
    case DType::kF64: return f64_bits(static_cast<double>(v));
    case DType::kF16: return f16_from_f32(odd);
    case DType::kBF16: return bf16_from_f32(odd);
    case DType::kF8E4M3FN: return F8E4M3FN::encode(odd, p.saturate);
    case DType::kF8E4M3FNUZ: return F8E4M3FNUZ::encode(odd, p.saturate);
    case DType::kF8E5M2: return F8E5M2::encode(odd, p.saturate);
    case DType::kF8E5M2FNUZ: return F8E5M2FNUZ::encode(odd, p.saturate);
    case DType::kF8E8M0: return f8e8m0_from_f32(odd, p.saturate, p.round);
    case DType::kF4E2M1: return f4_from_f32(odd);
    case DType::kBool: return v != 0;
    default: break;
  }
  const int bits = dtype_bits(to);
  const uint64_t mask = bits == 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1;
  const long double t = std::trunc(v);
  if (!float_like(from))
    return (t < 0 ? ~uint64_t{0} - static_cast<uint64_t>(-(t + 1)) : static_cast<uint64_t>(t)) & mask;
  const bool fits32 = t >= -2147483648.0L && t <= 2147483647.0L;
  const bool fits64 = t >= -9223372036854775808.0L && t < 9223372036854775808.0L;
  if (to == DType::kU64 && t >= 9223372036854775808.0L)
    return t < 18446744073709551616.0L ? static_cast<uint64_t>(t) : 0;
  if (bits == 64 || to == DType::kU32)
    return (fits64 ? static_cast<uint64_t>(static_cast<int64_t>(t)) : uint64_t{1} << 63) & mask;
  return (fits32 ? static_cast<uint64_t>(static_cast<int64_t>(t)) : uint64_t{1} << 31) & mask;
}

// Codes worth converting: all of a narrow type, else boundaries and random bits.
std::vector<uint64_t> codes_of(DType t) {
  std::vector<uint64_t> v;
  const int bits = dtype_bits(t);
  if (t == DType::kBool) return {0, 1, 0, 1, 1};
  if (bits <= 16) {
    for (uint64_t c = 0; c < (uint64_t{1} << bits); ++c) v.push_back(c);
    return v;
  }
  std::mt19937_64 rng(bits);
  const uint64_t mask = bits == 64 ? ~uint64_t{0} : 0xFFFFFFFFu;
  if (float_like(t)) {
    std::vector<double> special = {0.0,
                                   -0.0,
                                   0.5,
                                   -0.5,
                                   1.5,
                                   2.5,
                                   254.5,
                                   255.0,
                                   256.0,
                                   -128.5,
                                   -129.0,
                                   3e9,
                                   -3e9,
                                   1e19,
                                   -1e19,
                                   2e19,
                                   1e300,
                                   INFINITY,
                                   -INFINITY,
                                   NAN,
                                   65504,
                                   65519.99,
                                   65520,
                                   1e-8,
                                   6e-8,
                                   448,
                                   464,
                                   465,
                                   57344,
                                   2147483647.0,
                                   2147483648.0,
                                   -2147483648.0,
                                   -2147483649.0,
                                   9223372036854775807.0,
                                   -9223372036854775808.0,
                                   1e-40,
                                   3.3e38,
                                   3.5e38};
    for (double s : special) v.push_back(bits == 32 ? f32_bits(static_cast<float>(s)) : f64_bits(s));
    for (int i = 0; i < 2000; ++i) {
      const double x = std::ldexp(static_cast<double>(rng() % 2000001) - 1000000.0, static_cast<int>(rng() % 60) - 40);
      v.push_back(bits == 32 ? f32_bits(static_cast<float>(x)) : f64_bits(x));
    }
  } else {
    for (int s = 0; s < bits; ++s) {
      for (uint64_t d : {uint64_t{0}, uint64_t{1}, ~uint64_t{0}}) v.push_back(((uint64_t{1} << s) + d) & mask);
      v.push_back((~(uint64_t{1} << s) + 1) & mask);
    }
  }
  for (int i = 0; i < 3000; ++i) v.push_back((rng() >> (rng() % static_cast<uint64_t>(bits))) & mask);
  return v;
}

std::vector<uint8_t> pack(DType t, const std::vector<uint64_t>& codes) {
  const int bits = dtype_bits(t);
  std::vector<uint8_t> bytes(packed_bytes(static_cast<int64_t>(codes.size()), bits), 0);
  for (size_t i = 0; i < codes.size(); ++i) {
    const int64_t k = static_cast<int64_t>(i);
    if (bits == 2) store_packed<2>(bytes.data(), k, static_cast<uint8_t>(codes[i]));
    if (bits == 4) store_packed<4>(bytes.data(), k, static_cast<uint8_t>(codes[i]));
    if (bits >= 8)
      std::memcpy(bytes.data() + i * static_cast<size_t>(bits / 8), &codes[i], static_cast<size_t>(bits / 8));
  }
  return bytes;
}

bool same(DType to, uint64_t got, uint64_t want) {
  if (got == want) return true;
  return is_float(to) && std::isnan(value_of(to, got)) && std::isnan(value_of(to, want));
}

void check(Target target, DType from, DType to, const CastParams& p) {
  const CastFn fn = cast_for(target, from, to);
  ASSERT_NE(fn, nullptr);
  const std::vector<uint64_t> codes = codes_of(from);
  const std::vector<uint8_t> in = pack(from, codes);
  const int64_t n = static_cast<int64_t>(codes.size());
  std::vector<uint8_t> out(packed_bytes(n, dtype_bits(to)) + 16, 0xCD);
  fn(in.data(), out.data(), n, p);
  int bad = 0;
  for (int64_t i = 0; i < n && bad < 5; ++i) {
    const uint64_t got = code_at(to, out.data(), i), want = reference(from, to, codes[static_cast<size_t>(i)], p);
    if (same(to, got, want)) continue;
    ++bad;
    ADD_FAILURE() << target_name(target) << ' ' << dtype_name(from) << " -> " << dtype_name(to) << " of code "
                  << std::hex << codes[static_cast<size_t>(i)] << ": got " << got << " want " << want;
  }
  for (size_t i = packed_bytes(n, dtype_bits(to)); i < out.size(); ++i) ASSERT_EQ(out[i], 0xCD) << "wrote past the end";
}

TEST(SimdCast, EveryPairOnEveryTarget) {
  for (Target target : compiled_targets()) {
    if (!cpu_runs(target)) continue;
    if (target == Target::kAvx3Dl || target == Target::kNeonDot) continue;  // this family has no such tables
    for (DType from : castable_types()) {
      for (DType to : castable_types()) check(target, from, to, {});
    }
  }
}

TEST(SimdCast, SaturateAndRoundReachTheCodec) {
  for (DType from : {DType::kF32, DType::kF16, DType::kF64, DType::kI64, DType::kU64, DType::kBF16}) {
    for (DType to : castable_types()) {
      if (!is_float8(to)) continue;
      for (ScaleRound r : {ScaleRound::kUp, ScaleRound::kDown, ScaleRound::kNearest}) {
        check(Target::kScalar, from, to, {.saturate = false, .round = r});
        check(Target::kScalar, from, to, {.saturate = true, .round = r});
      }
    }
  }
}

// Short lengths and odd addresses give what one long call gives, and nothing beyond n is written.
TEST(SimdCast, LengthsAndOffsets) {
  for (Target target : compiled_targets()) {
    if (!cpu_runs(target)) continue;
    for (DType from : castable_types()) {
      for (DType to : castable_types()) {
        const CastFn fn = cast_for(target, from, to);
        if (fn == nullptr) continue;
        std::vector<uint64_t> codes = codes_of(from);
        while (codes.size() < 128) codes.insert(codes.end(), codes.begin(), codes.end());
        codes.resize(128);
        std::vector<uint8_t> in = pack(from, codes);
        for (int64_t n : {0, 1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 33, 49, 65}) {
          const size_t in_offset = dtype_bits(from) >= 8 ? static_cast<size_t>(dtype_bits(from)) / 8 : 1;
          const int64_t skip = dtype_bits(from) >= 8 ? 1 : 8 / dtype_bits(from);
          std::vector<uint8_t> out(640, 0xCD);
          fn(in.data() + in_offset, out.data() + 8, n, {});
          for (int64_t i = 0; i < n; ++i) {
            const uint64_t want = reference(from, to, codes[static_cast<size_t>(i + skip)], {});
            ASSERT_TRUE(same(to, code_at(to, out.data() + 8, i), want))
                << dtype_name(from) << dtype_name(to) << n << ' ' << i;
          }
          ASSERT_EQ(out[8 + packed_bytes(n, dtype_bits(to))], 0xCD);
          ASSERT_EQ(out[7], 0xCD);
        }
      }
    }
  }
}

TEST(SimdCast, NoneForStringsAndComplex) {
  EXPECT_EQ(cast(DType::kString, DType::kF32), nullptr);
  EXPECT_EQ(cast(DType::kF32, DType::kC64), nullptr);
  EXPECT_EQ(cast(DType::kUndefined, DType::kF32), nullptr);
  EXPECT_NE(cast(DType::kF32, DType::kI2), nullptr);
  EXPECT_NE(cast(DType::kF32, DType::kF16), nullptr);
}

}  // namespace
}  // namespace sardonyx::simd
