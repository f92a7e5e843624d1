// InstanceNormalization and GroupNormalization: statistics per sample and channel, or per sample and group of channels.
#include "ir/body_ctx.h"
#include "ops/eltwise.h"
#include "ops/infer.h"
#include "ops/nn/window.h"

namespace sardonyx {
namespace {

using Ref = BodyCtx::Ref;

constexpr ParamDef kInstanceIn[] = {{"input", "T"}, {"scale", "T"}, {"B", "T"}};
constexpr AttrDef kInstanceAttrs[] = {attr_float("epsilon", 1e-05)};
constexpr ParamDef kGroupIn[] = {{"X", "T"}, {"scale", "T"}, {"bias", "T"}};
constexpr AttrDef kGroupAttrs[] = {attr_float("epsilon", 1e-05), attr_required("num_groups", AttrType::kInt),
                                   attr_int("stash_type", 1)};

Status infer_instance(InferCtx& c) {
  SDX_TRY(Shape x, c.shape(0));
  SDX_RETURN_IF_ERROR(require_min_rank(c, x, 2, "input"));
  SDX_RETURN_IF_ERROR(check_channel_vector(c, 1, "scale", x[1]));
  SDX_RETURN_IF_ERROR(check_channel_vector(c, 2, "B", x[1]));
  return c.set(0, c.dtype(0), std::move(x));
}
Status infer_group(InferCtx& c) {
  SDX_TRY(Shape x, c.shape(0));
  SDX_RETURN_IF_ERROR(require_min_rank(c, x, 2, "X"));
  const int64_t groups = c.attr_int("num_groups");
  if (groups < 1) return fail(Code::kAttr, "num_groups is ", groups, "; it must be positive");
  if (x[1].known() && x[1].value() % groups != 0)
    return c.shape_error("X is ", c.text(x), "; its ", x[1].value(),
                         " channels must be a multiple of num_groups=", groups);
  SDX_RETURN_IF_ERROR(check_channel_vector(c, 1, "scale", x[1]));
  SDX_RETURN_IF_ERROR(check_channel_vector(c, 2, "bias", x[1]));
  return c.set(0, c.dtype(0), std::move(x));
}

// (x - mean) / sqrt(variance + epsilon) over the last axis.
Ref normalised(BodyCtx& b, Ref x) {
  const Ref axes = b.ints({-1});
  const Ref d = b.op("Sub", {x, b.op("ReduceMean", {x, axes})});
  const Ref var = b.op("ReduceMean", {b.op("Mul", {d, d}), axes});
  return b.op("Div", {d, b.op("Sqrt", {b.op("Add", {var, b.scalar(b.attr_float("epsilon"), x)})})});
}
// normalised * scale + bias, one pair per channel, in the extents of X. `y` is [N, channels, rest].
Status finish(BodyCtx& b, Ref y) {
  const Ref axis = b.ints({1});
  y = b.op("Mul", {y, b.op("Unsqueeze", {b.in(1), axis})});
  y = b.op("Add", {y, b.op("Unsqueeze", {b.in(2), axis})});
  return b.outputs({b.op("Reshape", {y, b.op("Shape", {b.in(0)})}, {Attr::of_int("allowzero", 1)})});
}

Status expand_instance(BodyCtx& b) {
  const DType type = b.dtype(0), inner = type == DType::kF64 ? type : DType::kF32;
  const Ref x = b.cast(b.op("Reshape", {b.in(0), b.ints({0, 0, -1})}), inner);
  return finish(b, b.cast(normalised(b, x), type));
}
Status expand_group(BodyCtx& b) {
  const DType type = b.dtype(0), stash = static_cast<DType>(b.attr_int("stash_type"));
  const Ref channels = b.op("Shape", {b.in(0)}, {Attr::of_int("start", 1), Attr::of_int("end", 2)});
  const Ref x = b.op("Reshape", {b.cast(b.in(0), stash), b.ints({0, b.attr_int("num_groups"), -1})});
  const Ref y = b.cast(normalised(b, x), type);
  const Ref shape = b.op("Concat", {b.ints({0}), channels, b.ints({-1})}, {Attr::of_int("axis", 0)});
  return finish(b, b.op("Reshape", {y, shape}));
}

// Before opset 21 scale and bias had one entry per group: each is repeated for the channels of its group.
Status per_group_parameters(UpgradeCtx& u, const Upgrade&) {
  const Attr* groups = u.attr("num_groups");
  if (groups == nullptr || !u.has(0)) return {};
  const auto ints = [&](int64_t v) { return u.ints(std::initializer_list<int64_t>{v}); };
  SDX_TRY(ValueId channels, u.emit("Shape", {u.draft().inputs[0]}, {Attr::of_int("start", 1), Attr::of_int("end", 2)}));
  SDX_TRY(ValueId size, u.emit("Div", {channels, ints(groups->i)}));
  SDX_TRY(ValueId row, u.emit("Concat", {ints(1), size}, {Attr::of_int("axis", 0)}));
  for (int i : {1, 2}) {
    if (!u.has(i)) continue;
    SDX_TRY(ValueId column, u.emit("Unsqueeze", {u.draft().inputs[static_cast<size_t>(i)], ints(1)}));
    SDX_TRY(ValueId repeated, u.emit("Expand", {column, row}));
    SDX_TRY(ValueId flat, u.emit("Reshape", {repeated, ints(-1)}));
    u.set_input(i, flat);
  }
  u.set_attr(Attr::of_int("stash_type", static_cast<int64_t>(u.fact(0).dtype())));
  return {};
}

constexpr Upgrade kInstanceHistory[] = {drop_consumed_inputs()};
constexpr Upgrade kGroupHistory[] = {{21, per_group_parameters}};

}  // namespace

SDX_OP(InstanceNormalization) = {.name = "InstanceNormalization",
                                 .since = 22,
                                 .types = kFloatT,
                                 .inputs = kInstanceIn,
                                 .outputs = kOutOutput,
                                 .attrs = kInstanceAttrs,
                                 .infer = infer_instance,
                                 .expand = expand_instance,
                                 .history = kInstanceHistory};

SDX_OP(GroupNormalization) = {.name = "GroupNormalization",
                              .since = 21,
                              .types = kFloatT,
                              .inputs = kGroupIn,
                              .outputs = kOutY,
                              .attrs = kGroupAttrs,
                              .infer = infer_group,
                              .expand = expand_group,
                              .history = kGroupHistory,
                              .first = 18};

}  // namespace sardonyx
