// Linear models: LinearRegressor and LinearClassifier.
#include "ir/body_ctx.h"
#include "ir/infer_ctx.h"
#include "ir/op_def.h"
#include "ops/ml/model.h"

namespace sardonyx {
namespace {

constexpr TypeVar kLinearRegressorTypes[] = {{"T", kIndexTypes | mask_of(DType::kF32) | mask_of(DType::kF64)},
                                             {"tensor(float)", mask_of(DType::kF32)}};
constexpr ParamDef kLinearRegressorIn[] = {{"X", "T"}};
constexpr ParamDef kLinearRegressorOut[] = {{"Y", "tensor(float)"}};
constexpr AttrDef kLinearRegressorAttrs[] = {attr_optional("coefficients", AttrType::kFloats),
                                             attr_optional("intercepts", AttrType::kFloats),
                                             attr_string("post_transform", "NONE"), attr_int("targets", 1)};
constexpr TypeVar kLinearClassifierTypes[] = {{"T1", kIndexTypes | mask_of(DType::kF32) | mask_of(DType::kF64)},
                                              {"T2", kInt64Type | kStringType},
                                              {"tensor(float)", mask_of(DType::kF32)}};
constexpr ParamDef kLinearClassifierIn[] = {{"X", "T1"}};
constexpr ParamDef kLinearClassifierOut[] = {{"Y", "T2"}, {"Z", "tensor(float)"}};
constexpr AttrDef kLinearClassifierAttrs[] = {attr_optional("classlabels_ints", AttrType::kInts),
                                              attr_optional("classlabels_strings", AttrType::kStrings),
                                              attr_required("coefficients", AttrType::kFloats),
                                              attr_optional("intercepts", AttrType::kFloats),
                                              attr_int("multi_class", 0),
                                              attr_string("post_transform", "NONE")};

// Coefficients hold `rows` rows of one value per feature.
Status check_coefficients(const InferCtx& c, int64_t rows) {
  const auto n = static_cast<int64_t>(c.attr_floats("coefficients").size());
  const bool ranked = c.in(0).has_rank && !c.in(0).shape.empty();
  const Dim features = ranked ? c.in(0).shape.back() : Dim(0);
  const bool fits = ranked && features.known() ? n == rows * features.value() : n % rows == 0;
  if (fits && n > 0) return {};
  return c.shape_error("coefficients has ", n, " values, X ",
                       ranked ? c.text(c.in(0).shape) : std::string("of unknown shape"), " and ", rows, " rows need ",
                       rows, " times the number of features");
}

Status infer_linear_regressor(InferCtx& c) {
  SDX_RETURN_IF_ERROR(check_post_transform(c));
  const int64_t targets = c.attr_int("targets");
  if (targets < 1) return fail(Code::kAttr, "targets is ", targets, ", expected 1 or more");
  const auto intercepts = static_cast<int64_t>(c.attr_floats("intercepts").size());
  if (intercepts != 0 && intercepts != targets)
    return fail(Code::kAttr, "intercepts has ", intercepts, " values for ", targets, " targets");
  SDX_RETURN_IF_ERROR(check_coefficients(c, targets));
  SDX_TRY(const Dim n, sample_count(c));
  return c.set(0, DType::kF32, {n, targets});
}

Status expand_linear_regressor(BodyCtx& b) {
  using Ref = BodyCtx::Ref;
  const std::string_view post = b.attr_string("post_transform");
  if (post != "NONE" && post != "LOGISTIC" && post != "SOFTMAX")
    return fail(Code::kNoKernel, "no body for post_transform ", quoted(post));
  const std::vector<float>& w = b.node().find_attr("coefficients")->floats;
  const int64_t targets = b.attr_int("targets"), features = static_cast<int64_t>(w.size()) / targets;
  const int64_t dims[] = {targets, features};
  SDX_TRY(Tensor weights, Tensor::of<float>(DType::kF32, dims, std::span<const float>(w)));
  const Ref x = b.op("Reshape", {b.cast(b.in(0), DType::kF32), b.ints({-1, features})});
  Ref bias = kNone;
  if (const Attr* a = b.node().find_attr("intercepts"); a != nullptr && !a->floats.empty()) {
    SDX_TRY(Tensor t, Tensor::of<float>(DType::kF32, {&targets, 1}, std::span<const float>(a->floats)));
    bias = b.constant(std::move(t));
  }
  Ref y = b.op("Gemm", {x, b.constant(std::move(weights)), bias}, {Attr::of_int("transB", 1)});
  if (post == "LOGISTIC") y = b.op("Sigmoid", {y});
  if (post == "SOFTMAX") y = b.op("Softmax", {y}, {Attr::of_int("axis", 1)});
  return b.outputs({y});
}

// One row of coefficients that tells two classes apart gives two scores.
Status infer_linear_classifier(InferCtx& c) {
  SDX_RETURN_IF_ERROR(check_post_transform(c));
  SDX_TRY(const Labels labels, class_labels(c, "classlabels_ints", "classlabels_strings"));
  const auto intercepts = static_cast<int64_t>(c.attr_floats("intercepts").size());
  const int64_t rows = intercepts > 0 ? intercepts : labels.count;
  SDX_RETURN_IF_ERROR(check_coefficients(c, rows));
  SDX_TRY(const Dim n, sample_count(c));
  SDX_RETURN_IF_ERROR(c.set(0, labels.type, {n}));
  return c.set(1, DType::kF32, {n, rows == 1 && labels.count == 2 ? 2 : rows});
}

}  // namespace

SDX_OP(ml_LinearRegressor) = {.name = "LinearRegressor",
                              .domain = "ai.onnx.ml",
                              .since = 1,
                              .types = kLinearRegressorTypes,
                              .inputs = kLinearRegressorIn,
                              .outputs = kLinearRegressorOut,
                              .attrs = kLinearRegressorAttrs,
                              .infer = infer_linear_regressor,
                              .expand = expand_linear_regressor};

SDX_OP(ml_LinearClassifier) = {.name = "LinearClassifier",
                               .domain = "ai.onnx.ml",
                               .since = 1,
                               .types = kLinearClassifierTypes,
                               .inputs = kLinearClassifierIn,
                               .outputs = kLinearClassifierOut,
                               .attrs = kLinearClassifierAttrs,
                               .infer = infer_linear_classifier};

}  // namespace sardonyx
