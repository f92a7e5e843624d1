// ai.sardonyx.QMatMul and QConv: products of bytes as the fusion of quantised islands leaves them.
//   y = act((x - x_zero) * (w - w_zero) * (x_scale * w_scale) + bias), quantised with y_scale and y_zero if those are
//   given, else float. The bias of a quantised result is int32 and joins the sum, that of a float result is float.

#include "ops/eltwise.h"
#include "ops/fused/activation.h"
#include "ops/fused/channels_last.h"
#include "ops/infer.h"
#include "ops/math/matmul.h"
#include "ops/nn/window.h"

namespace sardonyx {
namespace {

using Ref = BodyCtx::Ref;

constexpr TypeMask kBytes = mask_of(DType::kU8) | mask_of(DType::kI8);
constexpr TypeVar kTypes[] = {{"T1", kBytes},
                              {"T2", kBytes},
                              {"T3", kBytes | mask_of(DType::kF32)},
                              {"TB", mask_of(DType::kI32) | mask_of(DType::kF32)},
                              {"TS", mask_of(DType::kF32)}};
constexpr ParamDef kIn[] = {{"x", "T1"},
                            {"x_scale", "TS"},
                            {"x_zero_point", "T1"},
                            {"w", "T2"},
                            {"w_scale", "TS"},
                            {"w_zero_point", "T2"},
                            {"y_scale", "TS", kOptional},
                            {"y_zero_point", "T3", kOptional},
                            {"bias", "TB", kOptional}};
constexpr ParamDef kOut[] = {{"y", "T3"}};
constexpr AttrDef kMatMulAttrs[] = {attr_int("transB", 0), kActivationAttr, kActivationP0, kActivationP1};

Result<DType> result_type(InferCtx& c) {
  if (c.has(6) != c.has(7)) return fail(Code::kAttr, "y_scale and y_zero_point must come together");
  const DType type = c.has(7) ? c.dtype(7) : DType::kF32;
  if (c.has(7) && !contains(kBytes, type)) return fail(Code::kType, "y_zero_point must be uint8 or int8");
  if (c.has(8) && c.dtype(8) != (c.has(7) ? DType::kI32 : DType::kF32))
    return fail(Code::kType, "the bias must be ", c.has(7) ? "int32" : "float", " with this kind of result");
  return type;
}

Status infer_matmul(InferCtx& c) {
  SDX_TRY(const DType type, result_type(c));
  SDX_RETURN_IF_ERROR(c.set_type(0, Type::tensor(type)));
  SDX_TRY(Shape a, c.shape(0));
  SDX_TRY(Shape b, c.shape(3));
  if (c.attr_int("transB") && b.size() >= 2) std::swap(b[b.size() - 1], b[b.size() - 2]);
  SDX_TRY(Shape y, matmul_shape(c, a, b, "x", "w"));
  return c.set(0, type, std::move(y));
}

Status infer_conv(InferCtx& c) {
  SDX_TRY(const DType type, result_type(c));
  SDX_RETURN_IF_ERROR(c.set_type(0, Type::tensor(type)));
  SDX_TRY(Shape x, c.shape(0));
  SDX_TRY(Shape w, c.shape(3));
  SDX_RETURN_IF_ERROR(require_min_rank(c, x, 3, "x"));
  const bool last = c.attr_int("channels_last") != 0;
  SDX_TRY(Window window, read_window(c.node(), x.size() - 2));
  SDX_TRY(Shape y, conv_shape(c, last ? to_channels_first(x) : x, w, window));
  SDX_RETURN_IF_ERROR(check_channel_vector(c, 8, "bias", y[1]));
  return c.set(0, type, last ? to_channels_last(y) : std::move(y));
}

Ref scalar_of(BodyCtx& b, int i) { return b.op("Reshape", {b.in(i), b.ints({})}); }

// From exact sums (channels first) to the result; `axes` makes a value per channel broadcast.
Ref finish(BodyCtx& b, Ref sum, const std::vector<int64_t>& axes) {
  const auto along = [&](Ref v) {
    const Fact& f = b.fact(v);
    return axes.empty() || f.shape.empty() || f.shape[0].is(1) ? v : b.op("Unsqueeze", {v, b.ints(axes)});
  };
  if (b.has(8) && b.has(7)) sum = b.op("Add", {sum, along(b.in(8))});
  const Ref scale = b.op("Mul", {scalar_of(b, 1), along(b.in(4))});
  Ref y = b.op("Mul", {b.cast(sum, DType::kF32), scale});
  if (b.has(8) && !b.has(7)) y = b.op("Add", {y, along(b.in(8))});
  y = apply_activation(b, y);
  return b.has(7) ? b.op("QuantizeLinear", {y, scalar_of(b, 6), scalar_of(b, 7)}) : y;
}

Status expand_matmul(BodyCtx& b) {
  const Fact& w = b.fact(b.in(3));
  if (!w.has_rank) return fail(Code::kNoKernel, "the rank of w is not known");
  Ref right = b.in(3);
  if (b.attr_int("transB") && w.shape.size() >= 2) {
    std::vector<int64_t> perm;
    for (size_t i = 0; i < w.shape.size(); ++i) perm.push_back(static_cast<int64_t>(i));
    std::swap(perm[perm.size() - 1], perm[perm.size() - 2]);
    right = b.op("Transpose", {right}, {Attr::of_ints("perm", perm)});
  }
  const Ref sum = b.op("MatMulInteger", {b.in(0), right, scalar_of(b, 2), b.in(5)});
  return b.outputs({finish(b, sum, {})});
}

Status expand_conv(BodyCtx& b) {
  if (!b.fact(b.in(0)).has_rank) return fail(Code::kNoKernel, "the rank of x is not known");
  const bool last = b.attr_int("channels_last") != 0;
  const Ref x = last ? transpose_to_first(b, b.in(0)) : b.in(0);
  std::vector<Attr> attrs;
  for (const Attr& a : b.node().attrs)
    if (a.name != "channels_last" && a.name != "activation" && a.name != "p0" && a.name != "p1") attrs.push_back(a);
  const Ref sum = b.op("ConvInteger", {x, b.in(3), b.in(2), b.in(5)}, attrs);
  std::vector<int64_t> axes;
  for (size_t a = 1; a + 1 < b.fact(b.in(0)).shape.size(); ++a) axes.push_back(static_cast<int64_t>(a));
  const Ref y = finish(b, sum, axes);
  return b.outputs({last ? transpose_to_last(b, y) : y});
}

}  // namespace

SDX_OP(sdx_QMatMul) = {.name = "QMatMul",
                       .domain = "ai.sardonyx",
                       .since = 1,
                       .types = kTypes,
                       .inputs = kIn,
                       .outputs = kOut,
                       .attrs = kMatMulAttrs,
                       .infer = infer_matmul,
                       .expand = expand_matmul};
SDX_OP(sdx_QConv) = {.name = "QConv",
                     .domain = "ai.sardonyx",
                     .since = 1,
                     .types = kTypes,
                     .inputs = kIn,
                     .outputs = kOut,
                     .attrs = kFusedConvAttrs,
                     .infer = infer_conv,
                     .expand = expand_conv};

}  // namespace sardonyx
