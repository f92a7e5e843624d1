#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <numbers>
#include <vector>

#include "cpu/signal/fft.h"

namespace sardonyx {
namespace {

struct Memory {
  std::vector<std::unique_ptr<Complex[]>> blocks;
  Complex* operator()(size_t n) { return (blocks.emplace_back(new Complex[n])).get(); }
};

std::vector<Complex> signal(int64_t n) {
  std::vector<Complex> x(static_cast<size_t>(n));
  uint64_t state = 88172645463325252ull + static_cast<uint64_t>(n);
  const auto next = [&] {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return static_cast<double>(state % 2000) / 1000 - 1;
  };
  for (Complex& v : x) v = {next(), next()};
  return x;
}

std::vector<Complex> direct(const std::vector<Complex>& x, bool inverse) {
  const int64_t n = static_cast<int64_t>(x.size());
  std::vector<Complex> y(x.size());
  for (int64_t k = 0; k < n; ++k)
    for (int64_t i = 0; i < n; ++i) {
      const double angle =
          (inverse ? 2 : -2) * std::numbers::pi * static_cast<double>(k * i % n) / static_cast<double>(n);
      const Complex v = x[static_cast<size_t>(i)];
      y[static_cast<size_t>(k)].re += v.re * std::cos(angle) - v.im * std::sin(angle);
      y[static_cast<size_t>(k)].im += v.re * std::sin(angle) + v.im * std::cos(angle);
    }
  return y;
}

void expect_direct(int64_t n, bool inverse) {
  Memory memory;
  const FftPlan plan = plan_fft(n, inverse, [&](size_t count) { return memory(count); });
  std::vector<Complex> x = signal(n), scratch(fft_scratch(plan));
  const std::vector<Complex> want = direct(x, inverse);
  fft(plan, x.data(), scratch.data());
  for (size_t k = 0; k < x.size(); ++k) {
    ASSERT_NEAR(x[k].re, want[k].re, 1e-12 * static_cast<double>(n)) << n << " bin " << k;
    ASSERT_NEAR(x[k].im, want[k].im, 1e-12 * static_cast<double>(n)) << n << " bin " << k;
  }
}

TEST(Fft, EveryLengthAgreesWithTheSum) {
  for (int64_t n = 1; n <= 140; ++n)
    for (const bool inverse : {false, true}) expect_direct(n, inverse);
  for (const int64_t n : {331, 400, 512, 961, 1000, 1021, 1024}) expect_direct(n, false);
}

TEST(Fft, TwoRealSignalsShareOneTransform) {
  for (const int64_t n : {1, 2, 5, 16, 37}) {
    Memory memory;
    const FftPlan plan = plan_fft(n, false, [&](size_t count) { return memory(count); });
    std::vector<Complex> both = signal(n), a(both.size()), b(both.size()), scratch(fft_scratch(plan));
    for (size_t i = 0; i < both.size(); ++i) a[i] = {both[i].re, 0}, b[i] = {both[i].im, 0};
    const std::vector<Complex> want_a = direct(a, false), want_b = direct(b, false);
    fft(plan, both.data(), scratch.data());
    for (int64_t k = 0; k < n; ++k) {
      Complex first, second;
      split_real_pair(both.data(), n, k, first, second);
      const size_t at = static_cast<size_t>(k);
      EXPECT_NEAR(first.re, want_a[at].re, 1e-12);
      EXPECT_NEAR(first.im, want_a[at].im, 1e-12);
      EXPECT_NEAR(second.re, want_b[at].re, 1e-12);
      EXPECT_NEAR(second.im, want_b[at].im, 1e-12);
    }
  }
}

}  // namespace
}  // namespace sardonyx
