// Ensembles of decision trees: TreeEnsemble and the two operators it replaced, which keep their own form.
#include <algorithm>

#include "ir/infer_ctx.h"
#include "ir/op_def.h"
#include "ops/ml/model.h"

namespace sardonyx {
namespace {

constexpr TypeVar kTreeEnsembleTypes[] = {{"T", mask_of(DType::kF16) | mask_of(DType::kF32) | mask_of(DType::kF64)}};
constexpr ParamDef kTreeEnsembleIn[] = {{"X", "T"}};
constexpr ParamDef kTreeEnsembleOut[] = {{"Y", "T"}};
constexpr AttrDef kTreeEnsembleAttrs[] = {attr_int("aggregate_function", 1),
                                          attr_required("leaf_targetids", AttrType::kInts),
                                          attr_required("leaf_weights", AttrType::kTensor),
                                          attr_optional("membership_values", AttrType::kTensor),
                                          attr_optional("n_targets", AttrType::kInt),
                                          attr_required("nodes_falseleafs", AttrType::kInts),
                                          attr_required("nodes_falsenodeids", AttrType::kInts),
                                          attr_required("nodes_featureids", AttrType::kInts),
                                          attr_optional("nodes_hitrates", AttrType::kTensor),
                                          attr_optional("nodes_missing_value_tracks_true", AttrType::kInts),
                                          attr_required("nodes_modes", AttrType::kTensor),
                                          attr_required("nodes_splits", AttrType::kTensor),
                                          attr_required("nodes_trueleafs", AttrType::kInts),
                                          attr_required("nodes_truenodeids", AttrType::kInts),
                                          attr_int("post_transform", 0),
                                          attr_required("tree_roots", AttrType::kInts)};
constexpr TypeVar kTreeEnsembleClassifierTypes[] = {{"T1", kIndexTypes | mask_of(DType::kF32) | mask_of(DType::kF64)},
                                                    {"T2", kInt64Type | kStringType},
                                                    {"tensor(float)", mask_of(DType::kF32)}};
constexpr ParamDef kTreeEnsembleClassifierIn[] = {{"X", "T1"}};
constexpr ParamDef kTreeEnsembleClassifierOut[] = {{"Y", "T2"}, {"Z", "tensor(float)"}};
constexpr AttrDef kTreeEnsembleClassifierAttrs[] = {attr_optional("base_values", AttrType::kFloats),
                                                    attr_optional("base_values_as_tensor", AttrType::kTensor),
                                                    attr_optional("class_ids", AttrType::kInts),
                                                    attr_optional("class_nodeids", AttrType::kInts),
                                                    attr_optional("class_treeids", AttrType::kInts),
                                                    attr_optional("class_weights", AttrType::kFloats),
                                                    attr_optional("class_weights_as_tensor", AttrType::kTensor),
                                                    attr_optional("classlabels_int64s", AttrType::kInts),
                                                    attr_optional("classlabels_strings", AttrType::kStrings),
                                                    attr_optional("nodes_falsenodeids", AttrType::kInts),
                                                    attr_optional("nodes_featureids", AttrType::kInts),
                                                    attr_optional("nodes_hitrates", AttrType::kFloats),
                                                    attr_optional("nodes_hitrates_as_tensor", AttrType::kTensor),
                                                    attr_optional("nodes_missing_value_tracks_true", AttrType::kInts),
                                                    attr_optional("nodes_modes", AttrType::kStrings),
                                                    attr_optional("nodes_nodeids", AttrType::kInts),
                                                    attr_optional("nodes_treeids", AttrType::kInts),
                                                    attr_optional("nodes_truenodeids", AttrType::kInts),
                                                    attr_optional("nodes_values", AttrType::kFloats),
                                                    attr_optional("nodes_values_as_tensor", AttrType::kTensor),
                                                    attr_string("post_transform", "NONE")};
constexpr TypeVar kTreeEnsembleRegressorTypes[] = {{"T", kIndexTypes | mask_of(DType::kF32) | mask_of(DType::kF64)},
                                                   {"tensor(float)", mask_of(DType::kF32)}};
constexpr ParamDef kTreeEnsembleRegressorOut[] = {{"Y", "tensor(float)"}};
constexpr AttrDef kTreeEnsembleRegressorAttrs[] = {attr_string("aggregate_function", "SUM"),
                                                   attr_optional("base_values", AttrType::kFloats),
                                                   attr_optional("base_values_as_tensor", AttrType::kTensor),
                                                   attr_optional("n_targets", AttrType::kInt),
                                                   attr_optional("nodes_falsenodeids", AttrType::kInts),
                                                   attr_optional("nodes_featureids", AttrType::kInts),
                                                   attr_optional("nodes_hitrates", AttrType::kFloats),
                                                   attr_optional("nodes_hitrates_as_tensor", AttrType::kTensor),
                                                   attr_optional("nodes_missing_value_tracks_true", AttrType::kInts),
                                                   attr_optional("nodes_modes", AttrType::kStrings),
                                                   attr_optional("nodes_nodeids", AttrType::kInts),
                                                   attr_optional("nodes_treeids", AttrType::kInts),
                                                   attr_optional("nodes_truenodeids", AttrType::kInts),
                                                   attr_optional("nodes_values", AttrType::kFloats),
                                                   attr_optional("nodes_values_as_tensor", AttrType::kTensor),
                                                   attr_string("post_transform", "NONE"),
                                                   attr_optional("target_ids", AttrType::kInts),
                                                   attr_optional("target_nodeids", AttrType::kInts),
                                                   attr_optional("target_treeids", AttrType::kInts),
                                                   attr_optional("target_weights", AttrType::kFloats),
                                                   attr_optional("target_weights_as_tensor", AttrType::kTensor)};

// Parallel lists must be equally long; absent ones do not count.
Status check_parallel(const InferCtx& c, std::initializer_list<std::string_view> names) {
  std::string_view first;
  int64_t length = 0;
  for (std::string_view name : names) {
    const Attr* a = c.attr(name);
    if (a == nullptr) continue;
    const int64_t n = a->tensor.valid()
                          ? a->tensor.count()
                          : static_cast<int64_t>(std::max({a->ints.size(), a->floats.size(), a->strings.size()}));
    if (n == 0) continue;
    if (first.empty()) {
      first = name, length = n;
    } else if (n != length) {
      return fail(Code::kAttr, name, " has ", n, " entries, ", first, " has ", length);
    }
  }
  return {};
}

Status check_range(const InferCtx& c, std::string_view name, int64_t limit) {
  for (int64_t v : c.attr_ints(name))
    if (v < 0 || v >= limit) return fail(Code::kRange, name, " has ", v, ", expected 0 to ", limit - 1);
  return {};
}

Status infer_tree_ensemble(InferCtx& c) {
  SDX_RETURN_IF_ERROR(
      check_parallel(c, {"nodes_featureids", "nodes_splits", "nodes_modes", "nodes_truenodeids", "nodes_falsenodeids",
                         "nodes_trueleafs", "nodes_falseleafs", "nodes_hitrates", "nodes_missing_value_tracks_true"}));
  SDX_RETURN_IF_ERROR(check_parallel(c, {"leaf_targetids", "leaf_weights"}));
  const int64_t targets = c.has_attr("n_targets") ? c.attr_int("n_targets") : 1;
  if (targets < 1) return fail(Code::kAttr, "n_targets is ", targets, ", expected 1 or more");
  SDX_RETURN_IF_ERROR(check_range(c, "leaf_targetids", targets));
  SDX_RETURN_IF_ERROR(check_range(c, "tree_roots", static_cast<int64_t>(c.attr_ints("nodes_featureids").size())));
  if (const int64_t f = c.attr_int("aggregate_function"); f < 0 || f > 3)
    return fail(Code::kAttr, "aggregate_function is ", f, ", expected 0 (average) to 3 (max)");
  if (const int64_t p = c.attr_int("post_transform"); p < 0 || p > 4)
    return fail(Code::kAttr, "post_transform is ", p, ", expected 0 (none) to 4 (probit)");
  SDX_TRY(const Dim n, sample_count(c));
  return c.set(0, c.dtype(0), {n, targets});
}

Status check_nodes(const InferCtx& c) {
  return check_parallel(c, {"nodes_treeids", "nodes_nodeids", "nodes_featureids", "nodes_modes", "nodes_values",
                            "nodes_values_as_tensor", "nodes_truenodeids", "nodes_falsenodeids", "nodes_hitrates",
                            "nodes_hitrates_as_tensor", "nodes_missing_value_tracks_true"});
}

Status infer_tree_ensemble_regressor(InferCtx& c) {
  SDX_RETURN_IF_ERROR(check_post_transform(c));
  SDX_RETURN_IF_ERROR(check_one_of(c, "aggregate_function", {"SUM", "AVERAGE", "MIN", "MAX"}));
  SDX_RETURN_IF_ERROR(check_nodes(c));
  SDX_RETURN_IF_ERROR(check_parallel(
      c, {"target_treeids", "target_nodeids", "target_ids", "target_weights", "target_weights_as_tensor"}));
  const int64_t targets = c.has_attr("n_targets") ? c.attr_int("n_targets") : 1;
  if (targets < 1) return fail(Code::kAttr, "n_targets is ", targets, ", expected 1 or more");
  SDX_RETURN_IF_ERROR(check_range(c, "target_ids", targets));
  SDX_TRY(const Dim n, sample_count(c));
  return c.set(0, DType::kF32, {n, targets});
}

Status infer_tree_ensemble_classifier(InferCtx& c) {
  SDX_RETURN_IF_ERROR(check_post_transform(c));
  SDX_RETURN_IF_ERROR(check_nodes(c));
  SDX_RETURN_IF_ERROR(
      check_parallel(c, {"class_treeids", "class_nodeids", "class_ids", "class_weights", "class_weights_as_tensor"}));
  SDX_TRY(const Labels labels, class_labels(c, "classlabels_int64s", "classlabels_strings"));
  SDX_RETURN_IF_ERROR(check_range(c, "class_ids", labels.count));
  SDX_TRY(const Dim n, sample_count(c));
  SDX_RETURN_IF_ERROR(c.set(0, labels.type, {n}));
  return c.set(1, DType::kF32, {n, labels.count});
}

}  // namespace

SDX_OP(ml_TreeEnsemble) = {.name = "TreeEnsemble",
                           .domain = "ai.onnx.ml",
                           .since = 5,
                           .types = kTreeEnsembleTypes,
                           .inputs = kTreeEnsembleIn,
                           .outputs = kTreeEnsembleOut,
                           .attrs = kTreeEnsembleAttrs,
                           .infer = infer_tree_ensemble,
                           .first = 5};

// Version 5 of the next two only withdraws them: in a saved model they stand at version 3.
SDX_OP(ml_TreeEnsembleClassifier) = {.name = "TreeEnsembleClassifier",
                                     .domain = "ai.onnx.ml",
                                     .since = 3,
                                     .types = kTreeEnsembleClassifierTypes,
                                     .inputs = kTreeEnsembleClassifierIn,
                                     .outputs = kTreeEnsembleClassifierOut,
                                     .attrs = kTreeEnsembleClassifierAttrs,
                                     .infer = infer_tree_ensemble_classifier};

SDX_OP(ml_TreeEnsembleRegressor) = {.name = "TreeEnsembleRegressor",
                                    .domain = "ai.onnx.ml",
                                    .since = 3,
                                    .types = kTreeEnsembleRegressorTypes,
                                    .inputs = kTreeEnsembleIn,
                                    .outputs = kTreeEnsembleRegressorOut,
                                    .attrs = kTreeEnsembleRegressorAttrs,
                                    .infer = infer_tree_ensemble_regressor};

}  // namespace sardonyx
