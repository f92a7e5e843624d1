// Activations: element-wise functions with attributes or a slope. All have bodies.
#include "ir/body_ctx.h"
#include "ops/eltwise.h"

namespace sardonyx {
namespace {

using Ref = BodyCtx::Ref;

constexpr TypeVar kSignedT[] = {{"T", kFloatTypes | kSignedTypes}};
constexpr TypeVar kSingleT[] = {{"T", mask_of(DType::kF32)}};
constexpr TypeVar kShrinkTypes[] = {
    {"T", kSignedTypes | kUnsignedTypes | mask_of(DType::kF16) | mask_of(DType::kF32) | mask_of(DType::kF64)}};
constexpr TypeVar kPReluTypes[] = {{"T", kFloatTypes | kIndexTypes | mask_of(DType::kU32) | mask_of(DType::kU64)}};
constexpr ParamDef kPReluIn[] = {{"X", "T"}, {"slope", "T"}};
constexpr AttrDef kAlphaOne[] = {attr_float("alpha", 1.0)};
constexpr AttrDef kLeakyReluAttrs[] = {attr_float("alpha", 0.01)};
constexpr AttrDef kSeluAttrs[] = {attr_float("alpha", 1.67326319217681884765625),
                                  attr_float("gamma", 1.05070102214813232421875)};
constexpr AttrDef kHardSigmoidAttrs[] = {attr_float("alpha", 0.2), attr_float("beta", 0.5)};
constexpr AttrDef kShrinkAttrs[] = {attr_float("bias", 0.0), attr_float("lambd", 0.5)};
constexpr AttrDef kGeluAttrs[] = {attr_string("approximate", "none")};

Ref alpha_of(BodyCtx& b) { return b.scalar(b.attr_float("alpha"), b.in(0)); }
// Y = negative where X < 0, else positive.
Status negative_or(BodyCtx& b, Ref negative, Ref positive) {
  const Ref is_negative = b.op("Less", {b.in(0), b.scalar(0, b.in(0))});
  return b.outputs({b.op("Where", {is_negative, negative, positive})});
}

Status expand_elu(BodyCtx& b) {
  const Ref x = b.in(0);
  const Ref tail = b.op("Sub", {b.op("Exp", {x}), b.scalar(1, x)});
  return negative_or(b, b.op("Mul", {alpha_of(b), tail}), x);
}
Status expand_selu(BodyCtx& b) {
  const Ref x = b.in(0), alpha = alpha_of(b), gamma = b.scalar(b.attr_float("gamma"), x);
  const Ref tail = b.op("Sub", {b.op("Mul", {alpha, b.op("Exp", {x})}), alpha});
  return negative_or(b, b.op("Mul", {gamma, tail}), b.op("Mul", {gamma, x}));
}
Status expand_celu(BodyCtx& b) {
  const Ref alpha = alpha_of(b);
  return b.outputs({b.op("Mul", {alpha, b.op("Elu", {b.op("Div", {b.in(0), alpha})})})});
}
Status expand_leaky_relu(BodyCtx& b) { return negative_or(b, b.op("Mul", {alpha_of(b), b.in(0)}), b.in(0)); }
Status expand_prelu(BodyCtx& b) { return negative_or(b, b.op("Mul", {b.in(1), b.in(0)}), b.in(0)); }
Status expand_thresholded_relu(BodyCtx& b) {
  const Ref x = b.in(0);
  return b.outputs({b.op("Where", {b.op("Less", {alpha_of(b), x}), x, b.scalar(0, x)})});
}
Status expand_hard_sigmoid(BodyCtx& b) {
  const Ref x = b.in(0);
  const Ref line = b.op("Add", {b.op("Mul", {x, alpha_of(b)}), b.scalar(b.attr_float("beta"), x)});
  return b.outputs({b.op("Max", {b.op("Min", {line, b.scalar(1, x)}), b.scalar(0, x)})});
}
// Integers are compared and shifted as doubles: lambd and bias are fractions.
Status expand_shrink(BodyCtx& b) {
  const DType type = b.dtype(0);
  const Ref x = is_float(type) ? b.in(0) : b.cast(b.in(0), DType::kF64);
  const Ref bias = b.scalar(b.attr_float("bias"), x);
  const float lambd = b.attr_float("lambd");
  const Ref above = b.op("Less", {b.scalar(lambd, x), x}), below = b.op("Less", {x, b.scalar(-lambd, x)});
  const Ref right = b.op("Where", {above, b.op("Sub", {x, bias}), b.scalar(0, x)});
  return b.outputs({b.cast(b.op("Where", {below, b.op("Add", {x, bias}), right}), type)});
}
// x/2 * (1 + erf(x / sqrt 2)), or the tanh approximation of it.
Status expand_gelu(BodyCtx& b) {
  const Ref x = b.in(0), one = b.scalar(1, x), half = b.scalar(0.5, x);
  Ref bell;
  if (b.attr_string("approximate") == "tanh") {
    const Ref cube = b.op("Mul", {b.op("Mul", {x, x}), x});
    const Ref inner = b.op("Add", {x, b.op("Mul", {b.scalar(0.044715, x), cube})});
    bell = b.op("Tanh", {b.op("Mul", {b.scalar(0.7978845608028654, x), inner})});
  } else {
    bell = b.op("Erf", {b.op("Mul", {x, b.scalar(0.7071067811865476, x)})});
  }
  return b.outputs({b.op("Mul", {b.op("Mul", {half, x}), b.op("Add", {one, bell})})});
}
Status expand_swish(BodyCtx& b) {
  const Ref x = b.in(0);
  return b.outputs({b.op("Mul", {x, b.op("Sigmoid", {b.op("Mul", {alpha_of(b), x})})})});
}
// max(x, 0) + log(1 + exp(-|x|)) overflows for no x.
Status expand_softplus(BodyCtx& b) {
  const Ref x = b.in(0);
  const Ref decay = b.op("Exp", {b.op("Neg", {b.op("Abs", {x})})});
  const Ref rest = b.op("Log", {b.op("Add", {b.scalar(1, x), decay})});
  return b.outputs({b.op("Add", {b.op("Max", {x, b.scalar(0, x)}), rest})});
}

Status infer_gelu(InferCtx& c) {
  const std::string_view how = c.attr_string("approximate");
  if (how != "none" && how != "tanh")
    return fail(Code::kAttr, "approximate is ", quoted(how), "; it must be \"none\" or \"tanh\"");
  return infer_like_first(c);
}
Status infer_prelu(InferCtx& c) {
  SDX_TRY(Shape x, c.shape(0));
  SDX_TRY(Shape slope, c.shape(1));
  SDX_RETURN_IF_ERROR(check_broadcasts_to(c, slope, x, "slope", "X"));
  return c.set(0, c.dtype(0), std::move(x));
}

// Opset 1 had shorter constants as defaults.
Status set_selu_defaults(UpgradeCtx& u, const Upgrade&) {
  if (u.attr("alpha") == nullptr) u.set_attr(Attr::of_float("alpha", 1.6732f));
  if (u.attr("gamma") == nullptr) u.set_attr(Attr::of_float("gamma", 1.0507f));
  return {};
}
// Before opset 7 a slope of rank 1 ran along axis 1. X of unknown rank is computed as [N,C,rest].
Status slope_along_channels(UpgradeCtx& u, const Upgrade&) {
  if (!u.has(0) || !u.has(1)) return {};
  const ValueId x = u.draft().inputs[0], slope = u.draft().inputs[1];
  if (!u.fact(1).has_rank || u.fact(1).shape.size() != 1) return {};
  if (u.fact(0).has_rank) {
    const int64_t rank = static_cast<int64_t>(u.fact(0).shape.size());
    if (rank <= 2) return {};
    std::vector<int64_t> axes;
    for (int64_t a = 1; a < rank - 1; ++a) axes.push_back(a);
    SDX_TRY(ValueId wide, u.emit("Unsqueeze", {slope, u.ints(axes)}));
    u.set_input(1, wide);
    return {};
  }
  SDX_TRY(ValueId extents, u.emit("Shape", {x}));
  SDX_TRY(ValueId flat, u.emit("Reshape", {x, u.ints(std::initializer_list<int64_t>{0, 0, -1})}));
  SDX_TRY(ValueId wide, u.emit("Unsqueeze", {slope, u.ints(std::initializer_list<int64_t>{1})}));
  u.set_input(0, flat);
  u.set_input(1, wide);
  return u.then("Reshape", {extents});
}

constexpr Upgrade kConsumed[] = {drop_consumed_inputs()};
constexpr Upgrade kSeluHistory[] = {drop_consumed_inputs(), {6, set_selu_defaults}};
constexpr Upgrade kPReluHistory[] = {drop_consumed_inputs(), {7, slope_along_channels}};

constexpr OpDef by_code(std::string_view name, int since, int first, Status (*expand)(BodyCtx&),
                        std::span<const AttrDef> attrs = {}, std::span<const Upgrade> history = {},
                        std::span<const TypeVar> types = kFloatT) {
  return {.name = name,
          .since = since,
          .types = types,
          .inputs = kInX,
          .outputs = kOutY,
          .attrs = attrs,
          .infer = infer_like_first,
          .expand = expand,
          .history = history,
          .first = first};
}
constexpr OpDef by_text(std::string_view name, int since, int first, std::string_view body,
                        std::span<const Upgrade> history = {}, std::span<const TypeVar> types = kFloatT) {
  OpDef def = by_code(name, since, first, nullptr, {}, history, types);
  def.body = body;
  return def;
}

}  // namespace

#define SDX_UNARY_TEXT(Name, ...) SDX_OP(Name) = by_text(#Name, __VA_ARGS__)
#define SDX_UNARY_CODE(Name, ...) SDX_OP(Name) = by_code(#Name, __VA_ARGS__)

SDX_UNARY_TEXT(Relu, 14, 1, "Y = Max(X, 0)", kConsumed, kSignedT);
SDX_UNARY_TEXT(HardSwish, 22, 14, "Y = X * Clip(X / 6 + 0.5, 0, 1)");
SDX_UNARY_TEXT(Mish, 22, 18, "Y = X * Tanh(Softplus(X))");
SDX_UNARY_CODE(Softplus, 22, 1, expand_softplus);
SDX_UNARY_CODE(Elu, 22, 1, expand_elu, kAlphaOne, kConsumed);
SDX_UNARY_CODE(Selu, 22, 1, expand_selu, kSeluAttrs, kSeluHistory);
SDX_UNARY_CODE(Celu, 12, 12, expand_celu, kAlphaOne, {}, kSingleT);
SDX_UNARY_CODE(LeakyRelu, 16, 1, expand_leaky_relu, kLeakyReluAttrs, kConsumed);
SDX_UNARY_CODE(ThresholdedRelu, 22, 10, expand_thresholded_relu, kAlphaOne);
SDX_UNARY_CODE(HardSigmoid, 22, 1, expand_hard_sigmoid, kHardSigmoidAttrs, kConsumed);
SDX_UNARY_CODE(Swish, 24, 24, expand_swish, kAlphaOne);

SDX_OP(Softsign) = {.name = "Softsign",
                    .since = 22,
                    .types = kFloatT,
                    .inputs = kInInput,
                    .outputs = kOutOutput,
                    .infer = infer_like_first,
                    .body = "output = input / (1 + Abs(input))"};

SDX_OP(Shrink) = {.name = "Shrink",
                  .since = 9,
                  .types = kShrinkTypes,
                  .inputs = kInInput,
                  .outputs = kOutOutput,
                  .attrs = kShrinkAttrs,
                  .infer = infer_like_first,
                  .expand = expand_shrink,
                  .first = 9};

SDX_OP(Gelu) = {.name = "Gelu",
                .since = 20,
                .types = kFloatT,
                .inputs = kInX,
                .outputs = kOutY,
                .attrs = kGeluAttrs,
                .infer = infer_gelu,
                .expand = expand_gelu,
                .first = 20};

SDX_OP(PRelu) = {.name = "PRelu",
                 .since = 16,
                 .types = kPReluTypes,
                 .inputs = kPReluIn,
                 .outputs = kOutY,
                 .infer = infer_prelu,
                 .expand = expand_prelu,
                 .history = kPReluHistory};

}  // namespace sardonyx
