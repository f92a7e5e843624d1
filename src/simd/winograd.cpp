#include "simd/winograd.h"

#include <algorithm>
#include <limits>

#include "simd/winograd_kernel.h"

namespace sardonyx::simd {
namespace {

constexpr int64_t kLine = 16;                  // floats of a cache line: keeps frequencies off equal cache sets
constexpr int64_t kBlockBytes = 512 << 10;     // of transformed inputs: about half of a second-level cache
constexpr int64_t kMaxBlockRows = 4;           // register tiles per block
constexpr int64_t kManyBlocks = 8;             // so many blocks keep all threads busy
constexpr int64_t kTransformBytes = 64 << 10;  // input that is worth a task

int64_t div_up(int64_t a, int64_t b) { return (a + b - 1) / b; }
int64_t round_up(int64_t a, int64_t b) { return div_up(a, b) * b; }

int64_t points_of(const WinogradPlan& p) { return (p.tile + 2) * (p.tile + 2); }
int64_t row_floats(const GemmTable& g, const ConvArgs& c) { return round_up(c.in_channels, g.lanes); }
// Between frequencies of the transformed inputs of `tiles` tiles, and of the sums of a block.
int64_t v_step(const GemmTable& g, const ConvArgs& c, int64_t tiles) { return tiles * row_floats(g, c) + kLine; }
int64_t m_step(const GemmTable& g, const WinogradPlan& p) { return p.block_tiles * g.nr + kLine; }
int64_t v_floats(const GemmTable& g, const ConvArgs& c, const WinogradPlan& p, int64_t tiles) {
  return round_up(points_of(p) * v_step(g, c, tiles), kLine);
}

class WinogradRun {
 public:
  WinogradRun(const ConvTable& f, const ConvArgs& c, const WinogradPlan& p)
      : g_(gemm_of(f)), t_(*winograd_for(f.target)), c_(c), p_(p), row_(row_floats(g_, c)) {
    needs_act_ = tile_clip(c.ep.act, c.ep.p0, c.ep.p1, &low_, &high_);
  }

  // Input tiles [begin, end) to v, whose first row is tile `first`.
  void transform(int64_t begin, int64_t end, int64_t first, float* v, int64_t step) const {
    const int n = p_.tile + 2;
    WinogradIn t{};
    t.x_step = c_.x_ld, t.x_row = c_.in[2] * c_.x_ld, t.v_step = step, t.channels = c_.in_channels;
    for (int64_t i = begin; i < end; ++i) {
      const Place at = place(i);
      const int64_t y = at.y - c_.pad_begin[1], x = at.x - c_.pad_begin[2];
      const auto clamp = [n](int64_t k) { return static_cast<int>(std::clamp<int64_t>(k, 0, n)); };
      t.row_begin = clamp(-y), t.row_end = clamp(c_.in[1] - y);
      t.col_begin = clamp(-x), t.col_end = clamp(c_.in[2] - x);
      t.x = c_.x + ((at.image * c_.in[1] + y) * c_.in[2] + x) * c_.x_ld;
      t.v = v + (i - first) * row_;
      (n == 4 ? t_.in2 : t_.in4)(t);
    }
  }

  // Output tiles [begin, end), channels of one panel, from v, whose first row is tile `begin`.
  void multiply(int64_t begin, int64_t end, int64_t panel, const float* v, int64_t step, float* sums) const {
    const int64_t col = panel * g_.nr, cols = std::min<int64_t>(g_.nr, c_.out_channels - col);
    const int64_t width = panel_width(g_, cols), count = end - begin, parts = div_up(count, g_.mr);
    const int64_t points = points_of(p_), sum_step = m_step(g_, p_);
    GemmSegment s{nullptr, row_, c_.in_channels, 0};
    GemmTile t{};
    t.segments = &s, t.segment_count = 1, t.b_stride = width, t.ldc = width, t.alpha = 1;
    t.cols = static_cast<int>(width);
    t.low = -std::numeric_limits<float>::infinity(), t.high = std::numeric_limits<float>::infinity();
    for (int64_t k = 0; k < points; ++k) {
      t.b = c_.packed_w + (col * points + k * width) * c_.in_channels;
      for (int64_t i = 0; i < parts; ++i) {
        const int64_t row = part_begin(count, parts, i);
        t.rows = static_cast<int>(part_begin(count, parts, i + 1) - row);
        s.a = v + k * step + row * row_;
        t.c = sums + k * sum_step + row * width;
        t.prefetch = t.b + c_.in_channels * (width + i * g_.nr / 4);
        g_.tile(t);
      }
    }
    for (int64_t i = begin; i < end; ++i) finish(i, col, cols, sums + (i - begin) * width, sum_step);
  }

 private:
  struct Place {
    int64_t image, y, x;  // of the tile's first output
  };
  Place place(int64_t tile) const {
    const int64_t per_image = p_.tiles_h * p_.tiles_w, at = tile % per_image;
    return {tile / per_image, at / p_.tiles_w * p_.tile, at % p_.tiles_w * p_.tile};
  }

  void finish(int64_t tile, int64_t col, int64_t cols, const float* sums, int64_t step) const {
    const Place at = place(tile);
    const int64_t pixel = (at.image * c_.out[1] + at.y) * c_.out[2] + at.x;
    WinogradOut t{};
    t.m = sums, t.m_step = step;
    t.y = c_.y + pixel * c_.y_ld + col, t.y_step = c_.y_ld, t.y_row = c_.out[2] * c_.y_ld;
    t.rows = static_cast<int>(std::min<int64_t>(p_.tile, c_.out[1] - at.y));
    t.cols = static_cast<int>(std::min<int64_t>(p_.tile, c_.out[2] - at.x));
    t.bias = c_.ep.col_bias ? c_.ep.col_bias + col : nullptr;
    if (c_.ep.residual) {
      t.add = c_.ep.residual + pixel * c_.ep.residual_ld + col;
      t.add_step = c_.ep.residual_ld, t.add_row = c_.out[2] * c_.ep.residual_ld, t.add_scale = c_.ep.residual_scale;
    }
    t.low = low_, t.high = high_, t.channels = cols;
    (p_.tile == 2 ? t_.out2 : t_.out4)(t);
    if (!needs_act_) return;
    for (int i = 0; i < t.rows; ++i)
      g_.activate(t.y + i * t.y_row, t.y_step, t.cols, cols, c_.ep.act, c_.ep.p0, c_.ep.p1);
  }

  const GemmTable& g_;
  const WinogradTable& t_;
  const ConvArgs& c_;
  const WinogradPlan& p_;
  const int64_t row_;
  float low_, high_;
  bool needs_act_;
};

}  // namespace

WinogradPlan plan_winograd(const ConvTable& f, const ConvArgs& c, int tile) {
  const GemmTable& g = gemm_of(f);
  WinogradPlan p{};
  p.tile = tile;
  p.tiles_h = div_up(c.out[1], tile), p.tiles_w = div_up(c.out[2], tile);
  p.tiles = c.batch * p.tiles_h * p.tiles_w;
  p.panels = gemm_b_panels(g, c.out_channels);
  if (p.tiles <= 0 || p.panels <= 0) return p;
  const int64_t tile_bytes = points_of(p) * row_floats(g, c) * 4;
  const int64_t rows = std::clamp<int64_t>(kBlockBytes / tile_bytes / g.mr, 1, kMaxBlockRows);
  p.blocks = div_up(p.tiles, rows * g.mr);
  const bool many = p.blocks >= kManyBlocks;
  if (!many) {
    p.blocks = div_up(p.tiles, kMaxBlockRows * g.mr);
    while (p.blocks * p.panels < kManyBlocks && div_up(p.tiles, p.blocks) > g.mr) p.blocks *= 2;
    const int64_t per_task = std::max<int64_t>(1, kTransformBytes / (c.in_channels * tile * tile * 4));
    p.transform_tasks = div_up(p.tiles, per_task);
    p.shared_bytes = static_cast<size_t>(v_floats(g, c, p, p.tiles)) * sizeof(float);
  }
  p.block_tiles = div_up(p.tiles, p.blocks);
  p.tasks = many ? p.blocks : p.blocks * p.panels;
  const int64_t inputs = many ? v_floats(g, c, p, p.block_tiles) : 0;
  p.thread_bytes = static_cast<size_t>(inputs + points_of(p) * m_step(g, p)) * sizeof(float);
  return p;
}

void winograd_transform(const ConvTable& f, const ConvArgs& c, const WinogradPlan& p, int64_t task_begin,
                        int64_t task_end, void* shared) {
  if (task_begin >= task_end) return;
  const WinogradRun run(f, c, p);
  const int64_t step = v_step(gemm_of(f), c, p.tiles);
  run.transform(part_begin(p.tiles, p.transform_tasks, task_begin), part_begin(p.tiles, p.transform_tasks, task_end), 0,
                static_cast<float*>(shared), step);
}

void winograd_run(const ConvTable& f, const ConvArgs& c, const WinogradPlan& p, int64_t task_begin, int64_t task_end,
                  const void* shared, void* scratch) {
  const GemmTable& g = gemm_of(f);
  const WinogradRun run(f, c, p);
  float* own = static_cast<float*>(scratch);
  for (int64_t t = task_begin; t < task_end; ++t) {
    const int64_t block = t % p.blocks;
    const int64_t begin = part_begin(p.tiles, p.blocks, block), end = part_begin(p.tiles, p.blocks, block + 1);
    if (p.transform_tasks > 0) {
      const float* v = static_cast<const float*>(shared) + begin * row_floats(g, c);
      run.multiply(begin, end, t / p.blocks, v, v_step(g, c, p.tiles), own);
      continue;
    }
    const int64_t step = v_step(g, c, p.block_tiles);
    run.transform(begin, end, begin, own, step);
    float* sums = own + v_floats(g, c, p, p.block_tiles);
    for (int64_t panel = 0; panel < p.panels; ++panel) run.multiply(begin, end, panel, own, step, sums);
  }
}

}  // namespace sardonyx::simd
