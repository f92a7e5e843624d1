// Maps: CastMap and DictVectorizer turn one into a row, ZipMap turns each row into one.
#include "ir/infer_ctx.h"
#include "ir/op_def.h"
#include "ops/ml/model.h"

namespace sardonyx {
namespace {

constexpr TypeVar kCastMapTypes[] = {{.name = "T1", .other = true},
                                     {"T2", kInt64Type | kStringType | mask_of(DType::kF32)}};
constexpr ParamDef kCastMapIn[] = {{"X", "T1"}};
constexpr ParamDef kCastMapOut[] = {{"Y", "T2"}};
constexpr AttrDef kCastMapAttrs[] = {attr_string("cast_to", "TO_FLOAT"), attr_string("map_form", "DENSE"),
                                     attr_int("max_map", 1)};
constexpr TypeVar kDictVectorizerTypes[] = {
    {.name = "T1", .other = true}, {"T2", kInt64Type | kStringType | mask_of(DType::kF32) | mask_of(DType::kF64)}};
constexpr AttrDef kDictVectorizerAttrs[] = {attr_optional("int64_vocabulary", AttrType::kInts),
                                            attr_optional("string_vocabulary", AttrType::kStrings)};
constexpr TypeVar kZipMapTypes[] = {{"tensor(float)", mask_of(DType::kF32)}, {.name = "T", .other = true}};
constexpr ParamDef kZipMapIn[] = {{"X", "tensor(float)"}};
constexpr ParamDef kZipMapOut[] = {{"Z", "T"}};
constexpr AttrDef kZipMapAttrs[] = {attr_optional("classlabels_int64s", AttrType::kInts),
                                    attr_optional("classlabels_strings", AttrType::kStrings)};

// The element type of a map's values; kType if input 0 is no map with such keys.
Result<DType> map_values(const InferCtx& c, DType key) {
  const Type& t = c.in(0).type;
  if (t.kind == Type::Kind::kUnknown) return DType::kUndefined;
  if (t.kind != Type::Kind::kMap || t.elem != key || !t.inner || !t.inner->is_tensor())
    return fail(Code::kType, "X is ", to_string(t), ", expected a map from ", dtype_name(key));
  return t.inner->elem;
}

Status infer_cast_map(InferCtx& c) {
  SDX_RETURN_IF_ERROR(check_one_of(c, "cast_to", {"TO_FLOAT", "TO_STRING", "TO_INT64"}));
  SDX_RETURN_IF_ERROR(check_one_of(c, "map_form", {"DENSE", "SPARSE"}));
  SDX_RETURN_IF_ERROR(map_values(c, DType::kI64).take_status());
  const std::string_view to = c.attr_string("cast_to");
  const DType type = to == "TO_FLOAT" ? DType::kF32 : to == "TO_STRING" ? DType::kString : DType::kI64;
  if (c.attr_string("map_form") == "DENSE") return c.set(0, type, {1, c.fresh()});
  const int64_t n = c.attr_int("max_map");
  if (n < 1) return fail(Code::kAttr, "max_map is ", n, ", expected 1 or more");
  return c.set(0, type, {1, n});
}

Status infer_dict_vectorizer(InferCtx& c) {
  SDX_TRY(const Labels words, class_labels(c, "int64_vocabulary", "string_vocabulary"));
  SDX_TRY(const DType type, map_values(c, words.type));
  if (type == DType::kUndefined) return deferred();
  return c.set(0, type, {1, words.count});
}

Status infer_zip_map(InferCtx& c) {
  SDX_TRY(const Labels keys, class_labels(c, "classlabels_int64s", "classlabels_strings"));
  SDX_RETURN_IF_ERROR(sample_count(c).take_status());
  if (c.in(0).has_rank && c.sym().equal(c.in(0).shape.back(), keys.count) == false)
    return c.shape_error("X ", c.text(c.in(0).shape), " has ", c.text(c.in(0).shape.back()), " columns for ",
                         keys.count, " class labels");
  return c.set_type(0, Type::sequence(Type::map(keys.type, Type::tensor(DType::kF32))));
}

}  // namespace

SDX_OP(ml_CastMap) = {.name = "CastMap",
                      .domain = "ai.onnx.ml",
                      .since = 1,
                      .types = kCastMapTypes,
                      .inputs = kCastMapIn,
                      .outputs = kCastMapOut,
                      .attrs = kCastMapAttrs,
                      .infer = infer_cast_map,
                      .traits = kDataDependent};

SDX_OP(ml_DictVectorizer) = {.name = "DictVectorizer",
                             .domain = "ai.onnx.ml",
                             .since = 1,
                             .types = kDictVectorizerTypes,
                             .inputs = kCastMapIn,
                             .outputs = kCastMapOut,
                             .attrs = kDictVectorizerAttrs,
                             .infer = infer_dict_vectorizer};

SDX_OP(ml_ZipMap) = {.name = "ZipMap",
                     .domain = "ai.onnx.ml",
                     .since = 1,
                     .types = kZipMapTypes,
                     .inputs = kZipMapIn,
                     .outputs = kZipMapOut,
                     .attrs = kZipMapAttrs,
                     .infer = infer_zip_map};

}  // namespace sardonyx
