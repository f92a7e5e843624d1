// ArrayFeatureExtractor picks columns; FeatureVectorizer puts inputs side by side.
#include "ir/body_ctx.h"
#include "ir/infer_ctx.h"
#include "ir/op_def.h"
#include "ops/ml/model.h"

namespace sardonyx {
namespace {

constexpr TypeVar kArrayFeatureExtractorTypes[] = {
    {"T", kIndexTypes | kStringType | mask_of(DType::kF32) | mask_of(DType::kF64)}, {"tensor(int64)", kInt64Type}};
constexpr ParamDef kArrayFeatureExtractorIn[] = {{"X", "T"}, {"Y", "tensor(int64)"}};
constexpr ParamDef kArrayFeatureExtractorOut[] = {{"Z", "T"}};
constexpr TypeVar kFeatureVectorizerTypes[] = {{"T1", kIndexTypes | mask_of(DType::kF32) | mask_of(DType::kF64)},
                                               {"tensor(float)", mask_of(DType::kF32)}};
constexpr ParamDef kFeatureVectorizerIn[] = {{"X", "T1", kVariadic}};
constexpr ParamDef kFeatureVectorizerOut[] = {{"Y", "tensor(float)"}};
constexpr AttrDef kFeatureVectorizerAttrs[] = {attr_optional("inputdimensions", AttrType::kInts)};

Status infer_array_feature_extractor(InferCtx& c) {
  SDX_TRY(Shape out, c.shape(0));
  if (out.empty()) return c.shape_error("X is a scalar, expected rank 1 or more");
  if (out.size() == 1) out.insert(0, 1);
  out.back() = c.in(1).has_rank ? c.sym().product(c.in(1).shape) : c.fresh();
  return c.set(0, c.dtype(0), std::move(out));
}

Status expand_array_feature_extractor(BodyCtx& b) {
  if (!b.fact(b.in(0)).has_rank) return fail(Code::kNoKernel, "the rank of X is not known");
  const bool vector = b.fact(b.in(0)).shape.size() == 1;
  const BodyCtx::Ref x = vector ? b.op("Unsqueeze", {b.in(0), b.ints({0})}) : b.in(0);
  return b.outputs({b.op("Gather", {x, b.op("Reshape", {b.in(1), b.ints({-1})})}, {Attr::of_int("axis", -1)})});
}

// Each input fills as many columns as "inputdimensions" says, or as it has.
Status infer_feature_vectorizer(InferCtx& c) {
  const std::span<const int64_t> widths = c.attr_ints("inputdimensions");
  if (c.has_attr("inputdimensions") && static_cast<int>(widths.size()) != c.inputs())
    return fail(Code::kAttr, "inputdimensions has ", widths.size(), " entries for ", c.inputs(), " inputs");
  std::optional<Dim> rows;
  Dim columns = 0;
  for (int i = 0; i < c.inputs(); ++i) {
    const Fact& f = c.in(i);
    if (f.has_rank && (f.shape.empty() || f.shape.size() > 2))
      return c.shape_error("X[", i, "] ", c.text(f.shape), " has rank ", f.shape.size(), ", expected [C] or [N,C]");
    if (f.has_rank) {
      const Dim n = f.shape.size() == 1 ? Dim(1) : f.shape[0];
      if (!rows) rows = n;
      SDX_TRY(rows, c.must_equal(*rows, n, "rows of the inputs"));
    }
    columns = c.sym().add(columns, !widths.empty() ? Dim(widths[static_cast<size_t>(i)])
                                   : f.has_rank    ? f.shape.back()
                                                   : c.fresh());
  }
  return c.set(0, DType::kF32, {rows ? *rows : c.fresh(), columns});
}

// Only where each input has exactly the columns that are wanted of it.
Status expand_feature_vectorizer(BodyCtx& b) {
  const Attr* widths = b.node().find_attr("inputdimensions");
  BodyCtx::Ref all = kNone;
  for (int i = 0; i < b.inputs(); ++i) {
    const Fact& f = b.fact(b.in(i));
    if (!f.has_rank || (widths != nullptr && !f.shape.back().is(widths->ints[static_cast<size_t>(i)])))
      return fail(Code::kNoKernel, "no body for inputs of other widths than inputdimensions says");
    BodyCtx::Ref x = b.cast(b.in(i), DType::kF32);
    if (f.shape.size() == 1) x = b.op("Unsqueeze", {x, b.ints({0})});
    all = i == 0 ? x : b.op("Concat", {all, x}, {Attr::of_int("axis", 1)});
  }
  return b.outputs({all});
}

}  // namespace

SDX_OP(ml_ArrayFeatureExtractor) = {.name = "ArrayFeatureExtractor",
                                    .domain = "ai.onnx.ml",
                                    .since = 1,
                                    .types = kArrayFeatureExtractorTypes,
                                    .inputs = kArrayFeatureExtractorIn,
                                    .outputs = kArrayFeatureExtractorOut,
                                    .infer = infer_array_feature_extractor,
                                    .expand = expand_array_feature_extractor};

SDX_OP(ml_FeatureVectorizer) = {.name = "FeatureVectorizer",
                                .domain = "ai.onnx.ml",
                                .since = 1,
                                .types = kFeatureVectorizerTypes,
                                .inputs = kFeatureVectorizerIn,
                                .outputs = kFeatureVectorizerOut,
                                .attrs = kFeatureVectorizerAttrs,
                                .infer = infer_feature_vectorizer,
                                .expand = expand_feature_vectorizer};

}  // namespace sardonyx
