// Rows of A are output pixels, k runs over taps and input channels. Rows are read in place where a pixel's inputs are
// one run of unsigned bytes, else gathered into scratch, a block of tiles at a time.
#include <algorithm>
#include <cstring>

#include "simd/gemm_kernel.h"
#include "simd/qconv_parts.h"

namespace sardonyx::simd {
namespace {

constexpr int64_t kBlockBytes = 128 << 10;                 // of A, gathered at a time
constexpr double kWorkPerTask = 1 << 20, kMostTasks = 64;  // multiplications
constexpr int64_t kMostTiles = 32;                         // of one task

struct Cut {
  QDense dense;
  int64_t rows, tiles, tiles_per_task, row_tasks, panels_per_task, col_tasks;
  int64_t stride, tiles_per_block;  // of gathered rows
  bool in_place, merged;
};

bool is_pointwise(const ConvArgs& s) {
  for (int i = 0; i < 3; ++i)
    if (s.kernel[i] != 1 || s.stride[i] != 1 || s.pad_begin[i] != 0 || s.in[i] != s.out[i]) return false;
  return true;
}

Cut cut_of(const QGemmTable& f, const QConvArgs& c) {
  const ConvArgs& s = c.shape;
  Cut t{QDense(f, s), 0, 0, 0, 0, 0, 0, 0, 0, false, false};
  t.rows = s.batch * s.out[0] * s.out[1] * s.out[2];
  t.tiles = div_up(t.rows, f.mr);
  t.in_place = is_pointwise(s) && !c.x_signed && t.dense.k % 4 == 0;
  t.merged = s.dilation[2] == 1 && s.x_ld == t.dense.cg;
  t.stride = div_up(4 * t.dense.groups, 64) * 64 + 64;
  const double work = static_cast<double>(t.rows) * static_cast<double>(std::max<int64_t>(16, t.dense.k)) *
                      static_cast<double>(s.out_channels);
  const double want = std::clamp(work / kWorkPerTask, 1.0, kMostTasks);
  int64_t tiles = std::min(t.tiles, kMostTiles), panels = t.dense.panels;
  while (static_cast<double>(s.groups * div_up(t.tiles, tiles) * div_up(t.dense.panels, panels)) < want) {
    // Gathered rows are gathered again for every task that shares them.
    const bool may_tile = tiles > 1, may_panel = panels > 1;
    if (may_tile && (!may_panel || tiles * f.mr * (t.in_place ? 1 : 8) >= panels * f.nr))
      tiles = div_up(tiles, 2);
    else if (may_panel)
      panels = div_up(panels, 2);
    else
      break;
  }
  t.tiles_per_task = tiles, t.row_tasks = div_up(t.tiles, tiles);
  t.panels_per_task = panels, t.col_tasks = div_up(t.dense.panels, panels);
  t.tiles_per_block = std::clamp<int64_t>(kBlockBytes / (t.stride * f.mr), 1, tiles);
  return t;
}

int64_t part_begin_of(const Cut& t, int64_t tile) { return part_begin(t.rows, t.tiles, tile); }

class Run {
 public:
  Run(const QGemmTable& f, const QConvArgs& c, const Cut& cut, void* scratch)
      : f_(f), c_(c), s_(c.shape), cut_(cut), flip_(c.x_signed ? 0x80 : 0), rows_(static_cast<uint8_t*>(scratch)) {
    const int64_t bytes = cut.in_place ? 0 : cut.tiles_per_block * f.mr * cut.stride;
    sums_ = reinterpret_cast<int32_t*>(rows_ + bytes);
  }

  void task(int64_t index) {
    const int64_t row_task = index % cut_.row_tasks, rest = index / cut_.row_tasks;
    group_ = rest / cut_.col_tasks;
    const int64_t panel = rest % cut_.col_tasks * cut_.panels_per_task;
    const int64_t panel_end = std::min(cut_.dense.panels, panel + cut_.panels_per_task);
    const int64_t end = std::min(cut_.tiles, (row_task + 1) * cut_.tiles_per_task);
    for (int64_t tile = row_task * cut_.tiles_per_task; tile < end; tile += cut_.tiles_per_block)
      block(tile, std::min(end, tile + cut_.tiles_per_block), panel, panel_end);
  }

 private:
  void block(int64_t tile0, int64_t tile1, int64_t panel0, int64_t panel1) {
    first_ = part_begin_of(cut_, tile0);
    const int64_t rows = part_begin_of(cut_, tile1) - first_;
    const uint8_t* a = rows_;
    int64_t stride = cut_.stride;
    if (cut_.in_place) {
      a = c_.x + first_ * s_.x_ld + group_ * cut_.dense.cg;
      stride = s_.x_ld;
    } else {
      gather(rows);
    }
    if (c_.columns.b_zero) f_.row_sums(a, stride, rows, cut_.dense.groups, sums_);
    for (int64_t p = panel0; p < panel1; ++p) {
      QTile t = panel_tile(p);
      t.a_stride = stride;
      for (int64_t i = tile0; i < tile1; ++i) {
        const int64_t row = part_begin_of(cut_, i);
        t.rows = static_cast<int>(part_begin_of(cut_, i + 1) - row);
        t.a = a + (row - first_) * stride;
        t.row_sums = sums_ + (row - first_);
        t.c = at(row, p * f_.nr);
        f_.tile(t);
      }
    }
    const int64_t col = panel0 * f_.nr, cols = std::min(cut_.dense.og, panel1 * f_.nr) - col;
    if (c_.out.kind == QOut::kF32) qactivate(c_.out, static_cast<float*>(at(first_, col)), s_.y_ld, rows, cols);
  }

  void* at(int64_t row, int64_t col) const {
    const int64_t size = c_.out.kind == QOut::kU8 || c_.out.kind == QOut::kI8 ? 1 : 4;
    return static_cast<uint8_t*>(c_.y) + (row * s_.y_ld + group_ * cut_.dense.og + col) * size;
  }

  QTile panel_tile(int64_t p) const {
    const int64_t col = p * f_.nr, at = group_ * cut_.dense.columns + col;
    QTile t{};
    t.groups = cut_.dense.groups;
    t.cols = static_cast<int>(std::min<int64_t>(f_.nr, cut_.dense.og - col));
    t.width = static_cast<int>(qgemm_width(f_, t.cols));
    t.b = c_.packed_w + group_ * cut_.dense.bytes + col * (cut_.dense.groups + 1) * 4;
    const QColumns& from = c_.columns;
    t.columns = {from.init + at, from.b_zero ? from.b_zero + at : nullptr, from.scale ? from.scale + at : nullptr,
                 from.bias ? from.bias + at : nullptr};
    t.out = c_.out;
    t.ldc = s_.y_ld;
    return t;
  }

  // Copies the inputs of `rows` pixels from first_ on, four-byte groups filled up with zeros.
  void gather(int64_t rows) {
    int64_t pos[4], n = first_;  // image, depth, height, width
    for (int i = 3; i > 0; --i) pos[i] = n % s_.out[i - 1], n /= s_.out[i - 1];
    pos[0] = n;
    for (int64_t r = 0; r < rows;) {
      const int64_t count = std::min(rows - r, s_.out[2] - pos[3]);
      gather_run(pos, count, rows_ + r * cut_.stride);
      r += count;
      pos[3] = 0;
      for (int i = 2; i > 0 && ++pos[i] == s_.out[i - 1]; --i) {
        pos[i] = 0;
        if (i == 1) ++pos[0];
      }
    }
  }

  // `n` neighbours of one row.
  void gather_run(const int64_t* pos, int64_t n, uint8_t* dst) const {
    const int64_t row = s_.kernel[2] * cut_.dense.cg, step = s_.stride[2];
    const uint8_t* image = c_.x + pos[0] * s_.in[0] * s_.in[1] * s_.in[2] * s_.x_ld + group_ * cut_.dense.cg;
    const int64_t w0 = pos[3] * step - s_.pad_begin[2];
    const int64_t room = s_.in[2] - (s_.kernel[2] - 1) * s_.dilation[2] - w0;
    const int64_t begin = w0 < 0 ? std::min(n, div_up(-w0, step)) : 0;
    const int64_t end = std::clamp(room > 0 ? div_up(room, step) : 0, begin, n);  // [begin, end) lie inside
    uint8_t* to = dst;
    for (int64_t kd = 0; kd < s_.kernel[0]; ++kd) {
      const int64_t d = pos[1] * s_.stride[0] - s_.pad_begin[0] + kd * s_.dilation[0];
      for (int64_t kh = 0; kh < s_.kernel[1]; ++kh, to += row) {
        const int64_t h = pos[2] * s_.stride[1] - s_.pad_begin[1] + kh * s_.dilation[1];
        if (d < 0 || d >= s_.in[0] || h < 0 || h >= s_.in[1]) {
          for (int64_t i = 0; i < n; ++i) pad(to + i * cut_.stride, row);
          continue;
        }
        const uint8_t* line = image + (d * s_.in[1] + h) * s_.in[2] * s_.x_ld;
        for (int64_t i = 0; i < begin; ++i) gather_row(line, w0 + i * step, to + i * cut_.stride);
        gather_inside(line, w0, begin, end, to);
        for (int64_t i = end; i < n; ++i) gather_row(line, w0 + i * step, to + i * cut_.stride);
      }
    }
    const size_t rest = static_cast<size_t>(4 * cut_.dense.groups - cut_.dense.k);
    for (int64_t i = 0; i < n && rest > 0; ++i) std::memset(dst + i * cut_.stride + cut_.dense.k, 0, rest);
  }

  void gather_inside(const uint8_t* line, int64_t w0, int64_t begin, int64_t end, uint8_t* dst) const {
    const int64_t row = s_.kernel[2] * cut_.dense.cg, step = s_.stride[2];
    if (cut_.merged && row >= 8 && row <= 16) return gather_words<uint64_t>(line, w0, begin, end, dst);
    if (cut_.merged && row >= 4 && row < 8) return gather_words<uint32_t>(line, w0, begin, end, dst);
    for (int64_t i = begin; i < end; ++i) gather_row(line, w0 + i * step, dst + i * cut_.stride);
  }

  // A pixel's inputs are one or two words, which may overlap.
  template <class T>
  void gather_words(const uint8_t* line, int64_t w0, int64_t begin, int64_t end, uint8_t* dst) const {
    const int64_t cg = cut_.dense.cg, second = s_.kernel[2] * cg - static_cast<int64_t>(sizeof(T));
    const T flips = static_cast<T>(flip_ * uint64_t{0x0101010101010101});
    for (int64_t i = begin; i < end; ++i) {
      const uint8_t* from = line + (w0 + i * s_.stride[2]) * cg;
      uint8_t* to = dst + i * cut_.stride;
      T a, b;
      std::memcpy(&a, from, sizeof(T));
      std::memcpy(&b, from + second, sizeof(T));
      a ^= flips, b ^= flips;
      std::memcpy(to, &a, sizeof(T));
      std::memcpy(to + second, &b, sizeof(T));
    }
  }

  void gather_row(const uint8_t* line, int64_t w0, uint8_t* dst) const {
    const int64_t cg = cut_.dense.cg, taps = s_.kernel[2];
    if (cut_.merged) {
      const int64_t begin = std::clamp<int64_t>(-w0, 0, taps), end = std::clamp<int64_t>(s_.in[2] - w0, begin, taps);
      if (begin > 0) pad(dst, begin * cg);
      f_.copy(line + (w0 + begin) * cg, (end - begin) * cg, flip_, dst + begin * cg);
      if (end < taps) pad(dst + end * cg, (taps - end) * cg);
      return;
    }
    for (int64_t i = 0; i < taps; ++i, dst += cg) {
      const int64_t w = w0 + i * s_.dilation[2];
      if (w < 0 || w >= s_.in[2])
        pad(dst, cg);
      else
        f_.copy(line + w * s_.x_ld, cg, flip_, dst);
    }
  }

  void pad(uint8_t* dst, int64_t n) const { std::memset(dst, c_.x_pad ^ flip_, static_cast<size_t>(n)); }

  const QGemmTable& f_;
  const QConvArgs& c_;
  const ConvArgs& s_;
  const Cut& cut_;
  const uint8_t flip_;
  uint8_t* rows_;
  int32_t* sums_;
  int64_t group_ = 0, first_ = 0;
};

}  // namespace

int64_t qdense_tasks(const QGemmTable& f, const QConvArgs& c) {
  const Cut t = cut_of(f, c);
  return c.shape.groups * t.row_tasks * t.col_tasks;
}

size_t qdense_scratch(const QGemmTable& f, const QConvArgs& c) {
  const Cut t = cut_of(f, c);
  return static_cast<size_t>(t.tiles_per_block * f.mr * ((t.in_place ? 0 : t.stride) + 4));
}

void qdense_run(const QGemmTable& f, const QConvArgs& c, int64_t begin, int64_t end, void* scratch) {
  const Cut cut = cut_of(f, c);
  Run run(f, c, cut, scratch);
  for (int64_t t = begin; t < end; ++t) run.task(t);
}

void qactivate(const QOutput& out, float* c, int64_t ldc, int64_t rows, int64_t cols) {
  if (out.act == Act::kNone) return;
  if (ldc == cols) cols *= rows, rows = 1;
  gemm().activate(c, ldc, rows, cols, out.act, out.p0, out.p1);
}

}  // namespace sardonyx::simd
