// Random tensors. Without a seed every run differs; they are never folded or merged.
#include "ir/body_ctx.h"
#include "ir/infer_ctx.h"
#include "ir/op_def.h"
#include "ops/generator/dtype_attr.h"

namespace sardonyx {
namespace {

constexpr TypeVar kFloatT[] = {{"T", kFloatTypes}};
constexpr ParamDef kRandomNormalOut[] = {{"output", "T"}};
constexpr AttrDef kRandomNormalAttrs[] = {attr_int("dtype", 1), attr_float("mean", 0.0), attr_float("scale", 1.0),
                                          attr_optional("seed", AttrType::kFloat),
                                          attr_required("shape", AttrType::kInts)};
constexpr AttrDef kRandomUniformAttrs[] = {attr_int("dtype", 1), attr_float("high", 1.0), attr_float("low", 0.0),
                                           attr_optional("seed", AttrType::kFloat),
                                           attr_required("shape", AttrType::kInts)};
constexpr TypeVar kRandomNormalLikeTypes[] = {{"T1", kNumericTypes | kComplexTypes | kBoolType | kStringType},
                                              {"T2", kFloatTypes}};
constexpr ParamDef kRandomNormalLikeIn[] = {{"input", "T1"}};
constexpr ParamDef kRandomNormalLikeOut[] = {{"output", "T2"}};
constexpr AttrDef kRandomNormalLikeAttrs[] = {attr_optional("dtype", AttrType::kInt), attr_float("mean", 0.0),
                                              attr_float("scale", 1.0), attr_optional("seed", AttrType::kFloat)};
constexpr AttrDef kRandomUniformLikeAttrs[] = {attr_optional("dtype", AttrType::kInt), attr_float("high", 1.0),
                                               attr_float("low", 0.0), attr_optional("seed", AttrType::kFloat)};
constexpr TypeVar kBernoulliTypes[] = {{"T1", kFloatTypes}, {"T2", kNumericTypes | kBoolType}};
constexpr AttrDef kBernoulliAttrs[] = {attr_optional("dtype", AttrType::kInt), attr_optional("seed", AttrType::kFloat)};
constexpr TypeVar kMultinomialTypes[] = {{"T1", kFloatTypes}, {"T2", kIndexTypes}};
constexpr AttrDef kMultinomialAttrs[] = {attr_int("dtype", 6), attr_int("sample_size", 1),
                                         attr_optional("seed", AttrType::kFloat)};

Status infer_shaped(InferCtx& c) {
  SDX_TRY(const DType type, output_dtype(c, "T", DType::kF32));
  const std::span<const int64_t> dims = c.attr_ints("shape");
  for (int64_t d : dims)
    if (d < 0) return fail(Code::kAttr, "shape has ", d, ", expected 0 or more");
  return c.set(0, type, to_shape(dims));
}

Status infer_like(InferCtx& c) {
  SDX_TRY(const DType type, output_dtype(c, "T2", c.dtype(0)));
  return c.in(0).has_rank ? c.set(0, type, c.in(0).shape) : c.set_unknown_rank(0, type);
}

Status infer_multinomial(InferCtx& c) {
  SDX_TRY(const DType type, output_dtype(c, "T2", DType::kI32));
  const int64_t n = c.attr_int("sample_size");
  if (n < 1) return fail(Code::kAttr, "sample_size is ", n, ", expected 1 or more");
  SDX_RETURN_IF_ERROR(c.set(0, type, {c.fresh(), n}));
  SDX_TRY(const Shape x, c.shape(0));
  if (x.size() != 2) return c.shape_error("input ", c.text(x), " has rank ", x.size(), ", expected 2 (batch, classes)");
  return c.set(0, type, {x[0], n});
}

Status expand_bernoulli(BodyCtx& b) {
  std::vector<Attr> attrs;
  if (const Attr* seed = b.node().find_attr("seed")) attrs.push_back(*seed);
  const BodyCtx::Ref drawn = b.op("RandomUniformLike", {b.in(0)}, std::move(attrs));
  const DType type = b.has_attr("dtype") ? static_cast<DType>(b.attr_int("dtype")) : b.dtype(0);
  return b.outputs({b.cast(b.op("Less", {drawn, b.in(0)}), type)});
}

}  // namespace

SDX_OP(RandomNormal) = {.name = "RandomNormal",
                        .since = 22,
                        .types = kFloatT,
                        .outputs = kRandomNormalOut,
                        .attrs = kRandomNormalAttrs,
                        .infer = infer_shaped,
                        .traits = kNondeterministic};

SDX_OP(RandomUniform) = {.name = "RandomUniform",
                         .since = 22,
                         .types = kFloatT,
                         .outputs = kRandomNormalOut,
                         .attrs = kRandomUniformAttrs,
                         .infer = infer_shaped,
                         .traits = kNondeterministic};

SDX_OP(RandomNormalLike) = {.name = "RandomNormalLike",
                            .since = 22,
                            .types = kRandomNormalLikeTypes,
                            .inputs = kRandomNormalLikeIn,
                            .outputs = kRandomNormalLikeOut,
                            .attrs = kRandomNormalLikeAttrs,
                            .infer = infer_like,
                            .traits = kNondeterministic};

SDX_OP(RandomUniformLike) = {.name = "RandomUniformLike",
                             .since = 22,
                             .types = kRandomNormalLikeTypes,
                             .inputs = kRandomNormalLikeIn,
                             .outputs = kRandomNormalLikeOut,
                             .attrs = kRandomUniformLikeAttrs,
                             .infer = infer_like,
                             .traits = kNondeterministic};

SDX_OP(Bernoulli) = {.name = "Bernoulli",
                     .since = 22,
                     .types = kBernoulliTypes,
                     .inputs = kRandomNormalLikeIn,
                     .outputs = kRandomNormalLikeOut,
                     .attrs = kBernoulliAttrs,
                     .infer = infer_like,
                     .expand = expand_bernoulli,
                     .traits = kNondeterministic,
                     .first = 15};

SDX_OP(Multinomial) = {.name = "Multinomial",
                       .since = 22,
                       .types = kMultinomialTypes,
                       .inputs = kRandomNormalLikeIn,
                       .outputs = kRandomNormalLikeOut,
                       .attrs = kMultinomialAttrs,
                       .infer = infer_multinomial,
                       .traits = kNondeterministic,
                       .first = 7};

}  // namespace sardonyx
