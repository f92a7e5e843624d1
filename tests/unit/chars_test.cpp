#include "base/chars.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <type_traits>
#include <version>

namespace sardonyx {
namespace {

template <class T>
struct Parsed {
  size_t used;
  std::errc error;
  T value;
};

template <class T>
Parsed<T> parse(std::string_view s) {
  T v = T(7.5);
  const auto r = chars::portable::from_chars(s.data(), s.data() + s.size(), v);
  return {static_cast<size_t>(r.ptr - s.data()), r.ec, v};
}

template <class... Format>
std::string text(auto v, Format... format) {
  char buffer[512];
  const auto r = chars::portable::to_chars(buffer, buffer + sizeof buffer, v, format...);
  return r.ec == std::errc() ? std::string(buffer, r.ptr) : "too long";
}

TEST(Chars, PortableFormsReadWhatTheGrammarAllows) {
  EXPECT_EQ(parse<double>("1.5e3x").value, 1500.0);
  EXPECT_EQ(parse<double>("1.5e3x").used, 5u);
  EXPECT_EQ(parse<float>("-.25").value, -0.25f);
  EXPECT_EQ(parse<float>("7.").used, 2u);
  EXPECT_EQ(parse<float>("7e").used, 1u);
  EXPECT_EQ(parse<float>("7e+").used, 1u);
  EXPECT_EQ(parse<float>("0x10").used, 1u);
  EXPECT_EQ(parse<float>("-Infinity").value, -std::numeric_limits<float>::infinity());
  EXPECT_EQ(parse<float>("infinit").used, 3u);
  EXPECT_TRUE(std::isnan(parse<double>("NaN").value));
  EXPECT_EQ(parse<double>("nan(a_1)").used, 8u);
  EXPECT_EQ(parse<double>("nan(a-1)").used, 3u);
  for (const char* bad : {"", "-", ".", "+1", " 1", "e5", "--1"}) {
    EXPECT_EQ(parse<double>(bad).error, std::errc::invalid_argument) << bad;
    EXPECT_EQ(parse<double>(bad).used, 0u) << bad;
  }
  EXPECT_EQ(parse<float>("1e39").error, std::errc::result_out_of_range);
  EXPECT_EQ(parse<float>("1e39").value, 7.5f);
  EXPECT_EQ(parse<double>("1e-400").error, std::errc::result_out_of_range);
  EXPECT_EQ(parse<double>("0e-400").error, std::errc());
  EXPECT_EQ(parse<float>("1e-45").value, 1e-45f);
}

TEST(Chars, PortableFormsWriteTheShortestText) {
  EXPECT_EQ(text(0.1f), "0.1");
  EXPECT_EQ(text(-0.0), "-0");
  EXPECT_EQ(text(1e22), "1e+22");
  EXPECT_EQ(text(100000.0f), "1e+05");
  EXPECT_EQ(text(12345.0f), "12345");
  EXPECT_EQ(text(1e-5), "1e-05");
  EXPECT_EQ(text(0.001), "0.001");
  EXPECT_EQ(text(0.0001), "1e-04");
  EXPECT_EQ(text(1.0, std::chars_format::scientific), "1e+00");
  EXPECT_EQ(text(2.5f, std::chars_format::fixed, 6), "2.500000");
  EXPECT_EQ(text(std::numeric_limits<double>::infinity()), "inf");
  char small[3];
  EXPECT_EQ(chars::portable::to_chars(small, small + 3, 0.125).ec, std::errc::value_too_large);
}

#ifdef __cpp_lib_to_chars
template <class T, class Bits>
void compare_with_the_standard() {
  std::mt19937_64 random(1);
  for (int i = 0; i < 20000; ++i) {
    T v = std::bit_cast<T>(static_cast<Bits>(random()));
    if (i % 4 == 0) v = static_cast<T>(static_cast<int64_t>(random()) >> random() % 64);
    if (i % 4 == 1) v = static_cast<T>(static_cast<double>(random() % 100000) / 1000);
    if (std::isnan(v)) continue;
    char buffer[512];
    ASSERT_EQ(text(v), std::string(buffer, std::to_chars(buffer, buffer + sizeof buffer, v).ptr));
    const auto r = std::to_chars(buffer, buffer + sizeof buffer, v, std::chars_format::scientific);
    const std::string s(buffer, r.ptr);
    ASSERT_EQ(text(v, std::chars_format::scientific), s);
    if constexpr (std::is_same_v<T, float>) {
      const auto fixed = std::to_chars(buffer, buffer + sizeof buffer, v, std::chars_format::fixed, 6);
      ASSERT_EQ(text(v, std::chars_format::fixed, 6), std::string(buffer, fixed.ptr));
    }
    ASSERT_EQ(std::bit_cast<Bits>(parse<T>(s).value), std::bit_cast<Bits>(v)) << s;
  }
}

TEST(Chars, PortableFormsAgreeWithTheStandardLibrary) {
  compare_with_the_standard<float, uint32_t>();
  compare_with_the_standard<double, uint64_t>();
}
#endif

}  // namespace
}  // namespace sardonyx
