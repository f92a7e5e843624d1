// f64 and integer products of every compiled target against plain loops.
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "simd/gemm_plain.h"

namespace sardonyx::simd {
namespace {

void run(const PlainGemmTable& f, const PlainGemmArgs<double>& g, int64_t b, int64_t e) { f.f64(g, b, e); }
void run(const PlainGemmTable& f, const PlainGemmArgs<uint32_t>& g, int64_t b, int64_t e) { f.u32(g, b, e); }
void run(const PlainGemmTable& f, const PlainGemmArgs<uint64_t>& g, int64_t b, int64_t e) { f.u64(g, b, e); }

template <typename T>
std::vector<T> random_values(size_t n, uint32_t seed) {
  std::mt19937_64 gen(seed);
  std::vector<T> v(n);
  for (T& x : v) {
    if constexpr (std::is_floating_point_v<T>) {
      x = std::uniform_real_distribution<T>(-1, 1)(gen);
    } else {
      x = static_cast<T>(gen());
    }
  }
  return v;
}

template <typename T>
class SimdPlainGemm : public ::testing::Test {
 public:
  static void check(int64_t m, int64_t n, int64_t k, int variant) {
    const bool ta = variant & 1, tb = variant & 2;
    const int64_t lda = (ta ? m : k) + 1, ldb = (tb ? k : n) + 2, ldc = n + 3, batch = 2;
    const int64_t a_size = lda * (ta ? k : m), b_size = ldb * (tb ? n : k), c_size = ldc * m;
    const std::vector<T> a = random_values<T>(2 * a_size, 1), b = random_values<T>(2 * b_size, 2),
                         add = random_values<T>(m + n + 1, 3);
    const GemmOffsets offsets[] = {{a_size, 0, 0, 0}, {0, b_size, c_size, 1}};
    PlainGemmArgs<T> g{m, n, k, a.data(), lda, ta, b.data(), ldb, tb};
    g.ldc = ldc, g.alpha = T(3), g.batch = batch, g.offsets = offsets;
    if (variant & 4) g.add = add.data(), g.beta = T(5);
    g.add_row = variant & 1, g.add_col = variant & 2 ? 1 : 0;
    for (Target t : compiled_targets()) {
      if (!plain_gemm_for(t) || !cpu_runs(t)) continue;
      SCOPED_TRACE(std::string(target_name(t)) + " " + std::to_string(m) + "x" + std::to_string(n) + "x" +
                   std::to_string(k));
      std::vector<T> c(batch * c_size + 1, T(77));
      g.c = c.data();
      for (int64_t task = plain_gemm_tasks(m, n, batch) - 1; task >= 0; --task)
        run(*plain_gemm_for(t), g, task, task + 1);
      ASSERT_EQ(c.back(), T(77));
      for (int64_t i = 0; i < batch * c_size; ++i) {
        const int64_t at = i / c_size, r = i % c_size / ldc, q = i % ldc;
        if (q >= n) {
          ASSERT_EQ(c[i], T(77));
          continue;
        }
        T sum = 0;
        for (int64_t j = 0; j < k; ++j) {
          sum +=
              a[offsets[at].a + (ta ? j * lda + r : r * lda + j)] * b[offsets[at].b + (tb ? q * ldb + j : j * ldb + q)];
        }
        sum *= T(3);
        if (g.add) sum += T(5) * add[offsets[at].residual + r * g.add_row + q * g.add_col];
        if constexpr (std::is_floating_point_v<T>) {
          ASSERT_NEAR(c[i], sum, 1e-14 * static_cast<double>(k + 10));
        } else {
          ASSERT_EQ(c[i], sum);
        }
      }
    }
  }
};

using Types = ::testing::Types<double, uint32_t, uint64_t>;
TYPED_TEST_SUITE(SimdPlainGemm, Types);

TYPED_TEST(SimdPlainGemm, Sizes) {
  for (int64_t m : {0, 1, 3, 4, 5, 65}) {
    for (int64_t n : {0, 1, 7, 15, 16, 17, 130}) {
      for (int64_t k : {0, 1, 2, 31}) this->check(m, n, k, static_cast<int>(m + n + k) % 8);
    }
  }
}

TYPED_TEST(SimdPlainGemm, TransposesAndDepth) {
  for (int variant = 0; variant < 8; ++variant) this->check(10, 21, 300, variant);
}

}  // namespace
}  // namespace sardonyx::simd
