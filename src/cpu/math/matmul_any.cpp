#include "cpu/math/matmul_any.h"

#include <cmath>

#include "cpu/common/element.h"
#include "cpu/math/broadcast.h"

namespace sardonyx {
namespace {

// The type in which products are summed.
template <class T>
struct Sum {
  using Type = std::conditional_t<std::is_integral_v<T>,
                                  std::make_unsigned_t<std::conditional_t<std::is_integral_v<T>, T, int>>, T>;
};
template <>
struct Sum<F16> {
  using Type = float;
};
template <>
struct Sum<BF16> {
  using Type = float;
};

// v * factor cut to an integer, modulo what T holds; beyond 64 bits the nearest that they hold.
template <class T>
T scaled(T v, float factor) {
  if (factor == 1) return v;
  const double product = static_cast<double>(v) * static_cast<double>(factor);
  if (std::isnan(product)) return 0;
  if (product < 0) return static_cast<T>(product < -0x1p63 ? INT64_MIN : static_cast<int64_t>(product));
  return static_cast<T>(product >= 0x1p64 ? UINT64_MAX : static_cast<uint64_t>(product));
}

struct Work {
  int64_t m, n, k, batch;
  int64_t a_row, a_col, b_row, b_col;  // element strides
  BroadcastPlan a_batch, bias;         // a_batch: matrix numbers of A and B for each batch member
};

class MatmulAny final : public Kernel {
 public:
  MatmulAny(DType type, const MatmulSpec& spec) : type_(type), spec_(spec) {}

  Status prepare(PrepareCtx& c) const override {
    Work& w = c.work<Work>();
    Extents a = c.in_dims(0), b = c.in_dims(1), out = c.out_dims(0);
    const bool row = a.size() == 1, column = b.size() == 1;
    if (row) a.insert(0, 1);
    if (column) b.push_back(1);
    if (row) out.insert(column ? out.size() : out.size() - 1, 1);
    if (column) out.push_back(1);
    const bool ta = spec_.trans_a && !row, tb = spec_.trans_b && !column;
    const int64_t a_cols = a.back(), a_rows = a[a.size() - 2], b_cols = b.back(), b_rows = b[b.size() - 2];
    w.m = ta ? a_cols : a_rows, w.k = ta ? a_rows : a_cols, w.n = tb ? b_rows : b_cols;
    w.a_row = ta ? 1 : a_cols, w.a_col = ta ? a_cols : 1;
    w.b_row = tb ? 1 : b_cols, w.b_col = tb ? b_cols : 1;
    const std::span<const int64_t> dims[] = {{a.data(), a.size() - 2}, {b.data(), b.size() - 2}};
    SDX_RETURN_IF_ERROR(plan_broadcast(w.a_batch, dims, {out.data(), out.size() - 2}));
    w.batch = w.a_batch.rows * w.a_batch.n;
    if (spec_.bias >= 0) {
      const std::span<const int64_t> bias[] = {c.in_dims(spec_.bias)};
      SDX_RETURN_IF_ERROR(plan_broadcast(w.bias, bias, c.out_dims(0)));
    }
    c.tasks(c.out_count(0) ? w.batch * w.m : 0, static_cast<double>(w.n) * static_cast<double>(w.k) * 2);
    c.scratch_per_thread(static_cast<size_t>(w.n) * 8);
    if (spec_.bias >= 0) c.scratch(static_cast<size_t>(c.out_count(0)) * 8);
    return {};
  }

  Status run(RunCtx& c) const override {
    return visit_number(type_, [&]<class T>(std::type_identity<T>) {
      run_as<T>(c);
      return Status();
    });
  }

 private:
  template <class T>
  void run_as(RunCtx& c) const {
    using S = typename Sum<T>::Type;
    const Work& w = c.work<Work>();
    const T *a = c.in<T>(0), *b = c.in<T>(1);
    T* out = c.out<T>(0);
    S* bias = nullptr;
    if (spec_.bias >= 0) {
      bias = reinterpret_cast<S*>(c.scratch());
      const T* from = c.in<T>(spec_.bias);
      w.bias.for_each({0, w.bias.tasks()}, [&](const int64_t* in, int64_t o, int64_t n) {
        for (int64_t i = 0; i < n; ++i) bias[o + i] = static_cast<S>(from[in[0] + (w.bias.scalar[0] ? 0 : i)]);
      });
    }
    c.parallel([&](Range r, int thread) {
      S* row = reinterpret_cast<S*>(c.scratch(thread));
      for (int64_t t = r.begin; t < r.end; ++t) {
        int64_t a_matrix = 0, b_matrix = 0;
        matrices(w, t / w.m, a_matrix, b_matrix);
        one_row<T, S>(w, a + a_matrix * w.m * w.k + t % w.m * w.a_row, b + b_matrix * w.k * w.n, row);
        finish<T, S>(row, bias ? bias + t * w.n : nullptr, out + t * w.n, w.n);
      }
    });
  }
  // Matrix numbers of A and B for batch member i.
  static void matrices(const Work& w, int64_t i, int64_t& a, int64_t& b) {
    const BroadcastPlan& p = w.a_batch;
    int64_t row = i / p.n;
    const int64_t column = i % p.n;
    a = p.scalar[0] ? 0 : column;
    b = p.scalar[1] ? 0 : column;
    for (int k = p.outer - 1; k >= 0; --k) {
      a += row % p.extents[k] * p.strides[0][k];
      b += row % p.extents[k] * p.strides[1][k];
      row /= p.extents[k];
    }
  }
  template <class T, class S>
  static void one_row(const Work& w, const T* a, const T* b, S* row) {
    std::fill(row, row + w.n, S(0));
    for (int64_t k = 0; k < w.k; ++k) {
      const S x = static_cast<S>(a[k * w.a_col]);
      const T* br = b + k * w.b_row;
      for (int64_t j = 0; j < w.n; ++j) row[j] = static_cast<S>(row[j] + x * static_cast<S>(br[j * w.b_col]));
    }
  }
  template <class T, class S>
  void finish(const S* row, const S* bias, T* out, int64_t n) const {
    for (int64_t j = 0; j < n; ++j) {
      if constexpr (std::is_integral_v<S>) {
        S v = static_cast<S>(scaled(static_cast<T>(row[j]), spec_.alpha));
        if (bias) v = static_cast<S>(v + static_cast<S>(scaled(static_cast<T>(bias[j]), spec_.beta)));
        out[j] = static_cast<T>(v);
      } else {
        const S v = row[j] * static_cast<S>(spec_.alpha);
        out[j] = T(bias ? v + bias[j] * static_cast<S>(spec_.beta) : v);
      }
    }
  }

  DType type_;
  MatmulSpec spec_;
};

}  // namespace

Result<KernelPtr> make_matmul_any(const KernelQuery& q, const MatmulSpec& spec) {
  return KernelPtr(new MatmulAny(q.dtype(0), spec));
}

}  // namespace sardonyx
