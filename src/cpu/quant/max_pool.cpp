// Max pools over bytes: channels-last inside, all channels of a pixel at once.
#include <algorithm>

#include "base/checked.h"
#include "cpu/nn/pool_f32.h"
#include "simd/move.h"
#include "simd/qgemm_kernel.h"

namespace sardonyx {
namespace {

struct Work {
  simd::PoolArgs pool;
  simd::MovePlan in, out;
  bool moves_in, moves_out;
  size_t y_at;
};

class MaxPoolBytes final : public Kernel {
 public:
  MaxPoolBytes(const KernelQuery& q, bool channels_last) : last_(channels_last), signed_(q.dtype(0) == DType::kI8) {
    node_.op = &q.op();
    node_.attrs = q.node().attrs;
  }

  Status prepare(PrepareCtx& c) const override {
    Work& w = c.work<Work>();
    w = {};
    SDX_TRY(w.pool, pool_geometry(node_, false, last_, c.in_dims(0), c.out_dims(0)));
    const simd::PoolArgs& p = w.pool;
    const int64_t in = p.in[0] * p.in[1] * p.in[2], out = p.out[0] * p.out[1] * p.out[2];
    size_t scratch = 0;
    if (!last_) {
      const int swap[] = {0, 2, 1};
      const int64_t from[] = {p.batch, p.channels, in}, to[] = {p.batch, out, p.channels};
      w.moves_in = p.channels > 1 && in > 1, w.moves_out = p.channels > 1 && out > 1;
      if (w.moves_in) simd::plan_transpose(w.in, 1, 3, from, swap);
      if (w.moves_out) simd::plan_transpose(w.out, 1, 3, to, swap);
      w.y_at = w.moves_in ? round_up(static_cast<size_t>(c.in_count(0)), kAlignment) : 0;
      scratch = w.y_at + (w.moves_out ? static_cast<size_t>(c.out_count(0)) : 0);
    }
    const int64_t taps = p.kernel[0] * p.kernel[1] * p.kernel[2];
    c.tasks(c.out_count(0) ? p.batch * p.out[0] * p.out[1] : 0, static_cast<double>(p.out[2] * p.channels * taps) / 16);
    c.scratch(scratch);
    c.scratch_per_thread(static_cast<size_t>(taps) * sizeof(const uint8_t*));
    return {};
  }

  Status run(RunCtx& c) const override {
    const Work& w = c.work<Work>();
    if (c.out_count(0) == 0) return {};
    const uint8_t* x = c.in<uint8_t>(0);
    uint8_t* y = c.out<uint8_t>(0);
    if (w.moves_in) x = move(c, w.in, x, reinterpret_cast<uint8_t*>(c.scratch()));
    if (w.moves_out) y = reinterpret_cast<uint8_t*>(c.scratch() + w.y_at);
    c.parallel([&](Range r, int thread) {
      const uint8_t** taps = reinterpret_cast<const uint8_t**>(c.scratch(thread));
      for (int64_t t = r.begin; t < r.end; ++t) row(w.pool, x, y, t, taps);
    });
    if (w.moves_out) move(c, w.out, y, c.out<uint8_t>(0));
    return {};
  }

 private:
  void row(const simd::PoolArgs& p, const uint8_t* x, uint8_t* y, int64_t index, const uint8_t** taps) const {
    const int64_t h = index % p.out[1], d = index / p.out[1] % p.out[0], n = index / p.out[1] / p.out[0];
    const uint8_t* image = x + n * p.in[0] * p.in[1] * p.in[2] * p.channels;
    for (int64_t w = 0; w < p.out[2]; ++w) {
      const int64_t at[3] = {d * p.stride[0] - p.pad_begin[0], h * p.stride[1] - p.pad_begin[1],
                             w * p.stride[2] - p.pad_begin[2]};
      int64_t count = 0;
      for (int64_t i = 0; i < p.kernel[0]; ++i) {
        const int64_t id = at[0] + i * p.dilation[0];
        if (id < 0 || id >= p.in[0]) continue;
        for (int64_t j = 0; j < p.kernel[1]; ++j) {
          const int64_t ih = at[1] + j * p.dilation[1];
          if (ih < 0 || ih >= p.in[1]) continue;
          for (int64_t l = 0; l < p.kernel[2]; ++l) {
            const int64_t iw = at[2] + l * p.dilation[2];
            if (iw >= 0 && iw < p.in[2]) taps[count++] = image + ((id * p.in[1] + ih) * p.in[2] + iw) * p.channels;
          }
        }
      }
      simd::qgemm().max(taps, count, p.channels, signed_ ? 0x80 : 0, y + (index * p.out[2] + w) * p.channels);
    }
  }

  static const uint8_t* move(RunCtx& c, const simd::MovePlan& plan, const uint8_t* from, uint8_t* to) {
    const auto part = [&](Range r, int) { simd::run_move(plan, from, to, r.begin, r.end); };
    if (c.pool())
      c.pool()->parallel_for(plan.tasks, std::max<int64_t>(1, 65536 / std::max<int64_t>(1, plan.task_elements)), part);
    else
      part({0, plan.tasks}, 0);
    return to;
  }

  bool last_, signed_;
  Node node_;  // attributes only
};

Reason refuse_bytes(const KernelQuery& q) {
  if (q.dtype(0) != DType::kU8 && q.dtype(0) != DType::kI8) return "bytes only";
  if (q.wants(1)) return "indices are not computed here";
  return q.rank(0) < 3 || q.rank(0) > 5 ? Reason("one to three spatial axes") : kAccept;
}

}  // namespace

SDX_KERNEL(cpu, MaxPool, bytes) = {
    .priority = 10, .refuse = refuse_bytes, .make = [](const KernelQuery& q) -> Result<KernelPtr> {
      return KernelPtr(new MaxPoolBytes(q, false));
    }};
SDX_KERNEL(cpu, sdx_MaxPool, bytes) = {
    .priority = 10, .refuse = refuse_bytes, .make = [](const KernelQuery& q) -> Result<KernelPtr> {
      return KernelPtr(new MaxPoolBytes(q, true));
    }};

}  // namespace sardonyx
