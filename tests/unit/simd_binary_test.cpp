#include <gtest/gtest.h>

#include "simd/eltwise_binary.h"
#include "simd_test_util.h"

namespace sardonyx::simd {
namespace {

constexpr Form kForms[] = {Form::kVV, Form::kVS, Form::kSV};
constexpr int64_t kLengths[] = {0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 48, 49, 255, 256, 257, 600};

bool is_compare(Binary op) { return op >= Binary::kEqual; }

long double float_reference(Binary op, double a, double b) {
  const long double x = a, y = b;
  switch (op) {
    case Binary::kAdd: return x + y;
    case Binary::kSub: return x - y;
    case Binary::kMul: return x * y;
    case Binary::kDiv: return x / y;
    case Binary::kPow: return std::pow(x, y);
    case Binary::kMin: return std::isnan(a) || std::isnan(b) ? NAN : std::fmin(a, b);
    case Binary::kMax: return std::isnan(a) || std::isnan(b) ? NAN : std::fmax(a, b);
    case Binary::kFmod: return std::fmod(a, b);
    case Binary::kMod: {
      const double r = std::fmod(a, b);
      return r != 0 && (r < 0) != (b < 0) ? static_cast<long double>(r) + y : static_cast<long double>(r);
    }
    case Binary::kPRelu: return a < 0 ? x * y : x;
    case Binary::kEqual: return a == b;
    case Binary::kLess: return a < b;
    case Binary::kLessEqual: return a <= b;
    case Binary::kGreater: return a > b;
    case Binary::kGreaterEqual: return a >= b;
    default: return NAN;
  }
}

// a and b sign- or zero-extended; the result's low bits count.
uint64_t int_reference(Binary op, bool is_signed, int bits, uint64_t a, uint64_t b) {
  const auto sa = static_cast<int64_t>(a), sb = static_cast<int64_t>(b);
  const bool less = is_signed ? sa < sb : a < b;
  const bool by_minus_one = is_signed && sb == -1;
  switch (op) {
    case Binary::kAdd: return a + b;
    case Binary::kSub: return a - b;
    case Binary::kMul: return a * b;
    case Binary::kMin: return less ? a : b;
    case Binary::kMax: return less ? b : a;
    case Binary::kBitAnd: return a & b;
    case Binary::kBitOr: return a | b;
    case Binary::kBitXor: return a ^ b;
    case Binary::kShl: return b >= static_cast<uint64_t>(bits) ? 0 : a << b;
    case Binary::kShr: return b >= static_cast<uint64_t>(bits) ? 0 : a >> b;
    case Binary::kDiv: return b == 0 ? 0 : by_minus_one ? 0 - a : is_signed ? static_cast<uint64_t>(sa / sb) : a / b;
    case Binary::kFmod: return b == 0 || by_minus_one ? 0 : is_signed ? static_cast<uint64_t>(sa % sb) : a % b;
    case Binary::kMod: {
      if (b == 0 || by_minus_one) return 0;
      if (!is_signed) return a % b;
      const int64_t r = sa % sb;
      return static_cast<uint64_t>(r != 0 && (r < 0) != (sb < 0) ? r + sb : r);
    }
    case Binary::kPRelu: return is_signed && sa < 0 ? a * b : a;
    case Binary::kPow: {
      if (is_signed && sb < 0) return sa == 1 ? 1 : sa == -1 ? (sb % 2 == 0 ? 1 : ~uint64_t{0}) : 0;
      uint64_t r = 1, base = a;
      for (uint64_t e = b; e != 0; e >>= 1, base *= base) r *= (e & 1) != 0 ? base : 1;
      return r;
    }
    case Binary::kEqual: return a == b;
    case Binary::kLess: return less;
    case Binary::kLessEqual: return less || a == b;
    case Binary::kGreater: return !less && a != b;
    case Binary::kGreaterEqual: return !less;
    default: return 0xDEAD;
  }
}

uint64_t bool_reference(Binary op, uint64_t a, uint64_t b) {
  if (op == Binary::kAnd) return a & b;
  if (op == Binary::kOr) return a | b;
  if (op == Binary::kXor) return a ^ b;
  return a == b;
}

double allowed_ulps(Binary op, DType t, Form form) {
  if (is_compare(op)) return 0;
  if (op == Binary::kPow) return form == Form::kVS && (t == DType::kF32 || t == DType::kF64) ? 2.1 : 1.1;
  return 0.5001;
}

struct Case {
  Target target;
  Binary op;
  DType type;
  Form form;
};

std::string name(const Case& c) {
  return std::string(target_name(c.target)) + " op " + std::to_string(static_cast<int>(c.op)) + ' ' +
         std::string(dtype_name(c.type)) + " form " + std::to_string(static_cast<int>(c.form));
}

void check_element(const Case& c, const uint8_t* a, const uint8_t* b, const uint8_t* out, int64_t i) {
  const int64_t ia = c.form == Form::kSV ? 0 : i, ib = c.form == Form::kVS ? 0 : i;
  if (c.type == DType::kBool) {
    ASSERT_EQ(out[i], bool_reference(c.op, a[ia], b[ib])) << name(c);
  } else if (is_float(c.type)) {
    const double x = value_at(c.type, a, ia), y = value_at(c.type, b, ib);
    const double got = is_compare(c.op) ? out[i] : value_at(c.type, out, i);
    const long double want = float_reference(c.op, x, y);
    ASSERT_LE(ulps(c.type, got, want), allowed_ulps(c.op, c.type, c.form))
        << name(c) << ": " << x << ", " << y << " gave " << got << " want " << static_cast<double>(want);
  } else {
    const int bits = dtype_bits(c.type);
    const uint64_t x = int_at(c.type, a, ia), y = int_at(c.type, b, ib);
    const uint64_t want = int_reference(c.op, is_signed_int(c.type), bits, x, y);
    if (is_compare(c.op)) {
      ASSERT_EQ(out[i], want) << name(c) << ' ' << x << ' ' << y;
    } else {
      const uint64_t mask = bits == 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1;
      ASSERT_EQ(int_at(c.type, out, i) & mask, want & mask) << name(c) << ' ' << x << ' ' << y;
    }
  }
}

void check(const Case& c, BinaryFn fn) {
  const int64_t in_bytes = dtype_bits(c.type) / 8;
  const int64_t out_bytes = gives_bool(c.op) ? 1 : in_bytes;
  const bool narrow_exponents = c.op == Binary::kPow || c.op == Binary::kShl || c.op == Binary::kShr;
  std::vector<uint8_t> a = sample(c.type, 640, 1), b = sample(c.type, 640, 2, narrow_exponents ? 4 : 1e3);
  for (int64_t n : kLengths) {
    const int64_t offset = n % 5;  // an element boundary, but no vector boundary
    const uint8_t* pa = a.data() + offset * in_bytes;
    const uint8_t* pb = b.data() + (n % 7) * in_bytes;
    std::vector<uint8_t> out(static_cast<size_t>((n + 8) * out_bytes), 0xA5);
    fn(pa, pb, out.data() + out_bytes, n);
    for (int64_t i = 0; i < n; ++i) {
      check_element(c, pa, pb, out.data() + out_bytes, i);
      if (testing::Test::HasFatalFailure()) return;
    }
    ASSERT_EQ(out[static_cast<size_t>(out_bytes) - 1], 0xA5) << name(c);
    ASSERT_EQ(out[static_cast<size_t>((n + 1) * out_bytes)], 0xA5) << name(c) << " wrote past " << n;
    if (out_bytes != in_bytes || n == 0) continue;
    // In place over the vector operand.
    std::vector<uint8_t> inout(c.form == Form::kSV ? b : a);
    const int64_t at = (c.form == Form::kSV ? n % 7 : offset) * in_bytes;
    fn(c.form == Form::kSV ? pa : inout.data() + at, c.form == Form::kSV ? inout.data() + at : pb, inout.data() + at,
       n);
    ASSERT_EQ(std::memcmp(inout.data() + at, out.data() + out_bytes, static_cast<size_t>(n * out_bytes)), 0) << name(c);
  }
}

TEST(SimdBinary, EveryEntryOnEveryTarget) {
  int entries = 0;
  for (Target target : targets_to_test()) {
    for (int op = 0; op < kBinaryCount; ++op) {
      for (int t = 0; t < kDTypeCount; ++t) {
        for (Form form : kForms) {
          const Case c{target, static_cast<Binary>(op), static_cast<DType>(t), form};
          const BinaryFn fn = binary_for(target, c.op, c.type, form);
          if (fn == nullptr) continue;
          ++entries;
          check(c, fn);
          if (HasFatalFailure()) return;
        }
      }
    }
  }
  EXPECT_GT(entries, 200 * static_cast<int>(targets_to_test().size()));
}

TEST(SimdBinary, TypesWithoutAFunction) {
  const std::vector<DType> ints = {DType::kI8,  DType::kU8,  DType::kI16, DType::kU16,
                                   DType::kI32, DType::kU32, DType::kI64, DType::kU64};
  const std::vector<DType> floats = {DType::kF32, DType::kF64, DType::kF16, DType::kBF16};
  for (int i = 0; i < kBinaryCount; ++i) {
    const Binary op = static_cast<Binary>(i);
    const bool logic = op >= Binary::kAnd && op <= Binary::kXor;
    const bool bits = op >= Binary::kBitAnd && op <= Binary::kShr;
    const bool shift = op == Binary::kShl || op == Binary::kShr;
    for (Form f : kForms) {
      for (DType t : ints) EXPECT_EQ(binary(op, t, f) != nullptr, !logic && (!shift || is_unsigned_int(t))) << i;
      for (DType t : floats) EXPECT_EQ(binary(op, t, f) != nullptr, !logic && !bits) << i;
      EXPECT_EQ(binary(op, DType::kBool, f) != nullptr, logic || op == Binary::kEqual) << i;
      EXPECT_EQ(binary(op, DType::kString, f), nullptr);
      EXPECT_EQ(binary(op, DType::kI4, f), nullptr);
    }
  }
}

TEST(SimdBinary, PowSpecialCases) {
  const float x[] = {-INFINITY, -0.0f, 0.0f, 4.0f, -4.0f, INFINITY, NAN};
  float y[7];
  for (float e : {0.5f, 2.0f, 3.0f, -1.0f, 1.0f, 0.0f, -0.5f, 2.5f}) {
    binary(Binary::kPow, DType::kF32, Form::kVS)(x, &e, y, 7);
    for (int i = 0; i < 7; ++i) {
      const float want = std::pow(x[i], e);
      if (std::isnan(want)) {
        EXPECT_TRUE(std::isnan(y[i])) << x[i] << '^' << e;
      } else {
        EXPECT_EQ(f32_bits(y[i]), f32_bits(want)) << x[i] << '^' << e;
      }
    }
  }
}

}  // namespace
}  // namespace sardonyx::simd
