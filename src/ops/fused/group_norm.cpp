// ai.sardonyx.GroupNormalization: statistics per sample and group of channels of channels-last tensors [N, spatial...,
// C], then scale, bias and an activation. num_groups 0: every channel is a group, as in InstanceNormalization.
#include "ops/eltwise.h"
#include "ops/fused/activation.h"
#include "ops/fused/channels_last.h"
#include "ops/infer.h"
#include "ops/nn/window.h"

namespace sardonyx {
namespace {

constexpr ParamDef kIn[] = {{"X", "T"}, {"scale", "T"}, {"bias", "T"}};
constexpr AttrDef kAttrs[] = {attr_float("epsilon", 1e-05), attr_int("num_groups", 0), kActivationAttr, kActivationP0,
                              kActivationP1};

Status infer(InferCtx& c) {
  SDX_TRY(Shape x, c.shape(0));
  SDX_RETURN_IF_ERROR(require_min_rank(c, x, 2, "X"));
  const int64_t groups = c.attr_int("num_groups");
  if (groups < 0) return fail(Code::kAttr, "num_groups is ", groups, "; it must not be negative");
  if (groups > 0 && x.back().known() && x.back().value() % groups != 0)
    return c.shape_error("X is ", c.text(x), "; its ", x.back().value(),
                         " channels must be a multiple of num_groups=", groups);
  SDX_RETURN_IF_ERROR(check_channel_vector(c, 1, "scale", x.back()));
  SDX_RETURN_IF_ERROR(check_channel_vector(c, 2, "bias", x.back()));
  return c.set(0, c.dtype(0), std::move(x));
}

Status expand(BodyCtx& b) {
  if (!b.fact(b.in(0)).has_rank) return fail(Code::kNoKernel, "the rank of X is not known");
  const BodyCtx::Ref x = transpose_to_first(b, b.in(0));
  std::vector<Attr> attrs = {Attr::of_float("epsilon", b.attr_float("epsilon"))};
  const int64_t groups = b.attr_int("num_groups");
  if (groups > 0) attrs.push_back(Attr::of_int("num_groups", groups));
  const std::string_view op = groups > 0 ? "GroupNormalization" : "InstanceNormalization";
  const BodyCtx::Ref y = transpose_to_last(b, b.op(op, {x, b.in(1), b.in(2)}, std::move(attrs)));
  return b.outputs({apply_activation(b, y)});
}

}  // namespace

SDX_OP(sdx_GroupNormalization) = {.name = "GroupNormalization",
                                  .domain = "ai.sardonyx",
                                  .since = 1,
                                  .types = kFloatT,
                                  .inputs = kIn,
                                  .outputs = kOutY,
                                  .attrs = kAttrs,
                                  .infer = infer,
                                  .expand = expand};

}  // namespace sardonyx
