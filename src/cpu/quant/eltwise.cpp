// The element-wise operators on quantised bytes and the pools over them.
#include <algorithm>
#include <cmath>

#include "cpu/common/activation.h"
#include "cpu/math/broadcast.h"
#include "simd/qeltwise.h"
#include "simd/qgemm_kernel.h"

namespace sardonyx {
namespace {

constexpr int64_t kChunk = 16384;

int32_t byte_value(const void* p, bool as_signed) {
  return as_signed ? static_cast<int32_t>(*static_cast<const int8_t*>(p))
                   : static_cast<int32_t>(*static_cast<const uint8_t*>(p));
}

class Binary final : public Kernel {
 public:
  Binary(const KernelQuery& q, bool multiply)
      : multiply_(multiply),
        signed_(q.dtype(0) == DType::kI8),
        act_(act_of(q).value_or(simd::Act::kNone)),
        p0_(q.attr_float("p0")),
        p1_(q.attr_float("p1")) {}

  Status prepare(PrepareCtx& c) const override {
    const std::span<const int64_t> dims[] = {c.in_dims(0), c.in_dims(3)};
    BroadcastPlan& p = c.work<BroadcastPlan>();
    SDX_RETURN_IF_ERROR(plan_broadcast(p, dims, c.out_dims(0)));
    c.tasks(p.tasks(), static_cast<double>(p.piece));
    c.may_reuse(0, 0);
    c.may_reuse(3, 0);
    return {};
  }
  Status run(RunCtx& c) const override {
    const BroadcastPlan& p = c.work<BroadcastPlan>();
    const simd::QBinaryArgs g = args_of(c);
    const simd::QEltwiseTable& f = simd::qeltwise();
    c.parallel([&](Range r, int) {
      p.for_each(r, [&](const int64_t* in, int64_t o, int64_t n) {
        if (signed_)
          f.binary_i8(g, c.in<int8_t>(0) + in[0], p.scalar[0], c.in<int8_t>(3) + in[1], p.scalar[1],
                      c.out<int8_t>(0) + o, n);
        else
          f.binary_u8(g, c.in<uint8_t>(0) + in[0], p.scalar[0], c.in<uint8_t>(3) + in[1], p.scalar[1],
                      c.out<uint8_t>(0) + o, n);
      });
    });
    return {};
  }

 private:
  simd::QBinaryArgs args_of(RunCtx& c) const {
    const float a = *c.in<float>(1), b = *c.in<float>(4), y = *c.in<float>(6);
    simd::QBinaryArgs g;
    g.multiply = multiply_;
    g.a_zero = byte_value(c.in(2), signed_), g.b_zero = byte_value(c.in(5), signed_);
    const float zero = static_cast<float>(byte_value(c.in(7), signed_));
    g.low = signed_ ? -128 : 0, g.high = signed_ ? 127 : 255;
    if (multiply_) {
      g.a_factor = a * b / y, g.shift = zero;
    } else {
      g.a_factor = a / y, g.b_factor = b / y;
      g.shift = zero - (g.a_factor * static_cast<float>(g.a_zero) + g.b_factor * static_cast<float>(g.b_zero));
    }
    if (act_ == simd::Act::kNone) return g;
    const auto quantised = [&](float v) {
      const float q = std::nearbyint(v / y) + zero;
      return static_cast<int32_t>(std::clamp(q, static_cast<float>(g.low), static_cast<float>(g.high)));
    };
    const int32_t low = quantised(act_ == simd::Act::kRelu ? 0 : p0_);
    const int32_t high = act_ == simd::Act::kRelu ? g.high : quantised(p1_);
    g.low = std::min(low, high), g.high = high;
    return g;
  }
  bool multiply_, signed_;
  simd::Act act_;
  float p0_, p1_;
};

bool is_scalar(const KernelQuery& q, int i) {
  const Fact& f = q.in(i);
  return f.has_rank && (f.shape.empty() || (f.shape.size() == 1 && f.shape[0].is(1)));
}
Reason refuse_binary(const KernelQuery& q) {
  const auto act = act_of(q);
  if (!act || (*act != simd::Act::kNone && *act != simd::Act::kRelu && *act != simd::Act::kClip))
    return "this activation is not computed on bytes";
  for (int i : {1, 2, 4, 5, 6, 7})
    if (!is_scalar(q, i)) return "one scale and zero point for a whole tensor";
  return kAccept;
}

class Lookup final : public Kernel {
 public:
  Status prepare(PrepareCtx& c) const override {
    c.tasks((c.out_count(0) + kChunk - 1) / kChunk, kChunk / 4);
    c.may_reuse(0, 0);
    return {};
  }
  Status run(RunCtx& c) const override {
    const int64_t n = c.out_count(0);
    c.parallel([&](Range r, int) {
      const int64_t begin = r.begin * kChunk, end = std::min(r.end * kChunk, n);
      simd::qeltwise().lookup(c.in<uint8_t>(1), c.in<uint8_t>(0) + begin, c.out<uint8_t>(0) + begin, end - begin);
    });
    return {};
  }
};

struct MeanWork {
  int64_t batch, channels, pixels, parts;
};

// Exact sums, one scaling: round(sum of (x - x_zero) * x_scale / (y_scale * pixels)) + y_zero.
class Mean final : public Kernel {
 public:
  explicit Mean(const KernelQuery& q) : last_(q.attr_int("channels_last") != 0), signed_(q.dtype(0) == DType::kI8) {}

  Status prepare(PrepareCtx& c) const override {
    const Extents& x = c.in_dims(0);
    MeanWork& w = c.work<MeanWork>();
    w.batch = x[0], w.channels = last_ ? x.back() : x[1], w.pixels = 1;
    for (size_t a = last_ ? 1 : 2; a + (last_ ? 1 : 0) < x.size(); ++a) w.pixels *= x[a];
    w.parts = last_ ? (w.channels + kPart - 1) / kPart : 1;
    c.tasks(w.batch * w.parts, static_cast<double>(w.pixels * w.channels / std::max<int64_t>(1, w.parts)) / 8);
    c.scratch_per_thread(static_cast<size_t>(w.channels) * 4);
    return {};
  }
  Status run(RunCtx& c) const override {
    const MeanWork& w = c.work<MeanWork>();
    c.parallel([&](Range r, int thread) {
      int32_t* sums = reinterpret_cast<int32_t*>(c.scratch(thread));
      for (int64_t t = r.begin; t < r.end; ++t) part(c, w, t / w.parts, t % w.parts, sums);
    });
    return {};
  }

 private:
  static constexpr int64_t kPart = 256;  // channels of one task

  void part(RunCtx& c, const MeanWork& w, int64_t image, int64_t index, int32_t* sums) const {
    const uint8_t* x = c.in<uint8_t>(0) + image * w.pixels * w.channels;
    const uint8_t flip = signed_ ? 0x80 : 0;
    const int64_t first = last_ ? index * kPart : 0;
    const int64_t channels = last_ ? std::min(kPart, w.channels - first) : w.channels;
    std::fill(sums, sums + channels, 0);
    if (last_) {
      simd::qgemm().sum(x + first, w.channels, w.pixels, channels, flip, sums);
    } else {
      for (int64_t i = 0; i < channels; ++i)
        for (int64_t p = 0; p < w.pixels; ++p) sums[i] += x[i * w.pixels + p] ^ flip;
    }
    const int32_t x_zero = byte_value(c.in(2), signed_) + (signed_ ? 128 : 0), y_zero = byte_value(c.in(4), signed_);
    const float scale = *c.in<float>(1) / (*c.in<float>(3) * static_cast<float>(w.pixels));
    const float low = signed_ ? -128 : 0, high = signed_ ? 127 : 255;
    uint8_t* y = c.out<uint8_t>(0) + image * w.channels + first;
    for (int64_t i = 0; i < channels; ++i) {
      const int64_t sum = sums[i] - static_cast<int64_t>(w.pixels) * x_zero;
      const float v = std::nearbyint(static_cast<float>(sum) * scale) + static_cast<float>(y_zero);
      y[i] = static_cast<uint8_t>(static_cast<int32_t>(v > low ? std::min(v, high) : low));
    }
  }
  bool last_, signed_;
};

Reason refuse_mean(const KernelQuery& q) {
  for (int i = 1; i < 5; ++i)
    if (!is_scalar(q, i)) return "one scale and zero point for a whole tensor";
  if (!q.in(0).has_rank) return "the rank is unknown";
  int64_t pixels = 1;
  for (size_t a = 1; a < q.in(0).shape.size(); ++a)
    if (q.in(0).shape[a].known()) pixels *= q.in(0).shape[a].value();
  return pixels > (int64_t{1} << 23) ? Reason("too many pixels for 32-bit sums") : kAccept;
}

}  // namespace

SDX_KERNEL(cpu, sdx_QAdd, bytes) = {
    .priority = 10, .refuse = refuse_binary, .make = [](const KernelQuery& q) -> Result<KernelPtr> {
      return KernelPtr(new Binary(q, false));
    }};
SDX_KERNEL(cpu, sdx_QMul, bytes) = {
    .priority = 10, .refuse = refuse_binary, .make = [](const KernelQuery& q) -> Result<KernelPtr> {
      return KernelPtr(new Binary(q, true));
    }};
SDX_KERNEL(cpu, sdx_Lookup, bytes) = {.priority = 10, .make = make_kernel<Lookup>};
SDX_KERNEL(cpu, sdx_QGlobalAveragePool, bytes) = {.priority = 10, .refuse = refuse_mean, .make = make_kernel<Mean>};

}  // namespace sardonyx
