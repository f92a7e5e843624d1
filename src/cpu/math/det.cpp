// Det: determinants of square matrices by elimination with partial pivoting, in double (half precision too).
#include <algorithm>
#include <cmath>

#include "cpu/common/element.h"
#include "kernel/kernel.h"

namespace sardonyx {
namespace {

class Det final : public Kernel {
 public:
  explicit Det(const KernelQuery& q) : type_(q.dtype(0)) {}
  Status prepare(PrepareCtx& c) const override {
    const int64_t n = c.in_dims(0).back();
    c.work<int64_t>() = n;
    c.tasks(c.out_count(0), static_cast<double>(n * n * n));
    c.scratch_per_thread(static_cast<size_t>(n * n) * sizeof(double));
    return {};
  }
  Status run(RunCtx& c) const override {
    const int64_t n = c.work<int64_t>();
    return visit_number(type_, [&]<class T>(std::type_identity<T>) {
      if constexpr (!std::is_integral_v<T>)
        c.parallel([&](Range r, int thread) {
          double* m = reinterpret_cast<double*>(c.scratch(thread));
          for (int64_t t = r.begin; t < r.end; ++t) {
            for (int64_t i = 0; i < n * n; ++i) m[i] = static_cast<double>(c.in<T>(0)[t * n * n + i]);
            c.out<T>(0)[t] = T(determinant(m, n));
          }
        });
      return Status();
    });
  }

 private:
  static double determinant(double* m, int64_t n) {
    double det = 1;
    for (int64_t k = 0; k < n; ++k) {
      int64_t pivot = k;
      for (int64_t r = k + 1; r < n; ++r)
        if (std::fabs(m[r * n + k]) > std::fabs(m[pivot * n + k])) pivot = r;
      if (m[pivot * n + k] == 0) return 0;
      if (pivot != k) {
        std::swap_ranges(m + pivot * n, m + pivot * n + n, m + k * n);
        det = -det;
      }
      det *= m[k * n + k];
      for (int64_t r = k + 1; r < n; ++r) {
        const double f = m[r * n + k] / m[k * n + k];
        for (int64_t j = k + 1; j < n; ++j) m[r * n + j] -= f * m[k * n + j];
      }
    }
    return det;
  }
  DType type_;
};

}  // namespace

SDX_KERNEL(cpu, Det, any) = {.make = make_kernel<Det>};

}  // namespace sardonyx
