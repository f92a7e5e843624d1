#include <gtest/gtest.h>

#include "simd/norm.h"
#include "simd/softmax.h"
#include "simd_test_util.h"

namespace sardonyx::simd {
namespace {

using Real = long double;
constexpr int64_t kLengths[] = {1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 33, 47, 48, 49, 64, 100, 257, 1024, 1025, 3000};

std::vector<float> random_floats(int64_t n, uint32_t seed, float scale, float offset = 0) {
  std::mt19937 rng(seed);
  std::normal_distribution<float> normal(offset, scale);
  std::vector<float> v(static_cast<size_t>(n));
  for (float& x : v) x = normal(rng);
  return v;
}

void expect_near(float got, Real want, Real limit, const std::string& what) {
  if (std::isnan(want)) {
    ASSERT_TRUE(std::isnan(got)) << what;
  } else if (std::isinf(want)) {
    ASSERT_EQ(static_cast<Real>(got), want) << what;
  } else {
    ASSERT_LE(std::fabs(static_cast<Real>(got) - want), limit)
        << what << " got " << got << " want " << static_cast<double>(want);
  }
}

struct Softmax {
  std::vector<Real> p, log_p;
  Real log_sum = 0;
};
Softmax reference(const std::vector<Real>& x) {
  Real max = -INFINITY, sum = 0;
  for (Real v : x) max = std::isnan(v) || v > max ? v : max;
  for (Real v : x) sum += std::exp(v - max);
  Softmax s;
  s.log_sum = max + std::log(sum);
  for (Real v : x) {
    s.p.push_back(std::exp(v - max) / sum);
    s.log_p.push_back(v - max - std::log(sum));
  }
  return s;
}

// Distance from the maximum, as far as it matters: beyond 200 the exponential is 0.
Real spread(Real log_p) { return std::fmin(200, std::fabs(log_p)); }

void check_rows(Target target, const std::vector<float>& in, int64_t rows, int64_t cols, int64_t stride,
                const std::string& what) {
  const SoftmaxTable& f = *softmax_for(target);
  std::vector<float> out(in.size() + 1, -5), log_out = out;
  const bool columns = stride != 0;  // rows are then columns of a matrix with this stride
  if (columns) {
    f.softmax_cols(in.data(), out.data(), cols, stride, rows);
    f.log_softmax_cols(in.data(), log_out.data(), cols, stride, rows);
  } else {
    f.softmax_rows(in.data(), out.data(), rows, cols);
    f.log_softmax_rows(in.data(), log_out.data(), rows, cols);
  }
  for (int64_t r = 0; r < rows; ++r) {
    const auto at = [&](int64_t c) { return static_cast<size_t>(columns ? c * stride + r : r * cols + c); };
    std::vector<Real> x;
    for (int64_t c = 0; c < cols; ++c) x.push_back(in[at(c)]);
    const Softmax want = reference(x);
    for (int64_t c = 0; c < cols; ++c) {
      const size_t i = at(c), k = static_cast<size_t>(c);
      const std::string where = std::string(target_name(target)) + ' ' + what + " cols " + std::to_string(cols);
      // The difference to the maximum is rounded, and the exponential magnifies that.
      expect_near(out[i], want.p[k], want.p[k] * (1e-6L + 1e-7L * spread(want.log_p[k])) + 1e-37L, "softmax " + where);
      expect_near(log_out[i], want.log_p[k], std::fabs(want.log_p[k]) * 3e-7L + 4e-7L, "log-softmax " + where);
      if (testing::Test::HasFatalFailure()) return;
    }
  }
  ASSERT_EQ(out[in.size()], -5);
}

TEST(SimdSoftmax, RowsAndColumnsOnEveryTarget) {
  for (Target target : targets_to_test()) {
    for (int64_t cols : kLengths) {
      const int64_t rows = cols > 500 ? 1 : 4;
      for (float scale : {1.0f, 30.0f}) {
        check_rows(target, random_floats(rows * cols, 1, scale), rows, cols, 0, "rows");
        check_rows(target, random_floats(cols * 37, 2, scale), 35, cols, 37, "columns");
        if (HasFatalFailure()) return;
      }
      check_rows(target, random_floats(rows * cols, 3, 1, 5000), rows, cols, 0, "offset");
      if (HasFatalFailure()) return;
    }
  }
}

TEST(SimdSoftmax, SpecialRows) {
  for (Target target : targets_to_test()) {
    for (int64_t cols : {5, 16, 19}) {
      std::vector<float> x = random_floats(cols, 4, 1);
      x[2] = -INFINITY;
      check_rows(target, x, 1, cols, 0, "one -inf");
      check_rows(target, x, 1, cols, 1, "one -inf in a column");
      check_rows(target, std::vector<float>(x.size(), -INFINITY), 1, cols, 0, "all -inf");
      check_rows(target, std::vector<float>(x.size(), -INFINITY), 1, cols, 1, "all -inf in a column");
      x[3] = NAN;
      check_rows(target, x, 1, cols, 0, "NaN");
      check_rows(target, x, 1, cols, 1, "NaN in a column");
      x[3] = INFINITY;
      check_rows(target, x, 1, cols, 0, "+inf");
    }
  }
}

TEST(SimdSoftmax, MaskedRow) {
  for (Target target : targets_to_test()) {
    const SoftmaxTable& f = *softmax_for(target);
    for (int64_t cols : kLengths) {
      const std::vector<float> x = random_floats(cols, 5, 8);
      std::vector<float> mask = random_floats(cols, 6, 1), out(x.size() + 1, -5);
      for (size_t i = 0; i < mask.size(); i += 3) mask[i] = cols > 1 && i > 0 ? -INFINITY : mask[i];
      for (bool masked : {false, true}) {
        std::vector<Real> z;
        for (size_t i = 0; i < x.size(); ++i) z.push_back(0.125L * x[i] + (masked ? static_cast<Real>(mask[i]) : 0));
        const Softmax want = reference(z);
        const float log_sum = f.masked_row(x.data(), masked ? mask.data() : nullptr, out.data(), cols, 0.125f);
        expect_near(log_sum, want.log_sum, std::fabs(want.log_sum) * 3e-7L + 5e-7L, "log sum");
        for (size_t i = 0; i < x.size(); ++i)
          expect_near(out[i], want.p[i], want.p[i] * (2e-6L + 2e-7L * spread(want.log_p[i])) + 1e-37L, "masked");
        if (HasFatalFailure()) return;
      }
      mask.assign(mask.size(), -INFINITY);
      EXPECT_EQ(f.masked_row(x.data(), mask.data(), out.data(), cols, 1.0f), -INFINITY);
      for (size_t i = 0; i < x.size(); ++i) EXPECT_EQ(out[i], 0);
      EXPECT_EQ(out[x.size()], -5);
    }
  }
}

struct Moments {
  Real mean = 0, var = 0, square = 0;
};
Moments moments(const float* x, int64_t n) {
  Moments m;
  for (int64_t i = 0; i < n; ++i) m.mean += x[i], m.square += static_cast<Real>(x[i]) * x[i];
  m.mean /= static_cast<Real>(n), m.square /= static_cast<Real>(n);
  for (int64_t i = 0; i < n; ++i) m.var += (x[i] - m.mean) * (x[i] - m.mean);
  m.var /= static_cast<Real>(n);
  return m;
}

void check_layer_norm(Target target, int64_t rows, int64_t cols, float scale, float offset, int params) {
  const NormTable& f = *norm_for(target);
  const std::vector<float> x = random_floats(rows * cols, 1, scale, offset), g = random_floats(cols, 2, 1),
                           b = random_floats(cols, 3, 1);
  const float* gamma = (params & 1) != 0 ? g.data() : nullptr;
  const float* beta = (params & 2) != 0 ? b.data() : nullptr;
  std::vector<float> out(x.size() + 1, -5), rms(out), mean(static_cast<size_t>(rows)), inv(mean), inv_rms(mean);
  f.layer_norm(x.data(), gamma, beta, out.data(), mean.data(), inv.data(), rows, cols, 1e-5f);
  f.rms_norm(x.data(), gamma, rms.data(), inv_rms.data(), rows, cols, 1e-5f);
  const std::string what =
      std::string(target_name(target)) + " cols " + std::to_string(cols) + " offset " + std::to_string(offset);
  for (int64_t r = 0; r < rows; ++r) {
    const float* row = x.data() + r * cols;
    const Moments m = moments(row, cols);
    const Real scale_want = 1 / std::sqrt(m.var + static_cast<Real>(1e-5f)),
               rms_want = 1 / std::sqrt(m.square + static_cast<Real>(1e-5f));
    expect_near(mean[static_cast<size_t>(r)], m.mean, std::fabs(m.mean) * 1e-7L + 1e-6L * scale, "mean " + what);
    expect_near(inv[static_cast<size_t>(r)], scale_want, scale_want * 2e-6L, "inverse deviation " + what);
    expect_near(inv_rms[static_cast<size_t>(r)], rms_want, rms_want * 1e-6L, "inverse rms " + what);
    for (int64_t c = 0; c < cols; ++c) {
      const size_t i = static_cast<size_t>(r * cols + c), k = static_cast<size_t>(c);
      const Real gc = gamma != nullptr ? g[k] : 1.0f, bc = beta != nullptr ? b[k] : 0.0f;
      const Real y = (row[c] - m.mean) * scale_want;
      expect_near(out[i], y * gc + bc, 4e-6L * (1 + std::fabs(y * gc)) + 1e-7L * std::fabs(bc), "layer norm " + what);
      expect_near(rms[i], row[c] * rms_want * gc, 2e-6L * std::fabs(row[c] * rms_want * gc) + 1e-30L,
                  "rms norm " + what);
      if (testing::Test::HasFatalFailure()) return;
    }
  }
  ASSERT_EQ(out[x.size()], -5);
  ASSERT_EQ(rms[x.size()], -5);
}

TEST(SimdNorm, LayerAndRmsNormOnEveryTarget) {
  for (Target target : targets_to_test()) {
    for (int64_t cols : kLengths) {
      for (int params = 0; params < 4; ++params) {
        check_layer_norm(target, 3, cols, 1, 0, params);
        check_layer_norm(target, 2, cols, 1, 1e4f, params);  // a large common offset
        check_layer_norm(target, 2, cols, 1e-3f, 0, params);
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST(SimdNorm, SkipFormsAddFirst) {
  for (Target target : targets_to_test()) {
    const NormTable& f = *norm_for(target);
    for (int64_t cols : {1, 5, 16, 33, 100}) {
      const int64_t rows = 3;
      const std::vector<float> x = random_floats(rows * cols, 1, 1), s = random_floats(rows * cols, 2, 1),
                               bias = random_floats(cols, 3, 1);
      const std::vector<float> g = random_floats(cols, 4, 1), b = random_floats(cols, 5, 1);
      for (bool with_bias : {false, true}) {
        std::vector<float> sum(x.size()), want(x.size()), want_rms(x.size()), got(x.size()), got_sum(x.size());
        for (size_t i = 0; i < x.size(); ++i)
          sum[i] = x[i] + s[i] + (with_bias ? bias[i % static_cast<size_t>(cols)] : 0);
        f.layer_norm(sum.data(), g.data(), b.data(), want.data(), nullptr, nullptr, rows, cols, 1e-5f);
        f.rms_norm(sum.data(), g.data(), want_rms.data(), nullptr, rows, cols, 1e-5f);
        const float* extra = with_bias ? bias.data() : nullptr;
        f.skip_layer_norm(x.data(), s.data(), extra, g.data(), b.data(), got.data(), got_sum.data(), rows, cols, 1e-5f);
        EXPECT_EQ(got, want);
        EXPECT_EQ(got_sum, sum);
        f.skip_layer_norm(x.data(), s.data(), extra, g.data(), b.data(), got.data(), nullptr, rows, cols, 1e-5f);
        EXPECT_EQ(got, want);
        f.skip_rms_norm(x.data(), s.data(), extra, g.data(), got.data(), got_sum.data(), rows, cols, 1e-5f);
        EXPECT_EQ(got, want_rms);
        EXPECT_EQ(got_sum, sum);
        f.skip_rms_norm(x.data(), s.data(), extra, g.data(), got.data(), nullptr, rows, cols, 1e-5f);
        EXPECT_EQ(got, want_rms);
      }
    }
  }
}

TEST(SimdNorm, MomentsAndScaleShift) {
  for (Target target : targets_to_test()) {
    const NormTable& f = *norm_for(target);
    for (int64_t n : kLengths) {
      const std::vector<float> x = random_floats(n, 1, 2, 300);
      float mean = 0, var = 0;
      f.moments(x.data(), n, &mean, &var);
      const Moments m = moments(x.data(), n);
      expect_near(mean, m.mean, std::fabs(m.mean) * 1e-7L, "mean");
      expect_near(var, m.var, m.var * 2e-6L + 1e-9L, "variance");
      std::vector<float> y(x.size() + 1, -5);
      f.scale_shift(x.data(), y.data(), n, 0.75f, -3);
      for (size_t i = 0; i < x.size(); ++i) expect_near(y[i], x[i] * 0.75L - 3, 3e-5L, "scale and shift");
      EXPECT_EQ(y[x.size()], -5);
      const std::vector<float> rows = random_floats(3 * n, 2, 1), s = random_floats(n, 3, 1),
                               t = random_floats(n, 4, 1);
      std::vector<float> z(rows.size() + 1, -5);
      f.scale_shift_rows(rows.data(), z.data(), 3, n, s.data(), t.data());
      for (size_t i = 0; i < rows.size(); ++i) {
        const size_t c = i % static_cast<size_t>(n);
        expect_near(z[i], static_cast<Real>(rows[i]) * s[c] + t[c], 1e-6L, "scale and shift rows");
      }
      EXPECT_EQ(z[rows.size()], -5);
      if (HasFatalFailure()) return;
    }
  }
}

TEST(SimdNorm, NanStaysInItsRow) {
  std::vector<float> x(40, 1.0f), y(40);
  x[5] = NAN;
  norm().layer_norm(x.data(), nullptr, nullptr, y.data(), nullptr, nullptr, 2, 20, 1e-5f);
  EXPECT_TRUE(std::isnan(y[0]));
  EXPECT_EQ(y[20], 0);
}

}  // namespace
}  // namespace sardonyx::simd
