#include <gtest/gtest.h>

#include "simd/distance.h"
#include "simd_test_util.h"

namespace sardonyx::simd {
namespace {

TEST(SimdDistance, AgreesWithPlainSums) {
  int targets = 0;
  for (Target target : compiled_targets()) {
    if (!cpu_runs(target) || distance_for(target) == nullptr) continue;
    ++targets;
    const DistanceTable& f = *distance_for(target);
    std::mt19937 rng(7);
    std::normal_distribution<float> normal(100, 1);  // a common offset must not cost digits of distances
    for (int64_t n : {1, 2, 3, 5, 8, 15, 16, 17, 33, 64, 65, 130})
      for (int64_t k : {0, 1, 2, 3, 7, 20, 33}) {
        const int64_t stride = n + 3;
        std::vector<float> x(static_cast<size_t>(k) + 1), m(static_cast<size_t>(k * stride) + 1);
        for (float& v : x) v = normal(rng);
        for (float& v : m) v = normal(rng);
        std::vector<float> products(static_cast<size_t>(n) + 1, -5), squared = products;
        f.products(x.data(), m.data(), stride, k, n, products.data());
        f.squared(x.data(), m.data(), stride, k, n, squared.data());
        for (int64_t j = 0; j < n; ++j) {
          double product = 0, square = 0;
          for (int64_t i = 0; i < k; ++i) {
            const double a = x[static_cast<size_t>(i)], b = m[static_cast<size_t>(i * stride + j)];
            product += a * b, square += (a - b) * (a - b);
          }
          ASSERT_NEAR(products[static_cast<size_t>(j)], product, 1e-5 * product) << n << " " << k << " " << j;
          ASSERT_NEAR(squared[static_cast<size_t>(j)], square, 1e-5 * square + 1e-12) << n << " " << k << " " << j;
        }
        ASSERT_EQ(products.back(), -5);
        ASSERT_EQ(squared.back(), -5);
      }
  }
  EXPECT_GT(targets, 0);
}

TEST(SimdDistance, DotSumsInDouble) {
  for (Target target : compiled_targets()) {
    if (!cpu_runs(target) || distance_for(target) == nullptr) continue;
    for (int64_t n : {0, 1, 3, 4, 15, 16, 17, 31, 100, 1001}) {
      std::vector<float> a, b;
      double want = 0;
      for (int64_t i = 0; i < n; ++i) {
        a.push_back(i % 2 ? 1e8f : -1e8f), b.push_back(1 + static_cast<float>(i / 2) * 1e-3f);
        want += static_cast<double>(a.back()) * static_cast<double>(b.back());
      }
      EXPECT_NEAR(distance_for(target)->dot(a.data(), b.data(), n), want, 1e-3) << n;
    }
  }
}

}  // namespace
}  // namespace sardonyx::simd
