// Softmax, LogSoftmax and Hardmax along one axis.
#include "ir/body_ctx.h"
#include "ops/eltwise.h"

namespace sardonyx {
namespace {

using Ref = BodyCtx::Ref;

constexpr AttrDef kAttrs[] = {attr_int("axis", -1)};

Status infer(InferCtx& c) {
  SDX_TRY(Shape x, c.shape(0));
  SDX_TRY([[maybe_unused]] int axis, c.axis(c.attr_int("axis"), static_cast<int>(x.size())));
  return c.set(0, c.dtype(0), std::move(x));
}

Ref shifted(BodyCtx& b, Ref axes) { return b.op("Sub", {b.in(0), b.op("ReduceMax", {b.in(0), axes})}); }
Status expand_softmax(BodyCtx& b) {
  const Ref axes = b.ints({b.attr_int("axis")});
  const Ref e = b.op("Exp", {shifted(b, axes)});
  return b.outputs({b.op("Div", {e, b.op("ReduceSum", {e, axes})})});
}
Status expand_log_softmax(BodyCtx& b) {
  const Ref axes = b.ints({b.attr_int("axis")});
  const Ref x = shifted(b, axes);
  return b.outputs({b.op("Sub", {x, b.op("Log", {b.op("ReduceSum", {b.op("Exp", {x}), axes})})})});
}
Status expand_hardmax(BodyCtx& b) {
  const int64_t axis = b.attr_int("axis");
  const Ref best = b.op("ArgMax", {b.in(0)}, {Attr::of_int("axis", axis), Attr::of_int("keepdims", 0)});
  const Ref depth = b.op("Gather", {b.op("Shape", {b.in(0)}), b.int_scalar(axis)});
  const Ref values = b.op("CastLike", {b.ints({0, 1}), b.in(0)});
  return b.outputs({b.op("OneHot", {best, depth, values}, {Attr::of_int("axis", axis)})});
}

// Before opset 13 the axes from `axis` (default 1) on were one row: compute on the flattened matrix, then restore the
// extents.
Status rows_from_axis(UpgradeCtx& u, const Upgrade&) {
  const Attr* given = u.attr("axis");
  const int64_t axis = given != nullptr ? given->i : 1;
  const Attr last = Attr::of_int("axis", -1);
  if (u.has(0) && u.fact(0).has_rank) {
    const int64_t rank = static_cast<int64_t>(u.fact(0).shape.size());
    if (axis < -rank || axis >= rank)
      return fail(Code::kRange, "axis ", axis, " is outside [", -rank, ",", rank - 1, "], the input has rank ", rank);
    if (axis == rank - 1 || axis == -1) {
      u.set_attr(last);
      return {};
    }
  }
  const ValueId x = u.draft().inputs[0];
  SDX_TRY(ValueId extents, u.emit("Shape", {x}));
  SDX_TRY(ValueId rows, u.emit("Flatten", {x}, {Attr::of_int("axis", axis)}));
  u.set_input(0, rows);
  u.set_attr(last);
  return u.then("Reshape", {extents}, {Attr::of_int("allowzero", 1)});
}
constexpr Upgrade kHistory[] = {{13, rows_from_axis}};

constexpr OpDef along_axis(std::string_view name, Status (*expand)(BodyCtx&)) {
  return {.name = name,
          .since = 13,
          .types = kFloatT,
          .inputs = kInInput,
          .outputs = kOutOutput,
          .attrs = kAttrs,
          .infer = infer,
          .expand = expand,
          .history = kHistory};
}

}  // namespace

#define SDX_OP_SOFTMAX(Name, ...) SDX_OP(Name) = along_axis(#Name, __VA_ARGS__)

SDX_OP_SOFTMAX(Softmax, expand_softmax);
SDX_OP_SOFTMAX(LogSoftmax, expand_log_softmax);
SDX_OP_SOFTMAX(Hardmax, expand_hardmax);

}  // namespace sardonyx
