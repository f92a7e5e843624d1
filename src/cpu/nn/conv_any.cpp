// Conv, ConvTranspose and DeformConv of every float type and rank, plainly: one task per (batch, output channel) plane,
// sums in double (half precision in float). The fast path for f32 is conv_f32.
#include <cmath>

#include "cpu/common/axis.h"
#include "cpu/common/element.h"
#include "kernel/kernel.h"
#include "ops/nn/window.h"

namespace sardonyx {
namespace {

constexpr int kMaxSpatial = 6;

struct Work {
  int spatial;
  int64_t batch, group, in_channels, out_channels, in_size, out_size, taps;
  int64_t in[kMaxSpatial], out[kMaxSpatial], kernel[kMaxSpatial], stride[kMaxSpatial], dilation[kMaxSpatial],
      pad[kMaxSpatial];
};

Status fill_work(PrepareCtx& c, const Node& node, bool transposed) {
  Work& w = c.work<Work>();
  const Extents &x = c.in_dims(0), &k = c.in_dims(1), &y = c.out_dims(0);
  w.spatial = static_cast<int>(x.size()) - 2;
  if (w.spatial > kMaxSpatial)
    return fail(Code::kShape, "convolutions over more than ", kMaxSpatial, " axes are not supported");
  SDX_TRY(const Window window, read_window(node, x.size() - 2));
  const Attr* group = node.find_attr("group");
  w.batch = x[0], w.group = group ? group->i : 1, w.in_channels = x[1], w.out_channels = y[1];
  w.in_size = product(x, 2, c.rank(0)), w.out_size = product(y, 2, c.rank(0)), w.taps = product(k, 2, c.rank(0));
  const auto entry = [&](std::string_view name, size_t a, int64_t missing) {
    const Attr* list = node.find_attr(name);
    return list && !list->ints.empty() ? list->ints[a + list->ints.size() - window.spatial()] : missing;
  };
  for (int a = 0; a < w.spatial; ++a) {
    const size_t s = static_cast<size_t>(a);
    w.in[a] = x[s + 2], w.out[a] = y[s + 2], w.kernel[a] = k[s + 2], w.stride[a] = window.strides[s],
    w.dilation[a] = window.dilations[s];
    w.pad[a] = transposed ? transpose_padding(window, s, w.in[a], w.kernel[a], entry("output_padding", s, 0),
                                              entry("output_shape", s, -1))
                                .begin
                          : window_padding(window, s, w.in[a], w.kernel[a]).begin;
  }
  const double per_plane =
      static_cast<double>(w.out_size * w.taps) * static_cast<double>(w.in_channels / std::max<int64_t>(1, w.group));
  c.tasks(c.out_count(0) ? w.batch * w.out_channels : 0, per_plane * 4);
  return {};
}

// Steps a mixed-radix counter; false after the last.
bool next(int64_t* at, const int64_t* extents, int n) {
  for (int a = n - 1; a >= 0; --a) {
    if (++at[a] < extents[a]) return true;
    at[a] = 0;
  }
  return false;
}

template <class T>
using SumOf = std::conditional_t<std::is_same_v<T, F16> || std::is_same_v<T, BF16>, float, double>;

class PlainConv : public Kernel {
 public:
  PlainConv(const KernelQuery& q, bool transposed) : type_(q.dtype(0)), transposed_(transposed) {
    node_.op = &q.op();
    node_.attrs = q.node().attrs;
  }
  Status prepare(PrepareCtx& c) const override { return fill_work(c, node_, transposed_); }
  Status run(RunCtx& c) const override {
    return visit_number(type_, [&]<class T>(std::type_identity<T>) {
      if constexpr (!std::is_integral_v<T>)
        c.parallel([&](Range r, int) {
          for (int64_t plane = r.begin; plane < r.end; ++plane) run_plane<T>(c, plane);
        });
      return Status();
    });
  }

 private:
  template <class T>
  void run_plane(RunCtx& c, int64_t plane) const {
    const Work& w = c.work<Work>();
    const int64_t n = plane / w.out_channels, m = plane % w.out_channels;
    T* out = c.out<T>(0) + plane * w.out_size;
    const T* bias = c.in<T>(2);
    int64_t at[kMaxSpatial] = {};
    for (int64_t o = 0; o < w.out_size; ++o) {
      SumOf<T> sum = bias ? static_cast<SumOf<T>>(bias[m]) : 0;
      out[o] = T(sum + one<T>(c, w, n, m, at));
      next(at, w.out, w.spatial);
    }
  }
  template <class T>
  SumOf<T> one(RunCtx& c, const Work& w, int64_t n, int64_t m, const int64_t* at) const {
    const int64_t per_in = w.in_channels / w.group, per_out = w.out_channels / w.group, g = m / per_out;
    const T* x = c.in<T>(0) + (n * w.in_channels + g * per_in) * w.in_size;
    const T* k = c.in<T>(1);
    SumOf<T> sum = 0;
    int64_t tap[kMaxSpatial] = {};
    for (int64_t t = 0; t < w.taps; ++t, next(tap, w.kernel, w.spatial)) {
      const int64_t from = source(w, at, tap);
      if (from < 0) continue;
      for (int64_t ch = 0; ch < per_in; ++ch) {
        const int64_t weight =
            transposed_ ? ((g * per_in + ch) * per_out + m % per_out) * w.taps + t : (m * per_in + ch) * w.taps + t;
        sum += static_cast<SumOf<T>>(x[ch * w.in_size + from]) * static_cast<SumOf<T>>(k[weight]);
      }
    }
    return sum;
  }
  // The input element that a tap of an output element reads, or -1.
  int64_t source(const Work& w, const int64_t* at, const int64_t* tap) const {
    int64_t offset = 0;
    for (int a = 0; a < w.spatial; ++a) {
      int64_t p;
      if (transposed_) {
        p = at[a] + w.pad[a] - tap[a] * w.dilation[a];
        if (p % w.stride[a] != 0) return -1;
        p /= w.stride[a];
      } else {
        p = at[a] * w.stride[a] - w.pad[a] + tap[a] * w.dilation[a];
      }
      if (p < 0 || p >= w.in[a]) return -1;
      offset = offset * w.in[a] + p;
    }
    return offset;
  }

  DType type_;
  bool transposed_;
  Node node_;  // attributes only
};

// 2-D: each tap of each output element reads the input at an offset of its own, by bilinear interpolation, times a
// mask.
class DeformConv final : public Kernel {
 public:
  explicit DeformConv(const KernelQuery& q) : type_(q.dtype(0)), offset_groups_(q.attr_int("offset_group")) {
    node_.op = &q.op();
    node_.attrs = q.node().attrs;
  }
  Status prepare(PrepareCtx& c) const override {
    if (c.rank(0) != 4) return fail(Code::kShape, "X has rank ", c.rank(0), "; only two spatial axes are supported");
    return fill_work(c, node_, false);
  }
  Status run(RunCtx& c) const override {
    return visit_number(type_, [&]<class T>(std::type_identity<T>) {
      if constexpr (!std::is_integral_v<T>)
        c.parallel([&](Range r, int) {
          for (int64_t plane = r.begin; plane < r.end; ++plane) run_plane<T>(c, plane);
        });
      return Status();
    });
  }

 private:
  template <class T>
  void run_plane(RunCtx& c, int64_t plane) const {
    const Work& w = c.work<Work>();
    const int64_t n = plane / w.out_channels, m = plane % w.out_channels, per_in = w.in_channels / w.group;
    const int64_t g = m / (w.out_channels / w.group), per_offset = w.in_channels / offset_groups_;
    const T *weights = c.in<T>(1) + m * per_in * w.taps, *bias = c.in<T>(3);
    T* out = c.out<T>(0) + plane * w.out_size;
    for (int64_t o = 0; o < w.out_size; ++o) {
      SumOf<T> sum = bias ? static_cast<SumOf<T>>(bias[m]) : 0;
      for (int64_t ch = 0; ch < per_in; ++ch) {
        const int64_t channel = g * per_in + ch;
        const T* x = c.in<T>(0) + (n * w.in_channels + channel) * w.in_size;
        for (int64_t t = 0; t < w.taps; ++t)
          sum += static_cast<SumOf<T>>(weights[ch * w.taps + t]) * sample<T>(c, w, x, n, channel / per_offset, t, o);
      }
      out[o] = T(sum);
    }
  }
  template <class T>
  SumOf<T> sample(RunCtx& c, const Work& w, const T* x, int64_t n, int64_t group, int64_t t, int64_t o) const {
    using S = SumOf<T>;
    const int64_t field = (n * offset_groups_ + group) * w.taps + t;
    const T* offset = c.in<T>(2) + field * 2 * w.out_size + o;
    const S row = static_cast<S>(o / w.out[1] * w.stride[0] - w.pad[0] + t / w.kernel[1] * w.dilation[0]) +
                  static_cast<S>(offset[0]);
    const S col = static_cast<S>(o % w.out[1] * w.stride[1] - w.pad[1] + t % w.kernel[1] * w.dilation[1]) +
                  static_cast<S>(offset[w.out_size]);
    const S mask = c.has(4) ? static_cast<S>(c.in<T>(4)[field * w.out_size + o]) : S(1);
    const S top = std::floor(row), left = std::floor(col);
    S sum = 0;
    for (int corner = 0; corner < 4; ++corner) {
      const S r = top + static_cast<S>(corner / 2), k = left + static_cast<S>(corner % 2);
      if (!(r >= 0 && r < static_cast<S>(w.in[0]) && k >= 0 && k < static_cast<S>(w.in[1]))) continue;
      const S weight = (1 - std::fabs(row - r)) * (1 - std::fabs(col - k));
      sum += weight * static_cast<S>(x[static_cast<int64_t>(r) * w.in[1] + static_cast<int64_t>(k)]);
    }
    return sum * mask;
  }

  DType type_;
  int64_t offset_groups_;
  Node node_;  // attributes only
};

}  // namespace

SDX_KERNEL(cpu, Conv, any) = {.priority = 1, .make = [](const KernelQuery& q) -> Result<KernelPtr> {
                                return KernelPtr(new PlainConv(q, false));
                              }};
SDX_KERNEL(cpu, ConvTranspose, any) = {
    .priority = 1, .make = [](const KernelQuery& q) -> Result<KernelPtr> { return KernelPtr(new PlainConv(q, true)); }};
SDX_KERNEL(cpu, DeformConv, any) = {.priority = 1, .make = make_kernel<DeformConv>};

}  // namespace sardonyx
