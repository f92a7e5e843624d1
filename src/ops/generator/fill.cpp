// ConstantOfShape fills a shape given as data; EyeLike makes a matrix with ones on a diagonal.
#include "ir/infer_ctx.h"
#include "ir/op_def.h"
#include "ops/generator/dtype_attr.h"
#include "ops/shape/contents.h"

namespace sardonyx {
namespace {

constexpr TypeVar kConstantOfShapeTypes[] = {
    {"T1", kInt64Type}, {"T2", kNumericTypes | kFloat8Types | kSubByteTypes | kBoolType | mask_of(DType::kF8E8M0)}};
constexpr ParamDef kConstantOfShapeIn[] = {{"input", "T1"}};
constexpr ParamDef kConstantOfShapeOut[] = {{"output", "T2"}};
constexpr AttrDef kConstantOfShapeAttrs[] = {attr_optional("value", AttrType::kTensor)};
constexpr TypeVar kEyeLikeTypes[] = {{"T1", kNumericTypes | kBoolType}, {"T2", kNumericTypes | kBoolType}};
constexpr AttrDef kEyeLikeAttrs[] = {attr_optional("dtype", AttrType::kInt), attr_int("k", 0)};

Status infer_constant_of_shape(InferCtx& c) {
  const Attr* value = c.attr("value");
  const DType type = value != nullptr ? value->tensor.dtype() : DType::kF32;
  if (value != nullptr && (!value->tensor.valid() || value->tensor.count() != 1))
    return fail(Code::kAttr, "value has ", value->tensor.valid() ? value->tensor.count() : 0, " elements, expected 1");
  if (!contains(c.node().op->find_type("T2")->tensors, type))
    return fail(Code::kType, "value is ", dtype_name(type), ", which ConstantOfShape cannot produce");
  SDX_RETURN_IF_ERROR(c.set_unknown_rank(0, type));
  SDX_RETURN_IF_ERROR(vector_length(c, 0).take_status());
  const Result<Dims> extents = c.ints(0);
  if (!extents.ok()) return is_deferred(extents.status()) ? set_rank_from_length(c, 0, type, 0) : extents.status();
  for (size_t i = 0; i < extents->size(); ++i)
    if ((*extents)[i].known() && (*extents)[i].value() < 0)
      return fail(Code::kRange, "input[", i, "] is ", (*extents)[i].value(), ", expected 0 or more");
  SDX_RETURN_IF_ERROR(c.set(0, type, Shape(extents->begin(), extents->end())));
  if (value == nullptr || !(is_int(type) && dtype_bits(type) >= 8) || extents->size() > 1) return {};
  const Dim n = extents->empty() ? Dim(1) : (*extents)[0];
  const auto fill = read_ints(value->tensor);
  if (!n.known() || n.value() > static_cast<int64_t>(Fact::kMaxInts) || !fill.ok() || (*fill)[0] < Dim::kLeast)
    return {};
  return c.set_ints(0, Dims(static_cast<size_t>(n.value()), (*fill)[0]));
}

Status infer_eye_like(InferCtx& c) {
  SDX_TRY(const DType type, output_dtype(c, "T2", c.dtype(0)));
  SDX_RETURN_IF_ERROR(c.set_unknown_rank(0, type));
  SDX_TRY(const Shape x, c.shape(0));
  if (x.size() != 2) return c.shape_error("input ", c.text(x), " has rank ", x.size(), ", expected 2");
  return c.set(0, type, x);
}

}  // namespace

SDX_OP(ConstantOfShape) = {.name = "ConstantOfShape",
                           .since = 25,
                           .types = kConstantOfShapeTypes,
                           .inputs = kConstantOfShapeIn,
                           .outputs = kConstantOfShapeOut,
                           .attrs = kConstantOfShapeAttrs,
                           .infer = infer_constant_of_shape,
                           .first = 9};

SDX_OP(EyeLike) = {.name = "EyeLike",
                   .since = 22,
                   .types = kEyeLikeTypes,
                   .inputs = kConstantOfShapeIn,
                   .outputs = kConstantOfShapeOut,
                   .attrs = kEyeLikeAttrs,
                   .infer = infer_eye_like,
                   .first = 9};

}  // namespace sardonyx
