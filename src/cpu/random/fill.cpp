// RandomUniform, RandomNormal, their Like forms, and Bernoulli.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "cpu/common/element.h"
#include "cpu/random/philox.h"

namespace sardonyx {
namespace {

constexpr int64_t kChunk = 4096;  // elements per task

void book_chunks(PrepareCtx& c, double cost) { c.tasks((c.out_count(0) + kChunk - 1) / kChunk, kChunk * cost); }

// draw(i, n, out) writes up to `n` elements from element i on; i is a multiple of 4.
template <class T, class Draw>
void fill_chunks(RunCtx& c, Draw&& draw) {
  const int64_t count = c.out_count(0);
  c.parallel([&](Range r, int) {
    const int64_t end = std::min(r.end * kChunk, count);
    for (int64_t i = r.begin * kChunk; i < end; i += 4) draw(i, std::min<int64_t>(4, end - i), c.out<T>(0) + i);
  });
}

// Four uniform numbers of the precision that T needs, from element i on.
template <class C>
std::array<C, 4> units(uint64_t key, uint64_t run, int64_t i) {
  const uint64_t at = static_cast<uint64_t>(i);
  if constexpr (std::is_same_v<C, double>) {
    const PhiloxBlock a = philox(key, run, at / 2), b = philox(key, run, at / 2 + 1);
    return {unit_double(a[0], a[1]), unit_double(a[2], a[3]), unit_double(b[0], b[1]), unit_double(b[2], b[3])};
  } else {
    const PhiloxBlock a = philox(key, run, at / 4);
    return {unit_float(a[0]), unit_float(a[1]), unit_float(a[2]), unit_float(a[3])};
  }
}

// Two uniform numbers become two normal ones (Box-Muller).
template <class C>
void to_normal(C& u, C& v) {
  const C radius = std::sqrt(C{-2} * std::log(C{1} - u)), angle = 2 * std::numbers::pi_v<C> * v;
  u = radius * std::cos(angle);
  v = radius * std::sin(angle);
}

class Uniform final : public Kernel {
 public:
  explicit Uniform(const KernelQuery& q) : stream_(q), low_(q.attr_float("low")), high_(q.attr_float("high")) {}
  Status prepare(PrepareCtx& c) const override {
    book_chunks(c, 10);
    return {};
  }
  Status run(RunCtx& c) const override {
    const uint64_t run = stream_.next_run();
    return visit_float(c.out_dtype(0), [&]<class T>(std::type_identity<T>) {
      using C = std::conditional_t<std::is_same_v<T, double>, double, float>;
      fill_chunks<T>(c, [&](int64_t i, int64_t n, T* out) {
        const auto u = units<C>(stream_.key(), run, i);
        for (int64_t k = 0; k < n; ++k)
          out[k] = static_cast<T>(low_ + (static_cast<C>(high_) - low_) * u[static_cast<size_t>(k)]);
      });
      return Status();
    });
  }

 private:
  RandomStream stream_;
  float low_, high_;
};

class Normal final : public Kernel {
 public:
  explicit Normal(const KernelQuery& q) : stream_(q), mean_(q.attr_float("mean")), scale_(q.attr_float("scale")) {}
  Status prepare(PrepareCtx& c) const override {
    book_chunks(c, 40);
    return {};
  }
  Status run(RunCtx& c) const override {
    const uint64_t run = stream_.next_run();
    return visit_float(c.out_dtype(0), [&]<class T>(std::type_identity<T>) {
      using C = std::conditional_t<std::is_same_v<T, double>, double, float>;
      fill_chunks<T>(c, [&](int64_t i, int64_t n, T* out) {
        auto u = units<C>(stream_.key(), run, i);
        to_normal(u[0], u[1]);
        to_normal(u[2], u[3]);
        for (int64_t k = 0; k < n; ++k) out[k] = static_cast<T>(mean_ + scale_ * u[static_cast<size_t>(k)]);
      });
      return Status();
    });
  }

 private:
  RandomStream stream_;
  float mean_, scale_;
};

class Bernoulli final : public Kernel {
 public:
  explicit Bernoulli(const KernelQuery& q) : stream_(q) {}
  Status prepare(PrepareCtx& c) const override {
    book_chunks(c, 20);
    return {};
  }
  Status run(RunCtx& c) const override {
    const uint64_t run = stream_.next_run();
    return visit_float(c.dtype(0), [&]<class P>(std::type_identity<P>) {
      return visit_number(c.out_dtype(0), [&]<class T>(std::type_identity<T>) {
        fill_chunks<T>(c, [&](int64_t i, int64_t n, T* out) {
          const auto u = units<double>(stream_.key(), run, i);
          for (int64_t k = 0; k < n; ++k)
            out[k] = static_cast<T>(u[static_cast<size_t>(k)] < static_cast<double>(c.in<P>(0)[i + k]) ? 1.0f : 0.0f);
        });
        return Status();
      });
    });
  }

 private:
  RandomStream stream_;
};

}  // namespace

SDX_KERNEL(cpu, RandomUniform, any) = {.make = make_kernel<Uniform>};
SDX_KERNEL(cpu, RandomUniformLike, any) = {.make = make_kernel<Uniform>};
SDX_KERNEL(cpu, RandomNormal, any) = {.make = make_kernel<Normal>};
SDX_KERNEL(cpu, RandomNormalLike, any) = {.make = make_kernel<Normal>};
SDX_KERNEL(cpu, Bernoulli, any) = {.make = make_kernel<Bernoulli>};

}  // namespace sardonyx
