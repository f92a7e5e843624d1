#include "cpu/signal/fft.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace sardonyx {

namespace {

constexpr int kMostRadix = 31;  // beyond it, a stage's square costs more than Bluestein's convolution

Complex operator+(Complex a, Complex b) { return {a.re + b.re, a.im + b.im}; }
Complex operator-(Complex a, Complex b) { return {a.re - b.re, a.im - b.im}; }
Complex operator*(Complex a, Complex b) { return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re}; }
Complex conjugate(Complex a) { return {a.re, -a.im}; }
Complex times_i(Complex a, double sign) { return {-sign * a.im, sign * a.re}; }

// exp(sign πi k / n)
Complex root(int64_t k, int64_t n, double sign) {
  const double angle = sign * std::numbers::pi * static_cast<double>(k) / static_cast<double>(n);
  return {std::cos(angle), std::sin(angle)};
}

// Radices of n, those with little arithmetic first; false if a prime factor is too large.
bool factor(int64_t n, FftPlan& p) {
  p.stages = 0;
  for (int r : {4, 2, 3, 5})
    for (; n % r == 0; n /= r) p.radices[p.stages++] = r;
  for (int r = 7; r <= kMostRadix; r += 2)
    for (; n % r == 0; n /= r) p.radices[p.stages++] = r;
  return n == 1;
}

const Complex* roots_of(int64_t n, double sign, const ComplexAllocator& allocate) {
  Complex* r = allocate(static_cast<size_t>(n));
  for (int64_t k = 0; k < n; ++k) r[k] = root(2 * k, n, sign);
  return r;
}

// One stage of Stockham's algorithm: length l = radix * m at stride s; n = l * s.
struct Stage {
  const Complex* x;
  Complex* y;
  const Complex* roots;
  int64_t n, m, s;
  Complex in(int64_t q, int64_t p, int64_t j) const { return x[q + s * (p + m * j)]; }
  void out(int64_t q, int64_t p, int64_t radix, int64_t k, Complex v) const { y[q + s * (radix * p + k)] = v; }
  Complex twiddle(int64_t p, int64_t k) const { return roots[p * k * s]; }
};

void radix_2(const Stage& g) {
  for (int64_t p = 0; p < g.m; ++p) {
    const Complex w = g.twiddle(p, 1);
    for (int64_t q = 0; q < g.s; ++q) {
      const Complex a = g.in(q, p, 0), b = g.in(q, p, 1);
      g.out(q, p, 2, 0, a + b);
      g.out(q, p, 2, 1, (a - b) * w);
    }
  }
}

void radix_4(const Stage& g, double sign) {
  for (int64_t p = 0; p < g.m; ++p) {
    const Complex w1 = g.twiddle(p, 1), w2 = g.twiddle(p, 2), w3 = g.twiddle(p, 3);
    for (int64_t q = 0; q < g.s; ++q) {
      const Complex a = g.in(q, p, 0), b = g.in(q, p, 1), c = g.in(q, p, 2), d = g.in(q, p, 3);
      const Complex even = a + c, odd = b + d, difference = a - c, turned = times_i(b - d, sign);
      g.out(q, p, 4, 0, even + odd);
      g.out(q, p, 4, 1, (difference + turned) * w1);
      g.out(q, p, 4, 2, (even - odd) * w2);
      g.out(q, p, 4, 3, (difference - turned) * w3);
    }
  }
}

void any_radix(const Stage& g, int radix) {
  const int64_t step = g.n / radix;  // between roots of order radix
  for (int64_t p = 0; p < g.m; ++p)
    for (int64_t q = 0; q < g.s; ++q)
      for (int k = 0; k < radix; ++k) {
        Complex sum = g.in(q, p, 0);
        for (int j = 1; j < radix; ++j) sum = sum + g.in(q, p, j) * g.roots[j * k % radix * step];
        g.out(q, p, radix, k, sum * g.twiddle(p, k));
      }
}

// The transform of p.radices, whose product is `n`.
void stockham(const FftPlan& p, int64_t n, Complex* data, Complex* scratch) {
  const double sign = n > 1 && p.radices[0] == 4 ? p.roots[n / 4].im : 0;  // of the exponent: root n/4 is ±i
  Complex *x = data, *y = scratch;
  int64_t left = n, s = 1;
  for (int i = 0; i < p.stages; ++i) {
    const int radix = p.radices[i];
    const Stage g{x, y, p.roots, n, left / radix, s};
    if (radix == 4)
      radix_4(g, sign);
    else if (radix == 2)
      radix_2(g);
    else
      any_radix(g, radix);
    left /= radix, s *= radix;
    std::swap(x, y);
  }
  if (x != data) std::copy(x, x + n, data);
}

void plan_bluestein(FftPlan& p, double sign, const ComplexAllocator& allocate) {
  const int64_t n = p.n;
  p.convolved = 1;
  while (p.convolved < 2 * n - 1) p.convolved *= 2;
  const int64_t m = p.convolved;
  factor(m, p);
  p.roots = roots_of(m, -1, allocate);
  Complex *chirp = allocate(static_cast<size_t>(n)), *filter = allocate(static_cast<size_t>(m)),
          *scratch = allocate(static_cast<size_t>(m));
  for (int64_t k = 0, square = 0; k < n; square = (square + 2 * k + 1) % (2 * n), ++k) chirp[k] = root(square, n, sign);
  const double scale = 1.0 / static_cast<double>(m);
  std::fill(filter, filter + m, Complex{});
  for (int64_t k = 0; k < n; ++k) {
    const Complex v = {chirp[k].re * scale, -chirp[k].im * scale};
    filter[k] = v;
    if (k > 0) filter[m - k] = v;
  }
  stockham(p, m, filter, scratch);
  p.chirp = chirp, p.filter = filter;
}

}  // namespace

FftPlan plan_fft(int64_t n, bool inverse, const ComplexAllocator& allocate) {
  FftPlan p;
  p.n = n;
  const double sign = inverse ? 1 : -1;
  if (factor(n, p))
    p.roots = roots_of(n, sign, allocate);
  else
    plan_bluestein(p, sign, allocate);
  return p;
}

size_t fft_scratch(const FftPlan& p) { return static_cast<size_t>(p.convolved ? 2 * p.convolved : p.n); }

void fft(const FftPlan& p, Complex* data, Complex* scratch) {
  if (!p.convolved) return stockham(p, p.n, data, scratch);
  const int64_t m = p.convolved;
  Complex *a = scratch, *rest = scratch + m;
  for (int64_t k = 0; k < p.n; ++k) a[k] = data[k] * p.chirp[k];
  std::fill(a + p.n, a + m, Complex{});
  stockham(p, m, a, rest);
  for (int64_t k = 0; k < m; ++k) a[k] = conjugate(a[k] * p.filter[k]);  // conjugated, forward again: the inverse
  stockham(p, m, a, rest);
  for (int64_t k = 0; k < p.n; ++k) data[k] = conjugate(a[k]) * p.chirp[k];
}

void split_real_pair(const Complex* both, int64_t n, int64_t k, Complex& first, Complex& second) {
  const Complex a = both[k], b = conjugate(both[k == 0 ? 0 : n - k]);
  first = {(a.re + b.re) / 2, (a.im + b.im) / 2};
  second = {(a.im - b.im) / 2, (b.re - a.re) / 2};
}

}  // namespace sardonyx
