// DFT and STFT by fast transforms in double. Real signals go two by two through one complex transform.
#include <algorithm>

#include "cpu/common/axis.h"
#include "cpu/common/element.h"
#include "cpu/signal/fft.h"
#include "kernel/kernel.h"

namespace sardonyx {
namespace {

template <class F>
Status visit_real(DType t, F&& fn) {
  return visit_number(t, [&]<class T>(std::type_identity<T> id) {
    if constexpr (!std::is_integral_v<T>) fn(id);
    return Status();
  });
}

FftPlan plan_in(PrepareCtx& c, int64_t n, bool inverse) {
  return plan_fft(n, inverse, [&](size_t count) { return c.array<Complex>(count); });
}

// Transforms of `count` signals that share a length; those of real ones are paired.
struct Signals {
  FftPlan plan;
  int64_t count, at_once;  // at_once: 2 if they are real
};

void set_tasks(PrepareCtx& c, const Signals& s) {
  const double n = static_cast<double>(s.plan.n);
  c.tasks(s.plan.n ? (s.count + s.at_once - 1) / s.at_once : 0, n * 30);
  c.scratch_per_thread((static_cast<size_t>(s.plan.n) + fft_scratch(s.plan)) * sizeof(Complex));
}

// get(signal, i): element i of a signal; put(signal, k, value) is called for bins k < bins.
template <class Get, class Put>
void transform(const Signals& s, int64_t task, int64_t bins, std::byte* scratch, Get&& get, Put&& put) {
  Complex* data = reinterpret_cast<Complex*>(scratch);
  const int64_t n = s.plan.n, first = task * s.at_once;
  const bool two = s.at_once == 2 && first + 1 < s.count;
  for (int64_t i = 0; i < n; ++i) {
    data[i] = get(first, i);
    if (two) data[i].im = get(first + 1, i).re;
  }
  fft(s.plan, data, data + n);
  for (int64_t k = 0; k < bins; ++k) {
    const int64_t at = k % n;
    Complex a = data[at], b;
    if (two) split_real_pair(data, n, at, a, b);
    put(first, k, a);
    if (two) put(first + 1, k, b);
  }
}

struct DftWork {
  Signals signals;
  int64_t in, out, inner, in_parts, out_parts;
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
    w.in = x[static_cast<size_t>(axis)], w.inner = product(x, axis + 1, rank - 1);
    w.out = c.out_dims(0)[static_cast<size_t>(axis)], w.in_parts = x.back(), w.out_parts = c.out_dims(0).back();
    int64_t length = onesided_ && inverse_ ? 2 * (w.in - 1) : w.in;
    if (c.has(1)) {
      SDX_TRY(const auto given, c.ints(1));
      length = given[0];
    }
    w.signals = {};
    if (c.out_count(0) == 0 || length <= 0) return {};
    w.signals = {plan_in(c, length, inverse_), product(x, 0, axis) * w.inner, w.in_parts == 1 && !inverse_ ? 2 : 1};
    set_tasks(c, w.signals);
    return {};
  }
  Status run(RunCtx& c) const override {
    return visit_real(type_, [&]<class T>(std::type_identity<T>) {
      c.parallel([&](Range r, int thread) {
        for (int64_t t = r.begin; t < r.end; ++t) run_task<T>(c, t, c.scratch(thread));
      });
    });
  }

 private:
  template <class T>
  void run_task(RunCtx& c, int64_t task, std::byte* scratch) const {
    const DftWork& w = c.work<DftWork>();
    const int64_t length = w.signals.plan.n;
    const auto element = [&](int64_t signal, int64_t i) {
      const T* p = c.in<T>(0) + ((signal / w.inner * w.in + i) * w.inner + signal % w.inner) * w.in_parts;
      return Complex{static_cast<double>(p[0]), w.in_parts == 2 ? static_cast<double>(p[1]) : 0.0};
    };
    // A one-sided spectrum stands for its conjugate-symmetric whole; what lies beyond the input is zero.
    const bool half = onesided_ && inverse_;
    const auto value = [&](int64_t signal, int64_t i) {
      if (!half || i <= length / 2) return i < w.in ? element(signal, i) : Complex{};
      const Complex mirrored = length - i < w.in ? element(signal, length - i) : Complex{};
      return Complex{mirrored.re, -mirrored.im};
    };
    const double scale = inverse_ ? 1.0 / static_cast<double>(length) : 1.0;
    transform(w.signals, task, w.out, scratch, value, [&](int64_t signal, int64_t k, Complex v) {
      T* p = c.out<T>(0) + ((signal / w.inner * w.out + k) * w.inner + signal % w.inner) * w.out_parts;
      p[0] = T(v.re * scale);
      if (w.out_parts == 2) p[1] = T(v.im * scale);
    });
  }

  DType type_;
  bool inverse_, onesided_;
};

struct StftWork {
  Signals signals;  // the frames
  int64_t samples, parts, frames, bins, step;
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
    int64_t length = c.has(2) ? c.in_count(2) : 0;
    if (c.has(3)) {
      SDX_TRY(const auto given, c.ints(3));
      length = given[0];
    }
    w.signals = {};
    if (c.out_count(0) == 0 || length <= 0) return {};
    w.signals = {plan_in(c, length, false), c.out_dims(0)[0] * w.frames, w.parts == 1 ? 2 : 1};
    set_tasks(c, w.signals);
    return {};
  }
  Status run(RunCtx& c) const override {
    return visit_real(type_, [&]<class T>(std::type_identity<T>) {
      c.parallel([&](Range r, int thread) {
        for (int64_t t = r.begin; t < r.end; ++t) run_task<T>(c, t, c.scratch(thread));
      });
    });
  }

 private:
  template <class T>
  void run_task(RunCtx& c, int64_t task, std::byte* scratch) const {
    const StftWork& w = c.work<StftWork>();
    const T* window = c.in<T>(2);
    const auto value = [&](int64_t frame, int64_t i) {
      const T* in = c.in<T>(0) + (frame / w.frames * w.samples + frame % w.frames * w.step + i) * w.parts;
      const double f = window ? static_cast<double>(window[i]) : 1.0;
      return Complex{static_cast<double>(in[0]) * f, w.parts == 2 ? static_cast<double>(in[1]) * f : 0.0};
    };
    transform(w.signals, task, w.bins, scratch, value, [&](int64_t frame, int64_t k, Complex v) {
      T* out = c.out<T>(0) + (frame * w.bins + k) * 2;
      out[0] = T(v.re), out[1] = T(v.im);
    });
  }

  DType type_;
};

}  // namespace

SDX_KERNEL(cpu, DFT, fft) = {.make = make_kernel<Dft>};
SDX_KERNEL(cpu, STFT, fft) = {.make = make_kernel<Stft>};

}  // namespace sardonyx
