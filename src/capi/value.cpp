#include "capi/value.h"

#include <iterator>

namespace sardonyx::capi {

namespace {

// What GetTensorElementType answers for ONNX's numbers from 24 on.
constexpr ONNXTensorElementDataType kAbove23[] = {
    ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT8E8M0, ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT2, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT2};

}  // namespace

ONNXTensorElementDataType element_number(DType t) {
  const int n = static_cast<int>(t);
  return n < 24 ? static_cast<ONNXTensorElementDataType>(n) : kAbove23[n - 24];
}

DType type_of_number(ONNXTensorElementDataType number) {
  for (int n = 24; n < kDTypeCount; ++n)
    if (kAbove23[n - 24] == number) return static_cast<DType>(n);
  return element_type(number);
}

DType element_type(ONNXTensorElementDataType number) {
  const int n = static_cast<int>(number);
  return n > 0 && n < kDTypeCount ? static_cast<DType>(n) : DType::kUndefined;
}

ONNXType kind_of(const Value& v) {
  switch (v.kind()) {
    case Value::Kind::kTensor: return ONNX_TYPE_TENSOR;
    case Value::Kind::kSequence: return ONNX_TYPE_SEQUENCE;
    case Value::Kind::kMap: return ONNX_TYPE_MAP;
    case Value::Kind::kSparse: return ONNX_TYPE_SPARSETENSOR;
    case Value::Kind::kNone: break;
  }
  return ONNX_TYPE_UNKNOWN;
}

ONNXType kind_of(const Type& t) {
  switch (t.kind) {
    case Type::Kind::kTensor: return ONNX_TYPE_TENSOR;
    case Type::Kind::kSequence: return ONNX_TYPE_SEQUENCE;
    case Type::Kind::kMap: return ONNX_TYPE_MAP;
    case Type::Kind::kOptional: return ONNX_TYPE_OPTIONAL;
    case Type::Kind::kSparse: return ONNX_TYPE_SPARSETENSOR;
    case Type::Kind::kOpaque: return ONNX_TYPE_OPAQUE;
    case Type::Kind::kUnknown: break;
  }
  return ONNX_TYPE_UNKNOWN;
}

std::string type_text(const Type& t) {
  const auto inner = [&] { return t.inner ? type_text(*t.inner) : std::string("unknown"); };
  switch (t.kind) {
    case Type::Kind::kTensor: return cat("tensor(", dtype_name(t.elem), ")");
    case Type::Kind::kSparse: return cat("sparse_tensor(", dtype_name(t.elem), ")");
    case Type::Kind::kSequence: return cat("seq(", inner(), ")");
    case Type::Kind::kMap: return cat("map(", dtype_name(t.elem), ",", inner(), ")");
    case Type::Kind::kOptional: return cat("optional(", inner(), ")");
    default: return "unknown";
  }
}

Type type_of(const Value& v) {
  switch (v.kind()) {
    case Value::Kind::kTensor: return Type::tensor(v.tensor().dtype());
    case Value::Kind::kSparse: return {Type::Kind::kSparse, v.sparse().values.dtype(), nullptr};
    case Value::Kind::kMap: return Type::map(v.map().keys.dtype(), Type::tensor(v.map().values.dtype()));
    case Value::Kind::kSequence: {
      const SequenceData& s = v.sequence();
      if (s.element != DType::kUndefined) return Type::sequence(Type::tensor(s.element));
      return Type::sequence(s.items.empty() ? Type{} : type_of(s.items[0]));
    }
    case Value::Kind::kNone: break;
  }
  return {};
}

OrtStatus* need_tensor(const OrtValue* value, const Tensor** out) {
  if (!value->value.is_tensor()) {
    const std::string what = value->value.none() ? std::string("no value") : type_text(type_of(value->value));
    return error(ORT_FAIL, "Argument is not a tensor\nit holds ", what);
  }
  *out = &value->value.tensor();
  return nullptr;
}

}  // namespace sardonyx::capi
