#include "simd/conv_direct.h"

#include <algorithm>
#include <cstring>

#include "simd/conv_direct_kernel.h"

namespace sardonyx::simd {
namespace {

constexpr int64_t kTaskProducts = 400'000;
constexpr int64_t kScratchFloats = 48 * 1024;
constexpr int64_t kMaxTaps = 64;  // columns of a kernel

int64_t div_up(int64_t a, int64_t b) { return (a + b - 1) / b; }
int64_t round_up_to(int64_t a, int64_t b) { return div_up(a, b) * b; }

// Output channels in blocks of nearly equal size.
int64_t channel_blocks(const DirectTable& f, int64_t channels) { return div_up(channels, f.max_channels); }

// The tile width that wastes least at the end of a row; a step of a tile costs its pixels and the weights.
int best_width(const DirectTable& f, int64_t pixels) {
  int best = f.widths[0];
  int64_t best_cost = -1;
  for (const int* w = f.widths; *w > 0; ++w) {
    const int64_t cost = div_up(pixels, *w) * (*w + 1);
    if (best_cost < 0 || cost <= best_cost) best = *w, best_cost = cost;
  }
  return best;
}

int64_t copied_rows(const ConvArgs& c, int64_t rows) {
  return (rows - 1) * c.stride[1] + (c.kernel[1] - 1) * c.dilation[1] + 1;
}

int64_t group_inputs(const ConvArgs& c) { return c.in_channels / c.groups; }

// Copies the input rows that a task reads, with zeros where there is padding.
class RowCopy {
 public:
  RowCopy(const DirectTable& f, const ConvArgs& c, const DirectPlan& p, float* to) : f_(f), c_(c), p_(p), to_(to) {}

  // From input row `first` of image n on.
  void run(int64_t n, int64_t group, int64_t first) const {
    const int64_t cg = group_inputs(c_), rows = p_.copied_rows;
    if (p_.x_last && !p_.y_last) {
      for (int64_t r = 0; r < rows; ++r)
        for (int64_t i = 0; i < c_.stride[2]; ++i) turned_row(n, group * cg, first + r, i, to_ + r * p_.row_step);
      return;
    }
    if (p_.x_last) {
      const int64_t length = c_.in[2] * c_.in_channels;
      for (int64_t r = 0; r < rows; ++r)
        row(source(n * c_.in[1], first + r, length), length, c_.pad_begin[2] * c_.in_channels, to_ + r * p_.row_step);
      return;
    }
    for (int64_t ch = 0; ch < cg; ++ch) {
      const int64_t plane = (n * c_.in_channels + group * cg + ch) * c_.in[1];
      for (int64_t r = 0; r < rows; ++r) {
        float* to = to_ + ch * p_.x_channel + r * p_.row_step;
        const float* from = source(plane, first + r, c_.in[2]);
        if (p_.y_last || c_.stride[2] == 1)
          row(from, c_.in[2], c_.pad_begin[2], to);
        else
          for (int64_t i = 0; i < c_.stride[2]; ++i) split_row(from, i, to + i * p_.pitch);
      }
    }
  }

 private:
  // Null for rows of the padding.
  const float* source(int64_t plane, int64_t r, int64_t length) const {
    return r >= 0 && r < c_.in[1] ? c_.x + (plane + r) * length : nullptr;
  }
  void row(const float* from, int64_t length, int64_t pad, float* to) const {
    if (from != nullptr && pad < 0) from -= pad, length += pad, pad = 0;
    if (from == nullptr || pad >= p_.row_step || length <= 0) return zero(to, p_.row_step);
    const int64_t n = std::min(length, p_.row_step - pad);
    zero(to, pad);
    std::memcpy(to + pad, from, static_cast<size_t>(n) * sizeof(float));
    zero(to + pad + n, p_.row_step - pad - n);
  }
  // Elements [begin, end) of a copied row that hold every stride-th pixel from `at` on, so that neighbouring outputs
  // read neighbouring elements.
  struct Split {
    int64_t at, begin, end;
  };
  Split split(int64_t residue) const {
    const int64_t s = c_.stride[2], at = residue - c_.pad_begin[2];
    const int64_t begin = std::min(at < 0 ? div_up(-at, s) : 0, p_.pitch);
    return {at, begin, std::clamp(at < c_.in[2] ? div_up(c_.in[2] - at, s) : 0, begin, p_.pitch)};
  }
  void split_row(const float* from, int64_t residue, float* to) const {
    const int64_t s = c_.stride[2];
    const auto [at, begin, end] = split(residue);
    if (from == nullptr || begin >= end) return zero(to, p_.pitch);
    zero(to, begin);
    const float* first = from + at + begin * s;
    if (s == 2)
      f_.every_second(first, end - begin, to + begin);
    else
      for (int64_t i = begin; i < end; ++i) to[i] = first[(i - begin) * s];
    zero(to + end, p_.pitch - end);
  }
  // The same of channels-last pixels, to a row of each channel of the group.
  void turned_row(int64_t n, int64_t channel, int64_t r, int64_t residue, float* to) const {
    const int64_t cg = group_inputs(c_), s = c_.stride[2], length = c_.in[2] * c_.in_channels;
    auto [at, begin, end] = split(residue);
    const float* from = source(n * c_.in[1], r, length);
    if (from == nullptr) end = begin;
    to += residue * p_.pitch;
    for (int64_t ch = 0; ch < cg; ++ch) {
      zero(to + ch * p_.x_channel, begin);
      zero(to + ch * p_.x_channel + end, p_.pitch - end);
    }
    if (begin >= end) return;
    gemm_for(f_.target)->transpose_rows(from + (at + begin * s) * c_.in_channels + channel, s * c_.in_channels, cg,
                                        end - begin, to + begin, p_.x_channel);
  }
  static void zero(float* to, int64_t n) { std::memset(to, 0, static_cast<size_t>(n) * sizeof(float)); }

  const DirectTable& f_;
  const ConvArgs& c_;
  const DirectPlan& p_;
  float* to_;
};

class Runner {
 public:
  Runner(const DirectTable& f, const ConvArgs& c, const DirectPlan& p, float* rows)
      : f_(f), c_(c), p_(p), rows_(rows), copy_(f, c, p, rows) {
    needs_act_ = tile_clip(c.ep.act, c.ep.p0, c.ep.p1, &low_, &high_);
  }

  void task(int64_t t) {
    const int64_t part = t % p_.row_tasks, group = t / p_.row_tasks % c_.groups, n = t / p_.row_tasks / c_.groups;
    const int64_t begin = part * p_.rows, end = std::min(c_.out[1], begin + p_.rows);
    copy_.run(n, group, begin * c_.stride[1] - c_.pad_begin[1]);
    if (p_.y_last)
      pixel_rows(n, begin, end);
    else
      planes(n, group, begin, end);
  }

 private:
  void planes(int64_t n, int64_t group, int64_t begin, int64_t end) {
    const int64_t og = c_.out_channels / c_.groups, ow = c_.out[2], plane = c_.out[1] * ow;
    const int64_t first = (n * c_.out_channels + group * og) * plane + begin * ow;
    int64_t tap[kMaxTaps];
    for (int64_t k = 0; k < c_.kernel[2]; ++k) {
      const int64_t at = k * c_.dilation[2];
      tap[k] = at % c_.stride[2] * p_.pitch + at / c_.stride[2];
    }
    PlaneTile t{};
    t.in_channels = group_inputs(c_), t.kernel_h = c_.kernel[1], t.kernel_w = c_.kernel[2];
    t.x_channel = p_.x_channel, t.x_row = c_.dilation[1] * p_.row_step, t.tap = tap, t.y_plane = plane;
    t.add_scale = c_.ep.residual_scale, t.low = low_, t.high = high_;
    const int64_t most = og == 1 ? kMaxSlots : f_.max_slots, per_row = div_up(ow, f_.lanes);
    const int64_t slots = (end - begin) * per_row;
    for (int64_t s = 0; s < slots;) {
      // With one channel, either all slots or few.
      int64_t count = std::min(most, slots - s);
      if (count < most) count = std::min<int64_t>(count, f_.max_slots);
      t.slots = static_cast<int>(count);
      for (int64_t i = 0; i < count; ++i) place(t, i, (s + i) / per_row, (s + i) % per_row * f_.lanes, first);
      channel_tiles(t, group * og, og);
      s += count;
    }
    if (!needs_act_) return;
    gemm_for(f_.target)->activate(c_.y + first, plane, og, (end - begin) * ow, c_.ep.act, c_.ep.p0, c_.ep.p1);
  }

  void place(PlaneTile& t, int64_t i, int64_t row, int64_t col, int64_t first) const {
    t.x[i] = rows_ + row * c_.stride[1] * p_.row_step + col;
    t.y[i] = c_.y + first + row * c_.out[2] + col;
    t.add[i] = c_.ep.residual ? c_.ep.residual + first + row * c_.out[2] + col : nullptr;
    t.lanes[i] = static_cast<int>(std::min<int64_t>(f_.lanes, c_.out[2] - col));
  }

  void channel_tiles(PlaneTile t, int64_t channel, int64_t count) const {
    const int64_t taps = t.in_channels * t.kernel_h * t.kernel_w, blocks = channel_blocks(f_, count);
    for (int64_t b = 0; b < blocks; ++b) {
      const int64_t n = part_begin(count, blocks, b + 1) - part_begin(count, blocks, b);
      t.channels = static_cast<int>(n);
      t.w = c_.packed_w + channel * taps;
      t.bias = c_.ep.col_bias ? c_.ep.col_bias + channel : nullptr;
      f_.planes(t);
      channel += n;
      for (int i = 0; i < t.slots; ++i) {
        t.y[i] += n * t.y_plane;
        if (t.add[i]) t.add[i] += n * t.y_plane;
      }
    }
  }

  void pixel_rows(int64_t n, int64_t begin, int64_t end) {
    PixelTile t{};
    const int64_t channels = c_.out_channels, step = c_.dilation[1] * p_.row_step;
    if (p_.x_last) {
      t.count[0] = c_.kernel[1], t.step[0] = step;
      t.count[1] = c_.kernel[2], t.step[1] = c_.dilation[2] * c_.in_channels;
      t.count[2] = c_.in_channels, t.step[2] = 1;
      if (c_.dilation[2] == 1) t.count[1] = 1, t.count[2] *= c_.kernel[2];
    } else {
      t.count[0] = c_.in_channels, t.step[0] = p_.x_channel;
      t.count[1] = c_.kernel[1], t.step[1] = step;
      t.count[2] = c_.kernel[2], t.step[2] = c_.dilation[2];
    }
    t.x_pixel = c_.stride[2] * (p_.x_last ? c_.in_channels : 1);
    t.y_pixel = channels, t.add_scale = c_.ep.residual_scale, t.low = low_, t.high = high_, t.width = p_.width;
    const int64_t taps = c_.in_channels * c_.kernel[1] * c_.kernel[2];
    for (int64_t r = begin; r < end; ++r) {
      const int64_t row = (n * c_.out[1] + r) * c_.out[2] * channels;
      const float* x = rows_ + (r - begin) * c_.stride[1] * p_.row_step;
      for (int64_t col = 0; col < channels; col += 2 * f_.lanes) {
        t.cols = static_cast<int>(std::min<int64_t>(channels - col, 2 * f_.lanes));
        t.w = c_.packed_w + col * taps;
        t.bias = c_.ep.col_bias ? c_.ep.col_bias + col : nullptr;
        pixel_tiles(t, x, row + col);
      }
      if (needs_act_)
        gemm_for(f_.target)->activate(c_.y + row, channels, c_.out[2], channels, c_.ep.act, c_.ep.p0, c_.ep.p1);
    }
  }

  void pixel_tiles(PixelTile& t, const float* x, int64_t y) const {
    for (int64_t i = 0; i < c_.out[2]; i += t.width) {
      t.x = x + i * t.x_pixel;
      t.y = c_.y + y + i * t.y_pixel;
      t.add = c_.ep.residual ? c_.ep.residual + y + i * t.y_pixel : nullptr;
      t.pixels = static_cast<int>(std::min<int64_t>(t.width, c_.out[2] - i));
      f_.pixels(t);
    }
  }

  const DirectTable& f_;
  const ConvArgs& c_;
  const DirectPlan& p_;
  float* rows_;
  RowCopy copy_;
  float low_, high_;
  bool needs_act_;
};

}  // namespace

DirectPlan plan_direct(const DirectTable& f, const ConvArgs& c, bool x_last, bool y_last) {
  DirectPlan p{};
  p.x_last = x_last, p.y_last = y_last;
  const int64_t reach = (c.kernel[2] - 1) * c.dilation[2], cg = group_inputs(c), ow = c.out[2];
  if (c.batch <= 0 || c.out[1] <= 0 || ow <= 0 || c.out_channels <= 0) return p;
  if (y_last) {
    p.width = best_width(f, ow);
    const int64_t pixels = (round_up_to(ow, p.width) - 1) * c.stride[2] + reach + 1;
    p.row_step = p.pitch = round_up_to(pixels * (x_last ? cg : 1), f.lanes);
  } else {
    p.pitch = round_up_to(round_up_to(ow, f.lanes) + reach / c.stride[2], f.lanes);
    p.row_step = p.pitch * c.stride[2];
  }
  const int64_t row_products = std::max<int64_t>(1, ow * c.out_channels / c.groups * cg * c.kernel[1] * c.kernel[2]);
  const auto floats = [&](int64_t rows) { return copied_rows(c, rows) * p.row_step * (x_last && y_last ? 1 : cg); };
  p.rows = std::clamp<int64_t>(div_up(kTaskProducts, row_products), 1, c.out[1]);
  while (p.rows > 1 && floats(p.rows) > kScratchFloats) p.rows = div_up(p.rows, 2);
  p.row_tasks = div_up(c.out[1], p.rows);
  p.rows = div_up(c.out[1], p.row_tasks);
  p.row_tasks = div_up(c.out[1], p.rows);
  p.copied_rows = copied_rows(c, p.rows);
  p.x_channel = p.copied_rows * p.row_step;
  p.tasks = c.batch * c.groups * p.row_tasks;
  p.scratch_bytes = static_cast<size_t>(floats(p.rows)) * sizeof(float);
  return p;
}

size_t direct_packed_bytes(const DirectTable& f, const ConvArgs& c, bool y_last) {
  const int64_t taps = group_inputs(c) * c.kernel[1] * c.kernel[2];
  const int64_t channels = y_last ? round_up_to(c.out_channels, f.lanes) : c.out_channels;
  return static_cast<size_t>(taps * channels) * sizeof(float);
}

void direct_pack(const DirectTable& f, const ConvArgs& c, bool x_last, bool y_last, const float* w, float* dst) {
  const int64_t cg = group_inputs(c), spatial = c.kernel[1] * c.kernel[2], taps = cg * spatial;
  // Position of tap i of an output channel in the order of the loops.
  const auto position = [&](int64_t i) { return x_last && y_last ? i % spatial * cg + i / spatial : i; };
  const auto block = [&](int64_t first, int64_t count, int64_t width) {
    for (int64_t i = 0; i < taps; ++i) {
      float* to = dst + first * taps + position(i) * width;
      for (int64_t o = 0; o < width; ++o) to[o] = o < count ? w[(first + o) * taps + i] : 0.0f;
    }
  };
  if (y_last) {
    for (int64_t o = 0; o < c.out_channels; o += 2 * f.lanes) {
      const int64_t left = c.out_channels - o;
      block(o, std::min<int64_t>(left, 2 * f.lanes), left > f.lanes ? 2 * f.lanes : f.lanes);
    }
    return;
  }
  const int64_t og = c.out_channels / c.groups, blocks = channel_blocks(f, og);
  for (int64_t g = 0; g < c.groups; ++g) {
    for (int64_t b = 0; b < blocks; ++b) {
      const int64_t begin = part_begin(og, blocks, b), count = part_begin(og, blocks, b + 1) - begin;
      block(g * og + begin, count, count);
    }
  }
}

void direct_run(const DirectTable& f, const ConvArgs& c, const DirectPlan& p, int64_t begin, int64_t end,
                void* scratch) {
  Runner run(f, c, p, static_cast<float*>(scratch));
  for (int64_t t = begin; t < end; ++t) run.task(t);
}

}  // namespace sardonyx::simd
