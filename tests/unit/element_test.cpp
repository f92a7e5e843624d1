#include "tensor/element.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

namespace sardonyx {
namespace {

// Stores v in the middle of three elements and reads all back.
std::string stored(DType type, const Number& v) {
  const int64_t n = 3;
  Tensor t = *Tensor::make(type, std::span(&n, 1));
  std::memset(t.data(), 0, t.bytes());
  if (!store_number(t, 1, v)) return "refused";
  if (load_number(t, 0).real != 0 && type != DType::kF8E8M0) return "left neighbour changed";
  if (load_number(t, 2).real != 0 && type != DType::kF8E8M0) return "right neighbour changed";
  const Number r = load_number(t, 1);
  return r.is_int ? cat(r.negative && r.magnitude ? "-" : "", r.magnitude) : cat(r.real);
}

TEST(Element, IntegersKeepTheirRange) {
  struct Limits {
    DType type;
    int64_t lo;
    uint64_t hi;
  };
  for (const Limits& l : {Limits{DType::kI2, -2, 1},
                          {DType::kU2, 0, 3},
                          {DType::kI4, -8, 7},
                          {DType::kU4, 0, 15},
                          {DType::kI8, -128, 127},
                          {DType::kU8, 0, 255},
                          {DType::kI16, -32768, 32767},
                          {DType::kU16, 0, 65535},
                          {DType::kI32, INT32_MIN, INT32_MAX},
                          {DType::kU32, 0, UINT32_MAX},
                          {DType::kI64, INT64_MIN, INT64_MAX},
                          {DType::kU64, 0, UINT64_MAX}}) {
    EXPECT_EQ(stored(l.type, Number::of(l.lo)), cat(l.lo));
    EXPECT_EQ(stored(l.type, Number::of_unsigned(l.hi)), cat(l.hi));
    const Number below = l.lo == INT64_MIN ? Number::of_real(-1e30) : Number::of(l.lo - 1);
    const Number above = l.hi == UINT64_MAX ? Number::of_real(1e30) : Number::of_unsigned(l.hi + 1);
    EXPECT_EQ(stored(l.type, below), "refused") << dtype_name(l.type);
    EXPECT_EQ(stored(l.type, above), "refused") << dtype_name(l.type);
    EXPECT_EQ(stored(l.type, Number::of_real(1.0)), "1");
    EXPECT_EQ(stored(l.type, Number::of_real(0.5)), "refused");
    EXPECT_EQ(stored(l.type, Number::of_real(NAN)), "refused");
    EXPECT_EQ(stored(l.type, Number::of_real(INFINITY)), "refused");
  }
}

TEST(Element, RealsRoundToTheType) {
  EXPECT_EQ(stored(DType::kF32, Number::of_real(0.1)), cat(0.1f));
  EXPECT_EQ(stored(DType::kF64, Number::of_real(0.1)), cat(0.1));
  EXPECT_EQ(stored(DType::kF16, Number::of_real(65504)), "65504");
  EXPECT_EQ(stored(DType::kF16, Number::of_real(1e6)), "inf");
  EXPECT_EQ(stored(DType::kBF16, Number::of_real(257)), "256");
  EXPECT_EQ(stored(DType::kF8E4M3FN, Number::of_real(448)), "448");
  EXPECT_EQ(stored(DType::kF8E5M2, Number::of_real(-3)), "-3");
  EXPECT_EQ(stored(DType::kF4E2M1, Number::of_real(5)), "4");
  EXPECT_EQ(stored(DType::kF8E8M0, Number::of_real(8)), "8");
  EXPECT_EQ(stored(DType::kC64, Number::of_real(1.5)), "1.5");
  EXPECT_EQ(stored(DType::kC128, Number::of_real(1.5)), "1.5");
  EXPECT_EQ(stored(DType::kBool, Number::of(1)), "1");
  EXPECT_EQ(stored(DType::kBool, Number::of(2)), "refused");
}

TEST(Element, Scalars) {
  EXPECT_EQ(make_scalar(DType::kI32, 7.0)->rank(), 0);
  EXPECT_EQ(make_scalar(DType::kI32, 7.5).status().to_string(), "SDX_E_RANGE 7.5 is not a value of type int32");
  EXPECT_FALSE(make_scalar(DType::kString, 1.0).ok());
}

}  // namespace
}  // namespace sardonyx
