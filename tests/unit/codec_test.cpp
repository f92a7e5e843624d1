#include "tensor/codec.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "tensor/dtype.h"

namespace sardonyx {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

TEST(DTypeName, RoundTripsAndRejects) {
  for (int i = 1; i < kDTypeCount; ++i) {
    const DType t = static_cast<DType>(i);
    EXPECT_EQ(dtype_from_name(dtype_name(t)), t) << i;
  }
  EXPECT_EQ(dtype_name(DType::kF32), "float");
  EXPECT_EQ(dtype_name(DType::kI64), "int64");
  EXPECT_EQ(dtype_name(DType::kF8E5M2FNUZ), "float8e5m2fnuz");
  EXPECT_EQ(dtype_name(DType::kU4), "uint4");
  EXPECT_EQ(dtype_name(DType::kF4E2M1), "float4e2m1");
  EXPECT_EQ(dtype_name(DType::kF8E8M0), "float8e8m0");
  EXPECT_EQ(dtype_name(DType::kI2), "int2");
  EXPECT_EQ(dtype_from_name("undefined"), DType::kUndefined);
  EXPECT_EQ(dtype_from_name("float33"), DType::kUndefined);
}

// The value of a code, computed from the format's definition in double.
double by_definition(int e_bits, int m_bits, int bias, uint32_t mag) {
  const int exponent = static_cast<int>(mag >> m_bits);
  const double fraction = static_cast<double>(mag & ((1u << m_bits) - 1)) / std::ldexp(1.0, m_bits);
  (void)e_bits;
  return exponent == 0 ? std::ldexp(fraction, 1 - bias) : std::ldexp(1 + fraction, exponent - bias);
}

struct Format {
  const char* name;
  int e, m, bias;
  uint32_t max_code;
  uint32_t (*encode)(double);
  float (*decode)(uint32_t);
};

const Format kFormats[] = {
    {"f16", 5, 10, 15, 0x7BFF, [](double v) -> uint32_t { return f16_from_f64(v); },
     [](uint32_t c) { return f32_from_f16(static_cast<uint16_t>(c)); }},
    {"bf16", 8, 7, 127, 0x7F7F, [](double v) -> uint32_t { return bf16_from_f64(v); },
     [](uint32_t c) { return f32_from_bf16(static_cast<uint16_t>(c)); }},
    {"e4m3fn", 4, 3, 7, 0x7E, [](double v) { return F8E4M3FN::encode(f32_odd_from_f64(v), true); }, F8E4M3FN::decode},
    {"e4m3fnuz", 4, 3, 8, 0x7F, [](double v) { return F8E4M3FNUZ::encode(f32_odd_from_f64(v), true); },
     F8E4M3FNUZ::decode},
    {"e5m2", 5, 2, 15, 0x7B, [](double v) { return F8E5M2::encode(f32_odd_from_f64(v), true); }, F8E5M2::decode},
    {"e5m2fnuz", 5, 2, 16, 0x7F, [](double v) { return F8E5M2FNUZ::encode(f32_odd_from_f64(v), true); },
     F8E5M2FNUZ::decode},
    {"f4", 2, 1, 1, 7, [](double v) -> uint32_t { return f4_from_f32(f32_odd_from_f64(v)); },
     [](uint32_t c) { return f32_from_f4(c); }},
};

TEST(Codec, DecodesEveryCodeByDefinition) {
  for (const Format& f : kFormats) {
    const uint32_t sign = 1u << (f.e + f.m);
    for (uint32_t mag = 0; mag <= f.max_code; ++mag) {
      const double want = by_definition(f.e, f.m, f.bias, mag);
      ASSERT_EQ(f.decode(mag), want) << f.name << ' ' << mag;
      if (mag != 0 || std::isfinite(f.decode(sign))) {
        ASSERT_EQ(f.decode(mag | sign), -want) << f.name << ' ' << mag;
      }
    }
  }
}

// Midpoints between neighbours go to the even code; anything beside the midpoint, however close, to its own side.
TEST(Codec, RoundsToNearestEvenOnce) {
  for (const Format& f : kFormats) {
    for (uint32_t mag = 0; mag < f.max_code; ++mag) {
      const double lo = by_definition(f.e, f.m, f.bias, mag), hi = by_definition(f.e, f.m, f.bias, mag + 1);
      const double mid = lo + (hi - lo) / 2;
      ASSERT_EQ(f.encode(lo), mag) << f.name;
      ASSERT_EQ(f.encode(mid), mag % 2 == 0 ? mag : mag + 1) << f.name << ' ' << mag;
      ASSERT_EQ(f.encode(std::nextafter(mid, 0.0)), mag) << f.name << ' ' << mag;
      ASSERT_EQ(f.encode(std::nextafter(mid, 1e300)), mag + 1) << f.name << ' ' << mag;
    }
  }
}

TEST(Codec, Float8SpecialValuesFollowTheCastTable) {
  // encode(v, saturate) per format, in the order E4M3FN, E4M3FNUZ, E5M2, E5M2FNUZ.
  struct Row {
    float v;
    uint32_t saturated[4], plain[4];
  };
  const Row rows[] = {
      {0.0f, {0, 0, 0, 0}, {0, 0, 0, 0}},
      {-0.0f, {0x80, 0, 0x80, 0}, {0x80, 0, 0x80, 0}},
      {kNan, {0x7F, 0x80, 0x7E, 0x80}, {0x7F, 0x80, 0x7E, 0x80}},
      {kInf, {0x7E, 0x7F, 0x7B, 0x7F}, {0x7F, 0x80, 0x7C, 0x80}},
      {-kInf, {0xFE, 0xFF, 0xFB, 0xFF}, {0xFF, 0x80, 0xFC, 0x80}},
      {1e6f, {0x7E, 0x7F, 0x7B, 0x7F}, {0x7F, 0x80, 0x7C, 0x80}},
      {-1e6f, {0xFE, 0xFF, 0xFB, 0xFF}, {0xFF, 0x80, 0xFC, 0x80}},
      {-1e-7f, {0x80, 0, 0x80, 0}, {0x80, 0, 0x80, 0}},
      {0.47892547f, {0x2F, 0x37, 0x38, 0x3C}, {0x2F, 0x37, 0x38, 0x3C}},
      {464.0f, {0x7E, 0x7F, 0x5F, 0x63}, {0x7E, 0x80, 0x5F, 0x63}},
      {465.0f, {0x7E, 0x7F, 0x5F, 0x63}, {0x7F, 0x80, 0x5F, 0x63}},
  };
  for (const Row& r : rows) {
    for (bool s : {true, false}) {
      const uint32_t* want = s ? r.saturated : r.plain;
      EXPECT_EQ(F8E4M3FN::encode(r.v, s), want[0]) << r.v;
      EXPECT_EQ(F8E4M3FNUZ::encode(r.v, s), want[1]) << r.v;
      EXPECT_EQ(F8E5M2::encode(r.v, s), want[2]) << r.v;
      EXPECT_EQ(F8E5M2FNUZ::encode(r.v, s), want[3]) << r.v;
    }
  }
  EXPECT_TRUE(std::isnan(F8E4M3FN::decode(0xFF)));
  EXPECT_TRUE(std::isnan(F8E4M3FNUZ::decode(0x80)));
  EXPECT_TRUE(std::isnan(F8E5M2::decode(0x7D)));
  EXPECT_EQ(F8E5M2::decode(0xFC), -kInf);
  EXPECT_EQ(F8E5M2FNUZ::decode(0x7F), 57344.0f);
  EXPECT_EQ(F8E4M3FNUZ::decode(0x7F), 240.0f);
}

TEST(Codec, HalfSpecialValues) {
  EXPECT_EQ(f16_from_f32(kInf), 0x7C00);
  EXPECT_EQ(f16_from_f32(-kInf), 0xFC00);
  EXPECT_EQ(f16_from_f32(65519.996f), 0x7BFF);
  EXPECT_EQ(f16_from_f32(65520.0f), 0x7C00);
  EXPECT_EQ(f16_from_f64(1e300), 0x7C00);
  EXPECT_EQ(f16_from_f64(-1e-300), 0x8000);
  EXPECT_EQ(f16_from_f32(-0.0f), 0x8000);
  EXPECT_EQ(f16_from_f32(kNan), 0x7E00);
  EXPECT_EQ(f32_from_f16(0xFC00), -kInf);
  EXPECT_TRUE(std::isnan(f32_from_f16(0x7C01)));
  EXPECT_EQ(bf16_from_f32(kInf), 0x7F80);
  EXPECT_EQ(bf16_from_f32(3.4e38f), 0x7F80);
  EXPECT_EQ(bf16_from_f32(kNan), 0x7FC0);
  EXPECT_EQ(bf16_from_f32(f32_from_bits(0x7F800001)), 0x7FC0);
  EXPECT_EQ(bf16_from_f64(1e300), 0x7F80);
  EXPECT_EQ(f4_from_f32(kNan), 8);
  EXPECT_EQ(f4_from_f32(-kInf), 0xF);
  EXPECT_EQ(f4_from_f32(-0.0f), 8);
  EXPECT_EQ(f4_from_f32(5.0f), 6);
}

TEST(Codec, RoundToOddSurvivesASecondRounding) {
  // 2^62 + 2^54 is halfway between two bf16 values; one more tips it.
  EXPECT_EQ(bf16_from_f32(f32_odd_from_i64((int64_t{1} << 62) + (int64_t{1} << 54))), 0x5E80);
  EXPECT_EQ(bf16_from_f32(f32_odd_from_i64((int64_t{1} << 62) + (int64_t{1} << 54) + 1)), 0x5E81);
  EXPECT_EQ(f32_odd_from_i64(INT64_MIN), -9223372036854775808.0f);
  EXPECT_EQ(f32_odd_from_u64(UINT64_MAX), 18446742974197923840.0f);
  EXPECT_EQ(f32_odd_from_i64(-16777215), -16777215.0f);
  EXPECT_EQ(f32_odd_from_f64(static_cast<double>(kInf)), kInf);
  EXPECT_TRUE(std::isnan(f32_odd_from_f64(std::nan(""))));
  std::mt19937_64 rng(1);
  for (int i = 0; i < 100000; ++i) {
    const double v =
        static_cast<double>(static_cast<int64_t>(rng())) * std::ldexp(1.0, static_cast<int>(rng() % 160) - 150);
    const float f = f32_odd_from_f64(v);
    if (static_cast<double>(f) == v) continue;
    EXPECT_EQ(f32_bits(f) & 1, 1u) << v;
    EXPECT_LT(std::fabs(static_cast<double>(f) - v), std::fabs(v) * 0x1p-23 + 0x1p-149) << v;
  }
}

TEST(Codec, ScaleFormatRoundsAsAsked) {
  using R = ScaleRound;
  const float up[][2] = {{0.0f, 0}, {0.124f, 0x7C}, {0.25f, 0x7D}, {1.1f, 0x80}, {8.0f, 0x82}, {-3.0f, 0x81}};
  for (const auto& r : up) EXPECT_EQ(f8e8m0_from_f32(r[0], true, R::kUp), r[1]) << r[0];
  EXPECT_EQ(f8e8m0_from_f32(1.9f, true, R::kDown), 127);
  EXPECT_EQ(f8e8m0_from_f32(1.5f, true, R::kNearest), 128);
  EXPECT_EQ(f8e8m0_from_f32(1.49f, true, R::kNearest), 127);
  EXPECT_EQ(f8e8m0_from_f32(3.4e38f, true, R::kUp), 254);
  EXPECT_EQ(f8e8m0_from_f32(3.4e38f, false, R::kUp), 255);
  EXPECT_EQ(f8e8m0_from_f32(3.4e38f, false, R::kDown), 254);
  EXPECT_EQ(f8e8m0_from_f32(kInf, true, R::kUp), 255);
  EXPECT_EQ(f8e8m0_from_f32(kNan, true, R::kDown), 255);
  EXPECT_EQ(f8e8m0_from_f32(0x1p-127f, true, R::kUp), 0);
  EXPECT_EQ(f8e8m0_from_f32(0x1.8p-127f, true, R::kUp), 1);
  for (int c = 0; c < 255; ++c) {
    const float v = f32_from_f8e8m0(static_cast<uint8_t>(c));
    EXPECT_EQ(v, std::ldexp(1.0f, c - 127));
    for (R r : {R::kUp, R::kDown, R::kNearest}) EXPECT_EQ(f8e8m0_from_f32(v, false, r), c);
  }
  EXPECT_TRUE(std::isnan(f32_from_f8e8m0(255)));
}

TEST(Codec, PackedElementsStartInTheLowBits) {
  std::vector<uint8_t> bytes(3, 0xFF);
  for (int i = 0; i < 5; ++i) store_packed<4>(bytes.data(), i, static_cast<uint8_t>(i + 7));
  EXPECT_EQ(bytes, (std::vector<uint8_t>{0x87, 0xA9, 0xFB}));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(load_packed<4>(bytes.data(), i), i + 7);
  for (int i = 0; i < 12; ++i) store_packed<2>(bytes.data(), i, static_cast<uint8_t>(i));
  EXPECT_EQ(bytes, (std::vector<uint8_t>{0xE4, 0xE4, 0xE4}));
  EXPECT_EQ(load_packed<2>(bytes.data(), 6), 2);
  EXPECT_EQ(sign_extend<4>(0xF), -1);
  EXPECT_EQ(sign_extend<4>(0x8), -8);
  EXPECT_EQ(sign_extend<4>(7), 7);
  EXPECT_EQ(sign_extend<2>(2), -2);
  EXPECT_EQ(sign_extend<2>(1), 1);
  EXPECT_EQ(packed_bytes(0, 4), 0u);
  EXPECT_EQ(packed_bytes(5, 4), 3u);
  EXPECT_EQ(packed_bytes(5, 2), 2u);
}

}  // namespace
}  // namespace sardonyx
