// Compiling models, and the tables of devices, memory and other processors' resources.
#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>

#include "abi/test_op.h"

namespace abi_test::ext {
namespace {

const OrtCompileApi& compiler() { return *api().GetCompileApi(); }

struct Compilation {
  explicit Compilation(const OrtSessionOptions* session_options) {
    EXPECT_EQ(text_of(compiler().CreateModelCompilationOptionsFromSessionOptions(env(), session_options, &options)),
              "");
  }
  ~Compilation() { compiler().ReleaseModelCompilationOptions(options); }
  Compilation(const Compilation&) = delete;
  std::string compile() { return text_of(compiler().CompileModel(env(), options)); }
  OrtModelCompilationOptions* options = nullptr;
};

std::string model_bytes() {
  ModelText m;
  m.opset("", 17).input("x", 1, {1, 64}).output("y", 1, {1, 4}).initializer("w", {64, 4}, std::vector<float>(256, 1));
  m.node("", "MatMul", {"x", "w"}, {"a"}).node("", "Identity", {"a"}, {"b"}).node("", "Neg", {"b"}, {"y"});
  return m.bytes();
}

void expect_runs(OrtSession* s) {
  const Value x = tensor<float>({1, 64}, std::vector<float>(64, 0.5f));
  const auto out = run(s, {{"x", x.get()}}, {"y"});
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(elements<float>(out[0].get()), (std::vector<float>{-32, -32, -32, -32}));
}

std::string read_file(const std::string& path) {
  std::ifstream f(path, std::ios::binary);
  std::stringstream s;
  s << f.rdbuf();
  return s.str();
}

TEST(Compile, BufferToBuffer) {
  const SessionOptions session_options = make_options();
  const std::string model = model_bytes();
  for (GraphOptimizationLevel level : {ORT_DISABLE_ALL, ORT_ENABLE_BASIC, ORT_ENABLE_ALL}) {
    Compilation c(session_options.get());
    void* data = nullptr;
    size_t size = 0;
    ASSERT_EQ(
        text_of(compiler().ModelCompilationOptions_SetInputModelFromBuffer(c.options, model.data(), model.size())), "");
    ASSERT_EQ(text_of(compiler().ModelCompilationOptions_SetOutputModelBuffer(c.options, allocator(), &data, &size)),
              "");
    ASSERT_EQ(text_of(compiler().ModelCompilationOptions_SetGraphOptimizationLevel(c.options, level)), "");
    ASSERT_EQ(c.compile(), "");
    ASSERT_NE(data, nullptr);
    const Session s = open(std::string(static_cast<char*>(data), size), session_options.get());
    allocator()->Free(allocator(), data);
    ASSERT_TRUE(s);
    expect_runs(s.get());
  }
}

TEST(Compile, FileToFile) {
  const SessionOptions session_options = make_options();
  const std::string in = testing::TempDir() + "abi_compile.onnx", named = testing::TempDir() + "abi_compiled.onnx",
                    by_default = testing::TempDir() + "abi_compile_ctx.onnx";
  std::ofstream(in, std::ios::binary) << model_bytes();
  for (const std::string& out : {named, by_default}) {
    std::remove(out.c_str());
    Compilation c(session_options.get());
    ASSERT_EQ(text_of(compiler().ModelCompilationOptions_SetInputModelPath(c.options, in.c_str())), "");
    if (out == named) {
      ASSERT_EQ(text_of(compiler().ModelCompilationOptions_SetOutputModelPath(c.options, out.c_str())), "");
    }
    ASSERT_EQ(c.compile(), "");
    const Session s = open(read_file(out), session_options.get());
    ASSERT_TRUE(s);
    expect_runs(s.get());
    ASSERT_EQ(text_of(compiler().ModelCompilationOptions_SetOutputModelPath(c.options, out.c_str())), "");
    ASSERT_EQ(
        text_of(compiler().ModelCompilationOptions_SetFlags(c.options, OrtCompileApiFlags_ERROR_IF_OUTPUT_FILE_EXISTS)),
        "");
    EXPECT_NE(c.compile(), "");
  }
  for (const std::string& file : {in, named, by_default}) std::remove(file.c_str());
}

TEST(Compile, FunctionAndExternalWeights) {
  const SessionOptions session_options = make_options();
  const std::string model = model_bytes(), out = testing::TempDir() + "abi_external.onnx";
  Compilation c(session_options.get());
  std::string written;
  const auto write = [](void* state, const void* data, size_t n) -> OrtStatus* {
    static_cast<std::string*>(state)->append(static_cast<const char*>(data), n);
    return nullptr;
  };
  ASSERT_EQ(text_of(compiler().ModelCompilationOptions_SetInputModelFromBuffer(c.options, model.data(), model.size())),
            "");
  ASSERT_EQ(text_of(compiler().ModelCompilationOptions_SetOutputModelWriteFunc(c.options, write, &written)), "");
  ASSERT_EQ(c.compile(), "");
  const Session s = open(written, session_options.get());
  ASSERT_TRUE(s);
  expect_runs(s.get());

  Compilation e(session_options.get());
  ASSERT_EQ(text_of(compiler().ModelCompilationOptions_SetInputModelFromBuffer(e.options, model.data(), model.size())),
            "");
  ASSERT_EQ(text_of(compiler().ModelCompilationOptions_SetOutputModelPath(e.options, out.c_str())), "");
  ASSERT_EQ(text_of(compiler().ModelCompilationOptions_SetOutputModelExternalInitializersFile(e.options,
                                                                                              "abi_external.bin", 64)),
            "");
  ASSERT_EQ(e.compile(), "");
  EXPECT_GE(read_file(testing::TempDir() + "abi_external.bin").size(), 1024u);
  OrtSession* raw = nullptr;
  ASSERT_EQ(text_of(api().CreateSession(env(), out.c_str(), session_options.get(), &raw)), "");
  const Session from_files(raw);
  expect_runs(raw);
  std::remove(out.c_str());
  std::remove((testing::TempDir() + "abi_external.bin").c_str());
}

// A function that puts large initializers into a file of its own.
struct Places {
  std::string file;
  std::map<std::string, std::string> origins;  // "file offset bytes", or ""
  OrtStatus* answer(const char* name, const OrtValue* value, const OrtExternalInitializerInfo* origin,
                    OrtExternalInitializerInfo** out) {
    origins[name] = origin == nullptr ? ""
                                      : std::string(api().ExternalInitializerInfo_GetFilePath(origin)) + " " +
                                            std::to_string(api().ExternalInitializerInfo_GetFileOffset(origin)) + " " +
                                            std::to_string(api().ExternalInitializerInfo_GetByteSize(origin));
    if (refuse) return api().CreateStatus(ORT_EP_FAIL, "no room");
    size_t bytes = 0;
    const void* data = nullptr;
    EXPECT_EQ(text_of(api().GetTensorSizeInBytes(value, &bytes)), "");
    EXPECT_EQ(text_of(api().GetTensorData(value, &data)), "");
    if (bytes < 100) return nullptr;
    const size_t offset = file.size();
    file.append(static_cast<const char*>(data), bytes);
    return api().CreateExternalInitializerInfo("mine.bin", static_cast<int64_t>(offset), bytes, out);
  }
  bool refuse = false;
};
OrtStatus* ORT_API_CALL place_of(void* state, const char* name, const OrtValue* value,
                                 const OrtExternalInitializerInfo* origin, OrtExternalInitializerInfo** out) {
  return static_cast<Places*>(state)->answer(name, value, origin, out);
}

std::string model_with_bias() {
  ModelText m;
  m.opset("", 17).input("x", 1, {1, 64}).output("y", 1, {1, 4}).initializer("w", {64, 4}, std::vector<float>(256, 1));
  m.initializer("b", {4}, {1, 2, 3, 4}).node("", "MatMul", {"x", "w"}, {"a"}).node("", "Add", {"a", "b"}, {"y"});
  return m.bytes();
}

TEST(Compile, AsksWhereInitializersLie) {
  const Folder folder;
  const SessionOptions session_options = make_options();
  const std::string model = model_with_bias(), out = folder.path("out.onnx"), again = folder.path("again.onnx");
  Places places;
  Compilation c(session_options.get());
  ASSERT_EQ(text_of(compiler().ModelCompilationOptions_SetInputModelFromBuffer(c.options, model.data(), model.size())),
            "");
  ASSERT_EQ(text_of(compiler().ModelCompilationOptions_SetOutputModelPath(c.options, out.c_str())), "");
  ASSERT_EQ(text_of(compiler().ModelCompilationOptions_SetOutputModelGetInitializerLocationFunc(c.options, place_of,
                                                                                                &places)),
            "");
  ASSERT_EQ(c.compile(), "");
  EXPECT_EQ(places.origins, (std::map<std::string, std::string>{{"b", ""}, {"w", ""}}));
  ASSERT_EQ(places.file.size(), 1024u);
  folder.write("mine.bin", places.file);
  const auto result_of = [&](const std::string& path) {
    OrtSession* s = nullptr;
    EXPECT_EQ(text_of(api().CreateSession(env(), path.c_str(), session_options.get(), &s)), "");
    const Session owner(s);
    const Value x = tensor<float>({1, 64}, std::vector<float>(64, 0.5f));
    return elements<float>(run(s, {{"x", x.get()}}, {"y"}).at(0).get());
  };
  EXPECT_EQ(result_of(out), (std::vector<float>{33, 34, 35, 36}));

  // What lies in a file already is told; it may stay there.
  Places kept;
  Compilation second(session_options.get());
  ASSERT_EQ(text_of(compiler().ModelCompilationOptions_SetInputModelPath(second.options, out.c_str())), "");
  ASSERT_EQ(text_of(compiler().ModelCompilationOptions_SetOutputModelPath(second.options, again.c_str())), "");
  ASSERT_EQ(text_of(compiler().ModelCompilationOptions_SetOutputModelGetInitializerLocationFunc(second.options,
                                                                                                place_of, &kept)),
            "");
  ASSERT_EQ(second.compile(), "");
  EXPECT_EQ(kept.origins, (std::map<std::string, std::string>{{"b", ""}, {"w", "mine.bin 0 1024"}}));
  EXPECT_EQ(result_of(again), (std::vector<float>{33, 34, 35, 36}));

  kept.refuse = true;
  const Error e = take(compiler().CompileModel(env(), second.options));
  EXPECT_EQ(e.code, ORT_EP_FAIL);
  EXPECT_EQ(e.text, "no room");
  // The last of the two ways counts.
  ASSERT_EQ(text_of(compiler().ModelCompilationOptions_SetOutputModelExternalInitializersFile(second.options,
                                                                                              "other.bin", 100)),
            "");
  EXPECT_EQ(second.compile(), "");
  EXPECT_EQ(result_of(again), (std::vector<float>{33, 34, 35, 36}));
  EXPECT_EQ(Folder::read(folder.path("other.bin")).size(), 1024u);
}

TEST(Compile, WhatIsMissingOrWrong) {
  const SessionOptions session_options = make_options();
  Compilation c(session_options.get());
  EXPECT_NE(c.compile(), "");
  EXPECT_NE(text_of(compiler().ModelCompilationOptions_SetInputModelPath(c.options, "")), "");
  EXPECT_EQ(text_of(compiler().ModelCompilationOptions_SetInputModelFromBuffer(c.options, "garbage", 7)), "");
  EXPECT_NE(c.compile(), "");
  void* data = nullptr;
  size_t size = 0;
  EXPECT_EQ(text_of(compiler().ModelCompilationOptions_SetOutputModelBuffer(c.options, allocator(), &data, &size)), "");
  EXPECT_NE(c.compile(), "");
  const std::string model = model_bytes();
  EXPECT_EQ(text_of(compiler().ModelCompilationOptions_SetInputModelFromBuffer(c.options, model.data(), model.size())),
            "");
  EXPECT_EQ(
      text_of(compiler().ModelCompilationOptions_SetFlags(c.options, OrtCompileApiFlags_ERROR_IF_NO_NODES_COMPILED)),
      "");
  EXPECT_NE(c.compile(), "");
}

TEST(Devices, MemoryOfTheCpu) {
  const OrtEpApi& ep = *api().GetEpApi();
  const Value v = tensor<float>({1}, {1});
  const OrtMemoryDevice *of_value = ep.Value_GetMemoryDevice(v.get()), *of_info = ep.MemoryInfo_GetMemoryDevice(cpu());
  ASSERT_NE(of_value, nullptr);
  ASSERT_NE(of_info, nullptr);
  EXPECT_TRUE(ep.MemoryDevice_AreEqual(of_value, of_info));
  EXPECT_EQ(ep.MemoryDevice_GetDeviceType(of_value), OrtMemoryInfoDeviceType_CPU);
  EXPECT_EQ(ep.MemoryDevice_GetMemoryType(of_value), OrtDeviceMemoryType_DEFAULT);
  EXPECT_EQ(ep.MemoryDevice_GetVendorId(of_value), 0u);
  EXPECT_EQ(ep.MemoryDevice_GetDeviceId(of_value), 0u);
}

TEST(Devices, StreamsAndImportersDoNotExist) {
  const OrtEpDevice* const* devices = nullptr;
  size_t n = 0;
  ASSERT_EQ(text_of(api().GetEpDevices(env(), &devices, &n)), "");
  ASSERT_GE(n, 1u);
  EXPECT_STREQ(api().EpDevice_EpName(devices[0]), "CPUExecutionProvider");
  OrtExternalResourceImporter* importer = nullptr;
  EXPECT_EQ(text_of(api().GetInteropApi()->CreateExternalResourceImporterForDevice(devices[0], &importer)), "");
  EXPECT_EQ(importer, nullptr);
  OrtSyncStream* stream = nullptr;
  EXPECT_EQ(text_of(api().CreateSyncStreamForEpDevice(devices[0], nullptr, &stream)),
            "ep_device does not use DEFAULT memory of a non-CPU device.");
  EXPECT_EQ(stream, nullptr);
}

TEST(Devices, EveryEntryOfEveryTableIsThere) {
  const auto all_set = [](const void* table, size_t bytes) {
    for (size_t i = 0; i < bytes / sizeof(void*); ++i)
      EXPECT_NE(static_cast<void* const*>(table)[i], nullptr) << "entry " << i;
  };
  all_set(api().GetModelEditorApi(), sizeof(OrtModelEditorApi));
  all_set(api().GetCompileApi(), sizeof(OrtCompileApi));
  all_set(api().GetInteropApi(), sizeof(OrtInteropApi));
  all_set(api().GetEpApi(), sizeof(OrtEpApi));
}

}  // namespace
}  // namespace abi_test::ext
