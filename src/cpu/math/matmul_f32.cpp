#include "cpu/math/matmul_f32.h"

#include <algorithm>

#include "cpu/common/axis.h"
#include "cpu/math/broadcast.h"
#include "cpu/math/matmul_shape.h"
#include "simd/choose.h"

namespace sardonyx {
namespace {

enum class BiasKind : uint8_t { kNone, kColumns, kRows, kFull, kExpand };

struct Work {
  simd::GemmArgs gemm;
  BroadcastPlan bias;
  BiasKind bias_kind;
  size_t expanded_bytes;
};

class MatmulF32 final : public Kernel {
 public:
  MatmulF32(const MatmulSpec& spec, BufferPtr packed) : spec_(spec), packed_(std::move(packed)), table_(simd::gemm()) {}

  Status prepare(PrepareCtx& c) const override {
    Work& w = c.work<Work>();
    w = {};
    simd::GemmArgs& g = w.gemm;
    const MatmulSide a = matmul_side(c.in_dims(0), true), b = matmul_side(c.in_dims(1), false);
    g.trans_a = spec_.trans_a && !a.promoted, g.trans_b = spec_.trans_b && !b.promoted;
    g.m = g.trans_a ? a.cols : a.rows;
    g.k = g.trans_a ? a.rows : a.cols;
    g.n = g.trans_b ? b.rows : b.cols;
    g.lda = a.cols, g.ldb = b.cols, g.ldc = g.n;
    g.alpha = spec_.alpha;
    const int64_t b_batch = product(b.batch, 0, static_cast<int>(b.batch.size()));
    const int64_t total = g.m * g.n;
    g.batch = total ? c.out_count(0) / total : 0;
    if (b_batch == 1 && !g.trans_a && g.batch != 0) {
      g.m *= g.batch;
      g.batch = 1;
    }
    if (g.batch > 1) g.offsets = matmul_offsets(c, a, b, g.batch, packed_ != nullptr);
    plan_bias(c, w);
    g.ep.act = spec_.act, g.ep.p0 = spec_.p0, g.ep.p1 = spec_.p1;
    if (spec_.residual >= 0) g.ep.residual_ld = g.n;
    if (packed_) g.packed_b = static_cast<const float*>(packed_->data());
    const int64_t tasks = c.out_count(0) ? simd::gemm_tasks(table_, g) : 0;
    c.tasks(tasks, tasks ? static_cast<double>(g.m) * static_cast<double>(g.n) * static_cast<double>(g.k) *
                               static_cast<double>(g.batch) / static_cast<double>(tasks) / 8
                         : 0);
    c.scratch_per_thread(tasks ? simd::gemm_scratch_bytes(table_, g) : 0);
    c.scratch(w.expanded_bytes);
    return {};
  }

  Status run(RunCtx& c) const override {
    const Work& w = c.work<Work>();
    simd::GemmArgs g = w.gemm;
    g.a = c.in<float>(0);
    g.b = c.in<float>(1);
    g.c = c.out<float>(0);
    if (spec_.bias >= 0) bind_bias(c, w, g);
    if (spec_.residual >= 0) g.ep.residual = c.in<float>(spec_.residual);
    c.parallel([&](Range r, int thread) { simd::gemm_run(table_, g, r.begin, r.end, c.scratch(thread)); });
    return {};
  }

 private:
  void plan_bias(PrepareCtx& c, Work& w) const {
    w.bias_kind = BiasKind::kNone;
    if (spec_.bias < 0 || !c.has(spec_.bias)) return;
    const Extents& d = c.in_dims(spec_.bias);
    const int64_t count = elements(d), last = d.empty() ? 1 : d.back();
    const simd::GemmArgs& g = w.gemm;
    if (spec_.beta == 1 && count == last && last == g.n) {
      w.bias_kind = BiasKind::kColumns;
    } else if (spec_.beta == 1 && g.batch == 1 && count == g.m && last == 1 && d.size() >= 2 &&
               d[d.size() - 2] == g.m) {
      w.bias_kind = BiasKind::kRows;
    } else if (d == c.out_dims(0) && spec_.residual < 0) {
      w.bias_kind = BiasKind::kFull;
    } else {
      w.bias_kind = BiasKind::kExpand;
      const std::span<const int64_t> dims[] = {d};
      (void)plan_broadcast(w.bias, dims, c.out_dims(0));
      w.expanded_bytes = static_cast<size_t>(c.out_count(0)) * sizeof(float);
    }
    if (w.bias_kind == BiasKind::kFull || w.bias_kind == BiasKind::kExpand) {
      w.gemm.ep.residual_ld = g.n;
      w.gemm.ep.residual_scale = spec_.beta;
    }
  }

  void bind_bias(RunCtx& c, const Work& w, simd::GemmArgs& g) const {
    const float* bias = c.in<float>(spec_.bias);
    switch (w.bias_kind) {
      case BiasKind::kNone: return;
      case BiasKind::kColumns: g.ep.col_bias = bias; return;
      case BiasKind::kRows: g.ep.row_bias = bias; return;
      case BiasKind::kFull: g.ep.residual = bias; return;
      case BiasKind::kExpand: {
        float* full = reinterpret_cast<float*>(c.scratch());
        w.bias.for_each({0, w.bias.tasks()}, [&](const int64_t* in, int64_t o, int64_t n) {
          if (w.bias.scalar[0])
            std::fill(full + o, full + o + n, bias[in[0]]);
          else
            std::copy(bias + in[0], bias + in[0] + n, full + o);
        });
        g.ep.residual = full;
      }
    }
  }

  MatmulSpec spec_;
  BufferPtr packed_;
  const simd::GemmTable& table_;
};

}  // namespace

Result<KernelPtr> make_matmul_f32(const KernelQuery& q, const MatmulSpec& spec) {
  BufferPtr packed;
  const Tensor* b = q.constant(1);
  const bool one_matrix =
      b && b->rank() >= 2 && b->count() == b->dims()[b->dims().size() - 1] * b->dims()[b->dims().size() - 2];
  if (one_matrix && b->count() > 0) {
    const simd::GemmTable& f = simd::gemm();
    const int64_t rows = b->dims()[b->dims().size() - 2], cols = b->dims().back();
    const int64_t k = spec.trans_b ? cols : rows, n = spec.trans_b ? rows : cols;
    const std::string layout = cat("gemm_b:", simd::target_name(simd::best_target()), spec.trans_b ? ":t" : ":n");
    const auto fill = [&](void* dst) {
      const int64_t panels = simd::gemm_b_panels(f, n);
      const auto pack = [&](Range r, int) {
        simd::gemm_pack_b(f, k, n, b->as<float>(), cols, spec.trans_b, r.begin, r.end, static_cast<float*>(dst));
      };
      if (q.pool())
        q.pool()->parallel_for(panels, std::max<int64_t>(1, 65536 / (k * 32 + 1)), pack);
      else
        pack({0, panels}, 0);
    };
    SDX_TRY(packed, q.pack(1, layout, simd::gemm_packed_b_bytes(f, k, n), fill));
  }
  return KernelPtr(new MatmulF32(spec, std::move(packed)));
}

}  // namespace sardonyx
