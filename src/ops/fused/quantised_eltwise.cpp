// ai.sardonyx.QAdd, QMul: sums and products of quantised numbers, clipped by an activation, quantised again.
// ai.sardonyx.Lookup: every byte replaced by an entry of a table, which stands for any function of one quantised
// number. ai.sardonyx.QGlobalAveragePool: means over the spatial axes.
#include "ops/eltwise.h"
#include "ops/fused/activation.h"
#include "ops/fused/channels_last.h"
#include "ops/infer.h"

namespace sardonyx {
namespace {

using Ref = BodyCtx::Ref;

constexpr TypeMask kBytes = mask_of(DType::kU8) | mask_of(DType::kI8);
constexpr TypeVar kTypes[] = {{"T", kBytes}, {"T2", kBytes}, {"TS", mask_of(DType::kF32)}};
constexpr ParamDef kBinaryIn[] = {{"a", "T"},        {"a_scale", "TS"},    {"a_zero_point", "T"},
                                  {"b", "T"},        {"b_scale", "TS"},    {"b_zero_point", "T"},
                                  {"y_scale", "TS"}, {"y_zero_point", "T"}};
constexpr ParamDef kLookupIn[] = {{"x", "T"}, {"table", "T2"}};
constexpr ParamDef kPoolIn[] = {
    {"x", "T"}, {"x_scale", "TS"}, {"x_zero_point", "T"}, {"y_scale", "TS"}, {"y_zero_point", "T"}};
constexpr ParamDef kOut[] = {{"y", "T"}};
constexpr ParamDef kLookupOut[] = {{"y", "T2"}};
constexpr AttrDef kBinaryAttrs[] = {kActivationAttr, kActivationP0, kActivationP1};
constexpr AttrDef kPoolAttrs[] = {attr_int("channels_last", 0)};

Status infer_binary(InferCtx& c) {
  SDX_RETURN_IF_ERROR(c.set_type(0, Type::tensor(c.dtype(0))));
  SDX_TRY(Shape a, c.shape(0));
  SDX_TRY(Shape b, c.shape(3));
  SDX_TRY(Shape y, c.broadcast(a, b));
  return c.set(0, c.dtype(0), std::move(y));
}
Status infer_lookup(InferCtx& c) {
  SDX_RETURN_IF_ERROR(c.set_type(0, Type::tensor(c.dtype(1))));
  SDX_TRY(Shape table, c.shape(1));
  if (table.size() != 1 || !c.sym().equal(table[0], Dim(256)).value_or(true))
    return c.shape_error("the table is ", c.text(table), "; it must have 256 entries");
  SDX_TRY(Shape x, c.shape(0));
  return c.set(0, c.dtype(1), std::move(x));
}
Status infer_pool(InferCtx& c) {
  SDX_TRY(Shape y, c.shape(0));
  SDX_RETURN_IF_ERROR(require_min_rank(c, y, 3, "x"));
  const size_t first = c.attr_int("channels_last") ? 1 : 2;
  for (size_t a = first; a < first + y.size() - 2; ++a) y[a] = Dim(1);
  return c.set(0, c.dtype(0), std::move(y));
}

Ref scalar_of(BodyCtx& b, int i) { return b.op("Reshape", {b.in(i), b.ints({})}); }
Ref dequantised(BodyCtx& b, int i) {
  return b.op("DequantizeLinear", {b.in(i), scalar_of(b, i + 1), scalar_of(b, i + 2)});
}
Status expand_binary(BodyCtx& b, std::string_view op) {
  const Ref y = apply_activation(b, b.op(op, {dequantised(b, 0), dequantised(b, 3)}));
  return b.outputs({b.op("QuantizeLinear", {y, scalar_of(b, 6), scalar_of(b, 7)})});
}
Status expand_add(BodyCtx& b) { return expand_binary(b, "Add"); }
Status expand_mul(BodyCtx& b) { return expand_binary(b, "Mul"); }
// Gather counts negative indices from the end, which is where an int8's bit pattern is.
Status expand_lookup(BodyCtx& b) { return b.outputs({b.op("Gather", {b.in(1), b.cast(b.in(0), DType::kI64)})}); }
Status expand_pool(BodyCtx& b) {
  if (!b.fact(b.in(0)).has_rank) return fail(Code::kNoKernel, "the rank of x is not known");
  const bool last = b.attr_int("channels_last") != 0;
  Ref x = dequantised(b, 0);
  if (last) x = transpose_to_first(b, x);
  Ref y = b.op("GlobalAveragePool", {x});
  if (last) y = transpose_to_last(b, y);
  return b.outputs({b.op("QuantizeLinear", {y, scalar_of(b, 3), scalar_of(b, 4)})});
}

}  // namespace

SDX_OP(sdx_QAdd) = {.name = "QAdd",
                    .domain = "ai.sardonyx",
                    .since = 1,
                    .types = kTypes,
                    .inputs = kBinaryIn,
                    .outputs = kOut,
                    .attrs = kBinaryAttrs,
                    .infer = infer_binary,
                    .expand = expand_add};
SDX_OP(sdx_QMul) = {.name = "QMul",
                    .domain = "ai.sardonyx",
                    .since = 1,
                    .types = kTypes,
                    .inputs = kBinaryIn,
                    .outputs = kOut,
                    .attrs = kBinaryAttrs,
                    .infer = infer_binary,
                    .expand = expand_mul};
SDX_OP(sdx_Lookup) = {.name = "Lookup",
                      .domain = "ai.sardonyx",
                      .since = 1,
                      .types = kTypes,
                      .inputs = kLookupIn,
                      .outputs = kLookupOut,
                      .infer = infer_lookup,
                      .expand = expand_lookup};
SDX_OP(sdx_QGlobalAveragePool) = {.name = "QGlobalAveragePool",
                                  .domain = "ai.sardonyx",
                                  .since = 1,
                                  .types = kTypes,
                                  .inputs = kPoolIn,
                                  .outputs = kOut,
                                  .attrs = kPoolAttrs,
                                  .infer = infer_pool,
                                  .expand = expand_pool};

}  // namespace sardonyx
