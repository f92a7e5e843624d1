#include "cpu/math/matmul_plain.h"

#include "cpu/math/matmul_shape.h"
#include "simd/gemm_plain.h"

namespace sardonyx {

namespace {

void run_tasks(const simd::PlainGemmArgs<double>& g, Range r) { simd::plain_gemm().f64(g, r.begin, r.end); }
void run_tasks(const simd::PlainGemmArgs<uint32_t>& g, Range r) { simd::plain_gemm().u32(g, r.begin, r.end); }
void run_tasks(const simd::PlainGemmArgs<uint64_t>& g, Range r) { simd::plain_gemm().u64(g, r.begin, r.end); }

// T: double, or the unsigned form of an integer type.
template <class T>
class MatmulPlain final : public Kernel {
 public:
  explicit MatmulPlain(const MatmulSpec& spec) : spec_(spec) {}

  Status prepare(PrepareCtx& c) const override {
    auto& g = c.work<simd::PlainGemmArgs<T>>();
    g = {};
    const MatmulSide a = matmul_side(c.in_dims(0), true), b = matmul_side(c.in_dims(1), false);
    g.trans_a = spec_.trans_a && !a.promoted, g.trans_b = spec_.trans_b && !b.promoted;
    g.m = g.trans_a ? a.cols : a.rows;
    g.k = g.trans_a ? a.rows : a.cols;
    g.n = g.trans_b ? b.rows : b.cols;
    g.lda = a.cols, g.ldb = b.cols, g.ldc = g.n;
    g.alpha = static_cast<T>(spec_.alpha), g.beta = static_cast<T>(spec_.beta);
    const int64_t total = g.m * g.n;
    g.batch = total ? c.out_count(0) / total : 0;
    if (g.batch > 1) g.offsets = matmul_offsets(c, a, b, g.batch, false);
    if (spec_.bias >= 0 && c.has(spec_.bias)) {
      const Extents& d = c.in_dims(spec_.bias);
      const int64_t cols = d.empty() ? 1 : d.back(), rows = d.size() < 2 ? 1 : d[d.size() - 2];
      g.add_col = cols == 1 ? 0 : 1, g.add_row = rows == 1 ? 0 : cols;
    }
    const int64_t tasks = c.out_count(0) ? simd::plain_gemm_tasks(g.m, g.n, g.batch) : 0;
    const double work = static_cast<double>(c.out_count(0)) * static_cast<double>(g.k);
    c.tasks(tasks, tasks ? work / static_cast<double>(tasks) / 4 : 0);
    return {};
  }

  Status run(RunCtx& c) const override {
    auto g = c.work<simd::PlainGemmArgs<T>>();
    g.a = c.in<T>(0), g.b = c.in<T>(1), g.c = c.out<T>(0);
    if (spec_.bias >= 0) g.add = c.in<T>(spec_.bias);
    c.parallel([&](Range r, int) { run_tasks(g, r); });
    return {};
  }

 private:
  MatmulSpec spec_;
};

}  // namespace

Reason refuse_matmul_plain(const KernelQuery& q, const MatmulSpec& spec) {
  switch (q.dtype(0)) {
    case DType::kF64: return kAccept;
    case DType::kI32:
    case DType::kU32:
    case DType::kI64:
    case DType::kU64:
      return spec.alpha == 1 && spec.beta == 1 ? kAccept : Reason("integers with alpha and beta of 1 only");
    default: return "f64 and 32- and 64-bit integers only";
  }
}

Result<KernelPtr> make_matmul_plain(const KernelQuery& q, const MatmulSpec& spec) {
  switch (q.dtype(0)) {
    case DType::kF64: return KernelPtr(new MatmulPlain<double>(spec));
    case DType::kI32:
    case DType::kU32: return KernelPtr(new MatmulPlain<uint32_t>(spec));
    default: return KernelPtr(new MatmulPlain<uint64_t>(spec));
  }
}

}  // namespace sardonyx
