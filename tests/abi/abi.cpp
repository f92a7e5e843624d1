#include "abi/abi.h"

#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace abi_test {

namespace {

void* g_library = nullptr;
const OrtApiBase* g_base = nullptr;
const OrtApi* g_api = nullptr;

bool load(const char* path) {
  g_library = ::dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (g_library == nullptr) {
    std::fprintf(stderr, "%s\n", ::dlerror());
    return false;
  }
  const auto get = reinterpret_cast<const OrtApiBase* (*)()>(::dlsym(g_library, "OrtGetApiBase"));
  if (get == nullptr) return false;
  g_base = get();
  g_api = g_base->GetApi(ORT_API_VERSION);
  return g_api != nullptr;
}

}  // namespace

const OrtApi& api() { return *g_api; }
const OrtApiBase& base() { return *g_base; }
void* library() { return g_library; }
bool sardonyx() { return std::string_view(api().GetBuildInfoString()).find("sardonyx") != std::string_view::npos; }

Error take(OrtStatus* s) {
  if (s == nullptr) return {};
  Error e{api().GetErrorCode(s), api().GetErrorMessage(s)};
  api().ReleaseStatus(s);
  return e;
}

const OrtEnv* env() {
  static OrtEnv* const e = [] {
    OrtEnv* p = nullptr;
    EXPECT_EQ(take(api().CreateEnv(ORT_LOGGING_LEVEL_FATAL, "abi_test", &p)).text, "");
    return p;
  }();
  return e;
}
OrtAllocator* allocator() {
  OrtAllocator* a = nullptr;
  EXPECT_EQ(take(api().GetAllocatorWithDefaultOptions(&a)).text, "");
  return a;
}
const OrtMemoryInfo* cpu() {
  static OrtMemoryInfo* const info = [] {
    OrtMemoryInfo* p = nullptr;
    EXPECT_EQ(take(api().CreateCpuMemoryInfo(OrtDeviceAllocator, OrtMemTypeDefault, &p)).text, "");
    return p;
  }();
  return info;
}
SessionOptions options() {
  OrtSessionOptions* p = nullptr;
  EXPECT_EQ(take(api().CreateSessionOptions(&p)).text, "");
  return SessionOptions(p);
}
RunOptions run_options() {
  OrtRunOptions* p = nullptr;
  EXPECT_EQ(take(api().CreateRunOptions(&p)).text, "");
  return RunOptions(p);
}

OrtStatus* try_open(const Text& bytes, const OrtSessionOptions* given, OrtSession** out) {
  if (given != nullptr) return api().CreateSessionFromArray(env(), bytes.data(), bytes.size(), given, out);
  const SessionOptions own = options();
  return api().CreateSessionFromArray(env(), bytes.data(), bytes.size(), own.get(), out);
}
Session open(const Text& bytes, const OrtSessionOptions* given) {
  OrtSession* s = nullptr;
  const Error e = take(try_open(bytes, given, &s));
  EXPECT_EQ(e.text, "");
  return Session(s);
}

std::string taken(char* text) {
  if (text == nullptr) return {};
  std::string s = text;
  EXPECT_EQ(take(api().AllocatorFree(allocator(), text)).text, "");
  return s;
}

Value make(int type, const Shape& shape, const void* data, size_t bytes) {
  OrtValue* v = nullptr;
  const Error e = take(api().CreateTensorAsOrtValue(allocator(), shape.data(), shape.size(),
                                                    static_cast<ONNXTensorElementDataType>(type), &v));
  EXPECT_EQ(e.text, "");
  void* to = nullptr;
  EXPECT_EQ(take(api().GetTensorMutableData(v, &to)).text, "");
  if (bytes != 0) std::memcpy(to, data, bytes);
  return Value(v);
}
Value over(const Shape& shape, std::vector<float>& values) {
  OrtValue* v = nullptr;
  EXPECT_EQ(take(api().CreateTensorWithDataAsOrtValue(cpu(), values.data(), values.size() * sizeof(float), shape.data(),
                                                      shape.size(), ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, &v))
                .text,
            "");
  return Value(v);
}
Value strings(const Shape& shape, const std::vector<std::string>& v) {
  OrtValue* value = nullptr;
  EXPECT_EQ(take(api().CreateTensorAsOrtValue(allocator(), shape.data(), shape.size(),
                                              ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING, &value))
                .text,
            "");
  std::vector<const char*> pointers;
  for (const std::string& s : v) pointers.push_back(s.c_str());
  EXPECT_EQ(take(api().FillStringTensor(value, pointers.data(), pointers.size())).text, "");
  return Value(value);
}

Shape shape_of(const OrtValue* v) {
  OrtTensorTypeAndShapeInfo* raw = nullptr;
  EXPECT_EQ(take(api().GetTensorTypeAndShape(v, &raw)).text, "");
  const TensorInfo info(raw);
  size_t rank = 0;
  EXPECT_EQ(take(api().GetDimensionsCount(raw, &rank)).text, "");
  Shape dims(rank);
  EXPECT_EQ(take(api().GetDimensions(raw, dims.data(), rank)).text, "");
  return dims;
}
std::vector<std::string> string_contents(const OrtValue* v) {
  size_t count = 1, bytes = 0;
  for (int64_t d : shape_of(v)) count *= static_cast<size_t>(d);
  EXPECT_EQ(take(api().GetStringTensorDataLength(v, &bytes)).text, "");
  std::string all(bytes, '\0');
  std::vector<size_t> offsets(count);
  EXPECT_EQ(take(api().GetStringTensorContent(v, all.data(), bytes, offsets.data(), count)).text, "");
  std::vector<std::string> out;
  for (size_t i = 0; i < count; ++i)
    out.push_back(all.substr(offsets[i], (i + 1 < count ? offsets[i + 1] : bytes) - offsets[i]));
  return out;
}

OrtStatus* run(OrtSession* s, const Inputs& inputs, const std::vector<const char*>& outputs, std::vector<Value>& out,
               const OrtRunOptions* given) {
  std::vector<const char*> names;
  std::vector<const OrtValue*> values;
  for (const auto& [name, value] : inputs) names.push_back(name), values.push_back(value);
  std::vector<OrtValue*> raw(outputs.size());
  OrtStatus* status =
      api().Run(s, given, names.data(), values.data(), names.size(), outputs.data(), outputs.size(), raw.data());
  out.clear();
  for (OrtValue* v : raw) out.emplace_back(v);
  return status;
}
Value run_one(OrtSession* s, const Inputs& inputs, const char* output, const OrtRunOptions* given) {
  std::vector<Value> out;
  const Error e = take(run(s, inputs, {output}, out, given));
  EXPECT_EQ(e.text, "");
  return std::move(out[0]);
}

Folder::Folder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "abi_test_XXXXXX").string();
  path_ = ::mkdtemp(pattern.data());
}
Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}
std::string Folder::write(std::string_view file, std::string_view contents) const {
  std::ofstream(path(file), std::ios::binary) << contents;
  return path(file);
}
std::string Folder::read(const std::string& path) {
  std::ifstream f(path, std::ios::binary);
  std::stringstream s;
  s << f.rdbuf();
  return s.str();
}

}  // namespace abi_test

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  ::setenv("ORT_DISABLE_TELEMETRY", "1", 1);
  const char* path = std::getenv("ABI_LIBRARY");
  for (int i = 1; i < argc; ++i)
    if (std::string_view(argv[i]).starts_with("--lib=")) path = argv[i] + 6;
  if (path == nullptr) {
    std::fprintf(stderr, "usage: abi_test --lib=PATH [googletest argument...]\n");
    return 2;
  }
  if (!abi_test::load(path)) return 2;
  return RUN_ALL_TESTS();
}
