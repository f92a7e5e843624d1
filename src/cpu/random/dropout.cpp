// Dropout in training mode: drops each element with probability `ratio` and scales the others by 1 / (1 - ratio).
// Inference copies.
#include <algorithm>
#include <cstring>

#include "cpu/common/element.h"
#include "cpu/random/philox.h"
#include "simd/cast.h"

namespace sardonyx {
namespace {

constexpr int64_t kChunk = 4096;  // elements per task, a multiple of 4

class Dropout final : public Kernel {
 public:
  explicit Dropout(const KernelQuery& q) : stream_(q), type_(q.dtype(0)) {}
  Status prepare(PrepareCtx& c) const override {
    c.tasks((c.out_count(0) + kChunk - 1) / kChunk, kChunk * 4);
    return {};
  }
  Status run(RunCtx& c) const override {
    double ratio = 0.5;
    if (c.has(1)) simd::cast(c.dtype(1), DType::kF64)(c.in(1), &ratio, 1, {});
    if (!(ratio >= 0 && ratio < 1)) return fail(Code::kRange, "ratio is ", ratio, "; it must be in [0,1)");
    const bool training = c.has(2) && *c.in<bool>(2) && ratio > 0;
    const uint64_t run = stream_.next_run();
    return visit_number(type_, [&]<class T>(std::type_identity<T>) {
      if constexpr (!std::is_integral_v<T>) {
        c.parallel([&](Range r, int) {
          const int64_t end = std::min(r.end * kChunk, c.out_count(0));
          if (training)
            drop<T>(c, r.begin * kChunk, end, ratio, run);
          else
            keep<T>(c, r.begin * kChunk, end);
        });
      }
      return Status();
    });
  }

 private:
  template <class T>
  static void keep(RunCtx& c, int64_t begin, int64_t end) {
    std::memcpy(c.out<T>(0) + begin, c.in<T>(0) + begin, static_cast<size_t>(end - begin) * sizeof(T));
    if (bool* mask = c.out<bool>(1)) std::fill(mask + begin, mask + end, true);
  }
  template <class T>
  void drop(RunCtx& c, int64_t begin, int64_t end, double ratio, uint64_t run) const {
    using S = std::conditional_t<std::is_same_v<T, double>, double, float>;
    const S scale = static_cast<S>(1 / (1 - ratio));
    const T* in = c.in<T>(0);
    T* out = c.out<T>(0);
    bool* mask = c.out<bool>(1);
    for (int64_t i = begin; i < end; ++i) {
      const PhiloxBlock block = philox(stream_.key(), run, static_cast<uint64_t>(i) / 4);
      const bool kept = static_cast<double>(unit_float(block[static_cast<size_t>(i % 4)])) >= ratio;
      out[i] = kept ? T(static_cast<S>(in[i]) * scale) : T(S(0));
      if (mask) mask[i] = kept;
    }
  }

  RandomStream stream_;
  DType type_;
};

// Inference and a ratio of zero are better eliminated; without a training input there is nothing to draw.
Reason refuse(const KernelQuery& q) {
  if (!q.has(2)) return "without training_mode the body copies";
  return is_float(q.dtype(0)) ? kAccept : Reason("float8 has no arithmetic");
}

}  // namespace

SDX_KERNEL(cpu, Dropout, training) = {.priority = 5, .refuse = refuse, .make = make_kernel<Dropout>};

}  // namespace sardonyx
