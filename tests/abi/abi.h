// What the tests of the C interface share: the library under test, calls whose status is looked at, values.
#pragma once
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "abi/onnx_bytes.h"
#include "onnxruntime/onnxruntime_c_api.h"

namespace abi_test {

// The table of the library named by --lib.
const OrtApi& api();
const OrtApiBase& base();
void* library();
// Whether it is Sardonyx; false for another library with the same interface. Tests ask only where
// docs/compatibility.md names a difference.
bool sardonyx();

struct Error {
  OrtErrorCode code = ORT_OK;
  std::string text;
  std::string line() const { return text.substr(0, text.find('\n')); }
};
// Reads and releases a status.
Error take(OrtStatus* s);

#define ABI_OK(expr)                                              \
  do {                                                            \
    const ::abi_test::Error abi_e = ::abi_test::take(expr);       \
    ASSERT_EQ(abi_e.code, ORT_OK) << #expr << ": " << abi_e.text; \
  } while (0)
// The code and the beginning of the text; on other libraries the code alone.
#define ABI_FAILS(expr, wanted_code, wanted_text)                                                \
  do {                                                                                           \
    const ::abi_test::Error abi_e = ::abi_test::take(expr);                                      \
    EXPECT_EQ(abi_e.code, wanted_code) << #expr << ": " << abi_e.text;                           \
    EXPECT_EQ(abi_e.text.substr(0, std::string_view(wanted_text).size()), wanted_text) << #expr; \
  } while (0)
// Null arguments are refused by name; other libraries crash.
#define ABI_NULL(expr, parameter)                                                                                     \
  do {                                                                                                                \
    if (!::abi_test::sardonyx()) break;                                                                               \
    const ::abi_test::Error abi_e = ::abi_test::take(expr);                                                           \
    EXPECT_EQ(abi_e.code, ORT_INVALID_ARGUMENT) << #expr << ": " << abi_e.text;                                       \
    EXPECT_NE(abi_e.text.find(std::string(": ") + parameter + " must not be null"), std::string::npos) << abi_e.text; \
  } while (0)

// Pointers that release what they own.
#define ABI_OWNER(Name, Type, Release)                   \
  struct Release##Deleter {                              \
    void operator()(Type* p) const { api().Release(p); } \
  };                                                     \
  using Name = std::unique_ptr<Type, Release##Deleter>
ABI_OWNER(Env, OrtEnv, ReleaseEnv);
ABI_OWNER(Session, OrtSession, ReleaseSession);
ABI_OWNER(SessionOptions, OrtSessionOptions, ReleaseSessionOptions);
ABI_OWNER(RunOptions, OrtRunOptions, ReleaseRunOptions);
ABI_OWNER(Value, OrtValue, ReleaseValue);
ABI_OWNER(TypeInfo, OrtTypeInfo, ReleaseTypeInfo);
ABI_OWNER(TensorInfo, OrtTensorTypeAndShapeInfo, ReleaseTensorTypeAndShapeInfo);
ABI_OWNER(MemoryInfo, OrtMemoryInfo, ReleaseMemoryInfo);
ABI_OWNER(Binding, OrtIoBinding, ReleaseIoBinding);
ABI_OWNER(Metadata, OrtModelMetadata, ReleaseModelMetadata);

// The environment that most tests use; quiet.
const OrtEnv* env();
OrtAllocator* allocator();
const OrtMemoryInfo* cpu();
SessionOptions options();
RunOptions run_options();
// A session of the model in `bytes`; records a failure and returns null if it cannot be made.
Session open(const Text& bytes, const OrtSessionOptions* options = nullptr);
OrtStatus* try_open(const Text& bytes, const OrtSessionOptions* options, OrtSession** out);

// Text that the default allocator gave; frees it.
std::string taken(char* text);

using Shape = std::vector<int64_t>;
// A tensor that owns a copy of the values.
Value make(int type, const Shape& shape, const void* data, size_t bytes);
template <class T>
Value tensor_of(int type, const Shape& shape, const std::vector<T>& values) {
  return make(type, shape, values.data(), values.size() * sizeof(T));
}
inline Value floats(const Shape& shape, const std::vector<float>& v) { return tensor_of(kFloat, shape, v); }
// A tensor over the caller's values, which must stay.
Value over(const Shape& shape, std::vector<float>& values);
inline Value ints(const Shape& shape, const std::vector<int64_t>& v) { return tensor_of(kInt64, shape, v); }
Value strings(const Shape& shape, const std::vector<std::string>& v);

Shape shape_of(const OrtValue* v);
template <class T>
std::vector<T> contents(const OrtValue* v) {
  TensorInfo info;
  size_t count = 0;
  void* data = nullptr;
  OrtTensorTypeAndShapeInfo* raw = nullptr;
  EXPECT_EQ(take(api().GetTensorTypeAndShape(v, &raw)).text, "");
  if (raw == nullptr) return {};
  info.reset(raw);
  EXPECT_EQ(take(api().GetTensorShapeElementCount(raw, &count)).text, "");
  EXPECT_EQ(take(api().GetTensorMutableData(const_cast<OrtValue*>(v), &data)).text, "");
  return std::vector<T>(static_cast<T*>(data), static_cast<T*>(data) + count);
}
std::vector<std::string> string_contents(const OrtValue* v);

using Inputs = std::vector<std::pair<const char*, const OrtValue*>>;
// Runs; the outputs are the caller's.
OrtStatus* run(OrtSession* s, const Inputs& inputs, const std::vector<const char*>& outputs, std::vector<Value>& out,
               const OrtRunOptions* options = nullptr);
// Runs what must succeed and returns the one output.
Value run_one(OrtSession* s, const Inputs& inputs, const char* output, const OrtRunOptions* options = nullptr);

// A folder that goes with the object.
class Folder {
 public:
  Folder();
  ~Folder();
  std::string path(std::string_view file) const { return path_ + "/" + std::string(file); }
  std::string write(std::string_view file, std::string_view contents) const;
  static std::string read(const std::string& path);

 private:
  std::string path_;
};

}  // namespace abi_test
