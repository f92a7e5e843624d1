// DFT and STFT, summed directly in double with a table of roots of unity: exact to the last bits of f32, at n² cost.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "cpu/common/axis.h"
#include "cpu/common/element.h"
#include "kernel/kernel.h"

namespace sardonyx {
namespace {

// exp(-2πi k / n) as cosine and sine, for k < n.
const double* roots(PrepareCtx& c, int64_t n, bool inverse) {
  double* r = c.array<double>(static_cast<size_t>(2 * n));
  for (int64_t k = 0; k < n; ++k) {
    const double angle = (inverse ? 2 : -2) * std::numbers::pi * static_cast<double>(k) / static_cast<double>(n);
    r[2 * k] = std::cos(angle), r[2 * k + 1] = std::sin(angle);
  }
  return r;
}

struct Complex {
  double re = 0, im = 0;
};

// Bin `k` of the transform of `count` values (beyond them zeros), value(i) giving element i.
template <class Get>
Complex bin(const double* roots, int64_t n, int64_t k, int64_t count, Get&& value) {
  Complex sum;
  int64_t at = 0;
  for (int64_t i = 0; i < count; ++i) {
    const Complex v = value(i);
    const double c = roots[2 * at], s = roots[2 * at + 1];
    sum.re += v.re * c - v.im * s;
    sum.im += v.re * s + v.im * c;
    at += k;
    if (at >= n) at %= n;
  }
  return sum;
}

template <class F>
Status visit_real(DType t, F&& fn) {
  return visit_number(t, [&]<class T>(std::type_identity<T> id) {
    if constexpr (!std::is_integral_v<T>) fn(id);
    return Status();
  });
}

struct DftWork {
  int64_t outer, in, out, inner, length, in_parts, out_parts;
  const double* roots;
};

class Dft final : public Kernel {
 public:
  explicit Dft(const KernelQuery& q)
      : type_(q.dtype(0)), inverse_(q.attr_int("inverse") != 0), onesided_(q.attr_int("onesided") != 0) {}
  Status prepare(PrepareCtx& c) const override {
    DftWork& w = c.work<DftWork>();
    const int rank = c.rank(0);
    int axis = rank - 2;
    if (c.has(2)) {
      SDX_TRY(const auto given, c.ints(2));
      axis = wrap_axis(given[0], rank);
    }
    const Extents& x = c.in_dims(0);
    w.outer = product(x, 0, axis), w.in = x[static_cast<size_t>(axis)], w.inner = product(x, axis + 1, rank - 1);
    w.out = c.out_dims(0)[static_cast<size_t>(axis)], w.in_parts = x.back(), w.out_parts = c.out_dims(0).back();
    w.length = onesided_ && inverse_ ? 2 * (w.in - 1) : w.in;
    if (c.has(1)) {
      SDX_TRY(const auto length, c.ints(1));
      w.length = length[0];
    }
    w.roots = roots(c, w.length, inverse_);
    c.tasks(c.out_count(0) ? w.outer * w.inner : 0, static_cast<double>(w.out * w.length) * 4);
    return {};
  }
  Status run(RunCtx& c) const override {
    return visit_real(type_, [&]<class T>(std::type_identity<T>) {
      c.parallel([&](Range r, int) {
        for (int64_t t = r.begin; t < r.end; ++t) one<T>(c, t);
      });
    });
  }

 private:
  template <class T>
  void one(RunCtx& c, int64_t t) const {
    const DftWork& w = c.work<DftWork>();
    const T* in = c.in<T>(0) + (t / w.inner * w.in * w.inner + t % w.inner) * w.in_parts;
    T* out = c.out<T>(0) + (t / w.inner * w.out * w.inner + t % w.inner) * w.out_parts;
    const auto element = [&](int64_t i) {
      const T* p = in + i * w.inner * w.in_parts;
      return Complex{static_cast<double>(p[0]), w.in_parts == 2 ? static_cast<double>(p[1]) : 0.0};
    };
    // A one-sided spectrum stands for its conjugate-symmetric whole.
    const bool half = onesided_ && inverse_;
    const auto value = [&](int64_t i) {
      if (!half || i < w.in) return element(i);
      const Complex mirrored = element(w.length - i);
      return Complex{mirrored.re, -mirrored.im};
    };
    const int64_t count = half ? std::min(w.length, 2 * w.in - 1) : std::min(w.length, w.in);
    for (int64_t k = 0; k < w.out; ++k) {
      Complex v = bin(w.roots, w.length, k, count, value);
      const double scale = inverse_ ? 1.0 / static_cast<double>(w.length) : 1.0;
      T* p = out + k * w.inner * w.out_parts;
      p[0] = T(v.re * scale);
      if (w.out_parts == 2) p[1] = T(v.im * scale);
    }
  }

  DType type_;
  bool inverse_, onesided_;
};

struct StftWork {
  int64_t samples, parts, frames, bins, length, step;
  const double* roots;
};

class Stft final : public Kernel {
 public:
  explicit Stft(const KernelQuery& q) : type_(q.dtype(0)) {}
  Status prepare(PrepareCtx& c) const override {
    StftWork& w = c.work<StftWork>();
    w.samples = c.in_dims(0)[1], w.parts = c.rank(0) > 2 ? c.in_dims(0)[2] : 1;
    w.frames = c.out_dims(0)[1], w.bins = c.out_dims(0)[2];
    SDX_TRY(const auto step, c.ints(1));
    w.step = step[0];
    w.length = c.has(2) ? c.in_count(2) : 0;
    if (c.has(3)) {
      SDX_TRY(const auto length, c.ints(3));
      w.length = length[0];
    }
    w.roots = roots(c, w.length, false);
    c.tasks(c.out_count(0) ? c.out_dims(0)[0] * w.frames : 0, static_cast<double>(w.bins * w.length) * 4);
    return {};
  }
  Status run(RunCtx& c) const override {
    return visit_real(type_, [&]<class T>(std::type_identity<T>) {
      c.parallel([&](Range r, int) {
        for (int64_t t = r.begin; t < r.end; ++t) frame<T>(c, t);
      });
    });
  }

 private:
  template <class T>
  void frame(RunCtx& c, int64_t t) const {
    const StftWork& w = c.work<StftWork>();
    const T* in = c.in<T>(0) + (t / w.frames * w.samples + t % w.frames * w.step) * w.parts;
    const T* window = c.in<T>(2);
    const auto value = [&](int64_t i) {
      const double f = window ? static_cast<double>(window[i]) : 1.0;
      return Complex{static_cast<double>(in[i * w.parts]) * f,
                     w.parts == 2 ? static_cast<double>(in[i * 2 + 1]) * f : 0.0};
    };
    T* out = c.out<T>(0) + t * w.bins * 2;
    for (int64_t k = 0; k < w.bins; ++k) {
      const Complex v = bin(w.roots, w.length, k, w.length, value);
      out[2 * k] = T(v.re), out[2 * k + 1] = T(v.im);
    }
  }

  DType type_;
};

}  // namespace

SDX_KERNEL(cpu, DFT, direct) = {.make = make_kernel<Dft>};
SDX_KERNEL(cpu, STFT, direct) = {.make = make_kernel<Stft>};

}  // namespace sardonyx
