// Attention in f32 over simd/attention: inputs of rank 3 are read in place, caches are appended to first. What it
// declines (scores as an output, other precisions) runs by its body.
#include "simd/attention.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernel/kernel.h"

namespace sardonyx {
namespace {

// A cache [batch, heads, past + length, size] from what it held and what comes behind.
struct Append {
  int64_t heads = 0, past = 0, length = 0, size = 0;  // heads of all batch members together
  int64_t per_member = 1;
  simd::HeadStrides at;  // of the new part

  void operator()(const float* before, const float* added, float* out, int64_t head) const {
    const size_t row = static_cast<size_t>(size) * sizeof(float);
    float* to = out + head * (past + length) * size;
    if (past > 0 && row > 0) std::memcpy(to, before + head * past * size, static_cast<size_t>(past) * row);
    to += past * size;
    const float* from = added + head / per_member * at.batch + head % per_member * at.head;
    for (int64_t i = 0; i < length && row > 0; ++i) std::memcpy(to + i * size, from + i * at.row, row);
  }
};

struct Work {
  simd::AttentionArgs args;
  Append key, value;
};

struct Heads {
  int64_t batch, heads, length, size;
  simd::HeadStrides at;
};
Heads heads_of(const Extents& d, int64_t heads) {
  if (d.size() == 4) return {d[0], d[1], d[2], d[3], {d[1] * d[2] * d[3], d[2] * d[3], d[3]}};
  const int64_t size = d[2] / heads;
  return {d[0], heads, d[1], size, {d[1] * d[2], size, d[2]}};
}

class Attention final : public Kernel {
 public:
  explicit Attention(const KernelQuery& q)
      : q_heads_(q.attr_int("q_num_heads")),
        kv_heads_(q.attr_int("kv_num_heads")),
        left_(q.attr_int("left_window_size")),
        right_(q.attr_int("right_window_size")),
        softcap_(q.attr_float("softcap")),
        scale_(q.has_attr("scale") ? q.attr_float("scale") : 0),
        has_scale_(q.has_attr("scale")) {
    if (q.attr_int("is_causal") != 0) right_ = 0;
  }

  Status prepare(PrepareCtx& c) const override {
    Work& w = c.work<Work>();
    w = {};
    simd::AttentionArgs& a = w.args;
    const Heads q = heads_of(c.in_dims(0), q_heads_), k = heads_of(c.in_dims(1), kv_heads_),
                v = heads_of(c.in_dims(2), kv_heads_);
    const int64_t past = c.has(4) ? c.in_dims(4)[2] : 0;
    a.batch = q.batch, a.q_heads = q.heads, a.kv_heads = k.heads;
    a.q_length = q.length, a.kv_length = past + k.length;
    a.qk_size = q.size, a.v_size = v.size;
    a.q_at = q.at, a.k_at = k.at, a.v_at = v.at;
    a.out_at = heads_of(c.out_dims(0), q_heads_).at;
    w.key = {k.batch * k.heads, past, k.length, k.size, k.heads, k.at};
    w.value = {v.batch * v.heads, past, v.length, v.size, v.heads, v.at};
    if (c.wants(1)) a.k_at = heads_of(c.out_dims(1), kv_heads_).at;
    if (c.wants(2)) a.v_at = heads_of(c.out_dims(2), kv_heads_).at;
    a.scale = has_scale_ ? scale_ : 1 / std::sqrt(static_cast<float>(q.size));
    a.softcap = softcap_;
    a.q_offset = past, a.left = left_, a.right = right_;
    if (c.has(3)) SDX_RETURN_IF_ERROR(place_mask(c.in_dims(3), a));
    c.tasks(simd::attention_tasks(a), simd::attention_task_cost(a));
    c.scratch_per_thread(simd::attention_scratch_bytes(a));
    return {};
  }

  Status run(RunCtx& c) const override {
    const Work& w = c.work<Work>();
    simd::AttentionArgs a = w.args;
    a.q = c.in<float>(0), a.k = c.in<float>(1), a.v = c.in<float>(2), a.out = c.out<float>(0);
    if (c.wants(1)) a.k = append(c, w.key, 4, 1, 1);
    if (c.wants(2)) a.v = append(c, w.value, 5, 2, 2);
    if (c.has(3) && c.dtype(3) == DType::kBool)
      a.bool_mask = c.in<bool>(3);
    else if (c.has(3))
      a.mask = c.in<float>(3);
    a.lengths = c.in<int64_t>(6);
    c.parallel([&](Range r, int thread) { simd::attention_run(a, r.begin, r.end, c.scratch(thread)); });
    return {};
  }

 private:
  static Status place_mask(const Extents& d, simd::AttentionArgs& a) {
    const int64_t whole[] = {a.batch, a.q_heads, a.q_length};
    int64_t strides[4] = {0, 0, 0, 0}, step = 1;
    for (size_t i = 0; i < d.size() && i < 4; ++i) {
      const int64_t extent = d[d.size() - 1 - i];
      if (i > 0 && extent != 1 && extent != whole[3 - i])
        return fail(Code::kShape, "attn_mask is ", to_string(d), "; it must broadcast to [", a.batch, ",", a.q_heads,
                    ",", a.q_length, ",", a.kv_length, "]");
      strides[3 - i] = extent == 1 ? 0 : step;
      step *= extent;
    }
    a.mask_at = {strides[0], strides[1], strides[2]};
    a.mask_length = d.back();
    return {};
  }

  // Fills cache output `out` and returns it.
  static const float* append(RunCtx& c, const Append& part, int past, int added, int out) {
    const float *before = c.in<float>(past), *from = c.in<float>(added);
    float* to = c.out<float>(out);
    const auto fill = [&](Range r, int) {
      for (int64_t h = r.begin; h < r.end; ++h) part(before, from, to, h);
    };
    const int64_t elements = std::max<int64_t>(1, (part.past + part.length) * part.size);
    constexpr int64_t kElementsPerTask = 1 << 15;
    const int64_t grain = std::max<int64_t>(1, kElementsPerTask / elements);
    if (c.pool() == nullptr || grain >= part.heads)
      fill({0, part.heads}, 0);
    else
      c.pool()->parallel_for(part.heads, grain, fill);
    return to;
  }

  int64_t q_heads_, kv_heads_, left_, right_;
  float softcap_, scale_;
  bool has_scale_;
};

Reason refuse(const KernelQuery& q) {
  if (q.dtype(0) != DType::kF32 || q.dtype(1) != DType::kF32 || q.dtype(2) != DType::kF32) return "f32 only";
  if (q.wants(3)) return "the scores are asked for";
  if (q.has(3) && q.dtype(3) != DType::kF32 && q.dtype(3) != DType::kBool)
    return "the mask must be of the same type or bool";
  if (q.has(3) && (q.rank(3) < 1 || q.rank(3) > 4)) return "the mask's rank must be known and at most 4";
  if (q.has(4) && !(q.wants(1) && q.wants(2))) return "a cache is given, but not asked back";
  if (q.has(4) && (q.dtype(4) != DType::kF32 || q.dtype(5) != DType::kF32)) return "f32 only";
  if (q.has_attr("softmax_precision") && q.attr_int("softmax_precision") != static_cast<int64_t>(DType::kF32))
    return "softmax_precision must be float";
  for (int i = 0; i < 3; ++i)
    if (q.rank(i) < 3) return "the ranks of Q, K and V are not known";
  return kAccept;
}

}  // namespace

SDX_KERNEL(cpu, Attention, f32) = {.priority = 10, .refuse = refuse, .make = make_kernel<Attention>};

}  // namespace sardonyx
