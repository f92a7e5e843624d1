// Features changed one by one or row by row: Binarizer, Scaler, Imputer, Normalizer.
#include <cmath>

#include "cpu/ml/samples.h"

namespace sardonyx {
namespace {

template <class T>
constexpr bool kNarrow = std::is_same_v<T, float>;  // computed in float; everything else in double

// fn(type, range) over the elements.
template <class F>
Status each_element(RunCtx& c, DType type, F&& fn) {
  return visit_number(type, [&]<class T>(std::type_identity<T> t) {
    c.parallel([&](Range r, int) { fn(t, r); });
    return Status();
  });
}

class Binarizer final : public Kernel {
 public:
  explicit Binarizer(const KernelQuery& q) : threshold_(static_cast<double>(q.attr_float("threshold"))) {}
  Status prepare(PrepareCtx& c) const override {
    c.tasks(c.in_count(0), 1);
    c.may_reuse(0, 0);
    return {};
  }
  Status run(RunCtx& c) const override {
    return each_element(c, c.dtype(0), [&]<class T>(std::type_identity<T>, Range r) {
      const T* in = c.in<T>(0);
      T* out = c.out<T>(0);
      for (int64_t i = r.begin; i < r.end; ++i) out[i] = static_cast<T>(above(in[i]) ? 1.0f : 0.0f);
    });
  }

 private:
  template <class T>
  bool above(T v) const {
    if constexpr (std::is_same_v<T, int64_t>) {  // the floor is a limit that loses no digits
      const double limit = std::floor(threshold_);
      if (limit >= 0x1p63) return false;
      return !(limit >= -0x1p63) ? limit < 0 : v > static_cast<int64_t>(limit);
    } else {
      return static_cast<double>(v) > threshold_;
    }
  }

  double threshold_;
};

class Scaler final : public Kernel {
 public:
  explicit Scaler(const KernelQuery& q) : offset_(q.attr_floats("offset")), scale_(q.attr_floats("scale")) {}
  Status prepare(PrepareCtx& c) const override {
    const int64_t features = c.work<int64_t>() = c.rank(0) ? c.in_dims(0).back() : 1;
    if (offset_.size() > 1 && static_cast<int64_t>(offset_.size()) != features)
      return fail(Code::kShape, "X ", to_string(c.in_dims(0)), " does not have the ", offset_.size(),
                  " features of scale");
    c.tasks(c.in_count(0), 2);
    if (c.dtype(0) == DType::kF32) c.may_reuse(0, 0);
    return {};
  }
  Status run(RunCtx& c) const override {
    const int64_t features = c.work<int64_t>();
    return each_element(c, c.dtype(0), [&]<class T>(std::type_identity<T>, Range r) {
      using C = std::conditional_t<kNarrow<T>, float, double>;
      const T* in = c.in<T>(0);
      float* out = c.out<float>(0);
      const bool one = offset_.size() == 1;
      size_t f = one || features == 0 ? 0 : static_cast<size_t>(r.begin % features);
      for (int64_t i = r.begin; i < r.end; ++i) {
        out[i] = static_cast<float>((static_cast<C>(in[i]) - static_cast<C>(offset_[f])) * static_cast<C>(scale_[f]));
        if (++f == offset_.size()) f = 0;
      }
    });
  }

 private:
  std::vector<float> offset_, scale_;
};

class Imputer final : public Kernel {
 public:
  explicit Imputer(const KernelQuery& q) : floating_(is_float(q.dtype(0))) {
    if (floating_)
      floats_ = q.attr_floats("imputed_value_floats"), wanted_float_ = q.attr_float("replaced_value_float");
    else
      ints_ = q.attr_ints("imputed_value_int64s"), wanted_int_ = q.attr_int("replaced_value_int64");
  }
  Status prepare(PrepareCtx& c) const override {
    const int64_t features = c.rank(0) ? c.in_dims(0).back() : 1,
                  n = static_cast<int64_t>(floats_.size() + ints_.size());
    if (n > 1 && n != features)
      return fail(Code::kShape, "X ", to_string(c.in_dims(0)), " does not have the ", n,
                  " features of the imputed values");
    c.tasks(c.in_count(0), 2);
    c.may_reuse(0, 0);
    return {};
  }
  Status run(RunCtx& c) const override {
    return each_element(c, c.dtype(0), [&]<class T>(std::type_identity<T>, Range r) {
      if constexpr (std::is_integral_v<T>) {
        fill<T>(c, r, ints_, [&](T v) { return static_cast<int64_t>(v) == wanted_int_; });
      } else {
        const T wanted = static_cast<T>(wanted_float_);
        if (std::isnan(wanted_float_))
          fill<T>(c, r, floats_, [](T v) { return v != v; });
        else
          fill<T>(c, r, floats_, [&](T v) { return v == wanted; });
      }
    });
  }

 private:
  template <class T, class V, class F>
  static void fill(RunCtx& c, Range r, const std::vector<V>& values, F&& missing) {
    const T* in = c.in<T>(0);
    T* out = c.out<T>(0);
    size_t f = static_cast<size_t>(r.begin) % values.size();
    for (int64_t i = r.begin; i < r.end; ++i) {
      out[i] = missing(in[i]) ? static_cast<T>(values[f]) : in[i];
      if (++f == values.size()) f = 0;
    }
  }

  bool floating_;
  std::vector<float> floats_;
  std::vector<int64_t> ints_;
  float wanted_float_ = 0;
  int64_t wanted_int_ = 0;
};

// term(x) summed over the row, in eight partial sums: they can be vectorised, and are the same everywhere.
template <class T, class F>
double sum_of(const T* in, int64_t n, F&& term) {
  constexpr int64_t kLanes = 8;
  double sums[kLanes] = {};
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes)
    for (int64_t k = 0; k < kLanes; ++k) sums[k] += term(static_cast<double>(in[i + k]));
  for (int64_t k = 0; i < n; ++i, ++k) sums[k] += term(static_cast<double>(in[i]));
  return ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
}

// Rows whose divisor is zero stay as they are.
class Normalizer final : public Kernel {
 public:
  explicit Normalizer(const KernelQuery& q) : norm_(norm_of(q.attr_string("norm"))) {}
  Status prepare(PrepareCtx& c) const override {
    const Samples s = samples_of(c.in_dims(0));
    c.work<Samples>() = s;
    c.tasks(s.features ? s.rows : 0, static_cast<double>(s.features) * 3);
    return {};
  }
  Status run(RunCtx& c) const override {
    const int64_t n = c.work<Samples>().features;
    return each_element(c, c.dtype(0), [&]<class T>(std::type_identity<T>, Range r) {
      for (int64_t row = r.begin; row < r.end; ++row) {
        const T* in = c.in<T>(0) + row * n;
        scale(in, divisor(in, n), c.out<float>(0) + row * n, n);
      }
    });
  }

 private:
  enum class Norm : uint8_t { kMax, kL1, kL2 };
  static Norm norm_of(std::string_view name) {
    return name == "MAX" ? Norm::kMax : name == "L1" ? Norm::kL1 : Norm::kL2;
  }

  template <class T>
  static void scale(const T* in, double by, float* out, int64_t n) {
    const double factor = by == 0 ? 1 : 1 / by;
    if (std::isinf(factor)) {  // the reciprocal of a subnormal number
      for (int64_t i = 0; i < n; ++i) out[i] = static_cast<float>(static_cast<double>(in[i]) / by);
      return;
    }
    for (int64_t i = 0; i < n; ++i) out[i] = static_cast<float>(static_cast<double>(in[i]) * factor);
  }

  template <class T>
  double divisor(const T* in, int64_t n) const {
    if (norm_ == Norm::kL1) return sum_of(in, n, [](double x) { return std::fabs(x); });
    if (norm_ == Norm::kL2) return std::sqrt(sum_of(in, n, [](double x) { return x * x; }));
    double max = static_cast<double>(in[0]);
    for (int64_t i = 1; i < n; ++i) {
      const double x = static_cast<double>(in[i]);
      max = x > max || x != x ? x : max;
    }
    return max;
  }

  Norm norm_;
};

}  // namespace

SDX_KERNEL(cpu, ml_Binarizer, any) = {.priority = 10, .make = make_kernel<Binarizer>};
SDX_KERNEL(cpu, ml_Scaler, any) = {.priority = 10, .make = make_kernel<Scaler>};
SDX_KERNEL(cpu, ml_Imputer, any) = {.priority = 10, .make = make_kernel<Imputer>};
SDX_KERNEL(cpu, ml_Normalizer, any) = {.priority = 10, .make = make_kernel<Normalizer>};

}  // namespace sardonyx
