// What the tests of this folder share: the interface of the library under test (ours or ONNX Runtime's, given by path),
// owners for its handles, and a writer of small ONNX models. The tests see the public header only.
#pragma once
#include <gtest/gtest.h>
#include <onnxruntime/onnxruntime_c_api.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ortabi {

const OrtApiBase* base();
const OrtApi& api();
// True if the library is Sardonyx: for the differences that docs/compatibility.md lists.
bool is_sardonyx();
// The folder of the test program.
const std::string& program_folder();

template <class T, void (*OrtApi::*Release)(T*)>
struct Releaser {
  void operator()(T* p) const { (api().*Release)(p); }
};
#define SDX_HANDLE(Type, Release) using Type = std::unique_ptr<Ort##Type, Releaser<Ort##Type, &OrtApi::Release>>
SDX_HANDLE(Env, ReleaseEnv);
SDX_HANDLE(Session, ReleaseSession);
SDX_HANDLE(SessionOptions, ReleaseSessionOptions);
SDX_HANDLE(RunOptions, ReleaseRunOptions);
SDX_HANDLE(Value, ReleaseValue);
SDX_HANDLE(TypeInfo, ReleaseTypeInfo);
SDX_HANDLE(TensorTypeAndShapeInfo, ReleaseTensorTypeAndShapeInfo);
SDX_HANDLE(CustomOpDomain, ReleaseCustomOpDomain);
SDX_HANDLE(MemoryInfo, ReleaseMemoryInfo);
SDX_HANDLE(KeyValuePairs, ReleaseKeyValuePairs);
#undef SDX_HANDLE

// "" for success, else the status's text; releases it.
std::string text_of(OrtStatus* s);
// The status's code; releases it.
OrtErrorCode code_of(OrtStatus* s);

OrtEnv* env();  // of the whole program
OrtAllocator* allocator();
OrtMemoryInfo* cpu();
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
Value make_tensor(ONNXTensorElementDataType type, const std::vector<int64_t>& dims, const void* data, size_t bytes);
template <class T>
Value tensor(const std::vector<int64_t>& dims, const std::vector<T>& v) {
  return make_tensor(type_of<T>(), dims, v.data(), v.size() * sizeof(T));
}
Value strings(const std::vector<int64_t>& dims, const std::vector<std::string>& v);
std::vector<int64_t> dims_of(const OrtValue* v);
ONNXTensorElementDataType element_of(const OrtValue* v);
template <class T>
std::vector<T> elements(const OrtValue* v) {
  EXPECT_EQ(element_of(v), type_of<T>());
  size_t n = 1;
  for (int64_t d : dims_of(v)) n *= static_cast<size_t>(d);
  void* data = nullptr;
  EXPECT_EQ(text_of(api().GetTensorMutableData(const_cast<OrtValue*>(v), &data)), "");
  return {static_cast<T*>(data), static_cast<T*>(data) + n};
}
std::vector<std::string> texts(const OrtValue* v);

Session open(const std::string& model, const OrtSessionOptions* options, std::string* failure = nullptr);
// One run; outputs are empty if it fails, and `failure` says why.
std::vector<Value> run(OrtSession* s, const std::vector<std::pair<std::string, const OrtValue*>>& inputs,
                       const std::vector<std::string>& outputs, std::string* failure = nullptr,
                       const OrtRunOptions* options = nullptr);

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

}  // namespace ortabi
