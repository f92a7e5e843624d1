// ConvDirect: convolutions of few channels with constant weights over simd/conv_direct: channels-first, or
// channels-last output from either layout.
#include "simd/conv_direct.h"

#include <algorithm>

#include "cpu/common/activation.h"
#include "cpu/nn/conv_f32.h"
#include "cpu/nn/conv_geometry.h"
#include "ops/fused/conv_layout.h"
#include "simd/choose.h"

namespace sardonyx {
namespace {

struct Work {
  simd::ConvArgs conv;
  simd::DirectPlan plan;
};

// The extents of x as conv_geometry() reads them: in y's layout.
Extents in_layout(const Extents& x, bool x_last, bool y_last) {
  Extents moved = x;
  if (y_last && !x_last) std::rotate(moved.begin() + 1, moved.begin() + 2, moved.end());
  if (x_last && !y_last) std::rotate(moved.begin() + 1, moved.end() - 1, moved.end());
  return moved;
}

class ConvDirect final : public Kernel {
 public:
  ConvDirect(const KernelQuery& q, const ConvSpec& spec, bool x_last, BufferPtr packed)
      : spec_(spec), x_last_(x_last), packed_(std::move(packed)), table_(simd::conv_direct()) {
    node_.op = &q.op();
    node_.attrs = q.node().attrs;
  }

  Status prepare(PrepareCtx& c) const override {
    Work& w = c.work<Work>();
    const bool y_last = spec_.channels_last;
    SDX_TRY(w.conv,
            conv_geometry(node_, false, y_last, in_layout(c.in_dims(0), x_last_, y_last), c.in_dims(1), c.out_dims(0)));
    simd::ConvArgs& g = w.conv;
    g.ep.act = spec_.act, g.ep.p0 = spec_.p0, g.ep.p1 = spec_.p1;
    w.plan = simd::plan_direct(table_, g, x_last_, y_last);
    const double products = static_cast<double>(c.out_count(0)) * static_cast<double>(elements(c.in_dims(1))) /
                            static_cast<double>(std::max<int64_t>(1, g.out_channels));
    c.tasks(w.plan.tasks, w.plan.tasks ? products / static_cast<double>(w.plan.tasks) / 8 : 0);
    c.scratch_per_thread(w.plan.scratch_bytes);
    return {};
  }

  Status run(RunCtx& c) const override {
    const Work& w = c.work<Work>();
    if (w.plan.tasks == 0) return {};
    simd::ConvArgs g = w.conv;
    g.x = c.in<float>(0);
    g.y = c.out<float>(0);
    g.packed_w = static_cast<const float*>(packed_->data());
    if (c.has(spec_.bias)) g.ep.col_bias = c.in<float>(spec_.bias);
    if (spec_.residual >= 0 && c.has(spec_.residual)) g.ep.residual = c.in<float>(spec_.residual);
    c.parallel([&](Range r, int thread) { simd::direct_run(table_, g, w.plan, r.begin, r.end, c.scratch(thread)); });
    return {};
  }

 private:
  ConvSpec spec_;
  bool x_last_;
  Node node_;  // attributes only
  BufferPtr packed_;
  const simd::DirectTable& table_;
};

ConvSizes sizes_of(const KernelQuery& q, bool y_last) {
  const Extents& w = q.constant(1)->dims();
  ConvSizes s;
  s.groups = q.attr_int("group");
  s.out_channels = w[0], s.in_channels = w[1] * s.groups, s.kernel_w = w.back();
  for (size_t a = 2; a < w.size(); ++a) s.taps *= w[a];
  const Shape& y = q.out(0).shape;
  if (q.out(0).has_rank && y.size() >= 3) {
    const Dim width = y[y.size() - (y_last ? 2 : 1)];
    if (width.known()) s.out_width = width.value();
  }
  return s;
}

// Reasons that hold in every layout.
Reason refuse_any(const KernelQuery& q) {
  if (q.dtype(0) != DType::kF32) return "f32 only";
  const Tensor* w = q.constant(1);
  if (w == nullptr || w->count() == 0) return "the weights are not constant";
  if (w->rank() < 3 || w->rank() > 4) return "one or two spatial axes";
  const int64_t groups = q.attr_int("group");
  return groups < 1 || w->dims()[0] % groups != 0 ? Reason("the groups are not even") : kAccept;
}
Reason refuse_planes(const KernelQuery& q) {
  if (const Reason r = refuse_any(q); !r.empty()) return r;
  const ConvSizes s = sizes_of(q, false);
  if (s.kernel_w > kMaxPlaneColumns) return "too many columns in the kernel";
  return suits_planes(s) || suits_first_layer(s) ? kAccept : Reason("too many channels");
}

bool fused_x_last(const KernelQuery& q) { return q.attr_int("channels_last") != 0 && q.attr_int("input_first") == 0; }
bool fused_y_last(const KernelQuery& q) { return q.attr_int("channels_last") != 0 && q.attr_int("output_first") == 0; }

Reason refuse_fused(const KernelQuery& q) {
  if (!act_of(q)) return "this activation is not fused";
  const bool x_last = fused_x_last(q), y_last = fused_y_last(q);
  if (x_last && y_last) return "the input is channels-last";
  if (!x_last && !y_last) return refuse_planes(q);
  if (const Reason r = refuse_any(q); !r.empty()) return r;
  if (y_last) return q.attr_int("group") == 1 ? kAccept : Reason("channels-last only without groups");
  return sizes_of(q, false).kernel_w <= kMaxPlaneColumns ? kAccept : Reason("too many columns in the kernel");
}
Reason refuse_rows(const KernelQuery& q) {
  if (!act_of(q)) return "this activation is not fused";
  if (!fused_x_last(q) || !fused_y_last(q)) return "the input or the output is channels-first";
  if (const Reason r = refuse_any(q); !r.empty()) return r;
  return suits_copied_rows(sizes_of(q, true)) ? kAccept : Reason("too many channels");
}

Result<KernelPtr> make_direct(const KernelQuery& q, const ConvSpec& spec, bool x_last) {
  const Tensor& w = *q.constant(1);
  const Extents& dims = w.dims();
  const bool y_last = spec.channels_last;
  const simd::DirectTable& f = simd::conv_direct();
  simd::ConvArgs g;
  g.groups = q.attr_int("group");
  g.out_channels = dims[0], g.in_channels = dims[1] * g.groups;
  if (dims.size() == 4) g.kernel[1] = dims[2];
  g.kernel[2] = dims.back();
  const std::string layout = cat("conv_direct:", simd::target_name(simd::best_target()), ":g", g.groups,
                                 y_last ? x_last ? ":last" : ":mixed" : ":first");
  SDX_TRY(BufferPtr packed, q.pack(1, layout, simd::direct_packed_bytes(f, g, y_last), [&](void* dst) {
    simd::direct_pack(f, g, x_last, y_last, w.as<float>(), static_cast<float*>(dst));
  }));
  return KernelPtr(new ConvDirect(q, spec, x_last, std::move(packed)));
}

Result<KernelPtr> make_fused(const KernelQuery& q) {
  ConvSpec s;
  s.channels_last = fused_y_last(q);
  if (q.has(3)) s.residual = 3;
  s.act = *act_of(q), s.p0 = q.attr_float("p0"), s.p1 = q.attr_float("p1");
  return make_direct(q, s, fused_x_last(q));
}

}  // namespace

SDX_KERNEL(cpu, Conv, direct) = {
    .priority = 30, .refuse = refuse_planes, .make = [](const KernelQuery& q) { return make_direct(q, {}, false); }};
SDX_KERNEL(cpu, sdx_Conv, direct) = {.priority = 30, .refuse = refuse_fused, .make = make_fused};
SDX_KERNEL(cpu, sdx_Conv, rows) = {.priority = 15, .refuse = refuse_rows, .make = make_fused};

}  // namespace sardonyx
