// LayerNormalization, RMSNormalization, InstanceNormalization, GroupNormalization and BatchNormalization (inference)
// in f32.
#include "simd/norm.h"

#include <cmath>

#include "cpu/common/axis.h"
#include "kernel/kernel.h"

namespace sardonyx {
namespace {

struct Rows {
  int64_t rows, cols;
};

Status split_at_axis(PrepareCtx& c, int64_t attr) {
  Rows& w = c.work<Rows>();
  const Extents& d = c.in_dims(0);
  const int axis = wrap_axis(attr, c.rank(0));
  w.rows = product(d, 0, axis);
  w.cols = product(d, axis, c.rank(0));
  c.tasks(w.cols ? w.rows : 0, static_cast<double>(w.cols) * 3);
  if (!c.wants(1) && !c.wants(2)) c.may_reuse(0, 0);
  return {};
}

class LayerNorm final : public Kernel {
 public:
  explicit LayerNorm(const KernelQuery& q) : axis_(q.attr_int("axis")), eps_(q.attr_float("epsilon")) {}
  Status prepare(PrepareCtx& c) const override { return split_at_axis(c, axis_); }
  Status run(RunCtx& c) const override {
    const Rows& w = c.work<Rows>();
    const float *in = c.in<float>(0), *gamma = c.in<float>(1), *beta = c.in<float>(2);
    float *out = c.out<float>(0), *mean = c.out<float>(1), *inv = c.out<float>(2);
    c.parallel([&](Range r, int) {
      const int64_t at = r.begin * w.cols;
      table_.layer_norm(in + at, gamma, beta, out + at, mean ? mean + r.begin : nullptr, inv ? inv + r.begin : nullptr,
                        r.size(), w.cols, eps_);
    });
    return {};
  }

 private:
  int64_t axis_;
  float eps_;
  const simd::NormTable& table_ = simd::norm();
};

class RmsNorm final : public Kernel {
 public:
  explicit RmsNorm(const KernelQuery& q) : axis_(q.attr_int("axis")), eps_(q.attr_float("epsilon")) {}
  Status prepare(PrepareCtx& c) const override { return split_at_axis(c, axis_); }
  Status run(RunCtx& c) const override {
    const Rows& w = c.work<Rows>();
    c.parallel([&](Range r, int) {
      const int64_t at = r.begin * w.cols;
      table_.rms_norm(c.in<float>(0) + at, c.in<float>(1), c.out<float>(0) + at, nullptr, r.size(), w.cols, eps_);
    });
    return {};
  }

 private:
  int64_t axis_;
  float eps_;
  const simd::NormTable& table_ = simd::norm();
};

// Per (batch, channel) plane of n elements.
struct Planes {
  int64_t planes, channels, n;
};

Status split_planes(PrepareCtx& c) {
  Planes& w = c.work<Planes>();
  const Extents& d = c.in_dims(0);
  w.channels = d.size() > 1 ? d[1] : 1;
  w.planes = d[0] * w.channels;
  w.n = product(d, 2, c.rank(0));
  c.tasks(w.n ? w.planes : 0, static_cast<double>(w.n) * 2);
  if (c.outputs() == 1) c.may_reuse(0, 0);
  return {};
}

class InstanceNorm final : public Kernel {
 public:
  explicit InstanceNorm(const KernelQuery& q) : eps_(q.attr_float("epsilon")) {}
  Status prepare(PrepareCtx& c) const override { return split_planes(c); }
  Status run(RunCtx& c) const override {
    const Planes& w = c.work<Planes>();
    const float *in = c.in<float>(0), *scale = c.in<float>(1), *bias = c.in<float>(2);
    float* out = c.out<float>(0);
    c.parallel([&](Range r, int) {
      for (int64_t p = r.begin; p < r.end; ++p) {
        float mean, var;
        table_.moments(in + p * w.n, w.n, &mean, &var);
        const float s = scale[p % w.channels] / std::sqrt(var + eps_);
        table_.scale_shift(in + p * w.n, out + p * w.n, w.n, s, bias[p % w.channels] - mean * s);
      }
    });
    return {};
  }

 private:
  float eps_;
  const simd::NormTable& table_ = simd::norm();
};

// Statistics over groups of channels: a group's channels are neighbours, so a group is one run of elements.
class GroupNorm final : public Kernel {
 public:
  explicit GroupNorm(const KernelQuery& q) : eps_(q.attr_float("epsilon")), groups_(q.attr_int("num_groups")) {}
  Status prepare(PrepareCtx& c) const override {
    SDX_RETURN_IF_ERROR(split_planes(c));
    const Extents& d = c.in_dims(0);
    const int64_t n = product(d, 1, c.rank(0));
    c.tasks(n ? d[0] * groups_ : 0, static_cast<double>(n / groups_) * 2);
    return {};
  }
  Status run(RunCtx& c) const override {
    const Planes& w = c.work<Planes>();
    const float *in = c.in<float>(0), *scale = c.in<float>(1), *bias = c.in<float>(2);
    float* out = c.out<float>(0);
    const int64_t members = w.channels / groups_;
    c.parallel([&](Range r, int) {
      for (int64_t g = r.begin; g < r.end; ++g) {
        float mean, var;
        const int64_t at = g * members * w.n;
        table_.moments(in + at, members * w.n, &mean, &var);
        const float inv = 1 / std::sqrt(var + eps_);
        for (int64_t i = 0; i < members; ++i) {
          const int64_t k = g % groups_ * members + i, p = at + i * w.n;
          const float s = scale[k] * inv;
          table_.scale_shift(in + p, out + p, w.n, s, bias[k] - mean * s);
        }
      }
    });
    return {};
  }

 private:
  float eps_;
  int64_t groups_;
  const simd::NormTable& table_ = simd::norm();
};

class BatchNorm final : public Kernel {
 public:
  explicit BatchNorm(const KernelQuery& q) : eps_(q.attr_float("epsilon")) {}
  Status prepare(PrepareCtx& c) const override { return split_planes(c); }
  Status run(RunCtx& c) const override {
    const Planes& w = c.work<Planes>();
    const float *in = c.in<float>(0), *gamma = c.in<float>(1), *beta = c.in<float>(2), *mean = c.in<float>(3),
                *var = c.in<float>(4);
    float* out = c.out<float>(0);
    c.parallel([&](Range r, int) {
      for (int64_t p = r.begin; p < r.end; ++p) {
        const int64_t k = p % w.channels;
        const float s = gamma[k] / std::sqrt(var[k] + eps_);
        table_.scale_shift(in + p * w.n, out + p * w.n, w.n, s, beta[k] - mean[k] * s);
      }
    });
    return {};
  }

 private:
  float eps_;
  const simd::NormTable& table_ = simd::norm();
};

Reason refuse_f32(const KernelQuery& q) {
  for (int i = 0; i < q.inputs(); ++i)
    if (q.has(i) && q.dtype(i) != DType::kF32) return "f32 only";
  return kAccept;
}
// gamma and beta must have exactly the normalised extents: the body broadcasts others.
Reason refuse_layer(const KernelQuery& q) {
  if (Reason r = refuse_f32(q); !r.empty()) return r;
  if (q.op().find_attr("stash_type") && q.attr_int("stash_type") != 1) return "only a stash_type of float is computed";
  const int rank = q.rank(0);
  if (rank < 0) return "the rank is unknown";
  const size_t normalised = static_cast<size_t>(rank - wrap_axis(q.attr_int("axis"), rank));
  for (int i = 1; i < q.inputs(); ++i) {
    if (!q.has(i)) continue;
    if (!q.in(i).has_rank || q.in(i).shape.size() != normalised)
      return "scale and bias must have the normalised extents";
    for (size_t a = 0; a < normalised; ++a)
      if (!(q.in(i).shape[a] == q.in(0).shape[static_cast<size_t>(rank) - normalised + a]))
        return "scale and bias must have the normalised extents";
  }
  return kAccept;
}
Reason refuse_group(const KernelQuery& q) {
  if (q.attr_int("stash_type") != 1) return "only a stash_type of float is computed";
  return refuse_f32(q);
}
Reason refuse_batch(const KernelQuery& q) {
  if (q.attr_int("training_mode") != 0 || q.wants(1)) return "training mode is not computed here";
  if (q.rank(0) == 0) return "a scalar has no channels";
  return refuse_f32(q);
}

}  // namespace

SDX_KERNEL(cpu, LayerNormalization, f32) = {.priority = 10, .refuse = refuse_layer, .make = make_kernel<LayerNorm>};
SDX_KERNEL(cpu, RMSNormalization, f32) = {.priority = 10, .refuse = refuse_layer, .make = make_kernel<RmsNorm>};
SDX_KERNEL(cpu, InstanceNormalization, f32) = {.priority = 10, .refuse = refuse_f32, .make = make_kernel<InstanceNorm>};
SDX_KERNEL(cpu, GroupNormalization, f32) = {.priority = 10, .refuse = refuse_group, .make = make_kernel<GroupNorm>};
SDX_KERNEL(cpu, BatchNormalization, f32) = {.priority = 10, .refuse = refuse_batch, .make = make_kernel<BatchNorm>};

}  // namespace sardonyx
