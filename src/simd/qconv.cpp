#include "simd/qconv.h"

#include <algorithm>
#include <cstring>

#include "simd/qconv_parts.h"

namespace sardonyx::simd {
namespace {

int64_t taps_of(const ConvArgs& c) { return c.kernel[0] * c.kernel[1] * c.kernel[2]; }

// The int32 sums behind packed columns start here.
const int32_t* sums_at(const int8_t* p) { return reinterpret_cast<const int32_t*>(p); }

// What output channels bring, written at packed positions.
struct ColumnWriter {
  const QConvArgs& c;
  const QParams& p;
  int32_t *init, *b_zero;
  float *scale, *bias;
  int32_t x_zero;

  // `count` channels from `channel` on go to positions from `at` on; sums are those of their weights.
  void write(int64_t at, int64_t channel, int64_t count, const int32_t* sums, int64_t depth) const {
    const uint32_t zero = static_cast<uint32_t>(x_zero);
    for (int64_t j = 0; j < count; ++j) init[at + j] = static_cast<int32_t>(-zero * static_cast<uint32_t>(sums[j]));
    if (p.bias) {
      for (int64_t j = 0; j < count; ++j)
        init[at + j] =
            static_cast<int32_t>(static_cast<uint32_t>(init[at + j]) + static_cast<uint32_t>(p.bias[channel + j]));
    }
    for (int64_t j = 0; j < count && b_zero; ++j) {
      const uint32_t w = static_cast<uint32_t>(b_zero[at + j] = weight_zero(c, p, channel + j));
      init[at + j] =
          static_cast<int32_t>(static_cast<uint32_t>(init[at + j]) + zero * w * static_cast<uint32_t>(depth));
    }
    if (scale) write_scales(at, channel, count);
    for (int64_t j = 0; j < count && bias; ++j) bias[at + j] = p.float_bias[channel + j];
  }
  void write_scales(int64_t at, int64_t channel, int64_t count) const {
    const bool bytes = c.out.kind != QOut::kF32;
    if (p.w_scales == 1) {
      const float product = p.x_scale * p.w_scale[0];
      std::fill(scale + at, scale + at + count, bytes ? product / p.y_scale : product);
      return;
    }
    for (int64_t j = 0; j < count; ++j) scale[at + j] = p.x_scale * p.w_scale[channel + j];
    for (int64_t j = 0; j < count && bytes; ++j) scale[at + j] /= p.y_scale;
  }
  void blank(int64_t at, int64_t count) const {
    for (int64_t j = at; j < at + count; ++j) {
      init[j] = 0;
      if (b_zero) b_zero[j] = 0;
      if (scale) scale[j] = 0;
      if (bias) bias[j] = 0;
    }
  }

  static int32_t weight_zero(const QConvArgs& c, const QParams& p, int64_t channel) {
    const int64_t i = p.w_zeros == 1 ? 0 : channel;
    if (c.w_signed) return p.w_zero ? static_cast<const int8_t*>(p.w_zero)[i] : 0;
    return (p.w_zero ? static_cast<const uint8_t*>(p.w_zero)[i] : 0) - 128;
  }
};

int64_t column_count(const QGemmTable& f, const QConvArgs& c) {
  return qby_lanes(c) ? div_up(c.shape.out_channels, qlane_block(f)) * qlane_block(f)
                      : c.shape.groups * QDense(f, c.shape).columns;
}

bool all_zero(const QConvArgs& c, const QParams& p) {
  for (int64_t i = 0; i < p.w_zeros; ++i)
    if (ColumnWriter::weight_zero(c, p, i) != 0) return false;
  return true;
}

// One panel of a convolution's weights, as the matrix [k][columns].
void pack_panel(const QGemmTable& f, const QConvArgs& c, const uint8_t* w, int64_t group, int64_t panel, int8_t* dst) {
  const QDense l(f, c.shape);
  const int64_t taps = taps_of(c.shape), col = panel * f.nr, cols = std::min<int64_t>(f.nr, l.og - col);
  const int64_t width = qgemm_width(f, cols);
  const uint8_t flip = c.w_signed ? 0 : 0x80;
  const uint8_t* from = w + (group * l.og + col) * l.k;
  if (taps == 1) return f.pack(from, l.k, true, l.k, cols, width, flip, dst);
  std::memset(dst, 0, static_cast<size_t>(4 * l.groups * width));
  for (int64_t j = 0; j < cols; ++j) {
    for (int64_t c0 = 0; c0 < l.cg; ++c0) {
      for (int64_t k = c0; k < l.k; k += l.cg)
        dst[(k / 4 * width + j) * 4 + k % 4] = static_cast<int8_t>(*from++ ^ flip);
    }
  }
  f.sum_panel(dst, l.groups, width);
}

void pack_lanes(const QGemmTable& f, const QConvArgs& c, const uint8_t* w, int64_t block, int8_t* dst) {
  const int64_t taps = taps_of(c.shape), groups = div_up(taps, 4), size = qlane_block(f);
  const uint8_t flip = c.w_signed ? 0 : 0x80;
  int32_t* sums = reinterpret_cast<int32_t*>(dst + groups * size * 4);
  std::memset(dst, 0, static_cast<size_t>((groups + 1) * size * 4));
  for (int64_t i = 0; i < size; ++i) {
    const int64_t channel = block * size + qlane_channel(f, i);
    if (channel >= c.shape.out_channels) continue;
    for (int64_t t = 0; t < taps; ++t) {
      const int8_t v = static_cast<int8_t>(w[channel * taps + t] ^ flip);
      dst[t / 4 * size * 4 + i * 4 + t % 4] = v;
      sums[i] += v;
    }
  }
}

}  // namespace

QDense::QDense(const QGemmTable& f, const ConvArgs& c)
    : cg(c.in_channels / c.groups), og(c.out_channels / c.groups), k(taps_of(c) * cg), groups(div_up(k, 4)) {
  panels = div_up(og, f.nr);
  const int64_t tail = og - (panels - 1) * f.nr;
  columns = og == 0 ? 0 : (panels - 1) * f.nr + qgemm_width(f, tail);
  bytes = columns * (groups + 1) * 4;
}

bool qby_lanes(const QConvArgs& c) {
  const ConvArgs& s = c.shape;
  return s.groups > 1 && s.groups == s.in_channels && s.groups == s.out_channels;
}

ConvArgs qmatmul_shape(int64_t m, int64_t n, int64_t k) {
  ConvArgs c;
  c.in[2] = c.out[2] = m;
  c.in_channels = c.x_ld = k;
  c.out_channels = c.y_ld = n;
  return c;
}

size_t qconv_packed_bytes(const QGemmTable& f, const QConvArgs& c) {
  if (qby_lanes(c)) return static_cast<size_t>(column_count(f, c) * (div_up(taps_of(c.shape), 4) + 1) * 4);
  return static_cast<size_t>(c.shape.groups * QDense(f, c.shape).bytes);
}

int64_t qconv_pack_tasks(const QGemmTable& f, const QConvArgs& c) {
  if (qby_lanes(c)) return column_count(f, c) / qlane_block(f);
  return c.shape.groups * QDense(f, c.shape).panels;
}

void qconv_pack(const QGemmTable& f, const QConvArgs& c, const void* w, int64_t begin, int64_t end, void* dst) {
  const uint8_t* from = static_cast<const uint8_t*>(w);
  int8_t* to = static_cast<int8_t*>(dst);
  const QDense l(f, c.shape);
  for (int64_t t = begin; t < end; ++t) {
    if (qby_lanes(c))
      pack_lanes(f, c, from, t, to + t * qlane_block(f) * (div_up(taps_of(c.shape), 4) + 1) * 4);
    else
      pack_panel(f, c, from, t / l.panels, t % l.panels,
                 to + t / l.panels * l.bytes + t % l.panels * f.nr * (l.groups + 1) * 4);
  }
}

void qmatmul_pack(const QGemmTable& f, const QConvArgs& c, const void* b, int64_t ldb, bool trans, int64_t begin,
                  int64_t end, void* dst) {
  const QDense l(f, c.shape);
  for (int64_t p = begin; p < end; ++p) {
    const int64_t col = p * f.nr, cols = std::min<int64_t>(f.nr, l.og - col);
    f.pack(static_cast<const uint8_t*>(b) + (trans ? col * ldb : col), ldb, trans, l.k, cols, qgemm_width(f, cols),
           c.w_signed ? 0 : 0x80, static_cast<int8_t*>(dst) + col * (l.groups + 1) * 4);
  }
}

size_t qconv_columns_bytes(const QGemmTable& f, const QConvArgs& c) {
  return static_cast<size_t>(column_count(f, c)) * 16;
}

QColumns qconv_columns(const QGemmTable& f, const QConvArgs& c, const QParams& p, void* memory) {
  const int64_t n = column_count(f, c);
  int32_t* init = static_cast<int32_t*>(memory);
  float* floats = reinterpret_cast<float*>(init + 2 * n);
  ColumnWriter w{c, p, init, nullptr, nullptr, nullptr, c.x_signed ? p.x_zero + 128 : p.x_zero};
  if (!all_zero(c, p)) w.b_zero = init + n;
  if (c.out.kind != QOut::kI32) w.scale = floats;
  if (c.out.kind == QOut::kF32 && p.float_bias) w.bias = floats + n;
  const int64_t taps = taps_of(c.shape);
  if (qby_lanes(c)) {
    const int64_t size = qlane_block(f), stride = (div_up(taps, 4) + 1) * size * 4;
    for (int64_t at = 0; at < n; ++at) {
      const int64_t channel = at / size * size + qlane_channel(f, at % size);
      if (channel < c.shape.out_channels)
        w.write(at, channel, 1, sums_at(c.packed_w + (at / size + 1) * stride - size * 4) + at % size,
                stride / size - 4);
      else
        w.blank(at, 1);
    }
  } else {
    const QDense l(f, c.shape);
    for (int64_t g = 0; g < c.shape.groups; ++g) {
      for (int64_t col = 0; col < l.og; col += f.nr) {
        const int64_t cols = std::min<int64_t>(f.nr, l.og - col), width = qgemm_width(f, cols);
        const int32_t* sums = sums_at(c.packed_w + g * l.bytes + col * (l.groups + 1) * 4 + l.groups * width * 4);
        const int64_t at = g * l.columns + col;
        w.write(at, g * l.og + col, cols, sums, l.k);
        w.blank(at + cols, width - cols);
      }
    }
  }
  return {w.init, w.b_zero, w.scale, w.bias};
}

int64_t qconv_tasks(const QGemmTable& f, const QConvArgs& c) {
  const ConvArgs& s = c.shape;
  if (s.batch * s.out[0] * s.out[1] * s.out[2] <= 0 || s.out_channels <= 0) return 0;
  return qby_lanes(c) ? qlanes_tasks(f, c) : qdense_tasks(f, c);
}

size_t qconv_scratch_bytes(const QGemmTable& f, const QConvArgs& c) {
  return qby_lanes(c) ? qlanes_scratch(f, c) : qdense_scratch(f, c);
}

void qconv_run(const QGemmTable& f, const QConvArgs& c, int64_t begin, int64_t end, void* scratch) {
  if (begin >= end) return;
  if (qby_lanes(c))
    qlanes_run(f, c, begin, end, scratch);
  else
    qdense_run(f, c, begin, end, scratch);
}

}  // namespace sardonyx::simd
