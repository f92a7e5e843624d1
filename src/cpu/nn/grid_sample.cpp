// GridSample: values of X at fractional positions, over any number of spatial axes; nearest, linear or cubic.
#include <algorithm>
#include <cmath>

#include "cpu/common/axis.h"
#include "cpu/common/element.h"
#include "kernel/kernel.h"

namespace sardonyx {
namespace {

constexpr int kMaxSpatial = 4;

struct Work {
  int spatial;
  int64_t channels, in_size, out_size;
  int64_t in[kMaxSpatial];
};

enum class Mode : uint8_t { kNearest, kLinear, kCubic };
enum class Border : uint8_t { kZeros, kEdge, kReflection };

class GridSample final : public Kernel {
 public:
  explicit GridSample(const KernelQuery& q)
      : type_(q.dtype(0)), grid_type_(q.dtype(1)), corners_(q.attr_int("align_corners") != 0) {
    const std::string mode = q.attr_string("mode"), border = q.attr_string("padding_mode");
    mode_ = mode == "nearest" ? Mode::kNearest : mode == "cubic" || mode == "bicubic" ? Mode::kCubic : Mode::kLinear;
    border_ = border == "border" ? Border::kEdge : border == "reflection" ? Border::kReflection : Border::kZeros;
  }
  Status prepare(PrepareCtx& c) const override {
    Work& w = c.work<Work>();
    const Extents& x = c.in_dims(0);
    w.spatial = static_cast<int>(x.size()) - 2;
    if (w.spatial > kMaxSpatial)
      return fail(Code::kShape, "grids over more than ", kMaxSpatial, " axes are not supported");
    w.channels = x[1], w.in_size = product(x, 2, c.rank(0)), w.out_size = product(c.out_dims(0), 2, c.rank(0));
    for (int a = 0; a < w.spatial; ++a) w.in[a] = x[static_cast<size_t>(a) + 2];
    if (w.in_size == 0 && c.out_count(0) != 0) return fail(Code::kShape, "X has no elements to sample");
    c.tasks(c.out_count(0) ? x[0] * w.out_size : 0,
            static_cast<double>(w.channels) * (mode_ == Mode::kCubic ? 60 : 16));
    return {};
  }
  Status run(RunCtx& c) const override {
    return visit_number(type_, [&]<class T>(std::type_identity<T>) {
      return visit_number(grid_type_, [&]<class G>(std::type_identity<G>) {
        if constexpr (!std::is_integral_v<G>)
          c.parallel([&](Range r, int) {
            for (int64_t t = r.begin; t < r.end; ++t) position<T, G>(c, t);
          });
        return Status();
      });
    });
  }

 private:
  // The neighbours of one position along one axis, with weights; index -1 reads zero.
  struct Axis {
    int count;
    int64_t index[4];
    double weight[4];
  };

  template <class T, class G>
  void position(RunCtx& c, int64_t t) const {
    const Work& w = c.work<Work>();
    const G* grid = c.in<G>(1) + t * w.spatial;
    Axis axes[kMaxSpatial];
    for (int a = 0; a < w.spatial; ++a) axes[a] = neighbours(static_cast<double>(grid[w.spatial - 1 - a]), w.in[a]);
    const int64_t n = t / w.out_size;
    for (int64_t ch = 0; ch < w.channels; ++ch) {
      const T* x = c.in<T>(0) + (n * w.channels + ch) * w.in_size;
      c.out<T>(0)[(n * w.channels + ch) * w.out_size + t % w.out_size] =
          mode_ == Mode::kNearest ? pick(w, axes, x) : T(blend(w, axes, x, 0, 0));
    }
  }
  template <class T>
  static T pick(const Work& w, const Axis* axes, const T* x) {
    int64_t at = 0;
    for (int a = 0; a < w.spatial; ++a) {
      if (axes[a].index[0] < 0) return T(0);
      at = at * w.in[a] + axes[a].index[0];
    }
    return x[at];
  }
  template <class T>
  static double blend(const Work& w, const Axis* axes, const T* x, int a, int64_t at) {
    if (a == w.spatial) return static_cast<double>(x[at]);
    double sum = 0;
    for (int k = 0; k < axes[a].count; ++k)
      if (axes[a].index[k] >= 0) sum += axes[a].weight[k] * blend(w, axes, x, a + 1, at * w.in[a] + axes[a].index[k]);
    return sum;
  }

  Axis neighbours(double g, int64_t extent) const {
    const double n = static_cast<double>(extent);
    double x = corners_ ? (g + 1) / 2 * (n - 1) : ((g + 1) * n - 1) / 2;
    if (mode_ == Mode::kNearest) return {1, {inside(std::nearbyint(x), extent)}, {1}};
    if (mode_ == Mode::kLinear) {
      if (border_ == Border::kEdge) x = std::clamp(x, 0.0, n - 1);
      if (border_ == Border::kReflection) x = reflect(x, extent);
      const double left = std::floor(x), f = x - left;
      return {2, {inside(left, extent), inside(left + 1, extent)}, {1 - f, f}};
    }
    const double left = std::floor(x), f = x - left;
    Axis axis{4, {}, {cubic(f + 1), cubic(f), cubic(1 - f), cubic(2 - f)}};
    for (int k = 0; k < 4; ++k) axis.index[k] = inside(left - 1 + k, extent);
    return axis;
  }
  // The element that stands at x, by the border's rule; -1 for zero.
  int64_t inside(double x, int64_t extent) const {
    const double most = static_cast<double>(extent - 1);
    if (x >= 0 && x <= most) return static_cast<int64_t>(x);
    if (!std::isfinite(x)) return border_ == Border::kZeros ? -1 : 0;
    if (border_ == Border::kEdge) return static_cast<int64_t>(std::clamp(x, 0.0, most));
    if (border_ == Border::kReflection) return static_cast<int64_t>(std::clamp(reflect(x, extent), 0.0, most));
    return -1;
  }
  double reflect(double x, int64_t extent) const {
    const double low = corners_ ? 0 : -0.5,
                 high = corners_ ? static_cast<double>(extent - 1) : static_cast<double>(extent) - 0.5;
    const double range = high - low;
    if (range <= 0 || !std::isfinite(x)) return 0;
    double d = std::fabs(std::fmod(x - low, 2 * range));
    if (d > range) d = 2 * range - d;
    return low + d;
  }
  static double cubic(double d) {
    constexpr double a = -0.75;
    d = std::fabs(d);
    if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
    if (d < 2) return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
    return 0;
  }

  DType type_, grid_type_;
  bool corners_;
  Mode mode_;
  Border border_;
};

Reason refuse(const KernelQuery& q) {
  if (q.dtype(0) == DType::kString || is_complex(q.dtype(0))) return "this element type cannot be interpolated";
  return kAccept;
}

}  // namespace

SDX_KERNEL(cpu, GridSample, any) = {.refuse = refuse, .make = make_kernel<GridSample>};

}  // namespace sardonyx
