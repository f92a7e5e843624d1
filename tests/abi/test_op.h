// TestOp: a custom operator for tests, its callbacks given as functions. Version 16 and later return statuses; older
// ones only compute.
#pragma once
#include <climits>
#include <functional>

#include "abi/ext_support.h"

namespace abi_test::ext {

inline constexpr auto kFloat = ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT;
inline constexpr auto kInt64 = ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64;
inline constexpr auto kDouble = ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE;
inline constexpr auto kString = ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING;
inline constexpr auto kAnyElement = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;

struct TestOp : OrtCustomOp {
  using Kind = OrtCustomOpInputOutputCharacteristic;
  struct Param {
    ONNXTensorElementDataType type;
    Kind kind = INPUT_OUTPUT_REQUIRED;
  };
  using Create = std::function<OrtStatus*(const OrtKernelInfo*)>;
  using Compute = std::function<OrtStatus*(OrtKernelContext*)>;
  using Infer = std::function<OrtStatus*(OrtShapeInferContext*)>;

  TestOp(std::string op_name, std::vector<Param> in, std::vector<Param> out, Compute on_compute,
         uint32_t struct_version = ORT_API_VERSION);

  std::string name;
  std::vector<Param> inputs, outputs;
  Create create;
  Compute compute;
  Infer infer;
  int in_arity = 1, out_arity = 1, in_homogeneous = 1, out_homogeneous = 1;
  int first = 1, last = INT_MAX;
  mutable int created = 0, destroyed = 0;
  void use_inference(Infer f);
};

// A domain with these operators, and options that have it; both must outlive the session.
struct Registered {
  Registered(const char* domain, std::vector<OrtCustomOp*> ops);
  SessionOptions options;
  CustomOpDomain domain;
};

// In a kernel: input i as a value (null if absent), output o with extents.
const OrtValue* input(OrtKernelContext* c, size_t i);
OrtValue* output(OrtKernelContext* c, size_t o, const std::vector<int64_t>& dims);
template <class T>
T* data_of(const OrtValue* v) {
  void* data = nullptr;
  EXPECT_EQ(text_of(api().GetTensorMutableData(const_cast<OrtValue*>(v), &data)), "");
  return static_cast<T*>(data);
}
size_t count_of(const OrtValue* v);

}  // namespace abi_test::ext
