// FlexAttention: scaled dot-product attention whose scores and probabilities pass through graphs of the model.

#include "ops/infer.h"
#include "ops/nn/attention.h"

namespace sardonyx {
namespace {

using Ref = BodyCtx::Ref;

constexpr TypeVar kTypes[] = {{"T1", kFloatTypes}};
constexpr ParamDef kIn[] = {{"Q", "T1"}, {"K", "T1"}, {"V", "T1"}};
constexpr ParamDef kOut[] = {{"Y", "T1"}};
constexpr AttrDef kAttrs[] = {attr_optional("prob_mod", AttrType::kGraph), attr_optional("scale", AttrType::kFloat),
                              attr_optional("score_mod", AttrType::kGraph),
                              attr_optional("softmax_precision", AttrType::kInt)};

Status infer(InferCtx& c) {
  if (const int64_t p = c.attr_int("softmax_precision");
      c.has_attr("softmax_precision") && (p < 0 || p >= kDTypeCount || !is_float(static_cast<DType>(p))))
    return fail(Code::kAttr, "softmax_precision is ", p, "; it must name a floating-point type");
  const Node& node = c.node();
  for (size_t i = 0; i < node.bodies.size(); ++i) {
    const size_t inputs = node.bodies[i]->inputs.size() - static_cast<size_t>(node.captures),
                 outputs = node.bodies[i]->outputs.size();
    if (inputs != 1 || outputs != 1)
      return fail(Code::kAttr, node.body_names[i], " has ", inputs, " inputs and ", outputs,
                  " outputs; it must have one of each");
  }
  SDX_TRY(Shape q, c.shape(0));
  SDX_TRY(Shape k, c.shape(1));
  SDX_TRY(Shape v, c.shape(2));
  SDX_RETURN_IF_ERROR(require_rank(c, q, 4, "Q"));
  SDX_RETURN_IF_ERROR(require_rank(c, k, 4, "K"));
  SDX_RETURN_IF_ERROR(require_rank(c, v, 4, "V"));
  SDX_TRY(AttentionExtents e, attention_extents(c, q, k, v));
  return c.set(0, c.dtype(0), {e.batch, e.q_heads, e.q_length, e.v_size});
}

// x through the graph of that name, or x itself without one.
Ref modified(BodyCtx& b, std::string_view name, Ref x) {
  for (size_t i = 0; i < b.node().bodies.size(); ++i)
    if (b.node().body_names[i] == name) return b.inline_body(i, {x})[0];
  return x;
}

Status expand(BodyCtx& b) {
  for (int i : {0, 1, 2})
    if (!b.fact(b.in(i)).has_rank) return fail(Code::kNoKernel, "the ranks of Q, K and V are not known");
  const DType type = b.dtype(0), inner = type == DType::kF64 ? type : DType::kF32;
  const DType precision = b.has_attr("softmax_precision") ? static_cast<DType>(b.attr_int("softmax_precision")) : inner;
  const Ref q = b.cast(b.in(0), inner), k = b.cast(b.in(1), inner), v = b.cast(b.in(2), inner);
  const bool grouped = has_grouped_heads(b, q, k);
  Ref scale;
  if (b.has_attr("scale")) {
    scale = b.scalar(b.attr_float("scale"), q);
  } else {
    const Ref size = b.op("CastLike", {b.op("Squeeze", {extents_of(b, q, 3, 4), b.ints({0})}), q});
    scale = b.op("Reciprocal", {b.op("Sqrt", {size})});
  }
  const Ref scores = b.cast(b.op("Mul", {attention_scores(b, q, k, grouped), scale}), precision);
  const Ref weights = modified(b, "prob_mod", b.op("Softmax", {modified(b, "score_mod", scores)}));
  return b.outputs({b.cast(attention_values(b, b.cast(weights, inner), v, grouped), type)});
}

}  // namespace

SDX_OP(preview_FlexAttention) = {.name = "FlexAttention",
                                 .domain = "ai.onnx.preview",
                                 .since = 1,
                                 .types = kTypes,
                                 .inputs = kIn,
                                 .outputs = kOut,
                                 .attrs = kAttrs,
                                 .infer = infer,
                                 .expand = expand,
                                 .traits = kControlFlow};

}  // namespace sardonyx
