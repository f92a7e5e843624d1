#include "simd/pool.h"

#include <algorithm>

#include "simd/conv_kernel.h"

namespace sardonyx::simd {
namespace {

constexpr int64_t kWorkPerTask = 1 << 16;
constexpr int64_t kChannelBlock = 64;  // windows at least this deep may be split by channels

int64_t div_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

// Tasks are numbered [row group][channel block].
struct Cut {
  int64_t rows, rows_per_task, channels_per_task, channel_tasks;
};

Cut cut_of(const PoolArgs& p) {
  Cut c{};
  c.rows = p.batch * p.out[0] * p.out[1];
  const int64_t taps = p.kernel[0] * p.kernel[1] * p.kernel[2];
  const int64_t row_work = std::max<int64_t>(1, p.out[2] * taps * p.channels);
  c.rows_per_task = std::clamp<int64_t>(kWorkPerTask / row_work, 1, std::max<int64_t>(1, c.rows));
  const int64_t parts = std::clamp<int64_t>(row_work / kWorkPerTask, 1, div_up(p.channels, kChannelBlock));
  c.channels_per_task = parts == 1 ? p.channels : div_up(div_up(p.channels, parts), kChannelBlock) * kChannelBlock;
  c.channel_tasks = div_up(p.channels, c.channels_per_task);
  return c;
}

// The taps of one window along one axis.
struct Span {
  int64_t at, count, divisor;  // first input position inside, taps inside, taps that an average counts
};

Span span_of(const PoolArgs& p, int i, int64_t out) {
  const int64_t start = out * p.stride[i] - p.pad_begin[i], step = p.dilation[i], taps = p.kernel[i];
  const int64_t first = start >= 0 ? 0 : std::min(taps, div_up(-start, step));
  const auto taps_below = [&](int64_t limit) {
    return start >= limit ? 0 : std::min(taps, (limit - 1 - start) / step + 1);
  };
  const int64_t count = std::max<int64_t>(0, taps_below(p.in[i]) - first);
  const int64_t padded = taps_below(p.in[i] + p.pad_end[i]);
  return {start + first * step, count, p.count_padding ? padded : count};
}

class PoolRun {
 public:
  PoolRun(const ConvTable& f, const PoolArgs& p, int64_t channel, int64_t channels) : f_(f), p_(p), channel_(channel) {
    const int64_t steps[3] = {p.in[1] * p.in[2] * p.x_ld, p.in[2] * p.x_ld, p.x_ld};
    for (int i = 0; i < 3; ++i) step_[i] = steps[i], window_.x_tap[i] = steps[i] * p.dilation[i];
    window_.channels = channels;
  }

  void row(int64_t index) {
    const int64_t jh = index % p_.out[1], jd = index / p_.out[1] % p_.out[0], n = index / p_.out[1] / p_.out[0];
    const Span d = span_of(p_, 0, jd), h = span_of(p_, 1, jh);
    const float* row = p_.x + n * p_.in[0] * step_[0] + d.at * step_[0] + h.at * step_[1] + channel_;
    for (int64_t jw = 0; jw < p_.out[2]; ++jw) {
      const Span w = span_of(p_, 2, jw);
      window_.x = row + w.at * step_[2];
      window_.taps[0] = d.count, window_.taps[1] = h.count, window_.taps[2] = w.count;
      window_.y = p_.y + (index * p_.out[2] + jw) * p_.y_ld + channel_;
      if (p_.average) {
        const int64_t divisor = d.divisor * h.divisor * w.divisor;
        window_.scale = divisor > 0 ? 1.0f / static_cast<float>(divisor) : 0.0f;
        f_.pool_sum(window_);
      } else {
        f_.pool_max(window_);
      }
    }
  }

 private:
  const ConvTable& f_;
  const PoolArgs& p_;
  const int64_t channel_;
  int64_t step_[3];
  PoolWindow window_{};
};

}  // namespace

int64_t pool_tasks(const PoolArgs& p) {
  if (p.channels <= 0 || p.out[2] <= 0) return 0;
  const Cut c = cut_of(p);
  return c.rows <= 0 ? 0 : div_up(c.rows, c.rows_per_task) * c.channel_tasks;
}

void pool_run(const ConvTable& f, const PoolArgs& p, int64_t task_begin, int64_t task_end) {
  if (task_begin >= task_end) return;
  const Cut c = cut_of(p);
  for (int64_t t = task_begin; t < task_end; ++t) {
    const int64_t channel = t % c.channel_tasks * c.channels_per_task;
    PoolRun run(f, p, channel, std::min(c.channels_per_task, p.channels - channel));
    const int64_t first = t / c.channel_tasks * c.rows_per_task;
    for (int64_t r = first; r < std::min(c.rows, first + c.rows_per_task); ++r) run.row(r);
  }
}

}  // namespace sardonyx::simd
