// Implicit GEMM: rows are output pixels, k runs over taps and input channels. Rows of A are read in place wherever a
// tile's pixels lie evenly in the input; near padding and across row ends they are gathered into scratch.
#include <algorithm>
#include <limits>

#include "simd/conv_phase.h"

namespace sardonyx::simd {
namespace {

constexpr int64_t kDepth = 768;  // k per pass of a tile
constexpr int64_t kMaxSegments = 64;
constexpr int64_t kPad = 16;  // keeps rows of scratch off equal cache sets
constexpr int kMaxTileRows = 16;
// Tiles that meet a panel one after the other, so that its weights are loaded once for all of them, while those of the
// next panel come from memory. Tasks that lie beside each other are joined up to kJoinedTiles.
constexpr int64_t kBunch = 4, kJoinedTiles = 8;

int64_t div_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

// How one phase is tiled. `even`: tiles never cross an output row. Runs are stretches of k that are contiguous in the
// input: one tap's channels, or, if merged, those of all taps of a kernel row.
struct Layout {
  int64_t cg, og, k, run, depth, panels;
  bool merged, even, pointwise;
  int64_t rows, tiles_per_row, tiles;
  int64_t tile_rows, longer_tiles;  // tiles of a row have tile_rows pixels, the first longer_tiles one more
  TaskGrid grid;
};

int64_t pass_depth(const Layout& l) {
  if (l.k == 0) return 1;
  if (l.run > kDepth) return div_up(l.run, div_up(l.run, kDepth));
  const int64_t runs = l.k / l.run, most = std::min(kMaxSegments, kDepth / l.run);
  return div_up(runs, div_up(runs, most)) * l.run;
}

Layout layout_of(const GemmTable& f, const ConvArgs& c, const ConvPhase& p) {
  Layout l{};
  const ConvAxis& w = p.axis[2];
  l.cg = c.in_channels / c.groups, l.og = c.out_channels / c.groups;
  l.k = p.taps() * l.cg;
  l.merged = w.tap_step == 1 && w.taps > 1 && c.x_ld == l.cg;
  l.run = l.merged ? w.taps * l.cg : l.cg;
  l.depth = pass_depth(l);
  l.panels = gemm_b_panels(f, l.og);
  l.pointwise = true;
  for (const ConvAxis& a : p.axis)
    l.pointwise &= a.taps == 1 && a.in_step == 1 && a.offset == 0 && a.in == a.count && a.out_step == 1;
  const int64_t per_row = div_up(w.count, f.mr);
  // Transposed phases write every stride-th pixel, which is even only within a row.
  l.even = !l.pointwise && (w.out_step != 1 || p.axis[1].out_step != 1 || p.axis[0].out_step != 1 ||
                            w.count >= std::min(5, f.mr) * per_row);
  l.rows = l.even ? c.batch * p.axis[0].count * p.axis[1].count : 1;
  l.tiles_per_row = l.even ? per_row : div_up(c.batch * p.pixels(), f.mr);
  l.tiles = l.rows * l.tiles_per_row;
  const int64_t length = l.even ? w.count : c.batch * p.pixels();
  l.tile_rows = length / l.tiles_per_row, l.longer_tiles = length % l.tiles_per_row;
  const double work =
      static_cast<double>(c.batch * p.pixels()) * static_cast<double>(l.k) * static_cast<double>(c.out_channels);
  l.grid = cut_tasks(f, c.groups, l.tiles, l.panels, work, {32, 1, 4});
  return l;
}

int64_t tile_scratch(const GemmTable& f) { return f.mr * (kDepth + kPad); }

// Where the taps of one output pixel start in the input.
struct Pixel {
  const float* image;
  int64_t d, h, w;
};

class PhaseRun {
 public:
  PhaseRun(const GemmTable& f, const ConvArgs& c, const ConvPhase& p, const Layout& l, const float* w, float* scratch)
      : f_(f), c_(c), p_(p), l_(l), w_(w), all_scratch_(scratch) {
    needs_act_ = tile_clip(c.ep.act, c.ep.p0, c.ep.p1, &low_, &high_);
  }

  // Tasks [row_task, row_task + row_tasks) of one range of columns.
  void run(int64_t group, int64_t row_task, int64_t row_tasks, int64_t col_task) {
    group_ = group;
    group_w_ = w_ + group * packed_group_size(f_, c_, l_.k);
    next_tile_ = -1;
    panel0_ = col_task * l_.grid.panels_per_task;
    panel1_ = std::min(l_.panels, panel0_ + l_.grid.panels_per_task);
    const int64_t tile0 = row_task * l_.grid.tiles_per_task;
    const int64_t tile1 = std::min(l_.tiles, tile0 + row_tasks * l_.grid.tiles_per_task);
    int64_t k0 = 0;
    do {
      const int64_t k1 = std::min(l_.k, k0 + l_.depth);
      for (int64_t t = tile0; t < tile1; t += kBunch) bunch(t, std::min(tile1, t + kBunch), k0, k1);
      k0 = k1;
    } while (k0 < l_.k);
  }

 private:
  struct Segments {
    GemmSegment list[kMaxSegments + 2];
  };

  void bunch(int64_t begin, int64_t end, int64_t k0, int64_t k1) {
    GemmTile tiles[kBunch];
    const int64_t count = end - begin;
    for (int64_t i = 0; i < count; ++i) {
      place(begin + i);
      segments_ = bunch_segments_[i].list;
      scratch_ = all_scratch_ + i * tile_scratch(f_);
      collect(k0, k1);
      tiles[i] = tile(k0, k1);
    }
    for (int64_t p = panel0_; p < panel1_; ++p) {
      const float* next = next_weights(p, k0, k1);
      for (int64_t i = 0; i < count; ++i) {
        tiles[i].prefetch = next + i * (k1 - k0) * f_.nr / kBunch;
        multiply(tiles[i], p, k0);
      }
    }
    if (k1 < l_.k || !needs_act_) return;
    const int64_t col = panel0_ * f_.nr, cols = std::min(panel1_ * f_.nr, l_.og) - col;
    for (int64_t i = 0; i < count; ++i)
      f_.activate(tiles[i].c + col, tiles[i].ldc, tiles[i].rows, cols, c_.ep.act, c_.ep.p0, c_.ep.p1);
  }

  // What is multiplied after panel p of this pass: the next panel, else the next pass, else what comes next in memory.
  const float* next_weights(int64_t p, int64_t k0, int64_t k1) const {
    if (p + 1 == panel1_ && k1 < l_.k) p = panel0_ - 1, k0 = k1;
    if (p + 1 >= l_.panels) return group_w_;
    const int64_t col = (p + 1) * f_.nr;
    return group_w_ + col * l_.k + (p + 1 < panel1_ ? k0 * panel_width(f_, l_.og - col) : 0);
  }

  // Everything of the placed tile that does not depend on the panel.
  GemmTile tile(int64_t k0, int64_t k1) const {
    const bool last = k1 == l_.k;
    GemmTile t{};
    t.segments = segments_, t.segment_count = segment_count_;
    t.rows = rows_, t.alpha = 1;
    t.c = c_.y + out_pixel_ * c_.y_ld + group_ * l_.og, t.ldc = p_.axis[2].out_step * c_.y_ld;
    if (k0 > 0) {
      t.add = t.c, t.add_ld = t.ldc, t.add_scale = 1;
    } else if (c_.ep.residual) {
      t.add = c_.ep.residual + out_pixel_ * c_.ep.residual_ld + group_ * l_.og;
      t.add_ld = p_.axis[2].out_step * c_.ep.residual_ld, t.add_scale = c_.ep.residual_scale;
    }
    t.low = last ? low_ : -std::numeric_limits<float>::infinity();
    t.high = last ? high_ : std::numeric_limits<float>::infinity();
    return t;
  }

  void multiply(GemmTile t, int64_t panel, int64_t k0) const {
    const int64_t col = panel * f_.nr, cols = std::min<int64_t>(f_.nr, l_.og - col);
    t.cols = static_cast<int>(cols);
    t.b_stride = panel_width(f_, cols);
    t.b = group_w_ + col * l_.k + k0 * t.b_stride;
    t.c += col;
    if (t.add) t.add += col;
    if (k0 == 0 && c_.ep.col_bias) t.col_bias = c_.ep.col_bias + group_ * l_.og + col;
    f_.tile(t);
  }

  // Sets the tile's pixels: where they read and where they write.
  void place(int64_t index) {
    if (index != next_tile_) locate(index);
    next_tile_ = index + 1;
    const bool longer = part_ < l_.longer_tiles;
    rows_ = static_cast<int>(l_.tile_rows + longer);
    const ConvAxis& w = p_.axis[2];
    if (l_.even) {
      out_pixel_ = out_row_ + w.out_base + at_ * w.out_step;
      for (int r = 0; r < rows_; ++r) pixels_[r] = {image_, row_d_, row_h_, (at_ + r) * w.in_step + w.offset};
    } else {
      out_pixel_ = at_;
      if (!l_.pointwise) place_flat();
    }
    at_ += rows_;
    if (++part_ == l_.tiles_per_row) next_tile_ = -1;  // the next row is located anew
  }

  // Finds the row and the part of it that a tile covers.
  void locate(int64_t index) {
    const int64_t row = index / l_.tiles_per_row;
    part_ = index % l_.tiles_per_row;
    at_ = part_ * l_.tile_rows + std::min(part_, l_.longer_tiles);
    if (!l_.even) return;
    const ConvAxis *d = &p_.axis[0], *h = &p_.axis[1];
    const int64_t jh = row % h->count, jd = row / h->count % d->count, n = row / h->count / d->count;
    row_d_ = jd * d->in_step + d->offset, row_h_ = jh * h->in_step + h->offset;
    image_ = image_of(n);
    out_row_ =
        ((n * c_.out[0] + d->out_base + jd * d->out_step) * c_.out[1] + h->out_base + jh * h->out_step) * c_.out[2];
  }

  // Tiles that cross rows exist for plain convolutions only, whose outputs are in order.
  void place_flat() {
    int64_t pos[3], n = at_;
    for (int i = 2; i >= 0; --i) pos[i] = n % p_.axis[i].count, n /= p_.axis[i].count;
    for (int r = 0; r < rows_; ++r) {
      pixels_[r] = {image_of(n), start(0, pos), start(1, pos), start(2, pos)};
      for (int i = 2; i >= 0 && ++pos[i] == p_.axis[i].count; --i) {
        pos[i] = 0;
        if (i == 0) ++n;
      }
    }
  }

  const float* image_of(int64_t n) const {
    return c_.x + n * c_.in[0] * c_.in[1] * c_.in[2] * c_.x_ld + group_ * l_.cg;
  }
  int64_t start(int i, const int64_t* pos) const { return pos[i] * p_.axis[i].in_step + p_.axis[i].offset; }

  // Lists A for k in [k0, k1): segments in place or gathered.
  void collect(int64_t k0, int64_t k1) {
    segment_count_ = 0;
    gathered_ = 0;
    if (l_.pointwise) {
      if (k1 > k0) add_segment(c_.x + out_pixel_ * c_.x_ld + group_ * l_.cg + k0, c_.x_ld, k1 - k0, 0);
      return;
    }
    const int64_t w_runs = l_.merged ? 1 : p_.axis[2].taps, h_taps = p_.axis[1].taps;
    int64_t tap[3] = {0, 0, 0}, from = 0;
    if (k0 > 0) {
      const int64_t run = k0 / l_.run;
      tap[2] = run % w_runs, tap[1] = run / w_runs % h_taps, tap[0] = run / w_runs / h_taps;
      from = k0 % l_.run;
    }
    for (int64_t k = k0; k < k1;) {
      const int64_t n = std::min(l_.run - from, k1 - k);
      add_run(tap, from, n, k - k0);
      k += n, from = 0;
      if (++tap[2] < w_runs) continue;
      tap[2] = 0;
      if (++tap[1] < h_taps) continue;
      tap[1] = 0, ++tap[0];
    }
  }

  void add_run(const int64_t* tap, int64_t from, int64_t n, int64_t b_row) {
    const int64_t dd = tap[0] * p_.axis[0].tap_step, dh = tap[1] * p_.axis[1].tap_step,
                  dw = tap[2] * p_.axis[2].tap_step;
    if (l_.even) {
      const Pixel& p = pixels_[0];
      if (outside(p.d + dd, 0) || outside(p.h + dh, 1)) return;
      const int64_t taps = l_.merged ? p_.axis[2].taps : 1;
      if (p.w + dw >= 0 && pixels_[rows_ - 1].w + dw + taps <= c_.in[2]) {
        return add_segment(address(p, dd, dh, dw) + from, p_.axis[2].in_step * c_.x_ld, n, b_row);
      }
    }
    gather(dd, dh, dw, from, n, b_row);
  }

  bool outside(int64_t at, int i) const { return at < 0 || at >= c_.in[i]; }
  const float* address(const Pixel& p, int64_t dd, int64_t dh, int64_t dw) const {
    return p.image + (((p.d + dd) * c_.in[1] + p.h + dh) * c_.in[2] + p.w + dw) * c_.x_ld;
  }

  void gather(int64_t dd, int64_t dh, int64_t dw, int64_t from, int64_t n, int64_t b_row) {
    GatherRow rows[kMaxTileRows];
    bool any = false;
    for (int r = 0; r < rows_; ++r) {
      const Pixel& p = pixels_[r];
      rows[r] = {nullptr, 0, 0};
      if (outside(p.d + dd, 0) || outside(p.h + dh, 1)) continue;
      const int64_t taps = l_.merged ? p_.axis[2].taps : 1, at = p.w + dw;
      const int64_t begin = std::max<int64_t>(0, -at) * l_.cg - from,
                    end = std::min(taps, c_.in[2] - at) * l_.cg - from;
      rows[r] = {address(p, dd, dh, dw) + from, std::clamp<int64_t>(begin, 0, n), std::clamp<int64_t>(end, 0, n)};
      any |= rows[r].begin < rows[r].end;
    }
    if (!any) return;
    const int64_t stride = kDepth + kPad;
    f_.gather_rows(rows, rows_, n, scratch_ + gathered_, stride);
    add_segment(scratch_ + gathered_, stride, n, b_row);
    gathered_ += n;
  }

  // Extends the last segment where both A and B go on.
  void add_segment(const float* a, int64_t stride, int64_t n, int64_t b_row) {
    if (segment_count_ > 0) {
      GemmSegment& s = segments_[segment_count_ - 1];
      if (s.a + s.k == a && s.row_stride == stride && s.b_row + s.k == b_row) {
        s.k += n;
        return;
      }
    }
    segments_[segment_count_++] = {a, stride, n, b_row};
  }

  const GemmTable& f_;
  const ConvArgs& c_;
  const ConvPhase& p_;
  const Layout& l_;
  const float *w_, *group_w_ = nullptr;
  float *all_scratch_, *scratch_ = nullptr;
  float low_, high_;
  bool needs_act_;
  int64_t group_ = 0, panel0_ = 0, panel1_ = 0;
  int rows_ = 0;
  // The tile after the last one, and the row it lies in.
  int64_t next_tile_ = -1, part_ = 0, at_ = 0, row_d_ = 0, row_h_ = 0, out_row_ = 0;
  const float* image_ = nullptr;
  int64_t out_pixel_ = 0;
  Pixel pixels_[kMaxTileRows];
  Segments bunch_segments_[kBunch];
  GemmSegment* segments_ = nullptr;
  int64_t segment_count_ = 0, gathered_ = 0;
};

}  // namespace

int64_t dense_scratch(const GemmTable& f) { return kBunch * tile_scratch(f); }

int64_t dense_phase_tasks(const GemmTable& f, const ConvArgs& c, const ConvPhase& p) {
  if (c.batch <= 0 || p.pixels() <= 0 || c.out_channels <= 0) return 0;
  const Layout l = layout_of(f, c, p);
  return c.groups * l.grid.row_tasks * l.grid.col_tasks;
}

void dense_phase_run(const GemmTable& f, const ConvArgs& c, const ConvPhase& p, const float* w, int64_t begin,
                     int64_t end, float* scratch) {
  const Layout l = layout_of(f, c, p);
  PhaseRun run(f, c, p, l, w, scratch);
  const int64_t row_tasks = l.grid.row_tasks, col_tasks = l.grid.col_tasks;
  const int64_t most = std::max<int64_t>(1, kJoinedTiles / l.grid.tiles_per_task);
  for (int64_t t = begin; t < end;) {
    const int64_t joined = std::min({end - t, row_tasks - t % row_tasks, most});
    run.run(t / row_tasks / col_tasks, t % row_tasks, joined, t / row_tasks % col_tasks);
    t += joined;
  }
}

}  // namespace sardonyx::simd
