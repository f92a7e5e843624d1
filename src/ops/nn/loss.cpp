// NegativeLogLikelihoodLoss and SoftmaxCrossEntropyLoss.
#include "ir/body_ctx.h"
#include "ops/eltwise.h"
#include "ops/infer.h"

namespace sardonyx {
namespace {

using Ref = BodyCtx::Ref;

constexpr TypeVar kTypes[] = {{"T", kFloatTypes}, {"Tind", kIndexTypes}};
constexpr ParamDef kNllIn[] = {{"input", "T"}, {"target", "Tind"}, {"weight", "T", kOptional}};
constexpr ParamDef kNllOut[] = {{"loss", "T"}};
constexpr ParamDef kEntropyIn[] = {{"scores", "T"}, {"labels", "Tind"}, {"weights", "T", kOptional}};
constexpr ParamDef kEntropyOut[] = {{"output", "T"}, {"log_prob", "T", kOptional}};
constexpr AttrDef kAttrs[] = {attr_optional("ignore_index", AttrType::kInt), attr_string("reduction", "mean")};

Status infer(InferCtx& c) {
  const std::string_view reduction = c.attr_string("reduction");
  if (reduction != "none" && reduction != "sum" && reduction != "mean")
    return fail(Code::kAttr, "reduction is ", quoted(reduction), "; it must be none, sum or mean");
  const auto name = [&](int i) { return c.node().op->inputs[static_cast<size_t>(i)].name; };
  SDX_TRY(Shape x, c.shape(0));
  SDX_TRY(Shape t, c.shape(1));
  SDX_RETURN_IF_ERROR(require_min_rank(c, x, 2, name(0)));
  Shape want = x;
  want.erase(1);
  bool fits = t.size() == want.size();
  for (size_t a = 0; fits && a < t.size(); ++a) fits = c.sym().equal(t[a], want[a]).value_or(true);
  if (!fits)
    return c.shape_error(name(0), " is ", c.text(x), " and ", name(1), " ", c.text(t), "; the latter must be ",
                         c.text(want));
  if (c.has(2) && c.in(2).has_rank) {
    const Shape& w = c.in(2).shape;
    if (w.size() != 1 || !c.sym().equal(w[0], x[1]).value_or(true))
      return c.shape_error(name(2), " is ", c.text(w), "; it must be a vector of the ", c.text(x[1]), " classes");
  }
  SDX_RETURN_IF_ERROR(c.set(1, c.dtype(0), x));
  return c.set(0, c.dtype(0), reduction == "none" ? t : Shape{});
}

// The loss of log probabilities [N, C, ...] in float or double.
Ref likelihood_loss(BodyCtx& b, Ref log_prob) {
  const Ref axis = b.ints({1});
  Ref target = b.cast(b.in(1), DType::kI64), ignored = kNone;
  if (b.has_attr("ignore_index")) {
    ignored = b.op("Equal", {target, b.int_scalar(b.attr_int("ignore_index"))});
    target = b.op("Where", {ignored, b.int_scalar(0), target});
  }
  const Ref picked = b.op("GatherElements", {log_prob, b.op("Unsqueeze", {target, axis})}, {Attr::of_int("axis", 1)});
  Ref loss = b.op("Neg", {b.op("Squeeze", {picked, axis})}), weight = kNone;
  if (b.has(2)) {
    weight = b.op("Gather", {b.op("CastLike", {b.in(2), log_prob}), target});
    loss = b.op("Mul", {loss, weight});
  }
  if (ignored != kNone) {
    const Ref zero = b.scalar(0, log_prob);
    weight = b.op("Where", {ignored, zero, weight != kNone ? weight : b.scalar(1, log_prob)});
    loss = b.op("Where", {ignored, zero, loss});
  }
  if (b.attr_string("reduction") == "none") return loss;
  const std::vector<Attr> flat = {Attr::of_int("keepdims", 0)};
  if (b.attr_string("reduction") == "mean" && weight == kNone) return b.op("ReduceMean", {loss}, flat);
  const Ref sum = b.op("ReduceSum", {loss}, flat);
  return b.attr_string("reduction") == "sum" ? sum : b.op("Div", {sum, b.op("ReduceSum", {weight}, flat)});
}

DType inner_type(BodyCtx& b) { return b.dtype(0) == DType::kF64 ? DType::kF64 : DType::kF32; }

Status expand_nll(BodyCtx& b) {
  return b.outputs({b.cast(likelihood_loss(b, b.cast(b.in(0), inner_type(b))), b.dtype(0))});
}
Status expand_entropy(BodyCtx& b) {
  const Ref log_prob = b.op("LogSoftmax", {b.cast(b.in(0), inner_type(b))}, {Attr::of_int("axis", 1)});
  const Ref loss = b.cast(likelihood_loss(b, log_prob), b.dtype(0));
  return b.outputs({loss, b.wants(1) ? b.cast(log_prob, b.dtype(0)) : kNone});
}

}  // namespace

SDX_OP(NegativeLogLikelihoodLoss) = {.name = "NegativeLogLikelihoodLoss",
                                     .since = 22,
                                     .types = kTypes,
                                     .inputs = kNllIn,
                                     .outputs = kNllOut,
                                     .attrs = kAttrs,
                                     .infer = infer,
                                     .expand = expand_nll,
                                     .first = 12};

SDX_OP(SoftmaxCrossEntropyLoss) = {.name = "SoftmaxCrossEntropyLoss",
                                   .since = 13,
                                   .types = kTypes,
                                   .inputs = kEntropyIn,
                                   .outputs = kEntropyOut,
                                   .attrs = kAttrs,
                                   .infer = infer,
                                   .expand = expand_entropy,
                                   .first = 12};

}  // namespace sardonyx
