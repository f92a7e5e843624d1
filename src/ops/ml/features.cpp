// Features changed one by one: Binarizer, Scaler, Normalizer, Imputer.
#include <cmath>

#include "ir/body_ctx.h"
#include "ir/infer_ctx.h"
#include "ir/op_def.h"
#include "ops/ml/model.h"

namespace sardonyx {
namespace {

constexpr TypeVar kBinarizerTypes[] = {{"T", kIndexTypes | mask_of(DType::kF32) | mask_of(DType::kF64)}};
constexpr ParamDef kBinarizerIn[] = {{"X", "T"}};
constexpr ParamDef kBinarizerOut[] = {{"Y", "T"}};
constexpr AttrDef kBinarizerAttrs[] = {attr_float("threshold", 0.0)};
constexpr TypeVar kScalerTypes[] = {{"T", kIndexTypes | mask_of(DType::kF32) | mask_of(DType::kF64)},
                                    {"tensor(float)", mask_of(DType::kF32)}};
constexpr ParamDef kScalerOut[] = {{"Y", "tensor(float)"}};
constexpr AttrDef kScalerAttrs[] = {attr_optional("offset", AttrType::kFloats),
                                    attr_optional("scale", AttrType::kFloats)};
constexpr AttrDef kNormalizerAttrs[] = {attr_string("norm", "MAX")};
constexpr AttrDef kImputerAttrs[] = {attr_optional("imputed_value_floats", AttrType::kFloats),
                                     attr_optional("imputed_value_int64s", AttrType::kInts),
                                     attr_float("replaced_value_float", 0.0), attr_int("replaced_value_int64", 0)};

using Ref = BodyCtx::Ref;

// A list attribute applies to every feature or to each its own value.
Status check_per_feature(const InferCtx& c, std::string_view name, size_t n) {
  if (n <= 1 || !c.in(0).has_rank || c.in(0).shape.empty()) return {};
  const Dim features = c.in(0).shape.back();
  if (c.sym().equal(features, static_cast<int64_t>(n)) != false) return {};
  return c.shape_error(name, " has ", n, " values, X ", c.text(c.in(0).shape), " has ", c.text(features), " features");
}

Status infer_float(InferCtx& c) {
  return c.in(0).has_rank ? c.set(0, DType::kF32, c.in(0).shape) : c.set_unknown_rank(0, DType::kF32);
}

Status infer_binarizer(InferCtx& c) { return c.copy(0, 0); }

// Integers are above the threshold when they are above its floor.
Status expand_binarizer(BodyCtx& b) {
  const double t = static_cast<double>(b.attr_float("threshold"));
  const Ref limit = b.scalar(is_float(b.dtype(0)) ? t : std::floor(t), b.in(0));
  return b.outputs({b.cast(b.op("Greater", {b.in(0), limit}), b.dtype(0))});
}

Status infer_scaler(InferCtx& c) {
  const size_t offsets = c.attr_floats("offset").size(), scales = c.attr_floats("scale").size();
  if (offsets != scales || offsets == 0)
    return fail(Code::kAttr, "offset has ", offsets, " values and scale ", scales,
                ", expected the same number, at least 1");
  SDX_RETURN_IF_ERROR(check_per_feature(c, "scale", scales));
  return infer_float(c);
}

Result<Ref> floats(BodyCtx& b, std::span<const float> v) {
  const int64_t n = static_cast<int64_t>(v.size());
  SDX_TRY(Tensor t, Tensor::of<float>(DType::kF32, {&n, 1}, v));
  return b.constant(std::move(t));
}

Status expand_scaler(BodyCtx& b) {
  SDX_TRY(const Ref offset, floats(b, b.node().find_attr("offset")->floats));
  SDX_TRY(const Ref scale, floats(b, b.node().find_attr("scale")->floats));
  return b.outputs({b.op("Mul", {b.op("Sub", {b.cast(b.in(0), DType::kF32), offset}), scale})});
}

Status infer_normalizer(InferCtx& c) {
  SDX_RETURN_IF_ERROR(check_one_of(c, "norm", {"MAX", "L1", "L2"}));
  SDX_RETURN_IF_ERROR(sample_count(c).take_status());
  return infer_float(c);
}

// In double, rounded to float at the end. Rows whose divisor is zero stay as they are.
Status expand_normalizer(BodyCtx& b) {
  const std::string_view norm = b.attr_string("norm");
  const Ref x = b.cast(b.in(0), DType::kF64);
  const Ref divisor = b.op(norm == "MAX" ? "ReduceMax" : norm == "L1" ? "ReduceL1" : "ReduceL2", {x, b.ints({-1})});
  const Ref zero = b.op("Equal", {divisor, b.scalar(0, x)});
  return b.outputs({b.cast(b.op("Where", {zero, x, b.op("Div", {x, divisor})}), DType::kF32)});
}

Status infer_imputer(InferCtx& c) {
  const bool floating = is_float(c.dtype(0));
  const size_t n = floating ? c.attr_floats("imputed_value_floats").size() : c.attr_ints("imputed_value_int64s").size();
  const std::string_view name = floating ? "imputed_value_floats" : "imputed_value_int64s";
  if (n == 0) return fail(Code::kAttr, name, " is missing, which X of ", dtype_name(c.dtype(0)), " needs");
  SDX_RETURN_IF_ERROR(check_per_feature(c, name, n));
  return c.copy(0, 0);
}

Status expand_imputer(BodyCtx& b) {
  const Ref x = b.in(0);
  if (!is_float(b.dtype(0))) {
    const Ref wanted = b.cast(b.int_scalar(b.attr_int("replaced_value_int64")), b.dtype(0));
    const Ref filled = b.cast(b.ints(b.attr_ints("imputed_value_int64s")), b.dtype(0));
    return b.outputs({b.op("Where", {b.op("Equal", {x, wanted}), filled, x})});
  }
  const float wanted = b.attr_float("replaced_value_float");
  SDX_TRY(const Ref list, floats(b, b.node().find_attr("imputed_value_floats")->floats));
  const Ref hit =
      std::isnan(wanted) ? b.op("IsNaN", {x}) : b.op("Equal", {x, b.scalar(static_cast<double>(wanted), x)});
  return b.outputs({b.op("Where", {hit, b.cast(list, b.dtype(0)), x})});
}

}  // namespace

SDX_OP(ml_Binarizer) = {.name = "Binarizer",
                        .domain = "ai.onnx.ml",
                        .since = 1,
                        .types = kBinarizerTypes,
                        .inputs = kBinarizerIn,
                        .outputs = kBinarizerOut,
                        .attrs = kBinarizerAttrs,
                        .infer = infer_binarizer,
                        .expand = expand_binarizer};

SDX_OP(ml_Scaler) = {.name = "Scaler",
                     .domain = "ai.onnx.ml",
                     .since = 1,
                     .types = kScalerTypes,
                     .inputs = kBinarizerIn,
                     .outputs = kScalerOut,
                     .attrs = kScalerAttrs,
                     .infer = infer_scaler,
                     .expand = expand_scaler};

SDX_OP(ml_Normalizer) = {.name = "Normalizer",
                         .domain = "ai.onnx.ml",
                         .since = 1,
                         .types = kScalerTypes,
                         .inputs = kBinarizerIn,
                         .outputs = kScalerOut,
                         .attrs = kNormalizerAttrs,
                         .infer = infer_normalizer,
                         .expand = expand_normalizer};

SDX_OP(ml_Imputer) = {.name = "Imputer",
                      .domain = "ai.onnx.ml",
                      .since = 1,
                      .types = kBinarizerTypes,
                      .inputs = kBinarizerIn,
                      .outputs = kBinarizerOut,
                      .attrs = kImputerAttrs,
                      .infer = infer_imputer,
                      .expand = expand_imputer};

}  // namespace sardonyx
