#include "simd/gemm.h"

#include <algorithm>
#include <limits>

#include "simd/gemm_kernel.h"

namespace sardonyx::simd {
namespace {

constexpr int64_t kAlignFloats = 16;         // 64 bytes
constexpr int64_t kTileDepth = 768;          // k per pass of a tile: a block of A stays in L1, one of B in L2
constexpr int64_t kTileElements = 14 * 768;  // the same bound for tiles with few rows
constexpr int64_t kMaxPanelsPerTask = 8;
// Multiplications that are worth handing to another thread. Beyond kManyTasks, tasks become larger instead of more.
constexpr double kWorkPerTask = 1 << 19, kWorkOfLargeTask = 1 << 26, kManyTasks = 24;

int64_t div_up(int64_t a, int64_t b) { return (a + b - 1) / b; }
int64_t round_up(int64_t a, int64_t b) { return div_up(a, b) * b; }

// The cut of one product: rows into `tiles` nearly equal register tiles, columns into panels.
struct Cut {
  int64_t tiles, panels;
  TaskGrid grid;
  int64_t depth;  // k per pass
  bool direct_b;  // a run-time B is read in place
  bool dot;       // so is a transposed one, by dot products
};

Cut cut_of(const GemmTable& f, const GemmArgs& g) {
  Cut c{};
  c.tiles = div_up(g.m, f.mr);
  c.panels = div_up(g.n, f.nr);
  const int64_t rows = div_up(g.m, c.tiles);
  const int64_t depth = std::max(kTileDepth, kTileElements / rows);
  c.depth = std::max<int64_t>(1, round_up(div_up(g.k, std::max<int64_t>(1, div_up(g.k, depth))), 4));
  c.direct_b = !g.packed_b && !g.trans_b && c.tiles <= 2;
  // Packing a run-time B is repeated by every task that shares its columns, so those keep many rows.
  c.dot = !g.packed_b && g.trans_b && !g.trans_a && g.m <= kDotRows;
  const bool packs = !g.packed_b && !c.direct_b && !c.dot;
  const double work = static_cast<double>(std::max<int64_t>(g.m, 8)) * static_cast<double>(g.n) *
                      static_cast<double>(g.k) * static_cast<double>(g.batch);
  c.grid = cut_tasks(f, g.batch, c.tiles, c.panels, work, packs ? TaskLimits{32, 8, 1} : TaskLimits{16, 1, 2});
  return c;
}

int64_t a_scratch(const GemmTable& f, const GemmArgs& g, const Cut& c) {
  return g.trans_a ? f.mr * (c.depth + kAlignFloats) : 0;
}
int64_t b_scratch(const GemmTable& f, const GemmArgs& g, const Cut& c) {
  if (g.packed_b || c.dot) return 0;
  return c.depth * f.nr * (c.direct_b ? 1 : c.grid.panels_per_task);
}

// One task of one member of the batch, with the pointers of that member.
class TaskRun {
 public:
  TaskRun(const GemmTable& f, const GemmArgs& g, const Cut& c, const GemmOffsets& at, float* scratch)
      : f_(f), g_(g), cut_(c), at_(at), a_copy_(scratch), b_copy_(scratch + a_scratch(f, g, c)) {
    needs_act_ = tile_clip(g.ep.act, g.ep.p0, g.ep.p1, &low_, &high_);
  }

  void run(int64_t row_task, int64_t col_task) {
    tile0_ = row_task * cut_.grid.tiles_per_task;
    tile1_ = std::min(cut_.tiles, tile0_ + cut_.grid.tiles_per_task);
    panel0_ = col_task * cut_.grid.panels_per_task;
    panel1_ = std::min(cut_.panels, panel0_ + cut_.grid.panels_per_task);
    int64_t k0 = 0;
    do {
      pass(k0, std::min(cut_.depth, g_.k - k0));
      k0 += cut_.depth;
    } while (k0 < g_.k);
  }

 private:
  void pass(int64_t k0, int64_t kc) {
    if (!g_.packed_b && !cut_.dot) pack_b(k0, kc);
    for (int64_t i = tile0_; i < tile1_; ++i) {
      const int64_t row = part_begin(g_.m, cut_.tiles, i), rows = part_begin(g_.m, cut_.tiles, i + 1) - row;
      const GemmSegment s = a_rows(row, rows, k0, kc);
      GemmTile t = tile_at(row, rows, k0, k0 + kc >= g_.k);
      t.segments = &s;
      t.segment_count = kc > 0;
      for (int64_t p = panel0_; p < panel1_; ++p) multiply(t, p, k0);
      if (k0 + kc >= g_.k && needs_act_) {
        const int64_t col = panel0_ * f_.nr, cols = std::min(panel1_ * f_.nr, g_.n) - col;
        f_.activate(g_.c + at_.c + row * g_.ldc + col, g_.ldc, rows, cols, g_.ep.act, g_.ep.p0, g_.ep.p1);
      }
    }
  }

  // Everything of a tile that does not depend on the panel.
  GemmTile tile_at(int64_t row, int64_t rows, int64_t k0, bool last) const {
    GemmTile t{};
    t.rows = static_cast<int>(rows);
    t.alpha = g_.alpha;
    t.ldc = g_.ldc;
    t.c = g_.c + at_.c + row * g_.ldc;
    if (k0 > 0) {
      t.add = t.c, t.add_ld = g_.ldc, t.add_scale = 1;
    } else {
      t.row_bias = g_.ep.row_bias ? g_.ep.row_bias + row : nullptr;
      t.add = g_.ep.residual ? g_.ep.residual + at_.residual + row * g_.ep.residual_ld : nullptr;
      t.add_ld = g_.ep.residual_ld, t.add_scale = g_.ep.residual_scale;
    }
    t.low = last ? low_ : -std::numeric_limits<float>::infinity();
    t.high = last ? high_ : std::numeric_limits<float>::infinity();
    return t;
  }

  void multiply(GemmTile t, int64_t panel, int64_t k0) const {
    const int64_t col = panel * f_.nr, cols = std::min<int64_t>(f_.nr, g_.n - col);
    t.cols = static_cast<int>(cols);
    t.b_stride = panel_width(f_, cols);
    if (cut_.dot) {
      t.b = g_.b + at_.b + col * g_.ldb + k0;
      t.b_stride = g_.ldb;
    } else if (g_.packed_b) {
      t.b = g_.packed_b + at_.b + col * g_.k + k0 * t.b_stride;
    } else if (!cut_.direct_b) {
      t.b = b_copy_ + (panel - panel0_) * f_.nr * cut_.depth;
    } else if (cols == t.b_stride) {
      t.b = g_.b + at_.b + k0 * g_.ldb + col;
      t.b_stride = g_.ldb;
    } else {
      t.b = b_copy_;
    }
    t.c += col;
    if (t.add) t.add += col;
    if (k0 == 0 && g_.ep.col_bias) t.col_bias = g_.ep.col_bias + col;
    (cut_.dot ? f_.dot_tile : f_.tile)(t);
  }

  // Packs what the pass needs of a run-time B: all panels of the task, or only one that ends in a partial vector.
  void pack_b(int64_t k0, int64_t kc) const {
    for (int64_t p = panel0_; p < panel1_; ++p) {
      const int64_t col = p * f_.nr, cols = std::min<int64_t>(f_.nr, g_.n - col), width = panel_width(f_, cols);
      if (cut_.direct_b && cols == width) continue;
      const float* b = g_.b + at_.b + (g_.trans_b ? col * g_.ldb + k0 : k0 * g_.ldb + col);
      float* dst = cut_.direct_b ? b_copy_ : b_copy_ + (p - panel0_) * f_.nr * cut_.depth;
      f_.pack_panel(b, g_.ldb, g_.trans_b, kc, cols, width, dst);
    }
  }

  GemmSegment a_rows(int64_t row, int64_t rows, int64_t k0, int64_t kc) const {
    const float* a = g_.a + at_.a;
    if (!g_.trans_a) return {a + row * g_.lda + k0, g_.lda, kc, 0};
    const int64_t stride = cut_.depth + kAlignFloats;
    f_.transpose_rows(a + k0 * g_.lda + row, g_.lda, rows, kc, a_copy_, stride);
    return {a_copy_, stride, kc, 0};
  }

  const GemmTable& f_;
  const GemmArgs& g_;
  const Cut& cut_;
  const GemmOffsets at_;
  float *a_copy_, *b_copy_;
  float low_, high_;
  bool needs_act_;
  int64_t tile0_ = 0, tile1_ = 0, panel0_ = 0, panel1_ = 0;
};

}  // namespace

TaskGrid cut_tasks(const GemmTable& f, int64_t members, int64_t tiles, int64_t panels, double work, TaskLimits limits) {
  int64_t t = std::min(tiles, limits.most_tiles), p = std::min(panels, kMaxPanelsPerTask);
  const double want = std::max(1.0, std::min(work / kWorkPerTask, kManyTasks + work / kWorkOfLargeTask));
  while (static_cast<double>(members * div_up(tiles, t) * div_up(panels, p)) < want) {
    const bool may_t = t > limits.least_tiles, may_p = p > limits.least_panels;
    if (may_t && (t * f.mr >= p * f.nr || !may_p)) {
      t = div_up(t, 2);
    } else if (may_p || p > 1) {
      p = div_up(p, 2);
    } else if (t > 1) {
      t = div_up(t, 2);
    } else {
      break;
    }
  }
  return {t, div_up(tiles, t), p, div_up(panels, p)};
}

bool tile_clip(Act act, float p0, float p1, float* low, float* high) {
  *low = -std::numeric_limits<float>::infinity();
  *high = std::numeric_limits<float>::infinity();
  if (act == Act::kRelu) *low = 0;
  if (act == Act::kClip) *low = p0, *high = p1;
  return act != Act::kNone && act != Act::kRelu && act != Act::kClip;
}

int64_t gemm_b_panels(const GemmTable& f, int64_t n) { return div_up(n, f.nr); }

size_t gemm_packed_b_bytes(const GemmTable& f, int64_t k, int64_t n) {
  const int64_t tail = n % f.nr;
  const int64_t width = n - tail + (tail == 0 ? 0 : panel_width(f, tail));
  return static_cast<size_t>(width * k) * sizeof(float);
}

void gemm_pack_b(const GemmTable& f, int64_t k, int64_t n, const float* b, int64_t ldb, bool trans_b, int64_t begin,
                 int64_t end, float* dst) {
  for (int64_t p = begin; p < end; ++p) {
    const int64_t col = p * f.nr, cols = std::min<int64_t>(f.nr, n - col);
    f.pack_panel(trans_b ? b + col * ldb : b + col, ldb, trans_b, k, cols, panel_width(f, cols), dst + col * k);
  }
}

int64_t gemm_tasks(const GemmTable& f, const GemmArgs& g) {
  if (g.m <= 0 || g.n <= 0 || g.batch <= 0) return 0;
  const Cut c = cut_of(f, g);
  return g.batch * c.grid.row_tasks * c.grid.col_tasks;
}

size_t gemm_scratch_bytes(const GemmTable& f, const GemmArgs& g) {
  if (g.m <= 0 || g.n <= 0 || g.batch <= 0) return 0;
  const Cut c = cut_of(f, g);
  return static_cast<size_t>(a_scratch(f, g, c) + b_scratch(f, g, c)) * sizeof(float);
}

void gemm_run(const GemmTable& f, const GemmArgs& g, int64_t task_begin, int64_t task_end, void* scratch) {
  if (task_begin >= task_end) return;
  const Cut c = cut_of(f, g);
  const int64_t per_member = c.grid.row_tasks * c.grid.col_tasks;
  for (int64_t t = task_begin; t < task_end; ++t) {
    const int64_t member = t / per_member, rest = t % per_member;
    TaskRun run(f, g, c, g.offsets ? g.offsets[member] : GemmOffsets{}, static_cast<float*>(scratch));
    run.run(rest % c.grid.row_tasks, rest / c.grid.row_tasks);
  }
}

}  // namespace sardonyx::simd
