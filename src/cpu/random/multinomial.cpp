// Multinomial: draws class numbers from unnormalised log-probabilities, by searching the cumulative sum of each row.
#include <algorithm>
#include <cmath>

#include "cpu/common/axis.h"
#include "cpu/common/element.h"
#include "cpu/random/philox.h"

namespace sardonyx {
namespace {

class Multinomial final : public Kernel {
 public:
  explicit Multinomial(const KernelQuery& q) : stream_(q) {}

  Status prepare(PrepareCtx& c) const override {
    const int64_t classes = c.in_dims(0)[1], samples = c.out_dims(0)[1];
    c.scratch_per_thread(static_cast<size_t>(classes) * sizeof(double));
    c.tasks(samples ? c.in_dims(0)[0] : 0, static_cast<double>(classes * 20 + samples * 30));
    return {};
  }

  Status run(RunCtx& c) const override {
    const uint64_t run = stream_.next_run();
    return visit_float(c.dtype(0), [&]<class P>(std::type_identity<P>) {
      BadIndex bad;
      c.parallel([&](Range r, int thread) {
        double* sums = reinterpret_cast<double*>(c.scratch(thread));
        for (int64_t row = r.begin; row < r.end; ++row) {
          if (!accumulate(c.in<P>(0) + row * c.in_dims(0)[1], c.in_dims(0)[1], sums))
            bad.report(row);
          else if (c.out_dtype(0) == DType::kI64)
            draw<int64_t>(c, sums, run, row);
          else
            draw<int32_t>(c, sums, run, row);
        }
      });
      if (bad.any())
        return fail(Code::kRange, "row ", bad.position(),
                    " has NaN or infinity, or no class with a probability above 0");
      return Status();
    });
  }

 private:
  template <class P>
  static bool accumulate(const P* logits, int64_t n, double* sums) {
    double top = -INFINITY, sum = 0;
    for (int64_t i = 0; i < n; ++i) top = std::max(top, static_cast<double>(logits[i]));
    for (int64_t i = 0; i < n; ++i) sums[i] = sum += std::exp(static_cast<double>(logits[i]) - top);
    return n > 0 && std::isfinite(sum);
  }

  template <class T>
  void draw(RunCtx& c, const double* sums, uint64_t run, int64_t row) const {
    const int64_t classes = c.in_dims(0)[1], samples = c.out_dims(0)[1];
    for (int64_t s = 0; s < samples; ++s) {
      const int64_t i = row * samples + s;
      const PhiloxBlock b = philox(stream_.key(), run, static_cast<uint64_t>(i));
      const double at = unit_double(b[0], b[1]) * sums[classes - 1];
      const int64_t k = std::upper_bound(sums, sums + classes, at) - sums;
      c.out<T>(0)[i] = static_cast<T>(std::min(k, classes - 1));
    }
  }
  RandomStream stream_;
};

}  // namespace

SDX_KERNEL(cpu, Multinomial, any) = {.make = make_kernel<Multinomial>};

}  // namespace sardonyx
