// Convolution by lanes: output rows, cut into the run whose taps all lie inside and single pixels at the edges.
#include <algorithm>

#include "simd/conv_phase.h"

namespace sardonyx::simd {
namespace {

constexpr int64_t kWorkPerTask = 1 << 17;
constexpr int64_t kCachedFloats = 6144;  // of the input rows that one output row needs; half of a first-level cache
constexpr int64_t kChannelStep = 32;

int64_t div_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

// Tasks are numbered [channel part][row group], so that neighbouring tasks share input rows.
struct Cut {
  int64_t rows, rows_per_task, row_tasks, channels_per_task, channel_tasks;
};

Cut cut_of(const ConvArgs& c, const ConvPhase& p) {
  Cut cut{};
  cut.rows = c.batch * p.axis[0].count * p.axis[1].count;
  const int64_t reads = std::max<int64_t>(1, p.axis[0].taps * p.axis[1].taps * c.in[2]);
  cut.channels_per_task =
      std::clamp(kCachedFloats / reads / kChannelStep, int64_t{1}, div_up(c.out_channels, kChannelStep)) * kChannelStep;
  cut.channel_tasks = div_up(c.out_channels, cut.channels_per_task);
  const int64_t row_work = p.axis[2].count * std::min(c.out_channels, cut.channels_per_task) *
                           (c.in_channels / c.groups) * std::max<int64_t>(1, p.taps());
  cut.rows_per_task =
      std::clamp<int64_t>(kWorkPerTask / std::max<int64_t>(1, row_work), 1, std::max<int64_t>(1, cut.rows));
  cut.row_tasks = div_up(cut.rows, cut.rows_per_task);
  return cut;
}

// First tap whose input position at + i * step is inside [0, in), and how many are.
struct TapRange {
  int64_t first, count;
};

TapRange inside(const ConvAxis& a, int64_t at) {
  const int64_t first = at >= 0 ? 0 : div_up(-at, a.tap_step);
  const int64_t end = at >= a.in ? 0 : std::min(a.taps, (a.in - 1 - at) / a.tap_step + 1);
  return {first, std::max<int64_t>(0, end - first)};
}

class RowRun {
 public:
  RowRun(const ConvTable& f, const ConvArgs& c, const ConvPhase& p, const float* w, int64_t channel, int64_t channels)
      : f_(f), c_(c), p_(p), w_(w + channel), channel_(channel) {
    needs_act_ = tile_clip(c.ep.act, c.ep.p0, c.ep.p1, &run_.low, &run_.high);
    const int64_t x[3] = {c.in[1] * c.in[2] * c.x_ld, c.in[2] * c.x_ld, c.x_ld};
    const int64_t tap = c.in_channels / c.groups * c.out_channels;
    const int64_t w_step[3] = {p.axis[1].taps * p.axis[2].taps * tap, p.axis[2].taps * tap, tap};
    for (int i = 0; i < 3; ++i) run_.x_tap[i] = x[i] * p.axis[i].tap_step, run_.w_tap[i] = w_step[i], x_[i] = x[i];
    run_.x_step = c.x_ld * p.axis[2].in_step;
    run_.bias = c.ep.col_bias ? c.ep.col_bias + channel : nullptr;
    run_.add_step = c.ep.residual_ld * p.axis[2].out_step, run_.add_scale = c.ep.residual_scale;
    run_.y_step = c.y_ld * p.axis[2].out_step;
    run_.channels = channels;
    run_.group = c.in_channels / c.groups, run_.w_member = c.out_channels;
  }

  void row(int64_t index) {
    const ConvAxis *d = &p_.axis[0], *h = &p_.axis[1], *w = &p_.axis[2];
    const int64_t jh = index % h->count, jd = index / h->count % d->count, n = index / h->count / d->count;
    d_at_ = jd * d->in_step + d->offset, h_at_ = jh * h->in_step + h->offset;
    image_ = c_.x + n * c_.in[0] * x_[0] + channel_;
    td_ = inside(*d, d_at_), th_ = inside(*h, h_at_);
    out_row_ =
        ((n * c_.out[0] + d->out_base + jd * d->out_step) * c_.out[1] + h->out_base + jh * h->out_step) * c_.out[2];
    // Outputs [low, high) see all taps of the kernel row.
    const int64_t reach = (w->taps - 1) * w->tap_step;
    const int64_t low = std::clamp<int64_t>(div_up(std::max<int64_t>(0, -w->offset), w->in_step), 0, w->count);
    const int64_t room = w->in - 1 - w->offset - reach;
    const int64_t high = room < 0 ? low : std::clamp(room / w->in_step + 1, low, w->count);
    for (int64_t j = 0; j < low; ++j) pixels(j, 1);
    if (high > low) pixels(low, high - low);
    for (int64_t j = high; j < w->count; ++j) pixels(j, 1);
    if (!needs_act_) return;
    gemm_of(f_).activate(c_.y + (out_row_ + w->out_base) * c_.y_ld + channel_, run_.y_step, w->count, run_.channels,
                         c_.ep.act, c_.ep.p0, c_.ep.p1);
  }

 private:
  // Output pixels [j, j + n) of the row; they share their taps.
  void pixels(int64_t j, int64_t n) {
    const ConvAxis& w = p_.axis[2];
    const int64_t at = j * w.in_step + w.offset;
    const TapRange tw = n > 1 ? TapRange{0, w.taps} : inside(w, at);
    run_.taps[0] = td_.count, run_.taps[1] = th_.count, run_.taps[2] = tw.count;
    run_.x = image_ + (d_at_ + td_.first * p_.axis[0].tap_step) * x_[0] +
             (h_at_ + th_.first * p_.axis[1].tap_step) * x_[1] + (at + tw.first * w.tap_step) * x_[2];
    run_.w = w_ + td_.first * run_.w_tap[0] + th_.first * run_.w_tap[1] + tw.first * run_.w_tap[2];
    const int64_t out = out_row_ + w.out_base + j * w.out_step;
    run_.add = c_.ep.residual ? c_.ep.residual + out * c_.ep.residual_ld + channel_ : nullptr;
    run_.y = c_.y + out * c_.y_ld + channel_;
    run_.pixels = n;
    (run_.group == 1 ? f_.depthwise : f_.grouped)(run_);
  }

  const ConvTable& f_;
  const ConvArgs& c_;
  const ConvPhase& p_;
  const float* w_;
  const int64_t channel_;
  LaneRun run_{};
  bool needs_act_;
  int64_t x_[3];
  const float* image_ = nullptr;
  int64_t d_at_ = 0, h_at_ = 0, out_row_ = 0;
  TapRange td_{}, th_{};
};

}  // namespace

int64_t lane_phase_tasks(const ConvArgs& c, const ConvPhase& p) {
  if (c.batch <= 0 || p.pixels() <= 0) return 0;
  const Cut cut = cut_of(c, p);
  return cut.row_tasks * cut.channel_tasks;
}

void lane_phase_run(const ConvTable& f, const ConvArgs& c, const ConvPhase& p, const float* w, int64_t begin,
                    int64_t end) {
  const Cut cut = cut_of(c, p);
  for (int64_t t = begin; t < end; ++t) {
    const int64_t channel = t / cut.row_tasks * cut.channels_per_task;
    RowRun run(f, c, p, w, channel, std::min(cut.channels_per_task, c.out_channels - channel));
    const int64_t row = t % cut.row_tasks * cut.rows_per_task;
    for (int64_t r = row; r < std::min(cut.rows, row + cut.rows_per_task); ++r) run.row(r);
  }
}

}  // namespace sardonyx::simd
