#include <gtest/gtest.h>

#include "simd/eltwise_unary.h"
#include "simd_test_util.h"

namespace sardonyx::simd {
namespace {

constexpr int64_t kLengths[] = {0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 47, 48, 49, 255, 257, 3000};
constexpr UnaryParams kParams = {0.75, 0.3125};

using Real = long double;

Real sigmoid(Real x) { return 1 / (1 + std::exp(-x)); }
Real softplus(Real x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }
Real unit(Real x) { return x < 0 ? 0 : x > 1 ? 1 : x; }

Real reference(Unary op, Real x) {
  const Real a = kParams.a, b = kParams.b;
  switch (op) {
    case Unary::kAbs: return std::fabs(x);
    case Unary::kNeg: return -x;
    case Unary::kSqrt: return std::sqrt(x);
    case Unary::kRsqrt: return 1 / std::sqrt(x);
    case Unary::kReciprocal: return 1 / x;
    case Unary::kSquare: return x * x;
    case Unary::kFloor: return std::floor(x);
    case Unary::kCeil: return std::ceil(x);
    case Unary::kRound: return std::nearbyint(x);
    case Unary::kTrunc: return std::trunc(x);
    case Unary::kSign: return x > 0 ? 1 : x < 0 ? -1 : x;
    case Unary::kRelu: return x < 0 ? 0 : x;
    case Unary::kLeakyRelu: return x < 0 ? a * x : x;
    case Unary::kThresholdedRelu: return x > a ? x : 0;
    case Unary::kHardSigmoid: return unit(a * x + b);
    case Unary::kHardSwish: return x * unit(x / 6 + 0.5L);
    case Unary::kSoftsign: return x / (1 + std::fabs(x));
    case Unary::kShrink: return x < -a ? x + b : x > a ? x - b : 0;
    case Unary::kExp: return std::exp(x);
    case Unary::kLog: return std::log(x);
    case Unary::kSigmoid: return sigmoid(x);
    case Unary::kSwish: return x * sigmoid(a * x);
    case Unary::kTanh: return std::tanh(x);
    case Unary::kErf: return std::erf(x);
    case Unary::kGeluErf: return x * std::erfc(-x / std::sqrt(2.0L)) / 2;
    case Unary::kGeluTanh: return x * sigmoid(2 * std::sqrt(2 / 3.14159265358979323846L) * (x + 0.044715L * x * x * x));
    case Unary::kSoftplus: return softplus(x);
    case Unary::kMish: return x * std::tanh(softplus(x));
    case Unary::kElu: return x > 0 ? x : a * std::expm1(x);
    case Unary::kSelu: return b * (x > 0 ? x : a * std::expm1(x));
    case Unary::kCelu: return x > 0 ? x : a * std::expm1(x / a);
    case Unary::kSin: return std::sin(x);
    case Unary::kCos: return std::cos(x);
    case Unary::kTan: return std::tan(x);
    case Unary::kAsin: return std::asin(x);
    case Unary::kAcos: return std::acos(x);
    case Unary::kAtan: return std::atan(x);
    case Unary::kSinh: return std::sinh(x);
    case Unary::kCosh: return std::cosh(x);
    case Unary::kAsinh: return std::asinh(x);
    case Unary::kAcosh: return std::acosh(x);
    case Unary::kAtanh: return std::atanh(x);
    default: return NAN;
  }
}

bool exact(Unary op) { return op <= Unary::kSign && op != Unary::kRsqrt; }

// Units in the last place, in the precision that computes (f32 for f16 and bf16).
double allowed_ulps(Unary op) {
  if (exact(op)) return 0.5001;
  switch (op) {
    case Unary::kGeluErf:
    case Unary::kSelu:
    case Unary::kCelu:
    case Unary::kMish:
    case Unary::kTan: return 4;
    default: return 2.5;
  }
}

// Errors that are small against the operands but not against a result that cancels or vanishes.
double allowed_absolute(Unary op, Real x) {
  switch (op) {
    case Unary::kHardSigmoid: return 1.2e-7 * static_cast<double>(std::fmax(1, std::fabs(x)));
    case Unary::kHardSwish: return 6e-7;
    case Unary::kGeluErf: return 8e-8;
    case Unary::kGeluTanh: return 1e-7;
    case Unary::kSwish: return 1e-7;
    case Unary::kMish: return 1e-42;  // x times a subnormal factor
    default: return 0;
  }
}

void check_float(Target target, Unary op, DType t, double x, double got) {
  const Real want = reference(op, x);
  double limit = allowed_ulps(op);
  if (t == DType::kF16) limit = 0.501;
  if (t == DType::kBF16) limit = 0.5001;
  if (ulps(t, got, want) <= limit) return;
  const double absolute = allowed_absolute(op, x) * (t == DType::kF64 ? 0x1p-28 : 1);
  const double rounding = t == DType::kF16 || t == DType::kBF16
                              ? std::fabs(static_cast<double>(want)) * (t == DType::kF16 ? 0x1p-11 : 0x1p-8) + 3e-8
                              : 0;
  ASSERT_LE(std::fabs(static_cast<Real>(got) - want), absolute > 0 ? absolute + rounding : 0)
      << target_name(target) << " op " << static_cast<int>(op) << ' ' << dtype_name(t) << " of " << x << " gave " << got
      << " want " << static_cast<double>(want) << ", " << ulps(t, got, want) << " ulp";
}

uint64_t int_reference(Unary op, bool is_signed, uint64_t x) {
  const bool negative = is_signed && static_cast<int64_t>(x) < 0;
  switch (op) {
    case Unary::kAbs: return negative ? 0 - x : x;
    case Unary::kNeg: return 0 - x;
    case Unary::kSign: return negative ? ~uint64_t{0} : x != 0;
    case Unary::kRelu: return negative ? 0 : x;
    case Unary::kSquare: return x * x;
    case Unary::kBitwiseNot: return ~x;
    default: return 0xDEAD;
  }
}

bool is_predicate(Unary op) { return op == Unary::kIsNaN || op == Unary::kIsInf; }

void check_element(Target target, Unary op, DType t, const uint8_t* in, const uint8_t* out, int64_t i) {
  if (t == DType::kBool) {
    ASSERT_EQ(out[i], in[i] == 0);
  } else if (is_predicate(op)) {
    const double x = value_at(t, in, i);
    ASSERT_EQ(out[i], op == Unary::kIsNaN ? std::isnan(x) : std::isinf(x)) << target_name(target) << dtype_name(t) << x;
  } else if (is_float(t)) {
    check_float(target, op, t, value_at(t, in, i), value_at(t, out, i));
  } else {
    const int bits = dtype_bits(t);
    const uint64_t mask = bits == 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1;
    ASSERT_EQ(int_at(t, out, i) & mask, int_reference(op, is_signed_int(t), int_at(t, in, i)) & mask)
        << target_name(target) << " op " << static_cast<int>(op) << dtype_name(t);
  }
}

void check(Target target, Unary op, DType t, UnaryFn fn) {
  const int64_t in_bytes = dtype_bits(t) / 8, out_bytes = is_predicate(op) ? 1 : in_bytes;
  for (double scale : {1.0, 20.0, 1e4}) {
    const std::vector<uint8_t> in = sample(t, 3010, static_cast<uint32_t>(op), scale);
    std::vector<uint8_t> first;
    for (int64_t n : kLengths) {
      if (n == 3000 && in_bytes == 1 && scale > 1) continue;
      const int64_t offset = n % 5;
      const uint8_t* p = in.data() + offset * in_bytes;
      std::vector<uint8_t> out(static_cast<size_t>((n + 8) * out_bytes), 0xA5);
      fn(p, out.data() + out_bytes, n, kParams);
      for (int64_t i = 0; i < n; ++i) {
        check_element(target, op, t, p, out.data() + out_bytes, i);
        if (testing::Test::HasFatalFailure()) return;
      }
      ASSERT_EQ(out[static_cast<size_t>(out_bytes) - 1], 0xA5);
      ASSERT_EQ(out[static_cast<size_t>((n + 1) * out_bytes)], 0xA5) << "wrote past " << n;
      if (n != 3000) continue;
      // Cutting the range elsewhere, and working in place, changes no bit (but for the sign of a NaN).
      std::vector<uint8_t> again(p, p + n * in_bytes);
      for (int64_t i = 0; i < n;) {
        const int64_t m = std::min<int64_t>(n - i, 1 + i % 71);
        fn(again.data() + i * in_bytes, again.data() + i * out_bytes, m, kParams);
        i += m;
      }
      if (in_bytes != out_bytes) continue;
      for (int64_t i = 0; i < n; ++i) {
        if (is_float(t) && std::isnan(value_at(t, again.data(), i)) &&
            std::isnan(value_at(t, out.data() + out_bytes, i)))
          continue;
        ASSERT_EQ(
            std::memcmp(again.data() + i * out_bytes, out.data() + (1 + i) * out_bytes, static_cast<size_t>(out_bytes)),
            0)
            << target_name(target) << " op " << static_cast<int>(op) << ' ' << dtype_name(t) << ' ' << i;
      }
    }
  }
}

TEST(SimdUnary, EveryEntryOnEveryTarget) {
  int entries = 0;
  for (Target target : targets_to_test()) {
    for (int op = 0; op < kUnaryCount; ++op) {
      for (int t = 0; t < kDTypeCount; ++t) {
        const DType type = static_cast<DType>(t);
        const UnaryFn fn = unary_for(target, static_cast<Unary>(op), type);
        if (fn == nullptr || is_float8(type)) continue;  // float8 predicates: below, over all codes
        ++entries;
        check(target, static_cast<Unary>(op), type, fn);
        if (HasFatalFailure()) return;
      }
    }
  }
  EXPECT_GT(entries, 200 * static_cast<int>(targets_to_test().size()));
}

TEST(SimdUnary, TypesWithoutAFunction) {
  for (int i = 0; i < kUnaryCount; ++i) {
    const Unary op = static_cast<Unary>(i);
    const bool on_ints = op == Unary::kAbs || op == Unary::kNeg || op == Unary::kSign || op == Unary::kRelu ||
                         op == Unary::kSquare || op == Unary::kBitwiseNot;
    const bool on_floats = op != Unary::kNot && op != Unary::kBitwiseNot;
    for (DType t : {DType::kF32, DType::kF64, DType::kF16, DType::kBF16})
      EXPECT_EQ(unary(op, t) != nullptr, on_floats) << i;
    for (DType t : {DType::kI8, DType::kU16, DType::kI32, DType::kU64})
      EXPECT_EQ(unary(op, t) != nullptr, on_ints) << i;
    EXPECT_EQ(unary(op, DType::kBool) != nullptr, op == Unary::kNot);
    EXPECT_EQ(unary(op, DType::kF8E5M2) != nullptr, is_predicate(op));
    EXPECT_EQ(unary(op, DType::kString), nullptr);
  }
}

TEST(SimdUnary, PredicatesOnFloat8) {
  uint8_t codes[256], got[256];
  for (int i = 0; i < 256; ++i) codes[i] = static_cast<uint8_t>(i);
  const auto decode = [](DType t, uint8_t c) {
    switch (t) {
      case DType::kF8E4M3FN: return F8E4M3FN::decode(c);
      case DType::kF8E4M3FNUZ: return F8E4M3FNUZ::decode(c);
      case DType::kF8E5M2: return F8E5M2::decode(c);
      case DType::kF8E5M2FNUZ: return F8E5M2FNUZ::decode(c);
      default: return f32_from_f8e8m0(c);
    }
  };
  for (DType t : {DType::kF8E4M3FN, DType::kF8E4M3FNUZ, DType::kF8E5M2, DType::kF8E5M2FNUZ, DType::kF8E8M0}) {
    unary(Unary::kIsNaN, t)(codes, got, 256, {});
    for (int i = 0; i < 256; ++i) ASSERT_EQ(got[i], std::isnan(decode(t, codes[i]))) << dtype_name(t) << i;
    unary(Unary::kIsInf, t)(codes, got, 256, {1, 1});
    for (int i = 0; i < 256; ++i) ASSERT_EQ(got[i], std::isinf(decode(t, codes[i]))) << dtype_name(t) << i;
  }
}

TEST(SimdUnary, IsInfTellsSigns) {
  const float x[] = {INFINITY, -INFINITY, 1, NAN};
  uint8_t y[4];
  unary(Unary::kIsInf, DType::kF32)(x, y, 4, {1, 0});
  EXPECT_EQ(std::vector<uint8_t>(y, y + 4), (std::vector<uint8_t>{1, 0, 0, 0}));
  unary(Unary::kIsInf, DType::kF32)(x, y, 4, {0, 1});
  EXPECT_EQ(std::vector<uint8_t>(y, y + 4), (std::vector<uint8_t>{0, 1, 0, 0}));
}

// Dense sweep over f32 bit patterns: the worst error of each vectorised transcendental function.
TEST(SimdUnary, SweepOfAllExponents) {
  std::vector<float> x;
  for (uint64_t bits = 0; bits < (uint64_t{1} << 32); bits += 65521)
    x.push_back(f32_from_bits(static_cast<uint32_t>(bits)));
  for (float v = -30; v < 30; v += 0.00317f) x.push_back(v);
  for (int k = 1; k < 30000; k += 7)
    x.push_back(static_cast<float>(k * 1.5707963267948966));  // next to zeros and poles
  std::vector<float> y(x.size());
  const Unary ops[] = {Unary::kExp,      Unary::kLog,  Unary::kSigmoid, Unary::kTanh, Unary::kErf,
                       Unary::kSoftplus, Unary::kSin,  Unary::kCos,     Unary::kTan,  Unary::kGeluErf,
                       Unary::kGeluTanh, Unary::kMish, Unary::kElu};
  for (Target target : targets_to_test()) {
    for (Unary op : ops) {
      unary_for(target, op, DType::kF32)(x.data(), y.data(), static_cast<int64_t>(x.size()), kParams);
      double worst = 0;
      for (size_t i = 0; i < x.size(); ++i) {
        check_float(target, op, DType::kF32, x[i], y[i]);
        if (HasFatalFailure()) return;
        if (allowed_absolute(op, x[i]) == 0) worst = std::fmax(worst, ulps(DType::kF32, y[i], reference(op, x[i])));
      }
      RecordProperty(std::string(target_name(target)) + "_op" + std::to_string(static_cast<int>(op)),
                     std::to_string(worst));
    }
  }
}

}  // namespace
}  // namespace sardonyx::simd
