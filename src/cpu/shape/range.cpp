// Range: start + i · delta. The narrow floats are computed in float and rounded once.
#include "cpu/common/element.h"
#include "kernel/kernel.h"

namespace sardonyx {
namespace {

class RangeOf final : public Kernel {
 public:
  Status prepare(PrepareCtx& c) const override {
    c.tasks(c.out_count(0), 1);
    return {};
  }
  Status run(RunCtx& c) const override {
    return visit_number(c.dtype(0), [&]<class T>(std::type_identity<T>) {
      const T* start = c.in<T>(0);
      const T* delta = c.in<T>(2);
      c.parallel([&](Range r, int) { fill(*start, *delta, c.out<T>(0), r); });
      return Status();
    });
  }

 private:
  template <class T>
  static void fill(T start, T delta, T* out, Range r) {
    if constexpr (std::is_integral_v<T>) {
      using U = uint64_t;  // wraps instead of overflowing
      for (int64_t i = r.begin; i < r.end; ++i)
        out[i] = static_cast<T>(static_cast<U>(start) + static_cast<U>(delta) * static_cast<U>(i));
    } else {
      using C = std::conditional_t<std::is_same_v<T, double>, double, float>;
      const C s = start, d = delta;
      for (int64_t i = r.begin; i < r.end; ++i) out[i] = static_cast<T>(s + static_cast<C>(i) * d);
    }
  }
};

}  // namespace

SDX_KERNEL(cpu, Range, any) = {.make = make_kernel<RangeOf>};

}  // namespace sardonyx
