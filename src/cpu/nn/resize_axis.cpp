#include "cpu/nn/resize_axis.h"

#include <algorithm>
#include <cmath>

namespace sardonyx {

namespace {

double original(const ResizeRule& r, double x, double in, double out, double scale, double begin, double end) {
  const double length = scale * in;  // before rounding down to `out`
  switch (r.coordinates) {
    case Coordinates::kHalfPixel: return (x + 0.5) / scale - 0.5;
    case Coordinates::kHalfPixelSymmetric: return in / 2 * (1 - out / length) + (x + 0.5) / scale - 0.5;
    case Coordinates::kPytorchHalfPixel: return out > 1 ? (x + 0.5) / scale - 0.5 : 0;
    case Coordinates::kAlignCorners: return length == 1 ? 0 : x * (in - 1) / (length - 1);
    case Coordinates::kAsymmetric: return x / scale;
    case Coordinates::kTfHalfPixel: return (x + 0.5) / scale;
    case Coordinates::kTfCrop:
      return out > 1 ? begin * (in - 1) + x * (end - begin) * (in - 1) / (out - 1) : 0.5 * (begin + end) * (in - 1);
  }
  return 0;
}

double cubic(double x, double a) {
  x = std::fabs(x);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  return 0;
}

// Offset of the first neighbour from the one left of the coordinate, and the number of neighbours.
struct Footprint {
  int64_t start, count;
};
Footprint footprint(const ResizeRule& r, double scale) {
  const double s = r.antialias ? std::min(scale, 1.0) : 1.0;
  const int64_t start = static_cast<int64_t>(std::floor(-(r.mode == ResizeMode::kCubic ? 2.0 : 1.0) / s)) + 1;
  return {start, 2 - 2 * start};
}

double weight_at(const ResizeRule& r, double distance, double scale) {
  const double d = distance * (r.antialias ? std::min(scale, 1.0) : 1.0);
  return r.mode == ResizeMode::kCubic ? cubic(d, r.cubic_a) : std::clamp(1 - std::fabs(d), 0.0, 1.0);
}

// Whether the right of the two neighbours is the nearest; ratio in (0, 1].
bool takes_right(NearestMode mode, double ratio) {
  if (ratio == 1) return true;
  switch (mode) {
    case NearestMode::kPreferFloor: return ratio > 0.5;
    case NearestMode::kPreferCeil: return ratio >= 0.5;
    case NearestMode::kFloor: return false;
    case NearestMode::kCeil: return true;
  }
  return false;
}

}  // namespace

ResizeAxis resize_axis(const ResizeRule& rule, int64_t in, int64_t out, double scale, double roi_begin,
                       double roi_end) {
  ResizeAxis axis;
  const bool nearest = rule.mode == ResizeMode::kNearest;
  const Footprint f = nearest ? Footprint{0, 1} : footprint(rule, scale);
  axis.taps = static_cast<int>(f.count);
  axis.index.resize(static_cast<size_t>(out * f.count));
  axis.weight.resize(axis.index.size(), 1.0f);
  if (rule.coordinates == Coordinates::kTfCrop) axis.outside.resize(static_cast<size_t>(out));
  std::vector<double> w(static_cast<size_t>(f.count));
  for (int64_t o = 0; o < out; ++o) {
    const double x = original(rule, static_cast<double>(o), static_cast<double>(in), static_cast<double>(out), scale,
                              roi_begin, roi_end);
    if (!axis.outside.empty()) axis.outside[static_cast<size_t>(o)] = x < 0 || x > static_cast<double>(in - 1);
    const double left = std::ceil(x) - 1, ratio = x - left;  // in (0, 1]: the left neighbour is preferred
    int32_t* index = axis.index.data() + o * f.count;
    if (nearest) {
      index[0] = static_cast<int32_t>(
          std::clamp<double>(left + (takes_right(rule.nearest, ratio) ? 1 : 0), 0, static_cast<double>(in - 1)));
      continue;
    }
    double sum = 0;
    for (int64_t k = 0; k < f.count; ++k) {
      const double at = left + static_cast<double>(f.start + k);
      const bool out_of_range = at < 0 || at > static_cast<double>(in - 1);
      w[static_cast<size_t>(k)] =
          rule.exclude_outside && out_of_range ? 0 : weight_at(rule, static_cast<double>(f.start + k) - ratio, scale);
      sum += w[static_cast<size_t>(k)];
      index[k] = static_cast<int32_t>(std::clamp<double>(at, 0, static_cast<double>(in - 1)));
    }
    for (int64_t k = 0; k < f.count; ++k)
      axis.weight[static_cast<size_t>(o * f.count + k)] =
          static_cast<float>(sum != 0 ? w[static_cast<size_t>(k)] / sum : 0);
  }
  return axis;
}

}  // namespace sardonyx
