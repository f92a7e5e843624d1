// Global pools: one value per channel. The bodies are reductions over the spatial axes.
#include "ir/body_ctx.h"
#include "ops/eltwise.h"
#include "ops/infer.h"
#include "ops/nn/whole_p.h"

namespace sardonyx {
namespace {

using Ref = BodyCtx::Ref;

constexpr AttrDef kLpAttrs[] = {attr_int("p", 2)};

Status infer(InferCtx& c) {
  SDX_TRY(Shape x, c.shape(0));
  SDX_RETURN_IF_ERROR(require_min_rank(c, x, 2, "X"));
  for (size_t a = 2; a < x.size(); ++a) x[a] = 1;
  return c.set(0, c.dtype(0), std::move(x));
}
Status infer_lp(InferCtx& c) {
  if (c.attr_int("p") < 1) return fail(Code::kAttr, "p is ", c.attr_int("p"), "; it must be positive");
  return infer(c);
}

// Axes from 2 on; computed where the rank is not known, which planning does.
Ref spatial_axes(BodyCtx& b) {
  const Ref x = b.in(0);
  if (!b.fact(x).has_rank) return b.op("Range", {b.int_scalar(2), b.op("Size", {b.op("Shape", {x})}), b.int_scalar(1)});
  std::vector<int64_t> axes;
  for (size_t a = 2; a < b.fact(x).shape.size(); ++a) axes.push_back(static_cast<int64_t>(a));
  return b.ints(axes);
}
// Without spatial axes nothing is reduced.
Ref reduced(BodyCtx& b, std::string_view op, Ref x) {
  return b.op(op, {x, spatial_axes(b)}, {Attr::of_int("noop_with_empty_axes", 1)});
}
Status expand_average(BodyCtx& b) { return b.outputs({reduced(b, "ReduceMean", b.in(0))}); }
Status expand_max(BodyCtx& b) { return b.outputs({reduced(b, "ReduceMax", b.in(0))}); }
Status expand_lp(BodyCtx& b) {
  const Ref x = b.in(0);
  const double p = static_cast<double>(b.attr_int("p"));
  if (p == 1) return b.outputs({reduced(b, "ReduceSum", b.op("Abs", {x}))});
  const Ref sum = reduced(b, "ReduceSum", b.op("Pow", {b.op("Abs", {x}), b.scalar(p, x)}));
  return b.outputs({b.op("Pow", {sum, b.scalar(1 / p, x)})});
}

constexpr OpDef global_pool(std::string_view name, Status (*expand)(BodyCtx&)) {
  return {
      .name = name, .since = 22, .types = kFloatT, .inputs = kInX, .outputs = kOutY, .infer = infer, .expand = expand};
}

}  // namespace

#define SDX_OP_GLOBAL_POOL(Name, ...) SDX_OP(Name) = global_pool(#Name, __VA_ARGS__)

SDX_OP_GLOBAL_POOL(GlobalAveragePool, expand_average);
SDX_OP_GLOBAL_POOL(GlobalMaxPool, expand_max);

SDX_OP(GlobalLpPool) = {.name = "GlobalLpPool",
                        .since = 22,
                        .types = kFloatT,
                        .inputs = kInX,
                        .outputs = kOutY,
                        .attrs = kLpAttrs,
                        .infer = infer_lp,
                        .expand = expand_lp,
                        .history = kWholePHistory};

}  // namespace sardonyx
