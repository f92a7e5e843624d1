#include "cpu/nn/pool_f32.h"

#include "base/checked.h"
#include "cpu/nn/convert_layout.h"
#include "ops/nn/window.h"
#include "simd/pool.h"

namespace sardonyx {
namespace {

struct Work {
  simd::PoolArgs pool;
  int64_t tasks;
  LayoutMove in, out;
  size_t x_at, y_at;
};

class PoolF32 final : public Kernel {
 public:
  PoolF32(const KernelQuery& q, bool average, bool channels_last) : average_(average), last_(channels_last) {
    node_.op = &q.op();
    node_.attrs = q.node().attrs;
  }

  Status prepare(PrepareCtx& c) const override {
    Work& w = c.work<Work>();
    w = {};
    SDX_TRY(w.pool, pool_geometry(node_, average_, last_, c.in_dims(0), c.out_dims(0)));
    size_t scratch = 0;
    if (!last_) {
      w.in = plan_to_channels_last(w.pool.batch, w.pool.channels, w.pool.in[0] * w.pool.in[1] * w.pool.in[2]);
      w.out = plan_to_channels_first(w.pool.batch, w.pool.channels, w.pool.out[0] * w.pool.out[1] * w.pool.out[2]);
      w.y_at = w.in.needed ? round_up(static_cast<size_t>(c.in_count(0)) * 4, kAlignment) : 0;
      scratch = w.y_at + (w.out.needed ? static_cast<size_t>(c.out_count(0)) * 4 : 0);
    }
    w.tasks = c.out_count(0) ? simd::pool_tasks(w.pool) : 0;
    const double taps = static_cast<double>(w.pool.kernel[0] * w.pool.kernel[1] * w.pool.kernel[2]);
    c.tasks(w.tasks, w.tasks ? static_cast<double>(c.out_count(0)) * taps / static_cast<double>(w.tasks) / 4 : 0);
    c.scratch(scratch);
    return {};
  }

  Status run(RunCtx& c) const override {
    const Work& w = c.work<Work>();
    if (w.tasks == 0) return {};
    simd::PoolArgs p = w.pool;
    p.x = c.in<float>(0);
    p.y = c.out<float>(0);
    if (w.in.needed) {
      float* x = reinterpret_cast<float*>(c.scratch());
      run_layout(c, w.in, p.x, x);
      p.x = x;
    }
    if (w.out.needed) p.y = reinterpret_cast<float*>(c.scratch() + w.y_at);
    c.parallel([&](Range r, int) { simd::pool_run(simd::conv(), p, r.begin, r.end); });
    if (w.out.needed) run_layout(c, w.out, p.y, c.out<float>(0));
    return {};
  }

 private:
  bool average_, last_;
  Node node_;  // attributes only
};

}  // namespace

Result<simd::PoolArgs> pool_geometry(const Node& node, bool average, bool channels_last, const Extents& x,
                                     const Extents& y) {
  const size_t spatial = x.size() - 2, first = channels_last ? 1 : 2;
  SDX_CHECK(spatial <= 3);
  SDX_TRY(const Window window, read_window(node, spatial));
  simd::PoolArgs p;
  p.average = average;
  const Attr* count = node.find_attr("count_include_pad");
  p.count_padding = count && count->i != 0;
  p.batch = x[0];
  p.channels = channels_last ? x.back() : x[1];
  p.x_ld = p.y_ld = p.channels;
  for (size_t a = 0; a < spatial; ++a) {
    const size_t k = a + 3 - spatial;
    p.in[k] = x[first + a], p.out[k] = y[first + a];
    p.kernel[k] = window.kernel[a], p.stride[k] = window.strides[a], p.dilation[k] = window.dilations[a];
    const Padding pad = window_padding(window, a, p.in[k], p.kernel[k]);
    p.pad_begin[k] = pad.begin, p.pad_end[k] = pad.end;
  }
  return p;
}

Reason refuse_pool_f32(const KernelQuery& q) {
  if (q.dtype(0) != DType::kF32) return "f32 only";
  if (q.wants(1)) return "indices are not computed here";
  if (q.rank(0) < 0 && q.attr_ints("kernel_shape").size() > 3) return "at most three spatial axes";
  return q.rank(0) > 5 ? Reason("at most three spatial axes") : kAccept;
}

Result<KernelPtr> make_pool_f32(const KernelQuery& q, bool average, bool channels_last) {
  return KernelPtr(new PoolF32(q, average, channels_last));
}

}  // namespace sardonyx
