// f32 products of every compiled target against a double reference.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "simd/gemm.h"
#include "simd/gemm_kernel.h"

namespace sardonyx::simd {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

std::vector<Target> gemm_targets() {
  std::vector<Target> out;
  for (Target t : compiled_targets()) {
    if (gemm_for(t) && cpu_runs(t)) out.push_back(t);
  }
  return out;
}

std::vector<float> random_floats(size_t n, uint32_t seed) {
  std::mt19937 gen(seed);
  std::uniform_real_distribution<float> dist(-1, 1);
  std::vector<float> v(n);
  for (float& x : v) x = dist(gen);
  return v;
}

double reference_act(double x, Act a, double p0, double p1) {
  const auto clip = [](double v, double lo, double hi) { return std::isnan(v) ? v : std::min(hi, std::max(lo, v)); };
  switch (a) {
    case Act::kNone: return x;
    case Act::kRelu: return clip(x, 0, INFINITY);
    case Act::kClip: return clip(x, p0, p1);
    case Act::kLeakyRelu: return x < 0 ? x * p0 : x;
    case Act::kSigmoid: return 1 / (1 + std::exp(-x));
    case Act::kTanh: return std::tanh(x);
    case Act::kSilu: return std::isinf(x) && x < 0 ? -0.0 : x / (1 + std::exp(-x));
    case Act::kGeluErf: return std::isinf(x) && x < 0 ? -0.0 : 0.5 * x * std::erfc(-x / std::sqrt(2.0));
    case Act::kGeluTanh: {
      const double u = std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x);
      return std::isinf(x) && x < 0 ? -0.0 : x / (1 + std::exp(-2 * u));
    }
    case Act::kHardSwish: return x * clip(x / 6 + 0.5, 0, 1);
    case Act::kHardSigmoid: return clip(p0 * x + p1, 0, 1);
  }
  return 0;
}

struct Case {
  int64_t m, n, k;
  bool trans_a = false, trans_b = false;
  int64_t pad = 0;  // extra elements in every leading dimension
  float alpha = 1;
  bool col_bias = false, row_bias = false, residual = false, in_place = false;
  Act act = Act::kNone;
  float p0 = 0, p1 = 0;
  int64_t batch = 1;
};

std::string describe(const Case& c) {
  return std::to_string(c.m) + "x" + std::to_string(c.n) + "x" + std::to_string(c.k) + (c.trans_a ? " tA" : "") +
         (c.trans_b ? " tB" : "") + " pad " + std::to_string(c.pad) + " act " + std::to_string(static_cast<int>(c.act));
}

// The operands of one case and the expected C.
struct Problem {
  explicit Problem(const Case& c) : spec(c) {
    a = random_floats(c.batch * a_size(), 1);
    b = random_floats(c.batch * b_size(), 2);
    col = random_floats(c.n, 3), row = random_floats(c.m, 4);
    residual = random_floats(c.batch * c_size(), 5);
    for (int64_t i = 0; i < c.batch; ++i) {
      offsets.push_back({(c.batch - 1 - i) * a_size(), i * b_size(), i * c_size(), i * c_size()});
    }
    want.assign(c.batch * c_size(), 0);
    bound.assign(c.batch * c_size(), 0);
    for (int64_t i = 0; i < c.batch; ++i) compute(i);
  }

  int64_t lda() const { return (spec.trans_a ? spec.m : spec.k) + spec.pad; }
  int64_t ldb() const { return (spec.trans_b ? spec.k : spec.n) + spec.pad; }
  int64_t ldc() const { return spec.n + spec.pad; }
  int64_t a_size() const { return lda() * (spec.trans_a ? spec.k : spec.m); }
  int64_t b_size() const { return ldb() * (spec.trans_b ? spec.n : spec.k); }
  int64_t c_size() const { return ldc() * spec.m; }

  void compute(int64_t i) {
    const Case& s = spec;
    for (int64_t r = 0; r < s.m; ++r) {
      for (int64_t q = 0; q < s.n; ++q) {
        double sum = 0, size = 1;
        for (int64_t k = 0; k < s.k; ++k) {
          const double x = a[offsets[i].a + (s.trans_a ? k * lda() + r : r * lda() + k)];
          const double y = b[offsets[i].b + (s.trans_b ? q * ldb() + k : k * ldb() + q)];
          sum += x * y, size += std::abs(x * y);
        }
        sum *= s.alpha;
        if (s.col_bias) sum += col[q];
        if (s.row_bias) sum += row[r];
        if (s.residual) sum += 0.5 * residual[offsets[i].c + r * ldc() + q];
        want[offsets[i].c + r * ldc() + q] = reference_act(sum, s.act, s.p0, s.p1);
        bound[offsets[i].c + r * ldc() + q] = 3e-6 * (1 + std::abs(s.alpha)) * size;
      }
    }
  }

  // Computes with table f in the given number of ranges, last range first.
  std::vector<float> run(const GemmTable& f, bool packed, int ranges) const {
    const Case& s = spec;
    std::vector<float> c(s.batch * c_size() + 1, 777);
    std::vector<float> w;
    GemmArgs g{.m = s.m,
               .n = s.n,
               .k = s.k,
               .a = a.data(),
               .lda = lda(),
               .trans_a = s.trans_a,
               .ldc = ldc(),
               .alpha = s.alpha,
               .batch = s.batch,
               .offsets = offsets.data()};
    std::vector<GemmOffsets> packed_offsets = offsets;
    if (packed) {
      const int64_t each = static_cast<int64_t>(gemm_packed_b_bytes(f, s.k, s.n) / sizeof(float));
      w.resize(each * s.batch + 1, 555);
      for (int64_t i = 0; i < s.batch; ++i) {
        const int64_t panels = gemm_b_panels(f, s.n);
        for (int64_t p = panels - 1; p >= 0; --p) {
          gemm_pack_b(f, s.k, s.n, b.data() + offsets[i].b, ldb(), s.trans_b, p, p + 1, w.data() + i * each);
        }
        packed_offsets[i].b = i * each;
      }
      EXPECT_EQ(w.back(), 555);
      g.packed_b = w.data();
      g.offsets = packed_offsets.data();
    } else {
      g.b = b.data(), g.ldb = ldb(), g.trans_b = s.trans_b;
    }
    g.c = c.data();
    g.ep.col_bias = s.col_bias ? col.data() : nullptr;
    g.ep.row_bias = s.row_bias ? row.data() : nullptr;
    g.ep.act = s.act, g.ep.p0 = s.p0, g.ep.p1 = s.p1;
    if (s.residual) {
      g.ep.residual = residual.data(), g.ep.residual_ld = ldc(), g.ep.residual_scale = 0.5f;
      if (s.in_place) {
        for (int64_t i = 0; i < s.batch; ++i) {
          for (int64_t r = 0; r < s.m; ++r) {
            std::memcpy(&c[offsets[i].c + r * ldc()], &residual[offsets[i].c + r * ldc()], s.n * sizeof(float));
          }
        }
        g.ep.residual = c.data();
      }
    }
    const size_t bytes = gemm_scratch_bytes(f, g);
    std::vector<float> scratch(bytes / sizeof(float) + 1, std::numeric_limits<float>::quiet_NaN());
    const int64_t tasks = gemm_tasks(f, g);
    for (int i = ranges - 1; i >= 0; --i) gemm_run(f, g, tasks * i / ranges, tasks * (i + 1) / ranges, scratch.data());
    EXPECT_EQ(c.back(), 777);
    c.pop_back();
    return c;
  }

  void check(const std::vector<float>& c) const {
    for (int64_t i = 0; i < spec.batch; ++i) {
      for (int64_t r = 0; r < spec.m; ++r) {
        for (int64_t q = 0; q < ldc(); ++q) {
          const int64_t at = offsets[i].c + r * ldc() + q;
          if (q >= spec.n) {
            ASSERT_EQ(c[at], 777) << "written beyond row " << r;
          } else {
            ASSERT_NEAR(c[at], want[at], bound[at] + 1e-6) << "member " << i << " row " << r << " col " << q;
          }
        }
      }
    }
  }

  Case spec;
  std::vector<float> a, b, col, row, residual;
  std::vector<double> want, bound;
  std::vector<GemmOffsets> offsets;
};

void check_case(const Case& c, std::initializer_list<bool> packed = {true, false}) {
  const Problem p(c);
  for (Target t : gemm_targets()) {
    for (bool pk : packed) {
      SCOPED_TRACE(std::string(target_name(t)) + (pk ? " packed " : " runtime ") + describe(c));
      const std::vector<float> one = p.run(*gemm_for(t), pk, 1);
      p.check(one);
      const std::vector<float> many = p.run(*gemm_for(t), pk, 7);
      ASSERT_EQ(std::memcmp(one.data(), many.data(), one.size() * sizeof(float)), 0) << "depends on the split";
      if (::testing::Test::HasFatalFailure()) return;
    }
  }
}

TEST(SimdGemm, EmptyExtents) {
  for (const auto& [m, n, k] : {std::array<int64_t, 3>{0, 5, 3}, {4, 0, 3}, {0, 0, 0}, {3, 5, 0}, {1, 1, 0}}) {
    check_case({.m = m, .n = n, .k = k, .col_bias = true, .residual = true, .act = Act::kRelu});
  }
}

TEST(SimdGemm, SizesAroundTiles) {
  for (int64_t m : {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 27, 29}) {
    for (int64_t n : {1, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 65}) {
      for (int64_t k : {1, 2, 5, 8, 23}) check_case({.m = m, .n = n, .k = k});
    }
  }
}

TEST(SimdGemm, LeadingDimensionsAndTransposes) {
  for (int64_t pad : {0, 1, 5}) {
    for (int t = 0; t < 4; ++t) {
      for (const auto& [m, n, k] :
           {std::array<int64_t, 3>{7, 19, 13}, {30, 70, 41}, {1, 33, 50}, {61, 5, 9}, {5, 3, 4}}) {
        check_case(
            {.m = m, .n = n, .k = k, .trans_a = (t & 1) != 0, .trans_b = (t & 2) != 0, .pad = pad, .alpha = 0.75f});
      }
    }
  }
}

TEST(SimdGemm, Epilogues) {
  for (int bits = 0; bits < 16; ++bits) {
    for (const auto& [m, n, k] : {std::array<int64_t, 3>{15, 37, 11}, {1, 64, 1200}, {6, 32, 9}}) {
      check_case({.m = m,
                  .n = n,
                  .k = k,
                  .pad = 3,
                  .alpha = -1.5f,
                  .col_bias = (bits & 1) != 0,
                  .row_bias = (bits & 2) != 0,
                  .residual = (bits & 4) != 0,
                  .in_place = (bits & 8) != 0,
                  .act = Act::kClip,
                  .p0 = -0.6f,
                  .p1 = 0.7f});
    }
  }
}

TEST(SimdGemm, Activations) {
  for (Act a : {Act::kRelu, Act::kClip, Act::kLeakyRelu, Act::kSigmoid, Act::kTanh, Act::kSilu, Act::kGeluErf,
                Act::kGeluTanh, Act::kHardSwish, Act::kHardSigmoid}) {
    check_case({.m = 9, .n = 35, .k = 30, .col_bias = true, .act = a, .p0 = 0.1f, .p1 = 0.5f});
    check_case({.m = 17, .n = 70, .k = 1100, .alpha = 0.3f, .residual = true, .act = a, .p0 = 0.2f, .p1 = 0.6f});
  }
}

TEST(SimdGemm, DeepK) {
  check_case({.m = 20, .n = 40, .k = 1537, .row_bias = true, .residual = true, .in_place = true, .act = Act::kRelu});
  check_case({.m = 1, .n = 20, .k = 16001, .col_bias = true});
  check_case({.m = 33, .n = 35, .k = 1024, .trans_a = true, .trans_b = true, .col_bias = true});
  check_case({.m = 40, .n = 150, .k = 2048});
}

TEST(SimdGemm, ManyTasks) {
  check_case({.m = 260, .n = 300, .k = 120, .col_bias = true});
  check_case({.m = 3, .n = 2000, .k = 300});
  check_case({.m = 700, .n = 9, .k = 150, .trans_b = true});
}

// Few rows times a transposed run-time B go by dot products.
TEST(SimdGemm, DotProducts) {
  for (int64_t m : {1, 2, 3, 4, 5}) {
    for (int64_t n : {1, 2, 3, 5, 31, 32, 33, 70}) {
      for (int64_t k : {0, 1, 3, 15, 16, 17, 64, 100}) {
        check_case(
            {.m = m, .n = n, .k = k, .trans_b = true, .pad = 1, .alpha = 0.5f, .col_bias = true, .act = Act::kRelu},
            {false});
      }
    }
  }
  check_case({.m = 1, .n = 40, .k = 30000, .trans_b = true, .residual = true}, {false});
}

TEST(SimdGemm, Batches) {
  check_case({.m = 11, .n = 23, .k = 17, .pad = 2, .residual = true, .batch = 5});
  check_case({.m = 1, .n = 33, .k = 64, .trans_b = true, .batch = 9});
}

// The activation functions alone, over the whole range of floats, relative to the result.
TEST(SimdGemm, ActivationAccuracy) {
  std::vector<float> x;
  for (float v = 1e-30f; v < 3e38f; v *= 1.0371f) x.push_back(v), x.push_back(-v);
  for (float v = -20; v < 20; v += 0.0037f) x.push_back(v);
  for (Target t : gemm_targets()) {
    for (Act a :
         {Act::kSigmoid, Act::kTanh, Act::kSilu, Act::kGeluErf, Act::kGeluTanh, Act::kHardSwish, Act::kHardSigmoid}) {
      SCOPED_TRACE(std::string(target_name(t)) + " act " + std::to_string(static_cast<int>(a)));
      std::vector<float> y = x;
      const auto n = static_cast<int64_t>(y.size());
      gemm_for(t)->activate(y.data(), n, 1, n, a, 0.2f, 0.5f);
      for (size_t i = 0; i < x.size(); ++i) {
        const double want = reference_act(x[i], a, 0.2f, 0.5f);
        if (std::abs(want) > 3e38) continue;
        // Below -1 the error of the exponential's argument grows with |x|.
        const double relative = 1.5e-6 + (x[i] < -1 ? 4e-6 * std::min(90.0, std::abs(double{x[i]})) : 0);
        const bool cancels = (a == Act::kHardSwish || a == Act::kHardSigmoid) && std::abs(x[i]) < 4;
        ASSERT_NEAR(y[i], want, relative * std::abs(want) + (cancels ? 5e-7 : 1e-36)) << "x = " << x[i];
      }
    }
  }
}

TEST(SimdGemm, SpecialValues) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (Target t : gemm_targets()) {
    const GemmTable& f = *gemm_for(t);
    for (Act a : {Act::kNone, Act::kRelu, Act::kClip, Act::kLeakyRelu, Act::kSigmoid, Act::kTanh, Act::kSilu,
                  Act::kGeluErf, Act::kGeluTanh, Act::kHardSwish, Act::kHardSigmoid}) {
      SCOPED_TRACE(std::string(target_name(t)) + " act " + std::to_string(static_cast<int>(a)));
      const std::vector<float> x = {nan, kInf, -kInf, 0, 1};
      const float one = 1;
      std::vector<float> y(5);
      GemmArgs g{.m = 5, .n = 1, .k = 1, .a = x.data(), .lda = 1, .b = &one, .ldb = 1, .c = y.data(), .ldc = 1};
      g.ep.act = a, g.ep.p0 = 0.125f, g.ep.p1 = 0.5f;
      std::vector<float> scratch(gemm_scratch_bytes(f, g) / sizeof(float));
      gemm_run(f, g, 0, gemm_tasks(f, g), scratch.data());
      EXPECT_TRUE(std::isnan(y[0]));
      EXPECT_FLOAT_EQ(y[1], static_cast<float>(reference_act(kInf, a, 0.125f, 0.5f)));
      if (a == Act::kHardSwish) {
        EXPECT_TRUE(std::isnan(y[2]));  // -inf * 0
      } else {
        const double want = reference_act(-kInf, a, 0.125f, 0.5f);
        EXPECT_TRUE(y[2] == want || std::abs(y[2] - want) < 1e-36) << y[2];
      }
      EXPECT_FLOAT_EQ(y[4], static_cast<float>(reference_act(1, a, 0.125f, 0.5f)));
    }
  }
}

TEST(SimdGemm, ChosenTableIsTheBestTarget) {
  EXPECT_TRUE(cpu_runs(Target::kScalar));
  EXPECT_TRUE(cpu_runs(best_target()));
  for (Target t : gemm_targets()) {
    ASSERT_TRUE(force_target(t));
    EXPECT_EQ(gemm().target, t);
    EXPECT_EQ(target_from_name(target_name(t)), t);
  }
  EXPECT_TRUE(force_target(std::nullopt));
  EXPECT_FALSE(target_from_name("pentium").has_value());
}

}  // namespace
}  // namespace sardonyx::simd
