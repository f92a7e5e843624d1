// OrtValue: a caller's handle on a Value. Copies of the Value inside share its bytes. Also the numbers of element
// types: the interface counts float8e8m0, uint2 and int2 differently from ONNX.
#pragma once
#include "capi/memory_info.h"
#include "capi/status.h"
#include "ir/fact.h"
#include "tensor/value.h"

struct OrtValue {
  OrtValue() = default;
  explicit OrtValue(sardonyx::Value v) : value(std::move(v)) {}
  sardonyx::Value value;
  const OrtMemoryInfo* memory = nullptr;      // null: the CPU's
  std::unique_ptr<OrtMemoryInfo> own_memory;  // what `memory` points at, if it is not the CPU's
  sardonyx::Type type;                        // what an absent optional would hold
};

namespace sardonyx::capi {

// Numbers that answer questions (GetTensorElementType): the header's.
ONNXTensorElementDataType element_number(DType t);
// The type of a number of the header, as SetTensorElementType takes it: kUndefined if there is none.
DType type_of_number(ONNXTensorElementDataType number);
// Numbers that make tensors: ONNX's, as ONNX Runtime takes them there. kUndefined if there is no such type.
DType element_type(ONNXTensorElementDataType number);

ONNXType kind_of(const Value& v);
ONNXType kind_of(const Type& t);
// "tensor(float)", "seq(tensor(int64))", "map(string,tensor(float))", as ONNX Runtime writes types.
std::string type_text(const Type& t);
// The type of a value that exists.
Type type_of(const Value& v);

// The tensor in `value`; an error that says what it is instead.
OrtStatus* need_tensor(const OrtValue* value, const Tensor** out);

}  // namespace sardonyx::capi
