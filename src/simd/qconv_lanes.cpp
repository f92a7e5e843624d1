// Convolutions with one input channel per output channel: all channels of a pixel at once, taps by pointers. Taps
// outside the input point to a row of padding; neighbouring pixels inside it are one call.
#include <algorithm>
#include <cstring>

#include "simd/qconv_parts.h"

namespace sardonyx::simd {
namespace {

constexpr int64_t kWorkPerTask = 1 << 17;  // multiplications

int64_t taps_of(const ConvArgs& c) { return c.kernel[0] * c.kernel[1] * c.kernel[2]; }

// A tap above or below the input reads as far as one within does.
int64_t padding_bytes(const ConvArgs& c) { return c.in[2] * c.x_ld + c.in_channels; }

int64_t rows_per_task(const ConvArgs& s) {
  const int64_t work = std::max<int64_t>(1, s.out[2] * s.out_channels * taps_of(s));
  return std::clamp<int64_t>(kWorkPerTask / work, 1, s.batch * s.out[0] * s.out[1]);
}

class Run {
 public:
  Run(const QConvArgs& c, void* scratch) : c_(c), s_(c.shape), count_(taps_of(c.shape)) {
    taps_ = static_cast<const uint8_t**>(scratch);
    start_ = taps_ + count_;
    padding_ = reinterpret_cast<uint8_t*>(start_ + count_);
    if (count_ > 0) std::memset(padding_, c.x_pad, static_cast<size_t>(padding_bytes(s_)));
  }

  void row(const QGemmTable& f, int64_t index) {
    start_row(index);
    const int64_t size = c_.out.kind == QOut::kU8 || c_.out.kind == QOut::kI8 ? 1 : 4;
    uint8_t* y = static_cast<uint8_t*>(c_.y) + index * s_.out[2] * s_.y_ld * size;
    const int64_t reach = (s_.kernel[2] - 1) * s_.dilation[2], step = s_.stride[2];
    const int64_t room = s_.in[2] - reach + s_.pad_begin[2];  // of the first pixel: it lies inside if at < room
    const int64_t begin = std::clamp<int64_t>(div_up(s_.pad_begin[2], step), 0, s_.out[2]);
    const int64_t end = std::clamp(room > 0 ? div_up(room, step) : 0, begin, s_.out[2]);
    QLaneTile t{taps_,          count_,          1,
                step * s_.x_ld, c_.x_pad,        static_cast<uint8_t>(c_.x_signed ? 0x80 : 0),
                c_.packed_w,    s_.out_channels, c_.columns,
                c_.out,         nullptr,         s_.y_ld};
    const auto tile = [&](int64_t w, int64_t pixels) {
      place(w * step - s_.pad_begin[2]);
      t.pixels = pixels;
      t.c = y + w * s_.y_ld * size;
      f.lane_tile(t);
    };
    for (int64_t w = 0; w < begin; ++w) tile(w, 1);
    if (begin < end) tile(begin, end - begin);
    for (int64_t w = end; w < s_.out[2]; ++w) tile(w, 1);
    if (c_.out.kind == QOut::kF32) qactivate(c_.out, reinterpret_cast<float*>(y), s_.y_ld, s_.out[2], s_.out_channels);
  }

 private:
  // Where each tap of a row reads at position 0; null above and below the input.
  void start_row(int64_t index) {
    const int64_t h = index % s_.out[1], d = index / s_.out[1] % s_.out[0], n = index / s_.out[1] / s_.out[0];
    const uint8_t* image = c_.x + n * s_.in[0] * s_.in[1] * s_.in[2] * s_.x_ld;
    int64_t tap = 0;
    for (int64_t i = 0; i < s_.kernel[0]; ++i) {
      const int64_t id = d * s_.stride[0] - s_.pad_begin[0] + i * s_.dilation[0];
      for (int64_t j = 0; j < s_.kernel[1]; ++j) {
        const int64_t ih = h * s_.stride[1] - s_.pad_begin[1] + j * s_.dilation[1];
        const bool inside = id >= 0 && id < s_.in[0] && ih >= 0 && ih < s_.in[1];
        for (int64_t l = 0; l < s_.kernel[2]; ++l, ++tap) {
          start_[tap] = inside ? image + ((id * s_.in[1] + ih) * s_.in[2] + l * s_.dilation[2]) * s_.x_ld : nullptr;
        }
      }
    }
  }

  void place(int64_t at) {
    for (int64_t i = 0; i < count_; ++i) {
      const int64_t w = at + i % s_.kernel[2] * s_.dilation[2];
      taps_[i] = start_[i] && w >= 0 && w < s_.in[2] ? start_[i] + at * s_.x_ld : padding_;
    }
  }

  const QConvArgs& c_;
  const ConvArgs& s_;
  const int64_t count_;
  const uint8_t** taps_;
  const uint8_t** start_;
  uint8_t* padding_;
};

}  // namespace

int64_t qlanes_tasks(const QGemmTable&, const QConvArgs& c) {
  return div_up(c.shape.batch * c.shape.out[0] * c.shape.out[1], rows_per_task(c.shape));
}

size_t qlanes_scratch(const QGemmTable&, const QConvArgs& c) {
  return static_cast<size_t>(taps_of(c.shape) * 16 + padding_bytes(c.shape));
}

void qlanes_run(const QGemmTable& f, const QConvArgs& c, int64_t begin, int64_t end, void* scratch) {
  Run run(c, scratch);
  const int64_t rows = c.shape.batch * c.shape.out[0] * c.shape.out[1], each = rows_per_task(c.shape);
  for (int64_t r = begin * each; r < std::min(rows, end * each); ++r) run.row(f, r);
}

}  // namespace sardonyx::simd
