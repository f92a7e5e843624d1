// Sums and products of quantised numbers and tables over bytes, every compiled target.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "simd/qeltwise.h"
#include "simd_test_util.h"

namespace sardonyx::simd {
namespace {

std::vector<Target> qeltwise_targets() {
  std::vector<Target> out;
  for (Target t : compiled_targets()) {
    if (qeltwise_for(t) && cpu_runs(t)) out.push_back(t);
  }
  return out;
}

// In double: results may differ where it lies within 1e-4 of a half.
double exact(const QBinaryArgs& g, double a, double b) {
  return g.multiply ? (a - g.a_zero) * (b - g.b_zero) * g.a_factor + g.shift
                    : a * g.a_factor + b * g.b_factor + g.shift;
}

template <class T>
void check(const QBinaryArgs& g,
           void (*QEltwiseTable::*fn)(const QBinaryArgs&, const T*, bool, const T*, bool, T*, int64_t)) {
  std::vector<T> a, b;
  for (int i = 0; i < 256; ++i)
    for (int j = 0; j < 256; j += 3) a.push_back(static_cast<T>(i)), b.push_back(static_cast<T>(j));
  for (Target target : qeltwise_targets()) {
    for (int64_t n : {int64_t{0}, int64_t{1}, int64_t{15}, int64_t{17}, static_cast<int64_t>(a.size())}) {
      for (int scalars = 0; scalars < 4; ++scalars) {
        const bool as = scalars & 1, bs = scalars & 2;
        std::vector<T> y(static_cast<size_t>(n) + 1, 42);
        (qeltwise_for(target)->*fn)(g, a.data(), as, b.data(), bs, y.data(), n);
        ASSERT_EQ(y.back(), 42);
        for (int64_t i = 0; i < n; ++i) {
          const size_t k = static_cast<size_t>(i);
          const double v = exact(g, a[as ? 0 : k], b[bs ? 0 : k]);
          const double want = std::clamp(std::nearbyint(v), double(g.low), double(g.high));
          const bool tie = std::fabs(std::fabs(v - std::floor(v)) - 0.5) < 1e-4;
          ASSERT_LE(std::fabs(y[k] - want), tie ? 1 : 0) << target_name(target) << " at " << i << " of " << n;
        }
      }
    }
  }
}

TEST(SimdQEltwise, Sums) {
  check<uint8_t>({.a_factor = 0.31f, .b_factor = 1.7f, .shift = -40.3f}, &QEltwiseTable::binary_u8);
  check<uint8_t>({.a_factor = 0.5f, .b_factor = 0.5f, .shift = 0, .low = 3, .high = 100}, &QEltwiseTable::binary_u8);
  check<int8_t>({.a_factor = 0.31f, .b_factor = 1.7f, .shift = 7.7f, .low = -128, .high = 127},
                &QEltwiseTable::binary_i8);
}

TEST(SimdQEltwise, Products) {
  const QBinaryArgs g{.multiply = true, .a_factor = 0.0137f, .shift = 9, .a_zero = 128, .b_zero = 3};
  check<uint8_t>(g, &QEltwiseTable::binary_u8);
  QBinaryArgs s = g;
  s.a_zero = -128, s.b_zero = 127, s.low = -128, s.high = 127, s.shift = -5;
  check<int8_t>(s, &QEltwiseTable::binary_i8);
}

TEST(SimdQEltwise, Tables) {
  uint8_t table[256];
  for (int i = 0; i < 256; ++i) table[i] = static_cast<uint8_t>(i * 7 + 3);
  std::vector<uint8_t> x;
  for (int i = 0; i < 700; ++i) x.push_back(static_cast<uint8_t>(i * 31));
  for (Target target : qeltwise_targets())
    for (size_t n : {0, 1, 63, 64, 65, 700}) {
      std::vector<uint8_t> y(n + 1, 9);
      qeltwise_for(target)->lookup(table, x.data(), y.data(), static_cast<int64_t>(n));
      for (size_t i = 0; i < n; ++i) ASSERT_EQ(y[i], table[x[i]]);
      ASSERT_EQ(y[n], 9);
    }
}

}  // namespace
}  // namespace sardonyx::simd
