// Attention: scaled dot-product attention with masks, caches, windows and grouped heads.
#include "ops/nn/attention.h"

#include "ops/eltwise.h"
#include "ops/infer.h"

namespace sardonyx {

Result<AttentionExtents> attention_extents(InferCtx& c, const Shape& q, const Shape& k, const Shape& v) {
  AttentionExtents e;
  SDX_TRY(e.batch, c.must_equal(q[0], k[0], "batch of Q and K"));
  SDX_TRY(e.batch, c.must_equal(e.batch, v[0], "batch of Q and V"));
  SDX_TRY(e.kv_heads, c.must_equal(k[1], v[1], "heads of K and V"));
  SDX_TRY(e.kv_length, c.must_equal(k[2], v[2], "lengths of K and V"));
  SDX_TRY(e.qk_size, c.must_equal(q[3], k[3], "head sizes of Q and K"));
  e.q_heads = q[1];
  e.q_length = q[2];
  e.v_size = v[3];
  if (e.q_heads.known() && e.kv_heads.known() && (e.kv_heads.is(0) || e.q_heads.value() % e.kv_heads.value() != 0))
    return c.shape_error("Q has ", e.q_heads.value(), " heads and K ", e.kv_heads.value(),
                         "; the former must be a multiple of the latter");
  return e;
}

namespace {

constexpr TypeVar kTypes[] = {
    {"T1", kFloatTypes}, {"T2", kFloatTypes}, {"U", kNumericTypes | kBoolType}, {"tensor(int64)", kInt64Type}};
constexpr ParamDef kIn[] = {{"Q", "T1"},
                            {"K", "T1"},
                            {"V", "T2"},
                            {"attn_mask", "U", kOptional},
                            {"past_key", "T1", kOptional},
                            {"past_value", "T2", kOptional},
                            {"nonpad_kv_seqlen", "tensor(int64)", kOptional}};
constexpr ParamDef kOut[] = {{"Y", "T1"},
                             {"present_key", "T1", kOptional},
                             {"present_value", "T2", kOptional},
                             {"qk_matmul_output", "T1", kOptional}};
constexpr AttrDef kAttrs[] = {attr_int("is_causal", 0),
                              attr_optional("kv_num_heads", AttrType::kInt),
                              attr_int("left_window_size", -1),
                              attr_optional("q_num_heads", AttrType::kInt),
                              attr_int("qk_matmul_output_mode", 0),
                              attr_int("right_window_size", -1),
                              attr_optional("scale", AttrType::kFloat),
                              attr_float("softcap", 0.0),
                              attr_optional("softmax_precision", AttrType::kInt)};

// [batch, length, heads * size] as [batch, heads, length, size]; rank 4 is left alone.
Result<Shape> with_heads(InferCtx& c, int i, std::string_view name, std::string_view heads_attr) {
  SDX_TRY(Shape s, c.shape(i));
  if (s.size() == 4) return s;
  if (s.size() != 3) return c.shape_error(name, " is ", c.text(s), "; it must have rank 3 or 4");
  const int64_t heads = c.attr_int(heads_attr);
  if (heads < 1) return fail(Code::kAttr, heads_attr, " is ", heads, "; with inputs of rank 3 it must be positive");
  if (s[2].known() && s[2].value() % heads != 0)
    return c.shape_error(name, " is ", c.text(s), "; its ", s[2].value(), " must be a multiple of ", heads_attr, "=",
                         heads);
  return Shape{s[0], heads, s[1], c.sym().floor_div(s[2], heads)};
}

Status check_choices(InferCtx& c) {
  for (std::string_view name : {"left_window_size", "right_window_size"})
    if (c.attr_int(name) < -1) return fail(Code::kAttr, name, " is ", c.attr_int(name), "; it must be -1 or more");
  const int64_t mode = c.attr_int("qk_matmul_output_mode");
  if (mode < 0 || mode > 3) return fail(Code::kAttr, "qk_matmul_output_mode is ", mode, "; it must be 0, 1, 2 or 3");
  if (const int64_t p = c.attr_int("softmax_precision");
      c.has_attr("softmax_precision") && (p < 0 || p >= kDTypeCount || !is_float(static_cast<DType>(p))))
    return fail(Code::kAttr, "softmax_precision is ", p, "; it must name a floating-point type");
  if (c.has(4) != c.has(5)) return fail(Code::kType, "past_key and past_value must be given together");
  if (c.has(6) && c.has(4))
    return fail(Code::kType, "nonpad_kv_seqlen is for caches kept outside; past_key must not be given with it");
  return {};
}

// The cache before this step, and its length; a length of 0 without one.
Result<Dim> past_length(InferCtx& c, const AttentionExtents& e) {
  if (!c.has(4)) return Dim(0);
  SDX_TRY(Shape k, c.shape(4));
  SDX_TRY(Shape v, c.shape(5));
  SDX_RETURN_IF_ERROR(require_rank(c, k, 4, "past_key"));
  SDX_RETURN_IF_ERROR(require_rank(c, v, 4, "past_value"));
  const auto fits = [&](const Shape& s, Dim size) {
    return c.sym().equal(s[0], e.batch).value_or(true) && c.sym().equal(s[1], e.kv_heads).value_or(true) &&
           c.sym().equal(s[3], size).value_or(true);
  };
  if (!fits(k, e.qk_size) || !fits(v, e.v_size))
    return c.shape_error("past_key is ", c.text(k), " and past_value ", c.text(v),
                         "; batch, heads and head sizes must be those of K and V");
  return c.must_equal(k[2], v[2], "lengths of past_key and past_value");
}

Status infer(InferCtx& c) {
  SDX_RETURN_IF_ERROR(check_choices(c));
  for (int o : {0, 1, 3}) SDX_RETURN_IF_ERROR(c.set_type(o, Type::tensor(c.dtype(0))));
  SDX_RETURN_IF_ERROR(c.set_type(2, Type::tensor(c.dtype(2))));
  SDX_TRY(Shape q, with_heads(c, 0, "Q", "q_num_heads"));
  SDX_TRY(Shape k, with_heads(c, 1, "K", "kv_num_heads"));
  SDX_TRY(Shape v, with_heads(c, 2, "V", "kv_num_heads"));
  SDX_TRY(AttentionExtents e, attention_extents(c, q, k, v));
  SDX_TRY(Dim past, past_length(c, e));
  const Dim total = c.sym().add(past, e.kv_length);
  if (c.in(0).shape.size() == 3) {
    SDX_RETURN_IF_ERROR(c.set(0, c.dtype(0), {e.batch, e.q_length, c.sym().mul(e.q_heads, e.v_size)}));
  } else {
    SDX_RETURN_IF_ERROR(c.set(0, c.dtype(0), {e.batch, e.q_heads, e.q_length, e.v_size}));
  }
  SDX_RETURN_IF_ERROR(c.set(1, c.dtype(0), {e.batch, e.kv_heads, total, e.qk_size}));
  SDX_RETURN_IF_ERROR(c.set(2, c.dtype(2), {e.batch, e.kv_heads, total, e.v_size}));
  return c.set(3, c.dtype(0), {e.batch, e.q_heads, e.q_length, total});
}

// In opset 23 a mask whose last extent is 1 was broadcast over the keys; since 24 what it lacks is masked out.
Status broadcast_mask(UpgradeCtx& u, const Upgrade&) {
  if (!u.has(3) || !u.has(1) || !u.fact(3).has_rank || u.fact(3).shape.empty()) return {};
  const Dim last = u.fact(3).shape.back();
  if (last.known() && !last.is(1)) return {};
  const auto length = [&](int i) {
    return u.emit("Shape", {u.draft().inputs[static_cast<size_t>(i)]},
                  {Attr::of_int("start", -2), Attr::of_int("end", -1)});
  };
  SDX_TRY(ValueId total, length(1));
  if (u.has(4)) {
    SDX_TRY(ValueId past, length(4));
    SDX_TRY(total, u.emit("Add", {past, total}));
  }
  SDX_TRY(ValueId wide, u.emit("Expand", {u.draft().inputs[3], total}));
  u.set_input(3, wide);
  return {};
}
constexpr Upgrade kHistory[] = {{24, broadcast_mask}};

}  // namespace

SDX_OP(Attention) = {.name = "Attention",
                     .since = 25,
                     .types = kTypes,
                     .inputs = kIn,
                     .outputs = kOut,
                     .attrs = kAttrs,
                     .infer = infer,
                     .expand = expand_attention,
                     .history = kHistory,
                     .first = 23};

}  // namespace sardonyx
