// ConvWinograd: 3x3 convolutions over simd/winograd. The choice is made once, from the picture's extents; the batch may
// be unknown, and counts as 1.
#include "base/checked.h"
#include "cpu/nn/conv_f32.h"
#include "cpu/nn/conv_geometry.h"
#include "simd/choose.h"
#include "simd/winograd.h"

namespace sardonyx {
namespace {

struct Work {
  simd::ConvArgs conv;
  simd::WinogradPlan plan;
};

class ConvWinograd final : public Kernel {
 public:
  ConvWinograd(const KernelQuery& q, const ConvSpec& spec, int tile, BufferPtr packed)
      : spec_(spec), tile_(tile), packed_(std::move(packed)), table_(simd::conv()) {
    node_.op = &q.op();
    node_.attrs = q.node().attrs;
  }

  Status prepare(PrepareCtx& c) const override {
    Work& w = c.work<Work>();
    SDX_TRY(w.conv, conv_geometry(node_, false, true, c.in_dims(0), c.in_dims(1), c.out_dims(0)));
    simd::ConvArgs& g = w.conv;
    g.ep.act = spec_.act, g.ep.p0 = spec_.p0, g.ep.p1 = spec_.p1, g.ep.residual_ld = g.out_channels;
    w.plan = simd::plan_winograd(table_, g, tile_);
    const double side = tile_ + 2, products = static_cast<double>(w.plan.tiles) * side * side *
                                              static_cast<double>(g.in_channels) * static_cast<double>(g.out_channels);
    c.tasks(w.plan.tasks, w.plan.tasks ? products / static_cast<double>(w.plan.tasks) / 8 : 0);
    c.scratch(w.plan.shared_bytes);
    c.scratch_per_thread(w.plan.thread_bytes);
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
    if (const int64_t n = w.plan.transform_tasks; n > 0) {
      const auto part = [&](Range r, int) { simd::winograd_transform(table_, g, w.plan, r.begin, r.end, c.scratch()); };
      if (c.pool())
        c.pool()->parallel_for(n, 1, part);
      else
        part({0, n}, 0);
    }
    c.parallel([&](Range r, int thread) {
      simd::winograd_run(table_, g, w.plan, r.begin, r.end, c.scratch(), c.scratch(thread));
    });
    return {};
  }

 private:
  ConvSpec spec_;
  int tile_;
  Node node_;  // attributes only
  BufferPtr packed_;
  const simd::ConvTable& table_;
};

// Extents as far as they are known: 1 for an unknown batch, 0 for others.
Extents known_extents(const Fact& f) {
  Extents d;
  for (size_t a = 0; a < f.shape.size(); ++a) d.push_back(f.shape[a].known() ? f.shape[a].value() : a == 0 ? 1 : 0);
  return d;
}

Result<simd::ConvArgs> geometry(const KernelQuery& q) {
  return conv_geometry(q.node(), false, true, known_extents(q.in(0)), q.constant(1)->dims(), known_extents(q.out(0)));
}

}  // namespace

Reason refuse_conv_winograd(const KernelQuery& q) {
  if (const Reason r = refuse_conv_f32(q); r != kAccept) return r;
  if (q.attr_int("channels_last") == 0) return "channels-last only";
  if (q.constant(1) == nullptr) return "the weights are not constant";
  if (q.rank(0) != 4) return "two spatial axes only";
  const Result<simd::ConvArgs> g = geometry(q);
  if (!g.ok()) return "the geometry is not known";
  const simd::WinogradChoice choice = simd::choose_winograd(simd::conv(), *g);
  return choice.tile ? kAccept : Reason(choice.reason);
}

Result<KernelPtr> make_conv_winograd(const KernelQuery& q, const ConvSpec& spec) {
  const Tensor& w = *q.constant(1);
  const simd::ConvTable& f = simd::conv();
  SDX_TRY(const simd::ConvArgs g, geometry(q));
  const int tile = simd::choose_winograd(f, g).tile;
  const std::string layout = cat("conv_winograd", tile, ":", simd::target_name(simd::best_target()));
  SDX_TRY(BufferPtr packed, q.pack(1, layout, simd::winograd_packed_weight_bytes(f, g, tile), [&](void* dst) {
    const auto part = [&](Range r, int) {
      simd::winograd_pack_weights(f, g, tile, w.as<float>(), r.begin, r.end, static_cast<float*>(dst));
    };
    const int64_t tasks = simd::winograd_pack_tasks(f, g);
    if (q.pool())
      q.pool()->parallel_for(tasks, 1, part);
    else
      part({0, tasks}, 0);
  }));
  return KernelPtr(new ConvWinograd(q, spec, tile, std::move(packed)));
}

}  // namespace sardonyx
