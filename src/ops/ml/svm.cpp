// Support vector machines: SVMRegressor and SVMClassifier.
#include "ir/infer_ctx.h"
#include "ir/op_def.h"
#include "ops/ml/model.h"

namespace sardonyx {
namespace {

constexpr TypeVar kSVMRegressorTypes[] = {{"T", kIndexTypes | mask_of(DType::kF32) | mask_of(DType::kF64)},
                                          {"tensor(float)", mask_of(DType::kF32)}};
constexpr ParamDef kSVMRegressorIn[] = {{"X", "T"}};
constexpr ParamDef kSVMRegressorOut[] = {{"Y", "tensor(float)"}};
constexpr AttrDef kSVMRegressorAttrs[] = {attr_optional("coefficients", AttrType::kFloats),
                                          attr_optional("kernel_params", AttrType::kFloats),
                                          attr_string("kernel_type", "LINEAR"),
                                          attr_int("n_supports", 0),
                                          attr_int("one_class", 0),
                                          attr_string("post_transform", "NONE"),
                                          attr_optional("rho", AttrType::kFloats),
                                          attr_optional("support_vectors", AttrType::kFloats)};
constexpr TypeVar kSVMClassifierTypes[] = {{"T1", kIndexTypes | mask_of(DType::kF32) | mask_of(DType::kF64)},
                                           {"T2", kInt64Type | kStringType},
                                           {"tensor(float)", mask_of(DType::kF32)}};
constexpr ParamDef kSVMClassifierIn[] = {{"X", "T1"}};
constexpr ParamDef kSVMClassifierOut[] = {{"Y", "T2"}, {"Z", "tensor(float)"}};
constexpr AttrDef kSVMClassifierAttrs[] = {attr_optional("classlabels_ints", AttrType::kInts),
                                           attr_optional("classlabels_strings", AttrType::kStrings),
                                           attr_optional("coefficients", AttrType::kFloats),
                                           attr_optional("kernel_params", AttrType::kFloats),
                                           attr_string("kernel_type", "LINEAR"),
                                           attr_string("post_transform", "NONE"),
                                           attr_optional("prob_a", AttrType::kFloats),
                                           attr_optional("prob_b", AttrType::kFloats),
                                           attr_optional("rho", AttrType::kFloats),
                                           attr_optional("support_vectors", AttrType::kFloats),
                                           attr_optional("vectors_per_class", AttrType::kInts)};

Status infer_svm_regressor(InferCtx& c) {
  SDX_RETURN_IF_ERROR(check_post_transform(c));
  SDX_RETURN_IF_ERROR(check_kernel_type(c));
  if (const int64_t n = c.attr_int("n_supports"); n < 0)
    return fail(Code::kAttr, "n_supports is ", n, ", expected 0 or more");
  SDX_TRY(const Dim n, sample_count(c));
  return c.set(0, DType::kF32, {n, 1});
}

// Scores per sample: one per class, or without probabilities one per pair of classes when support vectors decide
// between more than two.
Status infer_svm_classifier(InferCtx& c) {
  SDX_RETURN_IF_ERROR(check_post_transform(c));
  SDX_RETURN_IF_ERROR(check_kernel_type(c));
  SDX_TRY(const Labels labels, class_labels(c, "classlabels_ints", "classlabels_strings"));
  const size_t a = c.attr_floats("prob_a").size(), b = c.attr_floats("prob_b").size();
  if (a != b) return fail(Code::kAttr, "prob_a has ", a, " values and prob_b ", b, ", expected the same number");
  int64_t vectors = 0;
  for (int64_t v : c.attr_ints("vectors_per_class")) {
    if (v < 0) return fail(Code::kAttr, "vectors_per_class has ", v, ", expected 0 or more");
    vectors += v;
  }
  const int64_t k = labels.count;
  const bool pairs = vectors > 0 && a == 0;
  SDX_TRY(const Dim n, sample_count(c));
  SDX_RETURN_IF_ERROR(c.set(0, labels.type, {n}));
  return c.set(1, DType::kF32, {n, !pairs ? k : k > 2 ? k * (k - 1) / 2 : 2});
}

}  // namespace

SDX_OP(ml_SVMRegressor) = {.name = "SVMRegressor",
                           .domain = "ai.onnx.ml",
                           .since = 1,
                           .types = kSVMRegressorTypes,
                           .inputs = kSVMRegressorIn,
                           .outputs = kSVMRegressorOut,
                           .attrs = kSVMRegressorAttrs,
                           .infer = infer_svm_regressor};

SDX_OP(ml_SVMClassifier) = {.name = "SVMClassifier",
                            .domain = "ai.onnx.ml",
                            .since = 1,
                            .types = kSVMClassifierTypes,
                            .inputs = kSVMClassifierIn,
                            .outputs = kSVMClassifierOut,
                            .attrs = kSVMClassifierAttrs,
                            .infer = infer_svm_classifier};

}  // namespace sardonyx
