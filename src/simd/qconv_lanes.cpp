// Convolutions with one input channel per output channel: all channels of a pixel at once, taps by pointers. Taps
// outside the input point to a row of padding.
#include <algorithm>
#include <cstring>

#include "simd/qconv_parts.h"

namespace sardonyx::simd {
namespace {

constexpr int64_t kWorkPerTask = 1 << 17;  // multiplications

int64_t taps_of(const ConvArgs& c) { return c.kernel[0] * c.kernel[1] * c.kernel[2]; }

int64_t rows_per_task(const ConvArgs& s) {
  const int64_t work = std::max<int64_t>(1, s.out[2] * s.out_channels * taps_of(s));
  return std::clamp<int64_t>(kWorkPerTask / work, 1, s.batch * s.out[0] * s.out[1]);
}

class Run {
 public:
  Run(const QConvArgs& c, void* scratch) : c_(c), s_(c.shape), count_(taps_of(c.shape)), groups_(div_up(count_, 4)) {
    padding_ = static_cast<uint8_t*>(scratch);
    taps_ = reinterpret_cast<const uint8_t**>(padding_ + div_up(s_.in_channels, 64) * 64);
    start_ = taps_ + 4 * groups_;
    step_ = reinterpret_cast<int64_t*>(start_ + count_);
    std::memset(padding_, c.x_pad, static_cast<size_t>(s_.in_channels));
    for (int64_t t = 0; t < 4 * groups_; ++t) taps_[t] = padding_;
  }

  void row(const QGemmTable& f, int64_t index) {
    start_row(index);
    const int64_t size = c_.out.kind == QOut::kU8 || c_.out.kind == QOut::kI8 ? 1 : 4;
    QLaneTile t{taps_,  groups_, static_cast<uint8_t>(c_.x_signed ? 0x80 : 0), c_.packed_w, s_.out_channels, c_.columns,
                c_.out, nullptr};
    uint8_t* y = static_cast<uint8_t*>(c_.y) + index * s_.out[2] * s_.y_ld * size;
    const int64_t reach = (s_.kernel[2] - 1) * s_.dilation[2];
    for (int64_t w = 0; w < s_.out[2]; ++w) {
      const int64_t at = w * s_.stride[2] - s_.pad_begin[2];
      if (at >= 0 && at + reach < s_.in[2]) {
        for (int64_t i = 0; i < count_; ++i) taps_[i] = start_[i] + at * step_[i];
      } else {
        place_at_edge(at);
      }
      t.c = y + w * s_.y_ld * size;
      f.lane_tile(t);
    }
    if (c_.out.kind == QOut::kF32) qactivate(c_.out, reinterpret_cast<float*>(y), s_.y_ld, s_.out[2], s_.out_channels);
  }

 private:
  // Where each tap of a row reads: start + position * step. Taps above and below the input stay on the padding.
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
          start_[tap] = inside ? image + ((id * s_.in[1] + ih) * s_.in[2] + l * s_.dilation[2]) * s_.x_ld : padding_;
          step_[tap] = inside ? s_.x_ld : 0;
        }
      }
    }
  }

  void place_at_edge(int64_t at) {
    for (int64_t i = 0; i < count_; ++i) {
      const int64_t w = at + i % s_.kernel[2] * s_.dilation[2];
      taps_[i] = w >= 0 && w < s_.in[2] ? start_[i] + at * step_[i] : padding_;
    }
  }

  const QConvArgs& c_;
  const ConvArgs& s_;
  const int64_t count_, groups_;
  uint8_t* padding_;
  const uint8_t** taps_;
  const uint8_t** start_;
  int64_t* step_;
};

}  // namespace

int64_t qlanes_tasks(const QGemmTable&, const QConvArgs& c) {
  return div_up(c.shape.batch * c.shape.out[0] * c.shape.out[1], rows_per_task(c.shape));
}

size_t qlanes_scratch(const QGemmTable&, const QConvArgs& c) {
  return static_cast<size_t>(div_up(c.shape.in_channels, 64) * 64 + div_up(taps_of(c.shape), 4) * 4 * 8 +
                             taps_of(c.shape) * 16);
}

void qlanes_run(const QGemmTable& f, const QConvArgs& c, int64_t begin, int64_t end, void* scratch) {
  Run run(c, scratch);
  const int64_t rows = c.shape.batch * c.shape.out[0] * c.shape.out[1], each = rows_per_task(c.shape);
  for (int64_t r = begin * each; r < std::min(rows, end * each); ++r) run.row(f, r);
}

}  // namespace sardonyx::simd
