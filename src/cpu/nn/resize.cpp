// Resize: nearest moves elements of any type; linear and cubic work axis by axis in f32 (f64 and integers are converted
// on the way).
#include <algorithm>
#include <cstring>

#include "cpu/common/axis.h"
#include "cpu/common/element.h"
#include "cpu/nn/resize_axis.h"
#include "kernel/kernel.h"
#include "simd/blend.h"
#include "simd/cast.h"

namespace sardonyx {
namespace {

constexpr int kMaxAxes = 8;

struct AxisWork {
  int64_t outer, in, out, inner;
  int64_t behind;  // elements of the output behind one of this axis
  int taps;
  bool doubles;  // output element o is input element o / 2
  const int32_t* index;
  const float* weight;
  const uint8_t* outside;
};

struct Work {
  int axes;  // axes that change something, in the order in which they are resized
  AxisWork axis[kMaxAxes];
  int64_t in_count, out_count;
  size_t buffer[2], bytes;  // offsets of two intermediate buffers
};

ResizeRule rule_of(const KernelQuery& q) {
  ResizeRule r;
  const std::string mode = q.attr_string("mode"), nearest = q.attr_string("nearest_mode"),
                    c = q.attr_string("coordinate_transformation_mode");
  r.mode = mode == "linear" ? ResizeMode::kLinear : mode == "cubic" ? ResizeMode::kCubic : ResizeMode::kNearest;
  r.nearest = nearest == "floor"               ? NearestMode::kFloor
              : nearest == "ceil"              ? NearestMode::kCeil
              : nearest == "round_prefer_ceil" ? NearestMode::kPreferCeil
                                               : NearestMode::kPreferFloor;
  r.coordinates = c == "half_pixel_symmetric"   ? Coordinates::kHalfPixelSymmetric
                  : c == "pytorch_half_pixel"   ? Coordinates::kPytorchHalfPixel
                  : c == "align_corners"        ? Coordinates::kAlignCorners
                  : c == "asymmetric"           ? Coordinates::kAsymmetric
                  : c == "tf_half_pixel_for_nn" ? Coordinates::kTfHalfPixel
                  : c == "tf_crop_and_resize"   ? Coordinates::kTfCrop
                                                : Coordinates::kHalfPixel;
  r.cubic_a = static_cast<double>(q.attr_float("cubic_coeff_a"));
  r.antialias = q.attr_int("antialias") != 0;
  r.exclude_outside = q.attr_int("exclude_outside") != 0;
  return r;
}

class Resize final : public Kernel {
 public:
  explicit Resize(const KernelQuery& q)
      : rule_(rule_of(q)),
        type_(q.dtype(0)),
        axes_(q.attr_ints("axes")),
        policy_(q.attr_string("keep_aspect_ratio_policy")),
        extrapolation_(q.attr_float("extrapolation_value")) {}

  Status prepare(PrepareCtx& c) const override {
    Work& w = c.work<Work>();
    const int rank = c.rank(0);
    SDX_TRY(const auto scales, scales_of(c));
    SDX_TRY(const auto roi, roi_of(c));
    SmallVec<int, 8> axes;
    for (int64_t a : axes_) axes.push_back(wrap_axis(a, rank));
    if (axes.empty())
      for (int a = 0; a < rank; ++a) axes.push_back(a);
    Extents now = c.in_dims(0);
    int64_t widest = 0;
    // Growing, the innermost axis goes first: it costs most per element, and has fewest then.
    const bool grows = c.out_count(0) >= c.in_count(0);
    for (int step = 0; step < rank; ++step) {
      const int a = grows ? rank - 1 - step : step;
      const auto it = std::find(axes.begin(), axes.end(), a);
      if (it == axes.end()) continue;
      const size_t k = static_cast<size_t>(it - axes.begin());
      const int64_t in = now[static_cast<size_t>(a)], out = c.out_dims(0)[static_cast<size_t>(a)];
      if (in == out && scales[k] == 1 && rule_.coordinates != Coordinates::kTfCrop) continue;
      if (w.axes == kMaxAxes) return fail(Code::kShape, "resizing more than ", kMaxAxes, " axes is not supported");
      if (in == 0 && out != 0) return fail(Code::kShape, "axis ", a, " has no elements to resize");
      const ResizeAxis table = resize_axis(rule_, in, out, scales[k], roi[2 * k], roi[2 * k + 1]);
      AxisWork& x = w.axis[w.axes++];
      x = {product(now, 0, a),
           in,
           out,
           product(now, a + 1, rank),
           product(c.out_dims(0), a + 1, rank),
           table.taps,
           doubles(table, in, out),
           copy(c, table.index),
           copy(c, table.weight),
           table.outside.empty() ? nullptr : copy(c, table.outside)};
      now[static_cast<size_t>(a)] = out;
      widest = std::max(widest, elements(now));
    }
    w.in_count = c.in_count(0), w.out_count = c.out_count(0);
    const bool floats = rule_.mode != ResizeMode::kNearest;
    const int64_t size = floats ? 4 : element_bytes(type_);
    w.buffer[1] = static_cast<size_t>((std::max(widest, w.in_count) * size + 63) / 64 * 64);
    c.scratch(w.axes > 1 || (floats && type_ != DType::kF32) ? 2 * w.buffer[1] : 0);
    c.tasks(1, 0);
    return {};
  }

  Status run(RunCtx& c) const override {
    const Work& w = c.work<Work>();
    if (w.out_count == 0) return {};
    if (rule_.mode == ResizeMode::kNearest) {
      SDX_RETURN_IF_ERROR(visit_storage(type_, [&]<class T>(std::type_identity<T>) {
        passes<T>(c, w, c.in<T>(0), c.out<T>(0));
        return Status();
      }));
    } else if (type_ == DType::kF32) {
      passes<float>(c, w, c.in<float>(0), c.out<float>(0));
    } else {
      float* x = reinterpret_cast<float*>(c.scratch());
      simd::cast(type_, DType::kF32)(c.in(0), x, w.in_count, {});
      float* y = reinterpret_cast<float*>(c.scratch() + w.buffer[1]);
      passes<float>(c, w, x, w.axes % 2 == 1 ? y : x);
      simd::cast(DType::kF32, type_)(w.axes % 2 == 1 ? y : x, c.out(0), w.out_count, {});
    }
    return fill_outside(c, w);
  }

 private:
  template <class T>
  static const T* copy(PrepareCtx& c, const std::vector<T>& v) {
    T* p = c.array<T>(v.size());
    std::copy(v.begin(), v.end(), p);
    return p;
  }
  static bool doubles(const ResizeAxis& t, int64_t in, int64_t out) {
    bool all = t.taps == 1 && out == 2 * in;
    for (int64_t o = 0; all && o < out; ++o) all = t.index[static_cast<size_t>(o)] == o / 2;
    return all;
  }
  static bool given(PrepareCtx& c, int i) { return c.has(i) && c.in_count(i) > 0; }

  // One per resized axis.
  Result<SmallVec<double, 8>> scales_of(PrepareCtx& c) const {
    SmallVec<double, 8> s;
    if (given(c, 2)) {
      const Tensor* t = c.value(2);
      SDX_CHECK(t != nullptr);
      for (int64_t i = 0; i < t->count(); ++i) s.push_back(static_cast<double>(t->as<float>()[i]));
      return s;
    }
    SDX_TRY(const auto sizes, c.ints(3));
    for (size_t k = 0; k < sizes.size(); ++k) {
      const int axis = axes_.empty() ? static_cast<int>(k) : wrap_axis(axes_[k], c.rank(0));
      s.push_back(static_cast<double>(sizes[k]) / static_cast<double>(c.in_dims(0)[static_cast<size_t>(axis)]));
    }
    if (policy_ == "stretch" || s.empty()) return s;
    const double one =
        policy_ == "not_larger" ? *std::min_element(s.begin(), s.end()) : *std::max_element(s.begin(), s.end());
    for (double& v : s) v = one;
    return s;
  }
  // Begin and end for each resized axis.
  Result<SmallVec<double, 16>> roi_of(PrepareCtx& c) const {
    const size_t n = axes_.empty() ? static_cast<size_t>(c.rank(0)) : axes_.size();
    SmallVec<double, 16> r(2 * n);
    for (size_t k = 0; k < n; ++k) r[2 * k + 1] = 1;
    if (rule_.coordinates != Coordinates::kTfCrop || !given(c, 1)) return r;
    const Tensor* t = c.value(1);
    SDX_CHECK(t != nullptr && t->count() == static_cast<int64_t>(2 * n));
    SmallVec<double, 16> all(2 * n);
    simd::cast(t->dtype(), DType::kF64)(t->data(), all.data(), t->count(), {});
    for (size_t k = 0; k < n; ++k) r[2 * k] = all[k], r[2 * k + 1] = all[n + k];
    return r;
  }

  template <class T>
  void passes(RunCtx& c, const Work& w, const T* in, T* out) const {
    if (w.axes == 0) {
      if (in != out) std::copy(in, in + w.out_count, out);
      return;
    }
    if constexpr (std::is_same_v<T, std::string>) {
      // Strings go one axis at a time through ordinary vectors.
      std::vector<std::string> a(in, in + w.in_count), b;
      for (int k = 0; k < w.axes; ++k) {
        b.assign(static_cast<size_t>(w.axis[k].outer * w.axis[k].out * w.axis[k].inner), {});
        pass(c, w.axis[k], a.data(), b.data());
        a.swap(b);
      }
      std::copy(a.begin(), a.end(), out);
    } else if (rule_.mode == ResizeMode::kNearest && w.axes == 2 && w.axis[0].inner == 1 &&
               w.axis[1].inner == w.axis[0].out) {
      nearest_planes(c, w.axis[1], w.axis[0], in, out);
    } else {
      for (int k = 0; k < w.axes; ++k) {
        T* to = k + 1 == w.axes ? out : reinterpret_cast<T*>(c.scratch() + (k % 2 == 0 ? w.buffer[1] : 0));
        pass(c, w.axis[k], in, to);
        in = to;
      }
    }
  }

  // The last two axes at once: an output row that repeats the one before is copied from it.
  template <class T>
  void nearest_planes(RunCtx& c, const AxisWork& y, const AxisWork& x, const T* in, T* out) const {
    const auto rows = [&](Range r, int) {
      const T* last = nullptr;
      for (int64_t t = r.begin; t < r.end; ++t) {
        const T* from = in + (t / y.out * y.in + y.index[t % y.out]) * x.in;
        T* to = out + t * x.out;
        if (from == last)
          std::copy(to - x.out, to, to);
        else
          along(x, from, to);
        last = from;
      }
    };
    const int64_t tasks = y.outer * y.out;
    if (c.pool())
      c.pool()->parallel_for(tasks, std::max<int64_t>(1, 20000 / std::max<int64_t>(1, x.out)), rows);
    else
      rows({0, tasks}, 0);
  }

  template <class T>
  void pass(RunCtx& c, const AxisWork& x, const T* in, T* out) const {
    const auto rows = [&](Range r, int) {
      for (int64_t t = r.begin; t < r.end; ++t) {
        if (x.inner == 1)
          along(x, in + t * x.in, out + t * x.out);
        else
          across(x, t % x.out, in + t / x.out * x.in * x.inner, out + t * x.inner);
      }
    };
    const int64_t tasks = x.inner == 1 ? x.outer : x.outer * x.out;
    const int64_t each = (x.inner == 1 ? x.out : x.inner) * x.taps;
    if (c.pool() && !std::is_same_v<T, std::string>)
      c.pool()->parallel_for(tasks, std::max<int64_t>(1, 20000 / std::max<int64_t>(1, each)), rows);
    else
      rows({0, tasks}, 0);
  }
  // A row whose elements are neighbours along the resized axis.
  template <class T>
  void along(const AxisWork& x, const T* in, T* out) const {
    if (x.doubles) {
      for (int64_t i = 0; i < x.in; ++i) {
        const T pair[2] = {in[i], in[i]};
        std::copy(pair, pair + 2, out + 2 * i);
      }
      return;
    }
    if (x.taps == 1) {
      for (int64_t o = 0; o < x.out; ++o) out[o] = in[x.index[o]];
      return;
    }
    if constexpr (std::is_same_v<T, float>) {
      for (int64_t o = 0; o < x.out; ++o) {
        const int32_t* index = x.index + o * x.taps;
        const float* weight = x.weight + o * x.taps;
        float sum = 0;
        for (int k = 0; k < x.taps; ++k) sum += weight[k] * in[index[k]];
        out[o] = sum;
      }
    }
  }
  // One output row of `inner` elements from rows of the input.
  template <class T>
  void across(const AxisWork& x, int64_t o, const T* in, T* out) const {
    const int32_t* index = x.index + o * x.taps;
    if (x.taps == 1) {
      std::copy(in + index[0] * x.inner, in + (index[0] + 1) * x.inner, out);
      return;
    }
    if constexpr (std::is_same_v<T, float>) {
      const float* weight = x.weight + o * x.taps;
      const float *a = in + index[0] * x.inner, *b = in + index[1] * x.inner;
      const float wa = weight[0], wb = weight[1];
      blend_.rows(a, b, wa, wb, out, x.inner);
      for (int k = 2; k < x.taps; ++k) blend_.add_row(in + index[k] * x.inner, weight[k], out, x.inner);
    }
  }

  // Elements beyond the crop get the extrapolation value.
  Status fill_outside(RunCtx& c, const Work& w) const {
    for (int k = 0; k < w.axes; ++k) {
      const AxisWork& x = w.axis[k];
      if (x.outside == nullptr) continue;
      const int64_t inner = x.behind, outer = w.out_count / (x.out * inner);
      alignas(16) std::byte value[16] = {};
      if (const simd::CastFn cast = simd::cast(DType::kF32, type_)) cast(&extrapolation_, value, 1, {});
      for (int64_t t = 0; t < outer * x.out; ++t)
        if (x.outside[t % x.out]) fill_elements(type_, c.out(0), t * inner, inner, value);
    }
    return {};
  }

  ResizeRule rule_;
  DType type_;
  std::vector<int64_t> axes_;
  std::string policy_;
  float extrapolation_;
  const simd::BlendTable& blend_ = simd::blend();
};

Reason refuse(const KernelQuery& q) {
  if (q.attr_string("mode") == "nearest") return kAccept;
  if (is_complex(q.dtype(0)) || q.dtype(0) == DType::kString) return "this element type cannot be interpolated";
  return q.dtype(0) == DType::kF16 || q.dtype(0) == DType::kBF16 ? Reason("half precision is computed in f32")
                                                                 : kAccept;
}

}  // namespace

SDX_KERNEL(cpu, Resize, any) = {.priority = 10, .refuse = refuse, .make = make_kernel<Resize>};

}  // namespace sardonyx
