// LinearAttention: a recurrence over tokens on a matrix per head. CausalConvWithState: the short convolution before it.
#include <cmath>

#include "ir/body_ctx.h"
#include "ops/eltwise.h"
#include "ops/infer.h"
#include "ops/nn/attention.h"

namespace sardonyx {
namespace {

using Ref = BodyCtx::Ref;

constexpr TypeMask kShortFloats = mask_of(DType::kBF16) | mask_of(DType::kF16) | mask_of(DType::kF32);
constexpr TypeVar kLinearTypes[] = {{"T", kShortFloats}, {"S", kShortFloats}};
constexpr ParamDef kLinearIn[] = {
    {"query", "T"},          {"key", "T"}, {"value", "T"}, {"past_state", "S", kOptional}, {"decay", "T", kOptional},
    {"beta", "T", kOptional}};
constexpr ParamDef kLinearOut[] = {{"output", "T"}, {"present_state", "S"}};
constexpr AttrDef kLinearAttrs[] = {attr_int("chunk_size", 64), attr_required("kv_num_heads", AttrType::kInt),
                                    attr_required("q_num_heads", AttrType::kInt), attr_float("scale", 0.0),
                                    attr_string("update_rule", "gated_delta")};
constexpr TypeVar kConvTypes[] = {{"T", kShortFloats}};
constexpr ParamDef kConvIn[] = {
    {"input", "T"}, {"weight", "T"}, {"bias", "T", kOptional}, {"past_state", "T", kOptional}};
constexpr ParamDef kConvOut[] = {{"output", "T"}, {"present_state", "T"}};
constexpr AttrDef kConvAttrs[] = {attr_string("activation", "none")};
constexpr int64_t kMaxUnrolled = 64;

struct Rule {
  bool gated, delta;
};
Result<Rule> update_rule(std::string_view name) {
  if (name == "linear") return Rule{false, false};
  if (name == "gated") return Rule{true, false};
  if (name == "delta") return Rule{false, true};
  if (name == "gated_delta") return Rule{true, true};
  return fail(Code::kAttr, "update_rule is ", quoted(name), "; it must be linear, gated, delta or gated_delta");
}

Result<Dim> head_size(InferCtx& c, const Shape& s, std::string_view name, int64_t heads) {
  SDX_RETURN_IF_ERROR(require_rank(c, s, 3, name));
  if (s[2].known() && s[2].value() % heads != 0)
    return c.shape_error(name, " is ", c.text(s), "; its ", s[2].value(), " must be a multiple of its ", heads,
                         " heads");
  return c.sym().floor_div(s[2], heads);
}

Status infer_linear(InferCtx& c) {
  SDX_TRY(Rule rule, update_rule(c.attr_string("update_rule")));
  if (c.has(4) != rule.gated)
    return fail(Code::kType, "update_rule ", c.attr_string("update_rule"), rule.gated ? " needs" : " does not take",
                " the input decay");
  if (c.has(5) != rule.delta)
    return fail(Code::kType, "update_rule ", c.attr_string("update_rule"), rule.delta ? " needs" : " does not take",
                " the input beta");
  const int64_t q_heads = c.attr_int("q_num_heads"), kv_heads = c.attr_int("kv_num_heads");
  if (q_heads < 1 || kv_heads < 1 || q_heads % kv_heads != 0)
    return fail(Code::kAttr, "q_num_heads is ", q_heads, " and kv_num_heads ", kv_heads,
                "; the former must be a positive multiple of the latter");
  const DType state_type = c.has(3) ? c.dtype(3) : c.dtype(0);
  SDX_RETURN_IF_ERROR(c.set_type(1, Type::tensor(state_type)));
  SDX_TRY(Shape q, c.shape(0));
  SDX_TRY(Shape k, c.shape(1));
  SDX_TRY(Shape v, c.shape(2));
  SDX_TRY(Dim d_k, head_size(c, q, "query", q_heads));
  SDX_TRY(Dim key_size, head_size(c, k, "key", kv_heads));
  SDX_TRY(d_k, c.must_equal(d_k, key_size, "head sizes of query and key"));
  SDX_TRY(Dim d_v, head_size(c, v, "value", kv_heads));
  const Shape state{q[0], kv_heads, d_k, d_v};
  if (c.has(3) && c.in(3).has_rank) {
    const Shape& past = c.in(3).shape;
    SDX_RETURN_IF_ERROR(require_rank(c, past, 4, "past_state"));
    for (size_t a = 0; a < 4; ++a)
      SDX_RETURN_IF_ERROR(
          require_equal(c, past[a], state[a], "past_state is ", c.text(past), "; it must be ", c.text(state)));
  }
  SDX_RETURN_IF_ERROR(c.set(1, state_type, state));
  return c.set(0, c.dtype(0), {q[0], q[1], c.sym().mul(d_v, q_heads)});
}

// A packed input as [batch, heads, tokens, size], in float.
Ref unpacked(BodyCtx& b, int i, int64_t heads) {
  const Ref x = b.op("Reshape", {b.cast(b.in(i), DType::kF32), b.ints({0, 0, heads, -1})});
  return b.op("Transpose", {x}, {Attr::of_ints("perm", {0, 2, 1, 3})});
}

// One step after the other, so only for a known, small number of tokens. The state is [batch, kv_heads, d_k, d_v].
Status expand_linear(BodyCtx& b) {
  const Shape q_shape = b.fact(b.in(0)).shape, beta_shape = b.has(5) ? b.fact(b.in(5)).shape : q_shape;
  if (q_shape.size() != 3 || !q_shape[1].known() || q_shape[1].value() > kMaxUnrolled || q_shape[1].is(0))
    return fail(Code::kNoKernel, "the number of tokens is not known to be between 1 and ", kMaxUnrolled);
  if (!q_shape[2].known() || beta_shape.size() != 3 || !beta_shape[2].known())
    return fail(Code::kNoKernel, "the head sizes are not known");
  const int64_t tokens = q_shape[1].value(), q_heads = b.attr_int("q_num_heads"), kv_heads = b.attr_int("kv_num_heads");
  const Ref q = unpacked(b, 0, q_heads), k = unpacked(b, 1, kv_heads), v = unpacked(b, 2, kv_heads);
  const Ref decay = b.has(4) ? b.op("Exp", {unpacked(b, 4, kv_heads)}) : kNone;
  const Ref beta = b.has(5) ? unpacked(b, 5, beta_shape[2].value()) : kNone;
  const double size = static_cast<double>(q_shape[2].value() / q_heads);
  const double given = static_cast<double>(b.attr_float("scale"));
  const Ref scale = b.scalar(given != 0 ? given : 1 / std::sqrt(size), q);
  const auto step = [&](Ref x, int64_t t) { return b.op("Slice", {x, b.ints({t}), b.ints({t + 1}), b.ints({2})}); };
  const std::vector<Attr> turn = {Attr::of_ints("perm", {0, 1, 3, 2})};

  Ref state = b.has(3) ? b.cast(b.in(3), DType::kF32) : kNone, output = kNone;
  for (int64_t t = 0; t < tokens; ++t) {
    const Ref column = b.op("Transpose", {step(k, t)}, turn);
    Ref row = step(v, t);
    if (state != kNone && decay != kNone) state = b.op("Mul", {state, b.op("Transpose", {step(decay, t)}, turn)});
    if (beta != kNone) {
      if (state != kNone) row = b.op("Sub", {row, b.op("MatMul", {step(k, t), state})});
      row = b.op("Mul", {step(beta, t), row});
    }
    const Ref written = b.op("MatMul", {column, row});
    state = state == kNone ? written : b.op("Add", {state, written});
    const Ref now = b.op("Mul", {attention_values(b, step(q, t), state, q_heads != kv_heads), scale});
    output = output == kNone ? now : b.op("Concat", {output, now}, {Attr::of_int("axis", 2)});
  }
  const Ref joined =
      b.op("Reshape", {b.op("Transpose", {output}, {Attr::of_ints("perm", {0, 2, 1, 3})}), b.ints({0, 0, -1})});
  return b.outputs({b.cast(joined, b.dtype(0)), b.cast(state, b.has(3) ? b.dtype(3) : b.dtype(0))});
}

Status infer_conv(InferCtx& c) {
  const std::string_view activation = c.attr_string("activation");
  if (activation != "none" && activation != "silu" && activation != "swish")
    return fail(Code::kAttr, "activation is ", quoted(activation), "; it must be none, silu or swish");
  SDX_TRY(Shape x, c.shape(0));
  SDX_TRY(Shape w, c.shape(1));
  SDX_RETURN_IF_ERROR(require_rank(c, x, 3, "input"));
  SDX_RETURN_IF_ERROR(require_rank(c, w, 3, "weight"));
  SDX_RETURN_IF_ERROR(require_equal(c, w[0], x[1], "weight is ", c.text(w), " and input ", c.text(x),
                                    "; weight must begin with the channels"));
  SDX_RETURN_IF_ERROR(require_equal(c, w[1], 1, "weight is ", c.text(w), "; its second extent must be 1"));
  const Shape state{x[0], x[1], c.sym().sub(w[2], 1)};
  if (c.has(3) && c.in(3).has_rank) {
    const Shape& past = c.in(3).shape;
    SDX_RETURN_IF_ERROR(require_rank(c, past, 3, "past_state"));
    for (size_t a = 0; a < 3; ++a)
      SDX_RETURN_IF_ERROR(
          require_equal(c, past[a], state[a], "past_state is ", c.text(past), "; it must be ", c.text(state)));
  }
  SDX_RETURN_IF_ERROR(c.set(1, c.dtype(0), state));
  return c.set(0, c.dtype(0), std::move(x));
}

Status expand_conv(BodyCtx& b) {
  const Fact& w = b.fact(b.in(1));
  if (!w.has_rank || !w.shape[0].known() || !w.shape[2].known())
    return fail(Code::kNoKernel, "the extents of weight are not known");
  const int64_t channels = w.shape[0].value(), carried = w.shape[2].value() - 1;
  const DType type = b.dtype(0);
  const Ref past = b.has(3) ? b.in(3) : kNone;
  const Ref padded = past == kNone ? b.op("Pad", {b.in(0), b.ints({carried, 0}), b.scalar(0, b.in(0)), b.ints({2})})
                                   : b.op("Concat", {past, b.in(0)}, {Attr::of_int("axis", 2)});
  const auto wide = [&](Ref x) { return x == kNone ? kNone : b.cast(x, DType::kF32); };
  const Ref conv =
      b.cast(b.op("Conv", {wide(padded), wide(b.in(1)), wide(b.in(2))}, {Attr::of_int("group", channels)}), type);
  Ref y = conv;
  if (b.attr_string("activation") != "none") {
    const Ref x = wide(conv);
    y = b.cast(b.op("Mul", {x, b.op("Sigmoid", {x})}), type);
  }
  const Ref length = b.op("Shape", {b.in(0)}, {Attr::of_int("start", 2)});
  const Ref state = b.op("Slice", {padded, length, b.ints({INT64_MAX}), b.ints({2})});
  return b.outputs({y, state});
}

}  // namespace

SDX_OP(LinearAttention) = {.name = "LinearAttention",
                           .since = 27,
                           .types = kLinearTypes,
                           .inputs = kLinearIn,
                           .outputs = kLinearOut,
                           .attrs = kLinearAttrs,
                           .infer = infer_linear,
                           .expand = expand_linear,
                           .first = 27};

SDX_OP(CausalConvWithState) = {.name = "CausalConvWithState",
                               .since = 27,
                               .types = kConvTypes,
                               .inputs = kConvIn,
                               .outputs = kConvOut,
                               .attrs = kConvAttrs,
                               .infer = infer_conv,
                               .expand = expand_conv,
                               .first = 27};

}  // namespace sardonyx
