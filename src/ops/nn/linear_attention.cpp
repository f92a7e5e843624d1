// LinearAttention: a recurrence over tokens on a matrix per head. CausalConvWithState: the short convolution before it.
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

// The recurrence as a Scan over the tokens. The state is [batch, kv_heads, d_k, d_v]; in a step q is
// [batch, kv_heads, group, d_k], k and v have no group and beta no d_v.
Status expand_linear(BodyCtx& b) {
  const int64_t q_heads = b.attr_int("q_num_heads"), kv_heads = b.attr_int("kv_num_heads");
  const bool gated = b.has(4), delta = b.has(5);
  const Ref k = unpacked(b, 1, kv_heads), v = unpacked(b, 2, kv_heads);
  const Ref split = b.op("Reshape", {b.cast(b.in(0), DType::kF32), b.ints({0, 0, kv_heads, q_heads / kv_heads, -1})});
  const Ref q = b.op("Transpose", {split}, {Attr::of_ints("perm", {0, 2, 3, 1, 4})});
  const Ref decay = gated ? b.op("Exp", {unpacked(b, 4, kv_heads)}) : kNone;
  const Ref beta =
      delta ? b.op("Transpose", {b.cast(b.in(5), DType::kF32)}, {Attr::of_ints("perm", {0, 2, 1})}) : kNone;
  Ref start;
  if (b.has(3)) {
    start = b.cast(b.in(3), DType::kF32);
  } else {
    const Ref shape = b.op("Concat", {extents_of(b, k, 0, 2), extents_of(b, k, 3, 4), extents_of(b, v, 3, 4)},
                           {Attr::of_int("axis", 0)});
    start = b.op("Expand", {b.scalar(0, k), shape});
  }
  const std::string step = cat(
      "state, rows = Scan<num_scan_inputs = ", 3 + (gated ? 1 : 0) + (delta ? 1 : 0), ", scan_input_axes = [3, 2, 2",
      gated ? ", 2" : "", delta ? ", 2" : "",
      "], scan_output_axes = [3], body = step (float[?,?,?,?] s, float[?,?,?,?] q, ", "float[?,?,?] k, float[?,?,?] v",
      gated ? ", float[?,?,?] d" : "", delta ? ", float[?,?] b" : "", ") => (next, row) {",
      gated ? " old = s * Unsqueeze(d, [3])" : " old = Identity(s)", " value = Unsqueeze(v, [2])",
      delta ? " new = (value - MatMul(Unsqueeze(k, [2]), old)) * Unsqueeze(b, [2, 3])" : " new = Identity(value)",
      " next = old + MatMul(Unsqueeze(k, [3]), new) row = MatMul(q, next) }>(start, q, k, v", gated ? ", decay" : "",
      delta ? ", beta" : "", ")");
  const std::vector<Ref> made = b.text(
      step, {{"start", start}, {"q", q}, {"k", k}, {"v", v}, {"decay", decay}, {"beta", beta}}, {"state", "rows"});
  const Ref given = b.scalar(b.attr_float("scale"), q);
  const Ref size = b.op("CastLike", {b.op("Squeeze", {extents_of(b, q, 4, 5), b.ints({0})}), q});
  const Ref scale = b.attr_float("scale") != 0 ? given : b.op("Reciprocal", {b.op("Sqrt", {size})});
  const Ref rows = b.op("Transpose", {b.op("Mul", {made[1], scale})}, {Attr::of_ints("perm", {0, 3, 1, 2, 4})});
  const Ref output = b.op("Reshape", {rows, b.ints({0, 0, -1})});
  return b.outputs({b.cast(output, b.dtype(0)), b.cast(made[0], b.has(3) ? b.dtype(3) : b.dtype(0))});
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

// Every output is the sum over a window of the padded sequence: a depthwise Conv, or a Gather of the windows and a sum
// when the number of channels is not known.
Ref causal_sums(BodyCtx& b, Ref padded, Ref weight, Ref bias) {
  const Fact w = b.fact(b.in(1));
  if (w.has_rank && w.shape[0].known())
    return b.op("Conv", {padded, weight, bias}, {Attr::of_int("group", w.shape[0].value())});
  const auto steps = [&](Ref of) {
    return b.op("Range", {b.int_scalar(0), b.op("Squeeze", {extents_of(b, of, 2, 3), b.ints({0})}), b.int_scalar(1)});
  };
  const Ref places = b.op("Add", {b.op("Unsqueeze", {steps(b.in(0)), b.ints({1})}), steps(b.in(1))});
  const Ref windows = b.op("Gather", {padded, places}, {Attr::of_int("axis", 2)});
  const Ref sums = b.op("ReduceSum", {b.op("Mul", {windows, weight}), b.ints({-1})}, {Attr::of_int("keepdims", 0)});
  return bias == kNone ? sums : b.op("Add", {sums, b.op("Unsqueeze", {bias, b.ints({1})})});
}
Status expand_conv(BodyCtx& b) {
  const DType type = b.dtype(0);
  const Ref carried = b.op("Sub", {extents_of(b, b.in(1), 2, 3), b.ints({1})});
  const Ref pads = b.op("Concat", {carried, b.ints({0})}, {Attr::of_int("axis", 0)});
  const Ref padded = b.has(3) ? b.op("Concat", {b.in(3), b.in(0)}, {Attr::of_int("axis", 2)})
                              : b.op("Pad", {b.in(0), pads, b.scalar(0, b.in(0)), b.ints({2})});
  const auto wide = [&](Ref x) { return x == kNone ? kNone : b.cast(x, DType::kF32); };
  Ref y = b.cast(causal_sums(b, wide(padded), wide(b.in(1)), wide(b.in(2))), type);
  if (b.attr_string("activation") != "none") {
    const Ref x = wide(y);
    y = b.cast(b.op("Mul", {x, b.op("Sigmoid", {x})}), type);
  }
  const Ref state = b.op("Slice", {padded, extents_of(b, b.in(0), 2, 3), b.ints({INT64_MAX}), b.ints({2})});
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
