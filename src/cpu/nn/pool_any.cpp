// Pools of every element type, on channels-first tensors: max with indices, average, Lp norm. One task per (batch,
// channel) plane.
#include <cmath>

#include "cpu/common/element.h"
#include "cpu/nn/pool_f32.h"
#include "ops/nn/window.h"

namespace sardonyx {
namespace {

enum class Kind : uint8_t { kMax, kAverage, kLp };
constexpr int kMaxSpatial = 8;

struct Work {
  int spatial;
  int64_t planes, in_size, out_size;
  int64_t in[kMaxSpatial], out[kMaxSpatial], kernel[kMaxSpatial], stride[kMaxSpatial], dilation[kMaxSpatial],
      begin[kMaxSpatial], end[kMaxSpatial];
};

// Calls fn(offset in the plane, position along each axis valid) for every tap inside the input; returns the taps inside
// the padded input.
template <class F>
int64_t each_tap(const Work& w, const int64_t* at, F&& fn) {
  int64_t tap[kMaxSpatial] = {}, padded = 0;
  for (;;) {
    int64_t offset = 0;
    bool inside = true, in_padded = true;
    for (int a = 0; a < w.spatial; ++a) {
      const int64_t p = at[a] * w.stride[a] - w.begin[a] + tap[a] * w.dilation[a];
      inside = inside && p >= 0 && p < w.in[a];
      in_padded = in_padded && p < w.in[a] + w.end[a];
      offset = offset * w.in[a] + p;
    }
    padded += in_padded;
    if (inside) fn(offset);
    int a = w.spatial - 1;
    while (a >= 0 && ++tap[a] == w.kernel[a]) tap[a--] = 0;
    if (a < 0) return padded;
  }
}

class PoolAny final : public Kernel {
 public:
  PoolAny(const KernelQuery& q, Kind kind) : kind_(kind), type_(q.dtype(0)) {
    node_.op = &q.op();
    node_.attrs = q.node().attrs;
    count_padding_ = kind == Kind::kAverage && q.attr_int("count_include_pad") != 0;
    column_major_ = kind == Kind::kMax && q.attr_int("storage_order") != 0;
    if (kind == Kind::kLp) p_ = static_cast<double>(q.attr_int("p"));
  }

  Status prepare(PrepareCtx& c) const override {
    Work& w = c.work<Work>();
    const Extents &x = c.in_dims(0), &y = c.out_dims(0);
    w.spatial = static_cast<int>(x.size()) - 2;
    if (w.spatial > kMaxSpatial)
      return fail(Code::kShape, "pools over more than ", kMaxSpatial, " axes are not supported");
    SDX_TRY(const Window window, read_window(node_, x.size() - 2));
    w.planes = x[0] * x[1];
    w.in_size = w.out_size = 1;
    double taps = 1;
    for (int a = 0; a < w.spatial; ++a) {
      const size_t k = static_cast<size_t>(a);
      w.in[a] = x[k + 2], w.out[a] = y[k + 2], w.kernel[a] = window.kernel[k], w.stride[a] = window.strides[k],
      w.dilation[a] = window.dilations[k];
      const Padding pad = window_padding(window, k, w.in[a], w.kernel[a]);
      w.begin[a] = pad.begin, w.end[a] = pad.end;
      w.in_size *= w.in[a], w.out_size *= w.out[a];
      taps *= static_cast<double>(w.kernel[a]);
    }
    c.tasks(c.out_count(0) ? w.planes : 0, static_cast<double>(w.out_size) * taps * 4);
    return {};
  }

  Status run(RunCtx& c) const override {
    return visit_number(type_, [&]<class T>(std::type_identity<T>) {
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
    const T* in = c.in<T>(0) + plane * w.in_size;
    T* out = c.out<T>(0) + plane * w.out_size;
    int64_t* indices = kind_ == Kind::kMax ? c.out<int64_t>(1) : nullptr;
    int64_t at[kMaxSpatial] = {};
    for (int64_t o = 0; o < w.out_size; ++o) {
      if (kind_ == Kind::kMax) {
        int64_t best = -1;
        each_tap(w, at, [&](int64_t i) {
          if (best < 0 || greater(in[i], in[best])) best = i;
        });
        out[o] = best < 0 ? lowest<T>() : in[best];
        if (indices)
          indices[plane * w.out_size + o] = plane * w.in_size + (column_major_ ? column_major(w, best) : best);
      } else {
        out[o] = T(accumulate(w, at, in));
      }
      for (int a = w.spatial - 1; a >= 0 && ++at[a] == w.out[a]; --a) at[a] = 0;
    }
  }
  template <class T>
  static bool greater(T a, T b) {
    const auto x = static_cast<std::conditional_t<std::is_integral_v<T>, T, double>>(a),
               y = static_cast<decltype(x)>(b);
    return x > y || (x != x && y == y);
  }
  template <class T>
  static T lowest() {
    if constexpr (std::is_integral_v<T>)
      return std::numeric_limits<T>::lowest();
    else
      return T(-INFINITY);
  }
  template <class T>
  auto accumulate(const Work& w, const int64_t* at, const T* in) const {
    using S = std::conditional_t<std::is_same_v<T, F16> || std::is_same_v<T, BF16>, float, double>;
    S sum = 0;
    int64_t taps = 0;
    const int64_t padded = each_tap(w, at, [&](int64_t i) {
      const S x = static_cast<S>(in[i]);
      sum += kind_ == Kind::kAverage ? x : static_cast<S>(std::pow(std::fabs(static_cast<double>(x)), p_));
      ++taps;
    });
    if (kind_ == Kind::kLp) return static_cast<S>(std::pow(static_cast<double>(sum), 1 / p_));
    const int64_t by = count_padding_ ? padded : taps;
    return by ? sum / static_cast<S>(by) : S(0);
  }
  // The index within a plane if its first axis varied fastest.
  static int64_t column_major(const Work& w, int64_t i) {
    int64_t out = 0, position[kMaxSpatial];
    for (int a = w.spatial - 1; a >= 0; --a) position[a] = i % w.in[a], i /= w.in[a];
    for (int a = w.spatial - 1; a >= 0; --a) out = out * w.in[a] + position[a];
    return out;
  }

  Kind kind_;
  DType type_;
  Node node_;  // attributes only
  bool count_padding_ = false, column_major_ = false;
  double p_ = 2;
};

template <Kind kKind>
Result<KernelPtr> make_any(const KernelQuery& q) {
  return KernelPtr(new PoolAny(q, kKind));
}

}  // namespace

SDX_KERNEL(cpu, MaxPool, f32) = {
    .priority = 10, .refuse = refuse_pool_f32, .make = [](const KernelQuery& q) -> Result<KernelPtr> {
      return make_pool_f32(q, false, false);
    }};
SDX_KERNEL(cpu, AveragePool, f32) = {
    .priority = 10, .refuse = refuse_pool_f32, .make = [](const KernelQuery& q) -> Result<KernelPtr> {
      return make_pool_f32(q, true, false);
    }};
SDX_KERNEL(cpu, sdx_MaxPool, f32) = {
    .priority = 10, .refuse = refuse_pool_f32, .make = [](const KernelQuery& q) -> Result<KernelPtr> {
      return make_pool_f32(q, false, true);
    }};
SDX_KERNEL(cpu, sdx_AveragePool, f32) = {
    .priority = 10, .refuse = refuse_pool_f32, .make = [](const KernelQuery& q) -> Result<KernelPtr> {
      return make_pool_f32(q, true, true);
    }};
SDX_KERNEL(cpu, MaxPool, any) = {.priority = 1, .make = make_any<Kind::kMax>};
SDX_KERNEL(cpu, AveragePool, any) = {.priority = 1, .make = make_any<Kind::kAverage>};
SDX_KERNEL(cpu, LpPool, any) = {.priority = 1, .make = make_any<Kind::kLp>};

}  // namespace sardonyx
