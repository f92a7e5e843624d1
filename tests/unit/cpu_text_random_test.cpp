// Numbers as text, and the random generator's known answers.
#include <gtest/gtest.h>

#include <cmath>

#include "cpu/cast/number_text.h"
#include "cpu/random/philox.h"

namespace sardonyx {
namespace {

TEST(NumberText, Shortest) {
  EXPECT_EQ(text_of(1.0), "1.0");
  EXPECT_EQ(text_of(-0.0), "-0.0");
  EXPECT_EQ(text_of(0.1), "0.1");
  EXPECT_EQ(text_of(0.1f), "0.1");
  EXPECT_EQ(text_of(314.15926), "314.15926");
  EXPECT_EQ(text_of(1e15), "1000000000000000.0");
  EXPECT_EQ(text_of(1e16), "1e+16");
  EXPECT_EQ(text_of(1.5e-7), "1.5e-07");
  EXPECT_EQ(text_of(0.0001), "0.0001");
  EXPECT_EQ(text_of(0.00012345), "0.00012345");
  EXPECT_EQ(text_of(0.00001), "1e-05");
  EXPECT_EQ(text_of(-1.25e+100), "-1.25e+100");
  EXPECT_EQ(text_of(16777216.0f), "16777216.0");
  EXPECT_EQ(text_of(std::nan("")), "nan");
  EXPECT_EQ(text_of(-INFINITY), "-inf");
  EXPECT_EQ(text_of(UINT64_MAX), "18446744073709551615");
}

TEST(NumberText, NarrowFloats) {
  EXPECT_EQ(text_of_narrow(DType::kF16, f32_from_f16(f16_from_f32(0.1f))), "0.1");
  EXPECT_EQ(text_of_narrow(DType::kF16, 65504.0f), "65500.0");
  EXPECT_EQ(text_of_narrow(DType::kBF16, f32_from_bf16(bf16_from_f32(3.14f))), "3.14");
  EXPECT_EQ(text_of_narrow(DType::kF4E2M1, 1.5f), "1.5");
  EXPECT_EQ(text_of_narrow(DType::kF8E5M2, -0.25f), "-0.25");
}

TEST(NumberText, Parse) {
  double d = 0;
  float f = 0;
  for (const auto& [text, value] : std::initializer_list<std::pair<const char*, double>>{{"3.14", 3.14},
                                                                                         {" +1E8 ", 1e8},
                                                                                         {"1e-5", 1e-5},
                                                                                         {"-INF", -INFINITY},
                                                                                         {"+inf", INFINITY},
                                                                                         {"infinity", INFINITY},
                                                                                         {"1e400", INFINITY},
                                                                                         {"-1e400", -INFINITY},
                                                                                         {"1e-400", 0},
                                                                                         {"007", 7},
                                                                                         {".5", 0.5}}) {
    EXPECT_TRUE(parse_number(text, d)) << text;
    EXPECT_EQ(d, value) << text;
  }
  EXPECT_TRUE(parse_number("NaN", f));
  EXPECT_TRUE(std::isnan(f));
  EXPECT_TRUE(parse_number("0.1", f));
  EXPECT_EQ(f, 0.1f);
  for (const char* text : {"", " ", "Hello", "1.5x", "+-1", "1 2", "--3", "e5"})
    EXPECT_FALSE(parse_number(text, d)) << text;
}

TEST(NumberText, ParseIntegers) {
  int64_t i = 0;
  uint64_t u = 0;
  EXPECT_TRUE(parse_number("-9223372036854775808", i));
  EXPECT_EQ(i, INT64_MIN);
  EXPECT_TRUE(parse_number("100.5", i));
  EXPECT_EQ(i, 100);
  EXPECT_TRUE(parse_number("1e30", i));
  EXPECT_EQ(i, INT64_MAX);
  EXPECT_TRUE(parse_number("18446744073709551615", u));
  EXPECT_EQ(u, UINT64_MAX);
  EXPECT_TRUE(parse_number("-1", u));
  EXPECT_EQ(u, UINT64_MAX);
  EXPECT_FALSE(parse_number("one", i));
  bool b = false;
  EXPECT_TRUE(parse_bool("True", b) && b);
  EXPECT_TRUE(parse_bool("0.0", b) && !b);
  EXPECT_FALSE(parse_bool("yes", b));
}

// Vectors published with the generator.
TEST(Philox, KnownAnswers) {
  EXPECT_EQ(philox(0, 0, 0), (PhiloxBlock{0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u}));
  EXPECT_EQ(philox(UINT64_MAX, UINT64_MAX, UINT64_MAX),
            (PhiloxBlock{0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu}));
  EXPECT_EQ(philox(0x299f31d0a4093822u, 0x0370734413198a2eu, 0x85a308d3243f6a88u),
            (PhiloxBlock{0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u}));
}

TEST(Philox, UnitRange) {
  EXPECT_EQ(unit_float(0), 0.0f);
  EXPECT_LT(unit_float(UINT32_MAX), 1.0f);
  EXPECT_LT(unit_double(UINT32_MAX, UINT32_MAX), 1.0);
}

}  // namespace
}  // namespace sardonyx
