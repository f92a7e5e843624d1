// Categories: CategoryMapper exchanges names and numbers, OneHotEncoder marks which category an element is.
#include "ir/body_ctx.h"
#include "ir/infer_ctx.h"
#include "ir/op_def.h"
#include "ops/ml/model.h"

namespace sardonyx {
namespace {

constexpr TypeVar kCategoryMapperTypes[] = {{"T1", kInt64Type | kStringType}, {"T2", kInt64Type | kStringType}};
constexpr ParamDef kCategoryMapperIn[] = {{"X", "T1"}};
constexpr ParamDef kCategoryMapperOut[] = {{"Y", "T2"}};
constexpr AttrDef kCategoryMapperAttrs[] = {attr_optional("cats_int64s", AttrType::kInts),
                                            attr_optional("cats_strings", AttrType::kStrings),
                                            attr_int("default_int64", -1), attr_string("default_string", "_Unused")};
constexpr TypeVar kOneHotEncoderTypes[] = {
    {"T", kIndexTypes | kStringType | mask_of(DType::kF32) | mask_of(DType::kF64)},
    {"tensor(float)", mask_of(DType::kF32)}};
constexpr ParamDef kOneHotEncoderIn[] = {{"X", "T"}};
constexpr ParamDef kOneHotEncoderOut[] = {{"Y", "tensor(float)"}};
constexpr AttrDef kOneHotEncoderAttrs[] = {attr_optional("cats_int64s", AttrType::kInts),
                                           attr_optional("cats_strings", AttrType::kStrings), attr_int("zeros", 1)};

Status infer_category_mapper(InferCtx& c) {
  const Attr* ints = c.attr("cats_int64s");
  const Attr* strings = c.attr("cats_strings");
  const size_t n = ints != nullptr ? ints->ints.size() : 0, m = strings != nullptr ? strings->strings.size() : 0;
  if (n != m || n == 0)
    return fail(Code::kAttr, "cats_int64s has ", n, " entries and cats_strings ", m,
                ", expected the same number, at least 1");
  const DType to = c.dtype(0) == DType::kString ? DType::kI64 : DType::kString;
  return c.in(0).has_rank ? c.set(0, to, c.in(0).shape) : c.set_unknown_rank(0, to);
}

Status expand_category_mapper(BodyCtx& b) {
  const bool from_names = b.dtype(0) == DType::kString;
  const Attr *ints = b.node().find_attr("cats_int64s"), *names = b.node().find_attr("cats_strings");
  std::vector<Attr> attrs = {Attr::of_ints(from_names ? "values_int64s" : "keys_int64s", ints->ints),
                             Attr::of_strings(from_names ? "keys_strings" : "values_strings", names->strings),
                             Attr::of_int("default_int64", b.attr_int("default_int64")),
                             Attr::of_string("default_string", std::string(b.attr_string("default_string")))};
  return b.outputs({b.op_in("ai.onnx.ml", "LabelEncoder", {b.in(0)}, std::move(attrs))});
}

Status infer_one_hot_encoder(InferCtx& c) {
  SDX_TRY(const Labels cats, class_labels(c, "cats_int64s", "cats_strings"));
  if ((cats.type == DType::kString) != (c.dtype(0) == DType::kString))
    return fail(Code::kType, "X is ", dtype_name(c.dtype(0)), ", the categories are ", dtype_name(cats.type));
  if (!c.in(0).has_rank) return c.set_unknown_rank(0, DType::kF32);
  Shape out = c.in(0).shape;
  out.push_back(cats.count);
  return c.set(0, DType::kF32, std::move(out));
}

// Only where an unknown category is no error.
Status expand_one_hot_encoder(BodyCtx& b) {
  using Ref = BodyCtx::Ref;
  if (b.attr_int("zeros") == 0) return fail(Code::kNoKernel, "no body for zeros=0, which must find unknown categories");
  Ref x = b.in(0), cats;
  if (b.dtype(0) == DType::kString) {
    const std::vector<std::string>& names = b.node().find_attr("cats_strings")->strings;
    const int64_t n = static_cast<int64_t>(names.size());
    SDX_TRY(Tensor t, Tensor::make(DType::kString, {&n, 1}));
    std::copy(names.begin(), names.end(), t.strings().begin());
    cats = b.constant(std::move(t));
  } else {
    cats = b.ints(b.attr_ints("cats_int64s"));
    x = b.cast(x, DType::kI64);
  }
  return b.outputs({b.cast(b.op("Equal", {b.op("Unsqueeze", {x, b.ints({-1})}), cats}), DType::kF32)});
}

}  // namespace

SDX_OP(ml_CategoryMapper) = {.name = "CategoryMapper",
                             .domain = "ai.onnx.ml",
                             .since = 1,
                             .types = kCategoryMapperTypes,
                             .inputs = kCategoryMapperIn,
                             .outputs = kCategoryMapperOut,
                             .attrs = kCategoryMapperAttrs,
                             .infer = infer_category_mapper,
                             .expand = expand_category_mapper};

SDX_OP(ml_OneHotEncoder) = {.name = "OneHotEncoder",
                            .domain = "ai.onnx.ml",
                            .since = 1,
                            .types = kOneHotEncoderTypes,
                            .inputs = kOneHotEncoderIn,
                            .outputs = kOneHotEncoderOut,
                            .attrs = kOneHotEncoderAttrs,
                            .infer = infer_one_hot_encoder,
                            .expand = expand_one_hot_encoder};

}  // namespace sardonyx
