// Attention written with matrix products and Softmax. Half types are computed in float and rounded once.
// scan: no operators
#include <cmath>
#include <limits>

#include "ops/nn/attention.h"

namespace sardonyx {

using Ref = BodyCtx::Ref;

Ref extents_of(BodyCtx& b, Ref x, int64_t from, int64_t to) {
  return b.op("Shape", {x}, {Attr::of_int("start", from), Attr::of_int("end", to)});
}

bool has_grouped_heads(BodyCtx& b, Ref q, Ref k) {
  if (q == kNone || k == kNone) return false;
  const Fact &fq = b.fact(q), &fk = b.fact(k);
  return !(fq.has_rank && fk.has_rank && fq.shape.size() == 4 && fk.shape.size() == 4 && fq.shape[1] == fk.shape[1]);
}

namespace {

Ref reshaped(BodyCtx& b, Ref x, Ref first, Ref second) {
  return b.op("Reshape", {x, b.op("Concat", {first, second}, {Attr::of_int("axis", 0)})});
}
// [batch, q_heads, a, b] as [batch, kv_heads, group, a, b].
Ref grouped_heads(BodyCtx& b, Ref x, Ref kv) {
  const Ref shape =
      b.op("Concat", {extents_of(b, kv, 0, 2), b.ints({-1}), extents_of(b, x, 2, 4)}, {Attr::of_int("axis", 0)});
  return b.op("Reshape", {x, shape});
}

}  // namespace

Ref attention_scores(BodyCtx& b, Ref q, Ref k, bool grouped) {
  const Ref columns = b.op("Transpose", {k}, {Attr::of_ints("perm", {0, 1, 3, 2})});
  if (!grouped) return b.op("MatMul", {q, columns});
  const Ref scores = b.op("MatMul", {grouped_heads(b, q, k), b.op("Unsqueeze", {columns, b.ints({2})})});
  return reshaped(b, scores, extents_of(b, q, 0, 3), extents_of(b, k, 2, 3));
}

Ref attention_values(BodyCtx& b, Ref weights, Ref v, bool grouped) {
  if (!grouped) return b.op("MatMul", {weights, v});
  const Ref y = b.op("MatMul", {grouped_heads(b, weights, v), b.op("Unsqueeze", {v, b.ints({2})})});
  return reshaped(b, y, extents_of(b, weights, 0, 3), extents_of(b, v, 3, 4));
}

namespace {

// Input i as [batch, heads, length, size].
Ref split_heads(BodyCtx& b, int i, std::string_view heads_attr) {
  if (b.fact(b.in(i)).shape.size() == 4) return b.in(i);
  const Ref split = b.op("Reshape", {b.in(i), b.ints({0, 0, b.attr_int(heads_attr), -1})});
  return b.op("Transpose", {split}, {Attr::of_ints("perm", {0, 2, 1, 3})});
}

struct Positions {
  Ref row, column;  // absolute positions of queries and keys: [q,1] or [batch,1,q,1]; [1,k]
};
Positions positions(BodyCtx& b, Ref q, Ref k) {
  const auto steps = [&](Ref length) {
    return b.op("Range", {b.int_scalar(0), b.op("Squeeze", {length, b.ints({0})}), b.int_scalar(1)});
  };
  const Ref q_length = extents_of(b, q, 2, 3);
  Ref row = b.op("Unsqueeze", {steps(q_length), b.ints({1})});
  if (b.has(4)) row = b.op("Add", {row, extents_of(b, b.in(4), 2, 3)});
  if (b.has(6)) {
    const Ref offset = b.op("Sub", {b.in(6), q_length});
    row = b.op("Add", {row, b.op("Unsqueeze", {offset, b.ints({1, 2, 3})})});
  }
  return {row, b.op("Unsqueeze", {steps(extents_of(b, k, 2, 3)), b.ints({0})})};
}

// Which keys a query may see by position, or kNone if all of them.
Ref visible(BodyCtx& b, Ref q, Ref k) {
  const int64_t left = b.attr_int("left_window_size"), right = b.attr_int("right_window_size");
  const bool causal = b.attr_int("is_causal") != 0;
  if (!causal && left < 0 && right < 0 && !b.has(6)) return kNone;
  const Positions p = positions(b, q, k);
  Ref all = kNone;
  const auto also = [&](Ref condition) { all = all == kNone ? condition : b.op("And", {all, condition}); };
  if (causal) also(b.op("LessOrEqual", {p.column, p.row}));
  if (left >= 0) also(b.op("GreaterOrEqual", {p.column, b.op("Sub", {p.row, b.int_scalar(left)})}));
  if (right >= 0) also(b.op("LessOrEqual", {p.column, b.op("Add", {p.row, b.int_scalar(right)})}));
  if (b.has(6)) also(b.op("Less", {p.column, b.op("Unsqueeze", {b.in(6), b.ints({1, 2, 3})})}));
  return all;
}

// attn_mask as something to add; a mask that is too short ends in -inf.
Ref mask_bias(BodyCtx& b, Ref k, Ref zero, Ref minus_infinity) {
  const Ref mask = b.in(3);
  Ref bias = b.dtype(3) == DType::kBool ? b.op("Where", {mask, zero, minus_infinity}) : b.op("CastLike", {mask, zero});
  const Fact& f = b.fact(mask);
  if (k == kNone) return bias;
  const Fact& keys = b.fact(k);
  const bool whole = f.has_rank && !f.shape.empty() && keys.has_rank && f.shape.back() == keys.shape[2];
  if (whole) return bias;
  const Ref missing = b.op("Sub", {extents_of(b, k, 2, 3), b.op("Shape", {mask}, {Attr::of_int("start", -1)})});
  const Ref pads = b.op("Concat", {b.ints({0}), missing}, {Attr::of_int("axis", 0)});
  return b.op("Pad", {bias, pads, minus_infinity, b.ints({-1})});
}

// The sum of all masks, or kNone without any.
Ref total_bias(BodyCtx& b, Ref q, Ref k) {
  const Ref zero = b.scalar(0, q), minus_infinity = b.scalar(-std::numeric_limits<double>::infinity(), q);
  Ref bias = b.has(3) ? mask_bias(b, k, zero, minus_infinity) : kNone;
  if (const Ref seen = visible(b, q, k); seen != kNone) {
    const Ref by_position = b.op("Where", {seen, zero, minus_infinity});
    bias = bias == kNone ? by_position : b.op("Add", {bias, by_position});
  }
  return bias;
}

// The square root of the scale, for queries and keys each.
Ref root_of_scale(BodyCtx& b, Ref q) {
  if (b.has_attr("scale")) return b.scalar(std::sqrt(static_cast<double>(b.attr_float("scale"))), q);
  if (q != kNone && b.fact(q).has_rank && b.fact(q).shape[3].known())
    return b.scalar(std::pow(static_cast<double>(b.fact(q).shape[3].value()), -0.25), q);
  const Ref size = b.op("CastLike", {b.op("Squeeze", {extents_of(b, q, 3, 4), b.ints({0})}), q});
  return b.op("Reciprocal", {b.op("Sqrt", {b.op("Sqrt", {size})})});
}

// Softmax over the keys; a row that no key is left for becomes zero.
Ref probabilities(BodyCtx& b, Ref scores, Ref bias, DType inner) {
  if (bias != kNone) scores = b.op("Add", {scores, bias});
  const DType precision = b.has_attr("softmax_precision") ? static_cast<DType>(b.attr_int("softmax_precision")) : inner;
  Ref p = b.cast(b.op("Softmax", {b.cast(scores, precision)}), inner);
  if (bias == kNone) return p;
  const Ref lowest = b.scalar(-std::numeric_limits<double>::infinity(), p);
  const Ref none_left = b.op("Equal", {b.op("ReduceMax", {bias, b.ints({-1})}), lowest});
  return b.op("Where", {none_left, b.scalar(0, p), p});
}

}  // namespace

Status expand_attention(BodyCtx& b) {
  for (int i : {0, 1, 2})
    if (!b.fact(b.in(i)).has_rank) return fail(Code::kNoKernel, "the ranks of Q, K and V are not known");
  const DType type = b.dtype(0), inner = type == DType::kF64 ? type : DType::kF32;
  Ref keys = split_heads(b, 1, "kv_num_heads"), values = split_heads(b, 2, "kv_num_heads");
  if (b.has(4)) {
    const std::vector<Attr> along = {Attr::of_int("axis", 2)};
    keys = b.op("Concat", {b.in(4), keys}, along);
    values = b.op("Concat", {b.in(5), values}, along);
  }
  const Ref q = b.cast(split_heads(b, 0, "q_num_heads"), inner), k = b.cast(keys, inner), v = b.cast(values, inner);
  const bool grouped = has_grouped_heads(b, q, k);
  const Ref root = root_of_scale(b, q);
  const Ref raw = attention_scores(b, b.op("Mul", {q, root}), b.op("Mul", {k, root}), grouped);
  Ref capped = raw;
  if (const float cap = b.attr_float("softcap"); cap != 0) {
    const Ref limit = b.scalar(cap, q);
    capped = b.op("Mul", {b.op("Tanh", {b.op("Div", {raw, limit})}), limit});
  }
  const Ref bias = total_bias(b, q, k);
  const Ref p = probabilities(b, capped, bias, inner);
  Ref y = attention_values(b, p, v, grouped);
  if (b.fact(b.in(0)).shape.size() == 3)
    y = b.op("Reshape", {b.op("Transpose", {y}, {Attr::of_ints("perm", {0, 2, 1, 3})}), b.ints({0, 0, -1})});
  Ref shown = kNone;
  if (b.wants(3)) {
    const int64_t mode = b.attr_int("qk_matmul_output_mode");
    const Ref biased = mode == 2 && bias != kNone ? b.op("Add", {capped, bias}) : capped;
    shown = b.cast(mode == 0 ? raw : mode == 3 ? p : biased, type);
  }
  const auto present = [&](int o, int i, Ref x) {
    return !b.wants(o) ? kNone : x == b.in(i) ? b.op("Identity", {x}) : x;
  };
  return b.outputs({b.cast(y, type), present(1, 1, keys), present(2, 2, values), shown});
}

}  // namespace sardonyx
