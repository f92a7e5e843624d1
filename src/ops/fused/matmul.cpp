// ai.sardonyx.MatMul: act(alpha * A' * B' + bias + residual). bias broadcasts to the product, residual has its extents.
#include "ops/math/matmul.h"

#include "ops/eltwise.h"
#include "ops/fused/activation.h"

namespace sardonyx {
namespace {

using Ref = BodyCtx::Ref;

constexpr ParamDef kIn[] = {{"A", "T"}, {"B", "T"}, {"bias", "T", kOptional}, {"residual", "T", kOptional}};
constexpr AttrDef kAttrs[] = {attr_float("alpha", 1), attr_int("transA", 0), attr_int("transB", 0),
                              kActivationAttr,        kActivationP0,         kActivationP1};

void swap_last(Shape& s) {
  if (s.size() >= 2) std::swap(s[s.size() - 1], s[s.size() - 2]);
}

Status infer(InferCtx& c) {
  SDX_TRY(Shape a, c.shape(0));
  SDX_TRY(Shape b, c.shape(1));
  if (c.attr_int("transA")) swap_last(a);
  if (c.attr_int("transB")) swap_last(b);
  SDX_TRY(Shape y, matmul_shape(c, a, b, "A", "B"));
  return c.set(0, c.dtype(0), std::move(y));
}

Ref transposed(BodyCtx& b, Ref x) {
  std::vector<int64_t> perm;
  for (size_t i = 0; i < b.fact(x).shape.size(); ++i) perm.push_back(static_cast<int64_t>(i));
  if (perm.size() < 2) return x;
  std::swap(perm[perm.size() - 1], perm[perm.size() - 2]);
  return b.op("Transpose", {x}, {Attr::of_ints("perm", perm)});
}

Status expand(BodyCtx& b) {
  if (!b.fact(b.in(0)).has_rank || !b.fact(b.in(1)).has_rank) return fail(Code::kNoKernel, "the ranks are unknown");
  const Ref left = b.attr_int("transA") ? transposed(b, b.in(0)) : b.in(0);
  const Ref right = b.attr_int("transB") ? transposed(b, b.in(1)) : b.in(1);
  Ref y = b.op("MatMul", {left, right});
  if (b.attr_float("alpha") != 1) y = b.op("Mul", {y, b.scalar(static_cast<double>(b.attr_float("alpha")), y)});
  if (b.has(2)) y = b.op("Add", {y, b.in(2)});
  if (b.has(3)) y = b.op("Add", {y, b.in(3)});
  return b.outputs({apply_activation(b, y)});
}

}  // namespace

SDX_OP(sdx_MatMul) = {.name = "MatMul",
                      .domain = "ai.sardonyx",
                      .since = 1,
                      .types = kNumericT,
                      .inputs = kIn,
                      .outputs = kOutY,
                      .attrs = kAttrs,
                      .infer = infer,
                      .expand = expand};

}  // namespace sardonyx
