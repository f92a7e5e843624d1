// LayerNormalization and RMSNormalization over the axes from `axis` on.
#include "ir/body_ctx.h"
#include "ops/eltwise.h"

namespace sardonyx {
namespace {

using Ref = BodyCtx::Ref;

constexpr TypeVar kLayerTypes[] = {{"T", kFloatTypes}, {"U", mask_of(DType::kBF16) | mask_of(DType::kF32)}};
constexpr ParamDef kLayerIn[] = {{"X", "T"}, {"Scale", "T"}, {"B", "T", kOptional}};
constexpr ParamDef kLayerOut[] = {{"Y", "T"}, {"Mean", "U", kOptional}, {"InvStdDev", "U", kOptional}};
constexpr AttrDef kAttrs[] = {attr_int("axis", -1), attr_float("epsilon", 1e-05), attr_int("stash_type", 1)};
constexpr TypeVar kRmsTypes[] = {{"T", kFloatTypes}, {"V", kFloatTypes}};
constexpr ParamDef kRmsIn[] = {{"X", "T"}, {"scale", "V"}};
constexpr ParamDef kRmsOut[] = {{"Y", "V"}};

Status check_stash(InferCtx& c, TypeMask allowed) {
  const DType stash = c.attr_dtype("stash_type");
  if (static_cast<int>(stash) < kDTypeCount && contains(allowed, stash)) return {};
  return fail(Code::kAttr, "stash_type is ", c.attr_int("stash_type"),
              ", which names no element type that is allowed here");
}

Status infer_layer(InferCtx& c) {
  SDX_RETURN_IF_ERROR(check_stash(c, mask_of(DType::kBF16) | mask_of(DType::kF32)));
  const DType stash = c.attr_dtype("stash_type");
  for (int o : {1, 2}) SDX_RETURN_IF_ERROR(c.set_type(o, Type::tensor(stash)));
  SDX_TRY(Shape x, c.shape(0));
  SDX_TRY(int axis, c.axis(c.attr_int("axis"), static_cast<int>(x.size())));
  for (int i : {1, 2})
    if (c.has(i) && c.in(i).has_rank)
      SDX_RETURN_IF_ERROR(check_broadcasts_to(c, c.in(i).shape, x, i == 1 ? "Scale" : "B", "X"));
  Shape statistics = x;
  for (size_t a = static_cast<size_t>(axis); a < x.size(); ++a) statistics[a] = 1;
  for (int o : {1, 2}) SDX_RETURN_IF_ERROR(c.set(o, stash, statistics));
  return c.set(0, c.dtype(0), std::move(x));
}

Status infer_rms(InferCtx& c) {
  SDX_RETURN_IF_ERROR(check_stash(c, kFloatTypes));
  SDX_TRY(Shape x, c.shape(0));
  SDX_TRY([[maybe_unused]] int axis, c.axis(c.attr_int("axis"), static_cast<int>(x.size())));
  if (c.in(1).has_rank) SDX_RETURN_IF_ERROR(check_broadcasts_to(c, c.in(1).shape, x, "scale", "X"));
  return c.set(0, c.dtype(1), std::move(x));
}

// The normalised axes, counted from the end when the rank is not known.
Result<Ref> normalised_axes(BodyCtx& b) {
  const int64_t axis = b.attr_int("axis");
  const Fact& x = b.fact(b.in(0));
  if (axis >= 0 && !x.has_rank) return fail(Code::kNoKernel, "the rank of X is not known");
  const int64_t end = axis < 0 ? 0 : static_cast<int64_t>(x.shape.size());
  std::vector<int64_t> axes;
  for (int64_t a = axis; a < end; ++a) axes.push_back(a);
  return b.ints(axes);
}
// Doubles stay doubles: a narrower first stage would only lose digits.
DType inner_type(BodyCtx& b) {
  return b.dtype(0) == DType::kF64 ? DType::kF64 : static_cast<DType>(b.attr_int("stash_type"));
}
Ref inverse_root(BodyCtx& b, Ref mean_square) {
  return b.op("Reciprocal",
              {b.op("Sqrt", {b.op("Add", {mean_square, b.scalar(b.attr_float("epsilon"), mean_square)})})});
}

Status expand_layer(BodyCtx& b) {
  SDX_TRY(const Ref axes, normalised_axes(b));
  const DType stash = static_cast<DType>(b.attr_int("stash_type"));
  const Ref x = b.cast(b.in(0), inner_type(b));
  const Ref mean = b.op("ReduceMean", {x, axes}), d = b.op("Sub", {x, mean});
  const Ref inverse = inverse_root(b, b.op("ReduceMean", {b.op("Mul", {d, d}), axes}));
  Ref y = b.op("Mul", {b.cast(b.op("Mul", {d, inverse}), b.dtype(0)), b.in(1)});
  if (b.has(2)) y = b.op("Add", {y, b.in(2)});
  return b.outputs({y, b.wants(1) ? b.cast(mean, stash) : kNone, b.wants(2) ? b.cast(inverse, stash) : kNone});
}
Status expand_rms(BodyCtx& b) {
  SDX_TRY(const Ref axes, normalised_axes(b));
  const Ref x = b.cast(b.in(0), inner_type(b));
  const Ref inverse = inverse_root(b, b.op("ReduceMean", {b.op("Mul", {x, x}), axes}));
  return b.outputs({b.op("Mul", {b.cast(b.op("Mul", {x, inverse}), b.dtype(1)), b.in(1)})});
}

}  // namespace

SDX_OP(LayerNormalization) = {.name = "LayerNormalization",
                              .since = 17,
                              .types = kLayerTypes,
                              .inputs = kLayerIn,
                              .outputs = kLayerOut,
                              .attrs = kAttrs,
                              .infer = infer_layer,
                              .expand = expand_layer,
                              .first = 17};

SDX_OP(RMSNormalization) = {.name = "RMSNormalization",
                            .since = 23,
                            .types = kRmsTypes,
                            .inputs = kRmsIn,
                            .outputs = kRmsOut,
                            .attrs = kAttrs,
                            .infer = infer_rms,
                            .expand = expand_rms,
                            .first = 23};

}  // namespace sardonyx
