// ai.sardonyx.GroupNormalization in f32: sums per channel over fixed chunks of pixels, joined in double; then one pass
// that scales, shifts and activates.
#include <algorithm>
#include <cmath>

#include "cpu/common/axis.h"
#include "kernel/kernel.h"
#include "simd/eltwise_unary.h"
#include "simd/norm.h"

namespace sardonyx {
namespace {

constexpr int64_t kChunkElements = 1 << 14, kMostRows = 1024;

struct Work {
  int64_t batch, pixels, channels, rows, chunks;  // rows of a chunk, chunks per batch member
};

struct Activation {
  std::string_view name;
  simd::Unary op;
};
constexpr Activation kActivations[] = {{"Relu", simd::Unary::kRelu},
                                       {"LeakyRelu", simd::Unary::kLeakyRelu},
                                       {"Sigmoid", simd::Unary::kSigmoid},
                                       {"Tanh", simd::Unary::kTanh},
                                       {"Silu", simd::Unary::kSwish},
                                       {"Gelu", simd::Unary::kGeluErf},
                                       {"GeluTanh", simd::Unary::kGeluTanh},
                                       {"HardSwish", simd::Unary::kHardSwish},
                                       {"HardSigmoid", simd::Unary::kHardSigmoid}};

const Activation* activation(const KernelQuery& q) {
  const std::string name = q.attr_string("activation");
  for (const Activation& a : kActivations)
    if (a.name == name) return &a;
  return nullptr;
}

class GroupNorm final : public Kernel {
 public:
  explicit GroupNorm(const KernelQuery& q) : eps_(q.attr_float("epsilon")), groups_(q.attr_int("num_groups")) {
    if (const Activation* a = activation(q)) {
      act_ = simd::unary(a->op, DType::kF32);
      params_ = {static_cast<double>(q.attr_float("p0")), static_cast<double>(q.attr_float("p1"))};
      if (a->op == simd::Unary::kSwish) params_.a = 1;
    }
  }

  Status prepare(PrepareCtx& c) const override {
    Work& w = c.work<Work>();
    const Extents& d = c.in_dims(0);
    w.batch = d[0], w.channels = d.back(), w.pixels = product(d, 1, c.rank(0) - 1);
    w.rows = std::clamp<int64_t>(kChunkElements / std::max<int64_t>(1, w.channels), 1, kMostRows);
    w.chunks = (w.pixels + w.rows - 1) / w.rows;
    c.tasks(c.in_count(0) ? w.batch * w.chunks : 0, static_cast<double>(w.rows * w.channels) / 4);
    c.scratch(static_cast<size_t>(2 * w.channels * w.batch * (w.chunks + 1)) * sizeof(float));
    c.may_reuse(0, 0);
    return {};
  }

  Status run(RunCtx& c) const override {
    const Work& w = c.work<Work>();
    if (c.in_count(0) == 0) return {};
    const float* in = c.in<float>(0);
    float* out = c.out<float>(0);
    float* sums = reinterpret_cast<float*>(c.scratch());
    float* affine = sums + 2 * w.channels * w.batch * w.chunks;
    c.parallel([&](Range r, int) {
      for (int64_t t = r.begin; t < r.end; ++t) {
        const int64_t b = t / w.chunks, first = t % w.chunks * w.rows;
        const float* member = in + b * w.pixels * w.channels;
        float* to = sums + 2 * w.channels * t;
        table_.column_sums(member + first * w.channels, member, to, to + w.channels, std::min(w.rows, w.pixels - first),
                           w.channels);
      }
    });
    for (int64_t b = 0; b < w.batch; ++b)
      join(w, in + b * w.pixels * w.channels, sums + 2 * w.channels * b * w.chunks, c.in<float>(1), c.in<float>(2),
           affine + 2 * w.channels * b);
    c.parallel([&](Range r, int) {
      for (int64_t t = r.begin; t < r.end; ++t) {
        const int64_t b = t / w.chunks, first = t % w.chunks * w.rows;
        const int64_t at = (b * w.pixels + first) * w.channels, rows = std::min(w.rows, w.pixels - first);
        const float* by = affine + 2 * w.channels * b;
        table_.scale_shift_rows(in + at, out + at, rows, w.channels, by, by + w.channels);
        if (act_) act_(out + at, out + at, rows * w.channels, params_);
      }
    });
    return {};
  }

 private:
  // Scale and shift per channel of one batch member. Sums are about the first pixel.
  void join(const Work& w, const float* base, const float* sums, const float* scale, const float* bias,
            float* affine) const {
    const int64_t groups = groups_ > 0 ? groups_ : w.channels, members = w.channels / groups;
    const double count = static_cast<double>(w.pixels * members);
    for (int64_t g = 0; g < groups; ++g) {
      double mean = 0, square = 0;
      for (int64_t k = g * members; k < (g + 1) * members; ++k)
        mean += channel(w, sums, k).sum + static_cast<double>(base[k]) * static_cast<double>(w.pixels);
      mean /= count;
      for (int64_t k = g * members; k < (g + 1) * members; ++k) {
        const auto [s, q] = channel(w, sums, k);
        const double off = static_cast<double>(base[k]) - mean;  // sum (x - mean)^2 with x = base + y
        square += q + 2 * off * s + off * off * static_cast<double>(w.pixels);
      }
      const double inverse = 1 / std::sqrt(std::max(0.0, square / count) + static_cast<double>(eps_));
      for (int64_t k = g * members; k < (g + 1) * members; ++k) {
        const double by = static_cast<double>(scale[k]) * inverse;
        affine[k] = static_cast<float>(by);
        affine[w.channels + k] = static_cast<float>(static_cast<double>(bias[k]) - mean * by);
      }
    }
  }
  struct Sums {
    double sum, square;
  };
  static Sums channel(const Work& w, const float* sums, int64_t k) {
    Sums s{0, 0};
    for (int64_t i = 0; i < w.chunks; ++i) {
      s.sum += static_cast<double>(sums[2 * w.channels * i + k]);
      s.square += static_cast<double>(sums[2 * w.channels * i + w.channels + k]);
    }
    return s;
  }

  float eps_;
  int64_t groups_;
  simd::UnaryFn act_ = nullptr;
  simd::UnaryParams params_;
  const simd::NormTable& table_ = simd::norm();
};

Reason refuse(const KernelQuery& q) {
  if (q.dtype(0) != DType::kF32) return "f32 only";
  if (q.rank(0) < 2) return "the rank is unknown";
  return q.attr_string("activation").empty() || activation(q) ? kAccept : Reason("this activation is not fused");
}

}  // namespace

SDX_KERNEL(cpu, sdx_GroupNormalization, f32) = {.priority = 10, .refuse = refuse, .make = make_kernel<GroupNorm>};

}  // namespace sardonyx
