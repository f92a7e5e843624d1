// RoiAlign: bilinear samples of regions of interest, averaged or maximised per output cell. The sample positions of a
// region are computed once, per axis, and used for all channels.
#include <algorithm>
#include <cmath>
#include <limits>

#include "cpu/common/axis.h"
#include "cpu/common/element.h"
#include "kernel/kernel.h"

namespace sardonyx {
namespace {

constexpr int64_t kMostSamples = 4096;  // per cell and axis

// A sample between two neighbouring rows (or columns); without weights: outside, contributes zero.
template <class C>
struct Sample {
  int64_t low, high;
  C low_weight, high_weight;
  bool inside() const { return low_weight + high_weight > 0; }
};

template <class C>
Sample<C> sample_at(C at, int64_t extent) {
  if (at < -1 || at > static_cast<C>(extent)) return {0, 0, 0, 0};
  at = std::max(at, C{0});
  const int64_t low = static_cast<int64_t>(at);
  if (low >= extent - 1) return {extent - 1, extent - 1, 1, 0};
  const C part = at - static_cast<C>(low);
  return {low, low + 1, 1 - part, part};
}

// One axis of one region: `cells` x `grid` samples.
template <class C>
struct Axis {
  int64_t grid = 0;
  std::vector<Sample<C>> samples;

  bool plan(C begin, C length, int64_t cells, int64_t extent, int64_t ratio) {
    const C cell = length / static_cast<C>(cells);
    const C wanted = ratio > 0 ? static_cast<C>(ratio) : std::ceil(cell);
    if (!(wanted <= static_cast<C>(kMostSamples)) || !std::isfinite(begin)) return false;
    grid = std::max<int64_t>(static_cast<int64_t>(wanted), 0);
    samples.clear();
    for (int64_t i = 0; i < cells; ++i)
      for (int64_t g = 0; g < grid; ++g)
        samples.push_back(sample_at(
            begin + static_cast<C>(i) * cell + (static_cast<C>(g) + C{0.5}) * cell / static_cast<C>(grid), extent));
    return true;
  }
};

struct Params {
  int64_t height, width, out_height, out_width, ratio;
  double scale;
  bool half_pixel, max;
};

template <class T, class C>
C pool_cell(const T* image, const Params& p, const Sample<C>* ys, int64_t ny, const Sample<C>* xs, int64_t nx) {
  C sum = 0, most = -std::numeric_limits<C>::infinity();
  for (int64_t iy = 0; iy < ny; ++iy) {
    const T* low = image + ys[iy].low * p.width;
    const T* high = image + ys[iy].high * p.width;
    for (int64_t ix = 0; ix < nx; ++ix) {
      const Sample<C>& x = xs[ix];
      const bool inside = ys[iy].inside() && x.inside();
      const C a = inside ? ys[iy].low_weight * x.low_weight * static_cast<C>(low[x.low]) : C{0};
      const C b = inside ? ys[iy].low_weight * x.high_weight * static_cast<C>(low[x.high]) : C{0};
      const C d = inside ? ys[iy].high_weight * x.low_weight * static_cast<C>(high[x.low]) : C{0};
      const C e = inside ? ys[iy].high_weight * x.high_weight * static_cast<C>(high[x.high]) : C{0};
      sum += a + b + d + e;
      most = std::max(most, std::max(std::max(a, b), std::max(d, e)));  // of the weighted corners, not of their sum
    }
  }
  if (p.max) return ny * nx > 0 ? most : C{0};
  return sum / static_cast<C>(std::max<int64_t>(ny * nx, 1));
}

template <class C>
bool plan_region(const Params& p, C x1, C y1, C x2, C y2, Axis<C>& ys, Axis<C>& xs) {
  const C scale = static_cast<C>(p.scale), offset = p.half_pixel ? C{0.5} : C{0};
  const C begin_x = x1 * scale - offset, begin_y = y1 * scale - offset;
  C width = x2 * scale - offset - begin_x, height = y2 * scale - offset - begin_y;
  if (!p.half_pixel) {
    width = std::max(width, C{1});
    height = std::max(height, C{1});
  }
  return ys.plan(begin_y, height, p.out_height, p.height, p.ratio) &&
         xs.plan(begin_x, width, p.out_width, p.width, p.ratio);
}

class RoiAlign final : public Kernel {
 public:
  explicit RoiAlign(const KernelQuery& q)
      : ratio_(q.attr_int("sampling_ratio")),
        scale_(q.attr_float("spatial_scale")),
        half_pixel_(q.attr_string("coordinate_transformation_mode") == "half_pixel"),
        max_(q.attr_string("mode") == "max") {}

  Status prepare(PrepareCtx& c) const override {
    const Extents& out = c.out_dims(0);
    c.tasks(out[0] * out[1], static_cast<double>(out[2] * out[3]) * 4 * 12);
    return {};
  }

  Status run(RunCtx& c) const override {
    const Extents &x = c.in_dims(0), &out = c.out_dims(0);
    const Params p{x[2], x[3], out[2], out[3], ratio_, scale_, half_pixel_, max_};
    const int64_t* batches = c.in<int64_t>(2);
    for (int64_t r = 0; r < out[0]; ++r)
      if (batches[r] < 0 || batches[r] >= x[0])
        return fail(Code::kRange, "batch_indices[", r, "] is ", batches[r], ", outside [0,", x[0] - 1, "]");
    return visit_float(c.dtype(0), [&]<class T>(std::type_identity<T>) {
      using C = std::conditional_t<std::is_same_v<T, double>, double, float>;
      BadIndex bad;
      c.parallel([&](Range range, int) { align<T, C>(c, p, range, bad); });
      if (!bad.any()) return Status();
      return fail(Code::kRange, "rois[", bad.position(), "] is not finite or needs more than ", kMostSamples,
                  " samples per cell and axis");
    });
  }

 private:
  template <class T, class C>
  static void align(RunCtx& c, const Params& p, Range range, BadIndex& bad) {
    const int64_t channels = c.in_dims(0)[1], cells = p.out_height * p.out_width;
    Axis<C> ys, xs;
    int64_t planned = -1;
    for (int64_t t = range.begin; t < range.end; ++t) {
      const int64_t region = t / channels, channel = t % channels;
      const T* roi = c.in<T>(1) + region * 4;
      if (region != planned) {
        planned = region;
        if (!plan_region<C>(p, static_cast<C>(roi[0]), static_cast<C>(roi[1]), static_cast<C>(roi[2]),
                            static_cast<C>(roi[3]), ys, xs)) {
          bad.report(region);
          return;
        }
      }
      const T* image = c.in<T>(0) + (c.in<int64_t>(2)[region] * channels + channel) * p.height * p.width;
      T* to = c.out<T>(0) + t * cells;
      for (int64_t h = 0; h < p.out_height; ++h)
        for (int64_t w = 0; w < p.out_width; ++w)
          *to++ = static_cast<T>(
              pool_cell(image, p, ys.samples.data() + h * ys.grid, ys.grid, xs.samples.data() + w * xs.grid, xs.grid));
    }
  }
  int64_t ratio_;
  float scale_;
  bool half_pixel_, max_;
};

}  // namespace

SDX_KERNEL(cpu, RoiAlign, any) = {.make = make_kernel<RoiAlign>};

}  // namespace sardonyx
