#include "capi/type_info.h"

#include <algorithm>

namespace sardonyx::capi {

OrtTypeInfo make_type_info(const Type& type, bool has_rank, std::vector<int64_t> dims,
                           std::vector<std::string> dim_names) {
  OrtTypeInfo info;
  info.kind = kind_of(type);
  const auto inner = [&] {
    return std::make_shared<const OrtTypeInfo>(
        make_type_info(type.inner ? *type.inner : Type{}, has_rank, std::move(dims), std::move(dim_names)));
  };
  switch (type.kind) {
    case Type::Kind::kTensor:
    case Type::Kind::kSparse: info.tensor = {type.elem, has_rank, std::move(dims), std::move(dim_names)}; break;
    case Type::Kind::kSequence: info.sequence.element = inner(); break;
    case Type::Kind::kOptional: info.optional.contained = inner(); break;
    case Type::Kind::kMap: info.map = {type.elem, inner()}; break;
    default: break;
  }
  return info;
}

OrtTensorTypeAndShapeInfo tensor_info_of(const Tensor& t) {
  return {t.dtype(), true, {t.dims().begin(), t.dims().end()}, std::vector<std::string>(t.dims().size())};
}

OrtTypeInfo type_info_of(const Value& v) {
  OrtTypeInfo info = make_type_info(type_of(v), false, {}, {});
  if (v.is_tensor()) info.tensor = tensor_info_of(v.tensor());
  if (v.kind() == Value::Kind::kSparse) {
    const Extents& dims = v.sparse().dims;
    info.tensor.has_shape = true;
    info.tensor.dims.assign(dims.begin(), dims.end());
    info.tensor.dim_names.resize(dims.size());
  }
  return info;
}

Type type_of_info(const OrtTypeInfo& info) {
  const auto of = [](const std::shared_ptr<const OrtTypeInfo>& i) { return i ? type_of_info(*i) : Type{}; };
  switch (info.kind) {
    case ONNX_TYPE_TENSOR: return Type::tensor(info.tensor.elem);
    case ONNX_TYPE_SPARSETENSOR: return {Type::Kind::kSparse, info.tensor.elem, nullptr};
    case ONNX_TYPE_SEQUENCE: return Type::sequence(of(info.sequence.element));
    case ONNX_TYPE_OPTIONAL: return Type::optional(of(info.optional.contained));
    case ONNX_TYPE_MAP: return Type::map(info.map.key, of(info.map.value));
    default: return {};
  }
}

void ReleaseTypeInfo(OrtTypeInfo* input) { delete input; }
OrtTensorTypeAndShapeInfo* give(OrtTensorTypeAndShapeInfo info) {
  auto* given = new OrtTensorTypeAndShapeInfo(std::move(info));
  given->lent.is = false;
  return given;
}
void ReleaseTensorTypeAndShapeInfo(OrtTensorTypeAndShapeInfo* input) {
  if (input != nullptr && !input->lent.is) delete input;
}
// Only Cast… gives these, and they stay parts of their type.
void ReleaseMapTypeInfo(OrtMapTypeInfo*) {}
void ReleaseSequenceTypeInfo(OrtSequenceTypeInfo*) {}

OrtStatus* GetOnnxTypeFromTypeInfo(const OrtTypeInfo* type_info, enum ONNXType* out) {
  *out = type_info->kind;
  return nullptr;
}
OrtStatus* GetDenotationFromTypeInfo(const OrtTypeInfo* type_info, const char** const denotation, size_t* len) {
  *denotation = type_info->denotation.c_str(), *len = type_info->denotation.size();
  return nullptr;
}

// A cast to another kind than the type's gives null.
OrtStatus* CastTypeInfoToTensorInfo(const OrtTypeInfo* type_info, const OrtTensorTypeAndShapeInfo** out) {
  const bool tensor = type_info->kind == ONNX_TYPE_TENSOR || type_info->kind == ONNX_TYPE_SPARSETENSOR;
  *out = tensor ? &type_info->tensor : nullptr;
  return nullptr;
}
OrtStatus* CastTypeInfoToMapTypeInfo(const OrtTypeInfo* type_info, const OrtMapTypeInfo** out) {
  *out = type_info->kind == ONNX_TYPE_MAP ? &type_info->map : nullptr;
  return nullptr;
}
OrtStatus* CastTypeInfoToSequenceTypeInfo(const OrtTypeInfo* type_info, const OrtSequenceTypeInfo** out) {
  *out = type_info->kind == ONNX_TYPE_SEQUENCE ? &type_info->sequence : nullptr;
  return nullptr;
}
OrtStatus* CastTypeInfoToOptionalTypeInfo(const OrtTypeInfo* type_info, const OrtOptionalTypeInfo** out) {
  *out = type_info->kind == ONNX_TYPE_OPTIONAL ? &type_info->optional : nullptr;
  return nullptr;
}

namespace {
OrtStatus* copy_of(const std::shared_ptr<const OrtTypeInfo>& info, OrtTypeInfo** out) {
  *out = info ? new OrtTypeInfo(*info) : new OrtTypeInfo;
  return nullptr;
}
}  // namespace

OrtStatus* GetMapKeyType(const OrtMapTypeInfo* map_type_info, enum ONNXTensorElementDataType* out) {
  *out = element_number(map_type_info->key);
  return nullptr;
}
OrtStatus* GetMapValueType(const OrtMapTypeInfo* map_type_info, OrtTypeInfo** type_info) {
  return copy_of(map_type_info->value, type_info);
}
OrtStatus* GetSequenceElementType(const OrtSequenceTypeInfo* sequence_type_info, OrtTypeInfo** type_info) {
  return copy_of(sequence_type_info->element, type_info);
}
OrtStatus* GetOptionalContainedTypeInfo(const OrtOptionalTypeInfo* optional_type_info, OrtTypeInfo** out) {
  return copy_of(optional_type_info->contained, out);
}

OrtStatus* CreateTensorTypeAndShapeInfo(OrtTensorTypeAndShapeInfo** out) {
  *out = give({});
  return nullptr;
}
OrtStatus* SetTensorElementType(OrtTensorTypeAndShapeInfo* info, enum ONNXTensorElementDataType type) {
  const DType t = type_of_number(type);
  if (t == DType::kUndefined && type != ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED)
    return invalid("element type ", static_cast<int>(type), " does not exist");
  info->elem = t;
  return nullptr;
}
OrtStatus* SetDimensions(OrtTensorTypeAndShapeInfo* info, const int64_t* dim_values, size_t dim_count) {
  info->dims.assign(dim_values, dim_values + dim_count);
  info->dim_names.assign(dim_count, "");
  info->has_shape = true;
  return nullptr;
}
OrtStatus* SetSymbolicDimensions(OrtTensorTypeAndShapeInfo* info, const char* dim_params[], size_t dim_params_length) {
  info->dim_names.clear();
  for (size_t i = 0; i < dim_params_length; ++i) info->dim_names.emplace_back(dim_params[i] ? dim_params[i] : "");
  return nullptr;
}

OrtStatus* GetTensorElementType(const OrtTensorTypeAndShapeInfo* info, enum ONNXTensorElementDataType* out) {
  *out = element_number(info->elem);
  return nullptr;
}
OrtStatus* GetDimensionsCount(const OrtTensorTypeAndShapeInfo* info, size_t* out) {
  *out = info->dims.size();
  return nullptr;
}
OrtStatus* GetDimensions(const OrtTensorTypeAndShapeInfo* info, int64_t* dim_values, size_t dim_values_length) {
  std::copy_n(info->dims.begin(), std::min(dim_values_length, info->dims.size()), dim_values);
  return nullptr;
}
OrtStatus* GetSymbolicDimensions(const OrtTensorTypeAndShapeInfo* info, const char* dim_params[],
                                 size_t dim_params_length) {
  for (size_t i = 0; i < std::min(dim_params_length, info->dim_names.size()); ++i)
    dim_params[i] = info->dim_names[i].c_str();
  return nullptr;
}
OrtStatus* GetTensorShapeElementCount(const OrtTensorTypeAndShapeInfo* info, size_t* out) {
  size_t n = 1;
  for (int64_t d : info->dims) {
    if (d < 0) return error(ORT_FAIL, "the shape has symbolic extents: ", to_string(info->dims));
    if (__builtin_mul_overflow(n, static_cast<size_t>(d), &n))
      return error(ORT_FAIL, "the number of elements of ", to_string(info->dims), " is too large");
  }
  *out = info->has_shape ? n : 0;
  return nullptr;
}
bool TensorTypeAndShape_HasShape(const OrtTensorTypeAndShapeInfo* info) { return info->has_shape; }

OrtStatus* GetTensorTypeAndShape(const OrtValue* value, OrtTensorTypeAndShapeInfo** out) {
  if (value->value.kind() != Value::Kind::kSparse) {
    const Tensor* t = nullptr;
    SDX_CAPI_RETURN_IF(need_tensor(value, &t));
    *out = give(tensor_info_of(*t));
    return nullptr;
  }
  *out = give(type_info_of(value->value).tensor);
  return nullptr;
}
OrtStatus* GetTypeInfo(const OrtValue* value, OrtTypeInfo** out) {
  *out = value->value.none() ? new OrtTypeInfo(make_type_info(value->type, false, {}, {}))
                             : new OrtTypeInfo(type_info_of(value->value));
  return nullptr;
}

}  // namespace sardonyx::capi
