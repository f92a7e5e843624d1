#include "support.h"

#include <dlfcn.h>

#include <cstdio>
#include <cstring>

namespace ortabi {

namespace {
const OrtApiBase* g_base = nullptr;
bool g_sardonyx = false;
std::string g_folder;
}  // namespace

const OrtApiBase* base() { return g_base; }
const OrtApi& api() {
  static const OrtApi* const table = g_base->GetApi(ORT_API_VERSION);
  return *table;
}
bool is_sardonyx() { return g_sardonyx; }
const std::string& program_folder() { return g_folder; }

std::string text_of(OrtStatus* s) {
  if (s == nullptr) return {};
  std::string text = api().GetErrorMessage(s);
  api().ReleaseStatus(s);
  return text.empty() ? "(an error without text)" : text;
}
OrtErrorCode code_of(OrtStatus* s) {
  const OrtErrorCode code = api().GetErrorCode(s);
  api().ReleaseStatus(s);
  return code;
}

OrtEnv* env() {
  static const Env shared = [] {
    OrtEnv* made = nullptr;
    EXPECT_EQ(text_of(api().CreateEnv(ORT_LOGGING_LEVEL_ERROR, "abi", &made)), "");
    return Env(made);
  }();
  return shared.get();
}
OrtAllocator* allocator() {
  OrtAllocator* a = nullptr;
  EXPECT_EQ(text_of(api().GetAllocatorWithDefaultOptions(&a)), "");
  return a;
}
OrtMemoryInfo* cpu() {
  static const MemoryInfo info = [] {
    OrtMemoryInfo* made = nullptr;
    EXPECT_EQ(text_of(api().CreateCpuMemoryInfo(OrtDeviceAllocator, OrtMemTypeDefault, &made)), "");
    return MemoryInfo(made);
  }();
  return info.get();
}
SessionOptions make_options() {
  OrtSessionOptions* made = nullptr;
  EXPECT_EQ(text_of(api().CreateSessionOptions(&made)), "");
  EXPECT_EQ(text_of(api().SetIntraOpNumThreads(made, 1)), "");
  return SessionOptions(made);
}

Value make_tensor(ONNXTensorElementDataType type, const std::vector<int64_t>& dims, const void* data, size_t bytes) {
  OrtValue* made = nullptr;
  EXPECT_EQ(text_of(api().CreateTensorAsOrtValue(allocator(), dims.data(), dims.size(), type, &made)), "");
  void* to = nullptr;
  EXPECT_EQ(text_of(api().GetTensorMutableData(made, &to)), "");
  if (bytes != 0) std::memcpy(to, data, bytes);
  return Value(made);
}
Value strings(const std::vector<int64_t>& dims, const std::vector<std::string>& v) {
  OrtValue* made = nullptr;
  EXPECT_EQ(text_of(api().CreateTensorAsOrtValue(allocator(), dims.data(), dims.size(),
                                                 ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING, &made)),
            "");
  std::vector<const char*> pointers;
  for (const std::string& s : v) pointers.push_back(s.c_str());
  EXPECT_EQ(text_of(api().FillStringTensor(made, pointers.data(), pointers.size())), "");
  return Value(made);
}

namespace {
TensorTypeAndShapeInfo info_of(const OrtValue* v) {
  OrtTensorTypeAndShapeInfo* info = nullptr;
  EXPECT_EQ(text_of(api().GetTensorTypeAndShape(v, &info)), "");
  return TensorTypeAndShapeInfo(info);
}
}  // namespace

std::vector<int64_t> dims_of(const OrtValue* v) {
  const TensorTypeAndShapeInfo info = info_of(v);
  size_t rank = 0;
  EXPECT_EQ(text_of(api().GetDimensionsCount(info.get(), &rank)), "");
  std::vector<int64_t> dims(rank);
  EXPECT_EQ(text_of(api().GetDimensions(info.get(), dims.data(), rank)), "");
  return dims;
}
ONNXTensorElementDataType element_of(const OrtValue* v) {
  ONNXTensorElementDataType t = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
  EXPECT_EQ(text_of(api().GetTensorElementType(info_of(v).get(), &t)), "");
  return t;
}
std::vector<std::string> texts(const OrtValue* v) {
  size_t n = 1;
  for (int64_t d : dims_of(v)) n *= static_cast<size_t>(d);
  std::vector<std::string> all;
  for (size_t i = 0; i < n; ++i) {
    size_t length = 0;
    EXPECT_EQ(text_of(api().GetStringTensorElementLength(v, i, &length)), "");
    std::string s(length, ' ');
    EXPECT_EQ(text_of(api().GetStringTensorElement(v, length, i, s.data())), "");
    all.push_back(std::move(s));
  }
  return all;
}

Session open(const std::string& model, const OrtSessionOptions* options, std::string* failure) {
  OrtSession* s = nullptr;
  const std::string text = text_of(api().CreateSessionFromArray(env(), model.data(), model.size(), options, &s));
  if (failure != nullptr)
    *failure = text;
  else
    EXPECT_EQ(text, "");
  return Session(s);
}

std::vector<Value> run(OrtSession* s, const std::vector<std::pair<std::string, const OrtValue*>>& inputs,
                       const std::vector<std::string>& outputs, std::string* failure, const OrtRunOptions* options) {
  std::vector<const char*> in_names, out_names;
  std::vector<const OrtValue*> in;
  std::vector<OrtValue*> out(outputs.size());
  for (const auto& [name, value] : inputs) in_names.push_back(name.c_str()), in.push_back(value);
  for (const std::string& name : outputs) out_names.push_back(name.c_str());
  const std::string text = text_of(
      api().Run(s, options, in_names.data(), in.data(), in.size(), out_names.data(), out_names.size(), out.data()));
  if (failure != nullptr)
    *failure = text;
  else
    EXPECT_EQ(text, "");
  std::vector<Value> results;
  if (!text.empty()) return results;
  for (OrtValue* v : out) results.emplace_back(v);
  return results;
}

namespace {

void varint(std::string& to, uint64_t v) {
  for (; v >= 0x80; v >>= 7) to.push_back(static_cast<char>(v | 0x80));
  to.push_back(static_cast<char>(v));
}
void field(std::string& to, int number, std::string_view bytes) {
  varint(to, static_cast<uint64_t>(number) << 3 | 2);
  varint(to, bytes.size());
  to.append(bytes);
}
void field(std::string& to, int number, int64_t v) {
  varint(to, static_cast<uint64_t>(number) << 3);
  varint(to, static_cast<uint64_t>(v));
}
void field(std::string& to, int number, float v) {
  varint(to, static_cast<uint64_t>(number) << 3 | 5);
  to.append(reinterpret_cast<const char*>(&v), sizeof v);
}
std::string tensor_message(std::string_view name, const std::vector<int64_t>& dims, const std::vector<float>& v) {
  std::string t;
  for (int64_t d : dims) field(t, 1, d);
  field(t, 2, int64_t{1});
  field(t, 8, name);
  field(t, 9, std::string_view(reinterpret_cast<const char*>(v.data()), v.size() * sizeof(float)));
  return t;
}
std::string attr_message(std::string_view name, int64_t kind) {
  std::string a;
  field(a, 1, name);
  field(a, 20, kind);
  return a;
}
std::string value_message(std::string_view name, int type, const std::vector<int64_t>& dims) {
  std::string shape, tensor, of_type, v;
  for (int64_t d : dims) {
    std::string dim;
    if (d >= 0) field(dim, 1, d);
    field(shape, 1, dim);
  }
  field(tensor, 1, static_cast<int64_t>(type));
  if (dims != std::vector<int64_t>{-2}) field(tensor, 2, shape);
  field(of_type, 1, tensor);
  field(v, 1, name);
  if (type != 0) field(v, 2, of_type);
  return v;
}

}  // namespace

ModelText::Attr ModelText::of_int(std::string_view name, int64_t v) {
  Attr a{attr_message(name, 2)};
  field(a.bytes, 3, v);
  return a;
}
ModelText::Attr ModelText::of_float(std::string_view name, float v) {
  Attr a{attr_message(name, 1)};
  field(a.bytes, 2, v);
  return a;
}
ModelText::Attr ModelText::of_string(std::string_view name, std::string_view v) {
  Attr a{attr_message(name, 3)};
  field(a.bytes, 4, v);
  return a;
}
ModelText::Attr ModelText::of_ints(std::string_view name, const std::vector<int64_t>& v) {
  Attr a{attr_message(name, 7)};
  for (int64_t x : v) field(a.bytes, 8, x);
  return a;
}
ModelText::Attr ModelText::of_floats(std::string_view name, const std::vector<float>& v) {
  Attr a{attr_message(name, 6)};
  for (float x : v) field(a.bytes, 7, x);
  return a;
}
ModelText::Attr ModelText::of_strings(std::string_view name, const std::vector<std::string>& v) {
  Attr a{attr_message(name, 8)};
  for (const std::string& x : v) field(a.bytes, 9, x);
  return a;
}
ModelText::Attr ModelText::of_tensor(std::string_view name, const std::vector<int64_t>& dims,
                                     const std::vector<float>& v) {
  Attr a{attr_message(name, 4)};
  field(a.bytes, 5, tensor_message({}, dims, v));
  return a;
}

ModelText& ModelText::opset(std::string_view domain, int64_t version) {
  std::string m;
  field(m, 1, domain);
  field(m, 2, version);
  field(opsets_, 8, m);
  return *this;
}
ModelText& ModelText::input(std::string_view name, int type, const std::vector<int64_t>& dims) {
  field(inputs_, 11, value_message(name, type, dims));
  return *this;
}
ModelText& ModelText::output(std::string_view name, int type, const std::vector<int64_t>& dims) {
  field(outputs_, 12, value_message(name, type, dims));
  return *this;
}
ModelText& ModelText::initializer(std::string_view name, const std::vector<int64_t>& dims,
                                  const std::vector<float>& v) {
  field(initializers_, 5, tensor_message(name, dims, v));
  return *this;
}
ModelText& ModelText::node(std::string_view domain, std::string_view op, const std::vector<std::string>& inputs,
                           const std::vector<std::string>& outputs, const std::vector<Attr>& attrs,
                           std::string_view name) {
  std::string n;
  for (const std::string& s : inputs) field(n, 1, s);
  for (const std::string& s : outputs) field(n, 2, s);
  if (!name.empty()) field(n, 3, name);
  field(n, 4, op);
  for (const Attr& a : attrs) field(n, 5, a.bytes);
  if (!domain.empty()) field(n, 7, domain);
  field(nodes_, 1, n);
  return *this;
}
std::string ModelText::bytes() const {
  std::string graph = nodes_, model;
  field(graph, 2, "g");
  graph += initializers_ + inputs_ + outputs_;
  field(model, 1, int64_t{8});
  field(model, 7, graph);
  return model + opsets_;
}

}  // namespace ortabi

// usage: abi_ext_tests LIBRARY [gtest options]
int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc != 2) {
    std::fprintf(stderr, "usage: abi_ext_tests LIBRARY [gtest options]\n");
    return 2;
  }
  void* library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    std::fprintf(stderr, "%s\n", dlerror());
    return 2;
  }
  const auto get = reinterpret_cast<const OrtApiBase* (*)()>(dlsym(library, "OrtGetApiBase"));
  if (get == nullptr) return 2;
  ortabi::g_base = get();
  if (ortabi::g_base->GetApi(ORT_API_VERSION) == nullptr) return 2;
  ortabi::g_sardonyx = std::string(ortabi::api().GetBuildInfoString()).find("sardonyx") != std::string::npos;
  const std::string program = argv[0];
  ortabi::g_folder = program.substr(0, program.rfind('/') + 1);
  return RUN_ALL_TESTS();
}
