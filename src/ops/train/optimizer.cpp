// One step of a gradient-based optimiser over any number of tensors (ai.onnx.preview.training). All have bodies.
#include "ir/body_ctx.h"
#include "ops/eltwise.h"
#include "ops/infer.h"

namespace sardonyx {
namespace {

using Ref = BodyCtx::Ref;

constexpr TypeMask kSingleOrDouble = mask_of(DType::kF32) | mask_of(DType::kF64);
constexpr TypeVar kTypes[] = {{"T1", kSingleOrDouble}, {"T2", kInt64Type}, {"T3", kSingleOrDouble}};
constexpr ParamDef kIn[] = {{"R", "T1"}, {"T", "T2"}, {"inputs", "T3", kVariadic | kHeterogeneous}};
constexpr ParamDef kOut[] = {{"outputs", "T3", kVariadic | kHeterogeneous}};
constexpr AttrDef kAdagradAttrs[] = {attr_float("decay_factor", 0.0), attr_float("epsilon", 1e-06),
                                     attr_float("norm_coefficient", 0.0)};
constexpr AttrDef kAdamAttrs[] = {attr_float("alpha", 0.9), attr_float("beta", 0.999), attr_float("epsilon", 1e-06),
                                  attr_float("norm_coefficient", 0.0), attr_float("norm_coefficient_post", 0.0)};
constexpr AttrDef kMomentumAttrs[] = {attr_required("alpha", AttrType::kFloat), attr_required("beta", AttrType::kFloat),
                                      attr_required("mode", AttrType::kString),
                                      attr_required("norm_coefficient", AttrType::kFloat)};

// The inputs after R and T are `groups` lists of as many tensors: values, gradients, then `states` lists. Outputs are
// the values and the states, each like its input.
Status infer(InferCtx& c, int states) {
  const int lists = 2 + states, given = c.inputs() - 2;
  if (given % lists != 0)
    return fail(Code::kType, given, " tensors are given; their number must be a multiple of ", lists);
  const int n = given / lists;
  if (c.outputs() > n * (1 + states))
    return fail(Code::kType, c.outputs(), " outputs are named; ", n, " tensors have ", n * (1 + states));
  for (int o = 0; o < c.outputs(); ++o) {
    const int from = 2 + (o < n ? o : o + n);
    SDX_RETURN_IF_ERROR(c.copy(o, from));
  }
  return {};
}
Status infer_one_state(InferCtx& c) { return infer(c, 1); }
Status infer_two_states(InferCtx& c) { return infer(c, 2); }
Status infer_momentum(InferCtx& c) {
  const std::string_view mode = c.attr_string("mode");
  if (mode != "standard" && mode != "nesterov")
    return fail(Code::kAttr, "mode is ", quoted(mode), "; it must be standard or nesterov");
  return infer(c, 1);
}

Ref times(BodyCtx& b, Ref x, double factor) { return b.op("Mul", {x, b.scalar(factor, x)}); }
Ref plus(BodyCtx& b, Ref x, double term) { return b.op("Add", {x, b.scalar(term, x)}); }
// The gradient of the loss and of norm_coefficient / 2 * |x|^2.
Ref regularised(BodyCtx& b, Ref x, Ref gradient) {
  return b.op("Add", {times(b, x, b.attr_float("norm_coefficient")), b.op("CastLike", {gradient, x})});
}
Ref like(BodyCtx& b, Ref v, Ref x) { return b.op("CastLike", {v, x}); }

// What one tensor becomes: its new value, then its new states.
using Step = std::vector<Ref> (*)(BodyCtx& b, Ref x, Ref gradient, std::span<const Ref> states);
Status expand(BodyCtx& b, int states, Step step) {
  const int n = (b.inputs() - 2) / (2 + states);
  std::vector<Ref> out(static_cast<size_t>(n * (1 + states)), kNone);
  for (int i = 0; i < n; ++i) {
    std::vector<Ref> own;
    for (int s = 0; s < states; ++s) own.push_back(b.in(2 + (2 + s) * n + i));
    const std::vector<Ref> made = step(b, b.in(2 + i), b.in(2 + n + i), own);
    for (size_t k = 0; k < made.size(); ++k) out[k * static_cast<size_t>(n) + static_cast<size_t>(i)] = made[k];
  }
  return b.outputs(out);
}

std::vector<Ref> adagrad(BodyCtx& b, Ref x, Ref gradient, std::span<const Ref> states) {
  const Ref count = like(b, b.in(1), x), rate = like(b, b.in(0), x);
  const Ref r = b.op("Div", {rate, plus(b, times(b, count, b.attr_float("decay_factor")), 1)});
  const Ref g = regularised(b, x, gradient);
  const Ref squares = b.op("Add", {states[0], like(b, b.op("Mul", {g, g}), states[0])});
  const Ref scale = plus(b, b.op("Sqrt", {like(b, squares, x)}), b.attr_float("epsilon"));
  return {b.op("Sub", {x, b.op("Div", {b.op("Mul", {r, g}), scale})}), squares};
}

std::vector<Ref> adam(BodyCtx& b, Ref x, Ref gradient, std::span<const Ref> states) {
  const double alpha = b.attr_float("alpha"), beta = b.attr_float("beta");
  const Ref g = regularised(b, x, gradient);
  const Ref mean = b.op("Add", {times(b, states[0], alpha), like(b, times(b, g, 1 - alpha), states[0])});
  const Ref squares =
      b.op("Add", {times(b, states[1], beta), like(b, times(b, b.op("Mul", {g, g}), 1 - beta), states[1])});
  const Ref count = like(b, b.in(1), x), rate = like(b, b.in(0), x), one = b.scalar(1, x);
  const auto rest = [&](double base) { return b.op("Sub", {one, b.op("Pow", {b.scalar(base, x), count})}); };
  const Ref corrected = b.op("Div", {b.op("Mul", {rate, b.op("Sqrt", {rest(beta)})}), rest(alpha)});
  const Ref r = b.op("Where", {b.op("Greater", {count, b.scalar(0, x)}), corrected, rate});
  const Ref scale = plus(b, b.op("Sqrt", {like(b, squares, x)}), b.attr_float("epsilon"));
  const Ref moved = b.op("Sub", {x, b.op("Div", {b.op("Mul", {r, like(b, mean, x)}), scale})});
  return {times(b, moved, 1 - static_cast<double>(b.attr_float("norm_coefficient_post"))), mean, squares};
}

std::vector<Ref> momentum(BodyCtx& b, Ref x, Ref gradient, std::span<const Ref> states) {
  const Ref g = regularised(b, x, gradient), count = like(b, b.in(1), x), rate = like(b, b.in(0), x);
  const Ref beta =
      b.op("Where", {b.op("Greater", {count, b.scalar(0, x)}), b.scalar(b.attr_float("beta"), x), b.scalar(1, x)});
  const Ref kept = times(b, like(b, states[0], x), b.attr_float("alpha"));
  const Ref velocity = b.op("Add", {kept, b.op("Mul", {beta, g})});
  const bool nesterov = b.attr_string("mode") == "nesterov";
  const Ref way = nesterov ? b.op("Add", {g, times(b, velocity, b.attr_float("alpha"))}) : velocity;
  return {b.op("Sub", {x, b.op("Mul", {rate, way})}), like(b, velocity, states[0])};
}

Status expand_adagrad(BodyCtx& b) { return expand(b, 1, adagrad); }
Status expand_adam(BodyCtx& b) { return expand(b, 2, adam); }
Status expand_momentum(BodyCtx& b) { return expand(b, 1, momentum); }

constexpr OpDef optimizer(std::string_view name, std::span<const AttrDef> attrs, Status (*infer)(InferCtx&),
                          Status (*expand)(BodyCtx&)) {
  return {.name = name,
          .domain = "ai.onnx.preview.training",
          .since = 1,
          .types = kTypes,
          .inputs = kIn,
          .outputs = kOut,
          .attrs = attrs,
          .infer = infer,
          .expand = expand};
}

}  // namespace

SDX_OP(training_Adagrad) = optimizer("Adagrad", kAdagradAttrs, infer_one_state, expand_adagrad);
SDX_OP(training_Adam) = optimizer("Adam", kAdamAttrs, infer_two_states, expand_adam);
SDX_OP(training_Momentum) = optimizer("Momentum", kMomentumAttrs, infer_momentum, expand_momentum);

}  // namespace sardonyx
