// More of what the tests of the C interface share: tests of custom operators, models in memory and the rest read
// statuses as text, values with their types, and write models with attributes of every kind.
#pragma once
#include "abi/abi.h"

namespace abi_test::ext {

ABI_OWNER(CustomOpDomain, OrtCustomOpDomain, ReleaseCustomOpDomain);
ABI_OWNER(KeyValuePairs, OrtKeyValuePairs, ReleaseKeyValuePairs);
using TensorTypeAndShapeInfo = TensorInfo;

// The folder of the test program, with a final slash.
std::string program_folder();

// "" for success, else the status's text; releases it.
std::string text_of(OrtStatus* s);
// The status's code; releases it.
OrtErrorCode code_of(OrtStatus* s);

// Options with one thread.
SessionOptions make_options();

template <class T>
constexpr ONNXTensorElementDataType type_of() {
  if constexpr (std::is_same_v<T, float>) return ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT;
  if constexpr (std::is_same_v<T, double>) return ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE;
  if constexpr (std::is_same_v<T, int64_t>) return ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64;
  if constexpr (std::is_same_v<T, int32_t>) return ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32;
  if constexpr (std::is_same_v<T, uint8_t>) return ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8;
  return ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
}

// A tensor with a copy of the elements.
template <class T>
Value tensor(const std::vector<int64_t>& dims, const std::vector<T>& v) {
  return make(type_of<T>(), dims, v.data(), v.size() * sizeof(T));
}
inline Shape dims_of(const OrtValue* v) { return shape_of(v); }
ONNXTensorElementDataType element_of(const OrtValue* v);
template <class T>
std::vector<T> elements(const OrtValue* v) {
  EXPECT_EQ(element_of(v), type_of<T>());
  return contents<T>(v);
}
inline std::vector<std::string> texts(const OrtValue* v) { return string_contents(v); }

Session open(const std::string& model, const OrtSessionOptions* options, std::string* failure = nullptr);
// One run; outputs are empty if it fails, and `failure` says why.
std::vector<Value> run(OrtSession* s, const std::vector<std::pair<std::string, const OrtValue*>>& inputs,
                       const std::vector<std::string>& outputs, std::string* failure = nullptr,
                       const OrtRunOptions* options = nullptr);

// A LoRA adapter with one float parameter of two elements, 100 and 200, called "w".
std::string adapter_bytes(int32_t format = 1, int32_t type = 1);

// Writes an ONNX model, message by message.
class ModelText {
 public:
  struct Attr {
    std::string bytes;
  };
  static Attr of_int(std::string_view name, int64_t v);
  static Attr of_float(std::string_view name, float v);
  static Attr of_string(std::string_view name, std::string_view v);
  static Attr of_ints(std::string_view name, const std::vector<int64_t>& v);
  static Attr of_floats(std::string_view name, const std::vector<float>& v);
  static Attr of_strings(std::string_view name, const std::vector<std::string>& v);
  static Attr of_tensor(std::string_view name, const std::vector<int64_t>& dims, const std::vector<float>& v);

  ModelText& opset(std::string_view domain, int64_t version);
  // An extent of -1 is unknown, `dims` of {-2} an unknown rank.
  ModelText& input(std::string_view name, int type, const std::vector<int64_t>& dims);
  ModelText& output(std::string_view name, int type, const std::vector<int64_t>& dims);
  ModelText& initializer(std::string_view name, const std::vector<int64_t>& dims, const std::vector<float>& v);
  ModelText& node(std::string_view domain, std::string_view op, const std::vector<std::string>& inputs,
                  const std::vector<std::string>& outputs, const std::vector<Attr>& attrs = {},
                  std::string_view name = {});
  std::string bytes() const;

 private:
  std::string opsets_, nodes_, initializers_, inputs_, outputs_;
};

}  // namespace abi_test::ext
