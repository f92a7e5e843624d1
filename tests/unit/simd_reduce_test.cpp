#include <gtest/gtest.h>

#include "simd/reduce.h"
#include "simd_test_util.h"

namespace sardonyx::simd {
namespace {

using Real = long double;

const std::vector<DType> kFloats = {DType::kF32, DType::kF64, DType::kF16, DType::kBF16};
const std::vector<DType> kInts = {DType::kI8,  DType::kU8,  DType::kI16, DType::kU16,
                                  DType::kI32, DType::kU32, DType::kI64, DType::kU64};

struct FloatResult {
  Real value;
  Real magnitude;  // of what was added: the error of a sum is relative to this
};

FloatResult float_reference(Reduce op, const std::vector<double>& v) {
  Real sum = 0, square = 0, abs = 0, prod = 1, max = -INFINITY, min = INFINITY;
  for (double x : v) {
    sum += x, square += static_cast<Real>(x) * x, abs += std::fabs(x), prod *= x;
    if (std::isnan(x) || x > max || std::isnan(max)) max = std::isnan(max) ? max : x;
    if (std::isnan(x) || x < min || std::isnan(min)) min = std::isnan(min) ? min : x;
  }
  Real exps = 0;
  if (op == Reduce::kLogSumExp) {
    for (double x : v) exps += std::exp(x - max);
  }
  switch (op) {
    case Reduce::kSum: return {sum, abs};
    case Reduce::kMean: return {sum / static_cast<Real>(v.size()), abs / static_cast<Real>(v.size())};
    case Reduce::kMax: return {max, 0};
    case Reduce::kMin: return {min, 0};
    case Reduce::kProd: return {prod, std::fabs(prod)};
    case Reduce::kSumSquare: return {square, square};
    case Reduce::kL1: return {abs, abs};
    case Reduce::kL2: return {std::sqrt(square), std::sqrt(square)};
    case Reduce::kLogSum: return {std::log(sum), sum > 0 ? 1 + abs / sum : 0};
    case Reduce::kLogSumExp: return {std::isfinite(max) ? max + std::log(exps) : max, std::fabs(max) + 1};
  }
  return {NAN, 0};
}

uint64_t int_reference(Reduce op, DType t, const std::vector<uint64_t>& v) {
  const bool is_signed = is_signed_int(t);
  uint64_t sum = 0, square = 0, abs = 0, prod = 1;
  double squares = 0, reals = 0;
  const auto less = [&](uint64_t a, uint64_t b) {
    return is_signed ? static_cast<int64_t>(a) < static_cast<int64_t>(b) : a < b;
  };
  const auto real = [&](uint64_t a) {
    return is_signed ? static_cast<double>(static_cast<int64_t>(a)) : static_cast<double>(a);
  };
  const int bits = dtype_bits(t);
  const uint64_t highest = is_signed    ? (uint64_t{1} << (bits - 1)) - 1
                           : bits == 64 ? ~uint64_t{0}
                                        : (uint64_t{1} << bits) - 1;
  const uint64_t lowest = is_signed ? ~highest : 0;
  uint64_t max = lowest, min = highest;
  for (uint64_t x : v) {
    sum += x, square += x * x, prod *= x, abs += is_signed && static_cast<int64_t>(x) < 0 ? 0 - x : x;
    squares += real(x) * real(x), reals += real(x);
    max = less(max, x) ? x : max, min = less(x, min) ? x : min;
  }
  double exps = 0;
  for (uint64_t x : v) exps += std::exp(real(x) - real(max));
  const auto truncate = [&](double d) -> uint64_t {
    if (!(d > real(lowest))) return lowest;
    if (d >= real(highest)) return highest;
    return is_signed ? static_cast<uint64_t>(static_cast<int64_t>(d)) : static_cast<uint64_t>(d);
  };
  const auto count = static_cast<int64_t>(v.size());
  switch (op) {
    case Reduce::kSum: return sum;
    case Reduce::kMean:
      if (count == 0) return 0;
      return is_signed ? static_cast<uint64_t>(static_cast<int64_t>(sum) / count) : sum / v.size();
    case Reduce::kMax: return max;
    case Reduce::kMin: return min;
    case Reduce::kProd: return prod;
    case Reduce::kSumSquare: return square;
    case Reduce::kL1: return abs;
    case Reduce::kL2: return truncate(std::sqrt(squares));
    case Reduce::kLogSum: return truncate(std::log(reals));
    case Reduce::kLogSumExp: return truncate(count == 0 ? -INFINITY : std::log(exps) + real(max));
  }
  return 0xDEAD;
}

// Relative to the magnitude of what was added: grows with log(n), not n.
double tolerance(DType t, size_t n) {
  const double growth = 4 + std::log2(static_cast<double>(n) + 1);
  return (t == DType::kF64 ? 0x1p-53 : 0x1p-24) * growth;
}

void check_float(Target target, Reduce op, DType t, const std::vector<double>& v, double got) {
  const FloatResult r = float_reference(op, v);
  double rounding = 0.5;
  if (t == DType::kF32 || t == DType::kF64) rounding = 1;
  if (ulps(t, got, r.value) <= rounding) return;
  double limit = tolerance(t, v.size()) * static_cast<double>(r.magnitude);
  if (op == Reduce::kProd)
    limit =
        static_cast<double>(r.magnitude) * 0x1p-24 * static_cast<double>(v.size()) * (t == DType::kF64 ? 0x1p-28 : 1);
  if (t == DType::kF16) limit += std::fabs(static_cast<double>(r.value)) * 0x1p-11 + 3e-8;
  if (t == DType::kBF16) limit += std::fabs(static_cast<double>(r.value)) * 0x1p-8;
  ASSERT_LE(std::fabs(static_cast<Real>(got) - r.value), limit)
      << target_name(target) << " op " << static_cast<int>(op) << ' ' << dtype_name(t) << " n " << v.size() << " got "
      << got << " want " << static_cast<double>(r.value);
}

// kind 0: ordinary numbers; 1: all positive; 2: with infinities and NaN.
std::vector<uint8_t> data(DType t, int64_t n, int kind, Reduce op) {
  std::vector<uint8_t> v = sample(t, n, static_cast<uint32_t>(n + kind), 3);
  if (!is_float(t) || kind == 2) return v;
  std::mt19937 rng(static_cast<uint32_t>(n));
  std::uniform_real_distribution<double> u(-4, 4);
  for (int64_t i = 0; i < n; ++i) {
    double x = u(rng);
    if (op == Reduce::kProd) x = std::exp2(x / 4);
    if (kind == 1) x = std::fabs(x) + 0.01;
    uint64_t code = 0;
    if (t == DType::kF32) code = f32_bits(static_cast<float>(x));
    if (t == DType::kF64) code = f64_bits(x);
    if (t == DType::kF16) code = f16_from_f64(x);
    if (t == DType::kBF16) code = bf16_from_f64(x);
    std::memcpy(v.data() + i * dtype_bits(t) / 8, &code, static_cast<size_t>(dtype_bits(t)) / 8);
  }
  return v;
}

void check_one(Target target, Reduce op, DType t, const uint8_t* in, const std::vector<int64_t>& at, const uint8_t* out,
               int64_t k) {
  if (is_float(t)) {
    std::vector<double> v;
    for (int64_t i : at) v.push_back(value_at(t, in, i));
    check_float(target, op, t, v, value_at(t, out, k));
    return;
  }
  std::vector<uint64_t> v;
  for (int64_t i : at) v.push_back(int_at(t, in, i));
  const int bits = dtype_bits(t);
  const uint64_t mask = bits == 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1;
  ASSERT_EQ(int_at(t, out, k) & mask, int_reference(op, t, v) & mask)
      << dtype_name(t) << " op " << static_cast<int>(op) << " n " << v.size();
}

void check_rows(Target target, Reduce op, DType t, int64_t rows, int64_t cols, int kind) {
  const ReduceFns f = reduce_for(target, op, t);
  ASSERT_NE(f.rows, nullptr);
  const size_t bytes = static_cast<size_t>(dtype_bits(t)) / 8;
  const std::vector<uint8_t> in = data(t, rows * cols + 1, kind, op);
  std::vector<uint8_t> out((static_cast<size_t>(rows) + 1) * bytes, 0xA5);
  f.rows(in.data() + bytes, out.data(), rows, cols);
  for (int64_t r = 0; r < rows; ++r) {
    std::vector<int64_t> at;
    for (int64_t c = 0; c < cols; ++c) at.push_back(r * cols + c);
    check_one(target, op, t, in.data() + bytes, at, out.data(), r);
    if (testing::Test::HasFatalFailure()) return;
  }
  ASSERT_EQ(out[static_cast<size_t>(rows) * bytes], 0xA5);
}

void check_cols(Target target, Reduce op, DType t, int64_t red, int64_t n, int kind) {
  const ReduceFns f = reduce_for(target, op, t);
  ASSERT_NE(f.cols, nullptr);
  const size_t bytes = static_cast<size_t>(dtype_bits(t)) / 8;
  const int64_t stride = n + 3;
  const std::vector<uint8_t> in = data(t, red * stride + 1, kind, op);
  std::vector<uint8_t> out((static_cast<size_t>(n) + 1) * bytes, 0xA5), cut = out;
  f.cols(in.data() + bytes, out.data(), red, stride, n);
  for (int64_t j = 0; j < n; ++j) {
    std::vector<int64_t> at;
    for (int64_t i = 0; i < red; ++i) at.push_back(i * stride + j);
    check_one(target, op, t, in.data() + bytes, at, out.data(), j);
    if (testing::Test::HasFatalFailure()) return;
  }
  ASSERT_EQ(out[static_cast<size_t>(n) * bytes], 0xA5);
  for (int64_t j = 0; j < n;) {  // cut anywhere
    const int64_t m = std::min<int64_t>(n - j, 1 + j % 37);
    f.cols(in.data() + bytes + static_cast<size_t>(j) * bytes, cut.data() + static_cast<size_t>(j) * bytes, red, stride,
           m);
    j += m;
  }
  ASSERT_EQ(out, cut);
}

TEST(SimdReduce, FloatsOnEveryTarget) {
  for (Target target : targets_to_test()) {
    for (int o = 0; o < kReduceCount; ++o) {
      const Reduce op = static_cast<Reduce>(o);
      for (DType t : kFloats) {
        for (int64_t cols : {0, 1, 2, 3, 4, 7, 8, 15, 16, 17, 33, 49, 65, 130, 1023, 1025, 5000}) {
          for (int kind : {0, 1, 2}) {
            if (kind == 0 && op == Reduce::kLogSum) continue;  // the logarithm of a sum that cancels has no error bound
            if (kind == 2 && op == Reduce::kProd) continue;    // partial products under- and overflow by order
            if (kind == 2 && op != Reduce::kMax && op != Reduce::kMin && cols > 4) continue;
            check_rows(target, op, t, cols > 1000 ? 1 : 3, cols, kind);
            if (HasFatalFailure()) return;
          }
        }
        for (int64_t red : {0, 1, 2, 63, 64, 65, 200}) {
          for (int64_t n : {1, 3, 8, 15, 17, 64, 65, 130}) {
            check_cols(target, op, t, red, n, 1);
            if (op == Reduce::kMax || op == Reduce::kMin) check_cols(target, op, t, red, n, 2);
            if (HasFatalFailure()) return;
          }
        }
      }
    }
  }
}

TEST(SimdReduce, Integers) {
  for (int o = 0; o < kReduceCount; ++o) {
    for (DType t : kInts) {
      for (int64_t n : {0, 1, 2, 5, 33, 100}) {
        check_rows(Target::kScalar, static_cast<Reduce>(o), t, 3, n, 0);
        check_cols(Target::kScalar, static_cast<Reduce>(o), t, n, 37, 0);
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST(SimdReduce, BoolAndMissingTypes) {
  const uint8_t in[] = {0, 1, 0, 0, 0, 0, 1, 1, 1};
  uint8_t out[3];
  reduce(Reduce::kMax, DType::kBool).rows(in, out, 3, 3);
  EXPECT_EQ(std::vector<uint8_t>(out, out + 3), (std::vector<uint8_t>{1, 0, 1}));
  reduce(Reduce::kMin, DType::kBool).rows(in, out, 3, 3);
  EXPECT_EQ(std::vector<uint8_t>(out, out + 3), (std::vector<uint8_t>{0, 0, 1}));
  EXPECT_EQ(reduce(Reduce::kSum, DType::kBool).rows, nullptr);
  EXPECT_EQ(reduce(Reduce::kMax, DType::kString).rows, nullptr);
  EXPECT_EQ(arg_reduce(Arg::kMax, DType::kString).rows, nullptr);
  EXPECT_EQ(scan(Scan::kSum, DType::kBool), nullptr);
}

TEST(SimdReduce, LargeSumsLoseNothing) {
  const int64_t n = 4'000'000;
  const std::vector<float> ones(static_cast<size_t>(n), 0.1f);
  for (Target target : targets_to_test()) {
    float sum = 0;
    reduce_for(target, Reduce::kSum, DType::kF32).rows(ones.data(), &sum, 1, n);
    EXPECT_NEAR(sum, 400000.0059604645, 2);  // one running f32 sum would be off by thousands
    reduce_for(target, Reduce::kSum, DType::kF32).cols(ones.data(), &sum, n, 1, 1);
    EXPECT_NEAR(sum, 400000.0059604645, 2);  // one running f32 sum would be off by thousands
  }
}

TEST(SimdScan, EveryTypeAndMode) {
  std::vector<DType> types = kFloats;
  types.insert(types.end(), kInts.begin(), kInts.end());
  for (DType t : types) {
    for (Scan op : {Scan::kSum, Scan::kProd}) {
      for (int mode = 0; mode < 4; ++mode) {
        const bool exclusive = (mode & 1) != 0, reverse = (mode & 2) != 0;
        const int64_t red = 9, n = 70, stride = 72;
        const std::vector<uint8_t> in = data(t, red * stride, 0, Reduce::kProd);
        std::vector<uint8_t> out = in;
        scan(op, t)(out.data(), out.data(), red, stride, n, exclusive, reverse);  // in place
        for (int64_t j = 0; j < n; ++j) {
          Real real = op == Scan::kSum ? 0 : 1;
          uint64_t bits = op == Scan::kSum ? 0 : 1;
          for (int64_t s = 0; s < red; ++s) {
            const int64_t i = (reverse ? red - 1 - s : s) * stride + j;
            const Real before = real;
            const uint64_t bits_before = bits;
            if (is_float(t)) {
              const Real x = value_at(t, in.data(), i);
              real = op == Scan::kSum ? real + x : real * x;
              ASSERT_LE(ulps(t, value_at(t, out.data(), i), exclusive ? before : real), t == DType::kF64 ? 4 : 0.5001)
                  << dtype_name(t);
            } else {
              const uint64_t x = int_at(t, in.data(), i);
              bits = op == Scan::kSum ? bits + x : bits * x;
              const int w = dtype_bits(t);
              const uint64_t mask = w == 64 ? ~uint64_t{0} : (uint64_t{1} << w) - 1;
              ASSERT_EQ(int_at(t, out.data(), i) & mask, (exclusive ? bits_before : bits) & mask) << dtype_name(t);
            }
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace sardonyx::simd
