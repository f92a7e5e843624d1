// LpNormalization, MeanVarianceNormalization and LRN.
#include "ir/body_ctx.h"
#include "ops/eltwise.h"
#include "ops/infer.h"

namespace sardonyx {
namespace {

using Ref = BodyCtx::Ref;

constexpr AttrDef kLpAttrs[] = {attr_int("axis", -1), attr_int("p", 2)};
constexpr int64_t kMeanVarianceAxes[] = {0, 2, 3};
constexpr AttrDef kMeanVarianceAttrs[] = {attr_ints("axes", kMeanVarianceAxes)};
constexpr AttrDef kLrnAttrs[] = {attr_float("alpha", 0.0001), attr_float("beta", 0.75), attr_float("bias", 1.0),
                                 attr_required("size", AttrType::kInt)};

Status infer_lp(InferCtx& c) {
  const int64_t p = c.attr_int("p");
  if (p != 1 && p != 2) return fail(Code::kAttr, "p is ", p, "; it must be 1 or 2");
  SDX_TRY(Shape x, c.shape(0));
  SDX_TRY([[maybe_unused]] int axis, c.axis(c.attr_int("axis"), static_cast<int>(x.size())));
  return c.set(0, c.dtype(0), std::move(x));
}
Status infer_mean_variance(InferCtx& c) {
  SDX_TRY(Shape x, c.shape(0));
  SDX_TRY([[maybe_unused]] auto axes, c.axes(c.attr_ints("axes"), static_cast<int>(x.size())));
  return c.set(0, c.dtype(0), std::move(x));
}
Status infer_lrn(InferCtx& c) {
  if (c.attr_int("size") < 1) return fail(Code::kAttr, "size is ", c.attr_int("size"), "; it must be positive");
  SDX_TRY(Shape x, c.shape(0));
  SDX_RETURN_IF_ERROR(require_min_rank(c, x, 2, "X"));
  return c.set(0, c.dtype(0), std::move(x));
}

// A zero norm gives zeros.
Status expand_lp(BodyCtx& b) {
  const Ref x = b.in(0);
  const Ref norm = b.op(b.attr_int("p") == 1 ? "ReduceL1" : "ReduceL2", {x, b.ints({b.attr_int("axis")})});
  const Ref zero = b.scalar(0, x);
  return b.outputs({b.op("Where", {b.op("Equal", {norm, zero}), zero, b.op("Div", {x, norm})})});
}
Status expand_mean_variance(BodyCtx& b) {
  const DType type = b.dtype(0);
  const Ref x = b.cast(b.in(0), type == DType::kF64 ? type : DType::kF32), axes = b.ints(b.attr_ints("axes"));
  const Ref d = b.op("Sub", {x, b.op("ReduceMean", {x, axes})});
  const Ref deviation = b.op("Sqrt", {b.op("ReduceMean", {b.op("Mul", {d, d}), axes})});
  return b.outputs({b.cast(b.op("Div", {d, b.op("Add", {deviation, b.scalar(1e-9, x)})}), type)});
}
// The sum over neighbouring channels is `size` times an average pool over [channels, everything else].
Status expand_lrn(BodyCtx& b) {
  const DType type = b.dtype(0);
  const Ref x = b.cast(b.in(0), type == DType::kF64 ? type : DType::kF32);
  const int64_t size = b.attr_int("size"), before = (size - 1) / 2, after = size - 1 - before;
  const Ref planes = b.op("Unsqueeze", {b.op("Reshape", {b.op("Mul", {x, x}), b.ints({0, 0, -1})}), b.ints({1})});
  const Ref mean = b.op("AveragePool", {planes},
                        {Attr::of_ints("kernel_shape", {size, 1}), Attr::of_ints("pads", {before, 0, after, 0}),
                         Attr::of_int("count_include_pad", 1)});
  const Ref like_x = b.op("Reshape", {mean, b.op("Shape", {x})}, {Attr::of_int("allowzero", 1)});
  const Ref sum =
      b.op("Add", {b.op("Mul", {like_x, b.scalar(b.attr_float("alpha"), x)}), b.scalar(b.attr_float("bias"), x)});
  return b.outputs({b.cast(b.op("Div", {x, b.op("Pow", {sum, b.scalar(b.attr_float("beta"), x)})}), type)});
}

}  // namespace

SDX_OP(LpNormalization) = {.name = "LpNormalization",
                           .since = 22,
                           .types = kFloatT,
                           .inputs = kInInput,
                           .outputs = kOutOutput,
                           .attrs = kLpAttrs,
                           .infer = infer_lp,
                           .expand = expand_lp};

SDX_OP(MeanVarianceNormalization) = {.name = "MeanVarianceNormalization",
                                     .since = 13,
                                     .types = kFloatT,
                                     .inputs = kInX,
                                     .outputs = kOutY,
                                     .attrs = kMeanVarianceAttrs,
                                     .infer = infer_mean_variance,
                                     .expand = expand_mean_variance,
                                     .first = 9};

SDX_OP(LRN) = {.name = "LRN",
               .since = 13,
               .types = kFloatT,
               .inputs = kInX,
               .outputs = kOutY,
               .attrs = kLrnAttrs,
               .infer = infer_lrn,
               .expand = expand_lrn};

}  // namespace sardonyx
