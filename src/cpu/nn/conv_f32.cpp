#include "cpu/nn/conv_f32.h"

#include "base/checked.h"
#include "cpu/nn/conv_geometry.h"
#include "cpu/nn/convert_layout.h"
#include "ops/nn/window.h"
#include "simd/choose.h"
#include "simd/conv.h"

namespace sardonyx {
namespace {

struct Work {
  simd::ConvArgs conv;
  int64_t conv_tasks;
  LayoutMove in, out, residual;
  size_t x_at, y_at, residual_at, w_at;  // byte offsets into the shared scratch
};

int64_t pixels(const int64_t* d) { return d[0] * d[1] * d[2]; }

class ConvF32 final : public Kernel {
 public:
  ConvF32(const KernelQuery& q, const ConvSpec& spec, BufferPtr packed)
      : spec_(spec), packed_(std::move(packed)), table_(simd::conv()) {
    node_.op = &q.op();
    node_.attrs = q.node().attrs;
  }

  Status prepare(PrepareCtx& c) const override {
    Work& w = c.work<Work>();
    w = {};
    SDX_TRY(w.conv,
            conv_geometry(node_, spec_.transposed, spec_.channels_last, c.in_dims(0), c.in_dims(1), c.out_dims(0)));
    simd::ConvArgs& g = w.conv;
    g.ep.act = spec_.act, g.ep.p0 = spec_.p0, g.ep.p1 = spec_.p1, g.ep.residual_ld = g.out_channels;
    size_t scratch = 0;
    const auto book = [&scratch](size_t bytes) {
      const size_t at = scratch;
      scratch += round_up(bytes, kAlignment);
      return at;
    };
    if (!spec_.channels_last) {
      w.in = plan_to_channels_last(g.batch, g.in_channels, pixels(g.in));
      w.out = plan_to_channels_first(g.batch, g.out_channels, pixels(g.out));
      w.residual = plan_to_channels_last(g.batch, g.out_channels, pixels(g.out));
    }
    if (w.in.needed) w.x_at = book(static_cast<size_t>(c.in_count(0)) * 4);
    if (w.out.needed) w.y_at = book(static_cast<size_t>(c.out_count(0)) * 4);
    if (w.residual.needed && spec_.residual >= 0) w.residual_at = book(static_cast<size_t>(c.out_count(0)) * 4);
    if (!packed_) w.w_at = book(simd::conv_packed_weight_bytes(table_, g));
    w.conv_tasks = c.out_count(0) ? simd::conv_tasks(table_, g) : 0;
    const double flops = static_cast<double>(c.out_count(0)) * static_cast<double>(c.in_count(1)) /
                         static_cast<double>(std::max<int64_t>(1, spec_.transposed ? c.in_dims(1)[0] : g.out_channels));
    c.tasks(w.conv_tasks, w.conv_tasks ? flops / static_cast<double>(w.conv_tasks) / 8 : 0);
    c.scratch(scratch);
    c.scratch_per_thread(w.conv_tasks ? simd::conv_scratch_bytes(table_, g) : 0);
    return {};
  }

  Status run(RunCtx& c) const override {
    const Work& w = c.work<Work>();
    if (w.conv_tasks == 0) return {};
    simd::ConvArgs g = w.conv;
    g.x = c.in<float>(0);
    g.y = c.out<float>(0);
    g.packed_w = packed_ ? static_cast<const float*>(packed_->data()) : pack_now(c, w);
    if (c.has(spec_.bias)) g.ep.col_bias = c.in<float>(spec_.bias);
    if (spec_.residual >= 0 && c.has(spec_.residual)) g.ep.residual = c.in<float>(spec_.residual);
    if (w.in.needed) {
      float* x = reinterpret_cast<float*>(c.scratch() + w.x_at);
      run_layout(c, w.in, g.x, x);
      g.x = x;
    }
    if (w.out.needed) {
      g.y = reinterpret_cast<float*>(c.scratch() + w.y_at);
      if (g.ep.residual) {
        float* r = reinterpret_cast<float*>(c.scratch() + w.residual_at);
        run_layout(c, w.residual, g.ep.residual, r);
        g.ep.residual = r;
      }
    }
    c.parallel([&](Range r, int thread) { simd::conv_run(table_, g, r.begin, r.end, c.scratch(thread)); });
    if (w.out.needed) run_layout(c, w.out, g.y, c.out<float>(0));
    return {};
  }

 private:
  const float* pack_now(RunCtx& c, const Work& w) const {
    float* dst = reinterpret_cast<float*>(c.scratch() + w.w_at);
    const float* weights = c.in<float>(1);
    const auto part = [&](Range r, int) { simd::conv_pack_weights(table_, w.conv, weights, r.begin, r.end, dst); };
    const int64_t tasks = simd::conv_pack_tasks(table_, w.conv);
    if (c.pool())
      c.pool()->parallel_for(tasks, 1, part);
    else
      part({0, tasks}, 0);
    return dst;
  }

  ConvSpec spec_;
  Node node_;  // attributes only
  BufferPtr packed_;
  const simd::ConvTable& table_;
};

Extents known_dims(const Fact& f) {
  Extents d;
  for (Dim x : f.shape)
    if (x.known()) d.push_back(x.value());
  return d.size() == f.shape.size() && f.has_rank ? d : Extents();
}

// Packing a convolution does not depend on the spatial extents, so it can be done before they are known; that of a
// transposed one does: without them it is left to each run.
Result<BufferPtr> pack_weights(const KernelQuery& q, const ConvSpec& spec) {
  const Tensor& w = *q.constant(1);
  const simd::ConvTable& f = simd::conv();
  simd::ConvArgs g;
  if (spec.transposed) {
    const Extents x = known_dims(q.in(0)), y = known_dims(q.out(0));
    if (x.empty() || y.empty()) return BufferPtr();
    SDX_TRY(g, conv_geometry(q.node(), true, spec.channels_last, x, w.dims(), y));
    const std::string layout =
        cat("conv_t:", simd::target_name(simd::best_target()), ":", to_string(x), to_string(y), ":g", g.groups, ":p",
            g.pad_begin[0], ",", g.pad_begin[1], ",", g.pad_begin[2], ":s", g.stride[0], ",", g.stride[1], ",",
            g.stride[2], ":d", g.dilation[0], ",", g.dilation[1], ",", g.dilation[2]);
    return q.pack(1, layout, simd::conv_packed_weight_bytes(f, g), [&](void* dst) {
      simd::conv_pack_weights(f, g, w.as<float>(), 0, simd::conv_pack_tasks(f, g), static_cast<float*>(dst));
    });
  }
  g.groups = q.attr_int("group");
  g.transposed = spec.transposed;
  g.in_channels = spec.transposed ? w.dims()[0] : w.dims()[1] * g.groups;
  g.out_channels = spec.transposed ? w.dims()[1] * g.groups : w.dims()[0];
  SDX_TRY(const Window window, read_window(q.node(), w.dims().size() - 2));
  const size_t spatial = w.dims().size() - 2;
  for (size_t a = 0; a < spatial; ++a) {
    const size_t k = a + 3 - spatial;
    g.kernel[k] = w.dims()[a + 2];
    g.stride[k] = window.strides[a];
    g.dilation[k] = window.dilations[a];
  }
  const std::string layout = cat("conv_w:", simd::target_name(simd::best_target()), ":g", g.groups,
                                 spec.transposed ? ":t" : "", ":s", g.stride[0], ",", g.stride[1], ",", g.stride[2]);
  return q.pack(1, layout, simd::conv_packed_weight_bytes(f, g), [&](void* dst) {
    const auto part = [&](Range r, int) {
      simd::conv_pack_weights(f, g, w.as<float>(), r.begin, r.end, static_cast<float*>(dst));
    };
    const int64_t tasks = simd::conv_pack_tasks(f, g);
    if (q.pool() && w.count() > 65536)
      q.pool()->parallel_for(tasks, 1, part);
    else
      part({0, tasks}, 0);
  });
}

}  // namespace

Reason refuse_conv_f32(const KernelQuery& q) {
  if (q.dtype(0) != DType::kF32) return "f32 only";
  const int rank = q.rank(1) >= 0 ? q.rank(1) : q.rank(0);
  if (rank < 0) return "the rank is unknown";
  if (rank > 5) return "at most three spatial axes";
  return kAccept;
}

Result<KernelPtr> make_conv_f32(const KernelQuery& q, const ConvSpec& spec) {
  BufferPtr packed;
  if (const Tensor* w = q.constant(1); w && w->count() > 0) {
    SDX_TRY(packed, pack_weights(q, spec));
  }
  return KernelPtr(new ConvF32(q, spec, std::move(packed)));
}

}  // namespace sardonyx
