// Session options: what each option and config key does to a session, and what is refused.
#include <dirent.h>
#include <pthread.h>

#include <atomic>
#include <fstream>

#include "abi/abi.h"

namespace abi_test {
namespace {

TEST(Options, AreCheckedWhenSet) {
  const SessionOptions o = options();
  ABI_OK(api().SetSessionGraphOptimizationLevel(o.get(), ORT_ENABLE_LAYOUT));
  ABI_FAILS(api().SetSessionGraphOptimizationLevel(o.get(), static_cast<GraphOptimizationLevel>(7)),
            ORT_INVALID_ARGUMENT, "graph_optimization_level is not valid");
  ABI_FAILS(api().SetSessionExecutionMode(o.get(), static_cast<ExecutionMode>(5)), ORT_INVALID_ARGUMENT,
            "execution_mode is not valid");
  ABI_OK(api().SetSessionExecutionMode(o.get(), ORT_PARALLEL));
  ExecutionMode mode = ORT_SEQUENTIAL;
  ABI_OK(api().GetSessionExecutionMode(o.get(), &mode));
  EXPECT_EQ(mode, ORT_PARALLEL);
  int pattern = 0;
  ABI_OK(api().GetMemPatternEnabled(o.get(), &pattern));
  EXPECT_EQ(pattern, 1);
  ABI_OK(api().DisableMemPattern(o.get()));
  ABI_OK(api().GetMemPatternEnabled(o.get(), &pattern));
  EXPECT_EQ(pattern, 0);
  ABI_OK(api().EnableMemPattern(o.get()));
  ABI_OK(api().DisableCpuMemArena(o.get()));
  ABI_OK(api().EnableCpuMemArena(o.get()));
  ABI_OK(api().SetDeterministicCompute(o.get(), true));
  ABI_OK(api().SetInterOpNumThreads(o.get(), 1));
  ABI_NULL(api().SetIntraOpNumThreads(nullptr, 1), "options");
  ABI_NULL(api().CreateSessionOptions(nullptr), "options");
  ABI_NULL(api().SetSessionLogId(o.get(), nullptr), "logid");
}

TEST(ConfigEntries, AreKeptReadAndListed) {
  const SessionOptions o = options();
  ABI_OK(api().AddSessionConfigEntry(o.get(), "my.key", "one"));
  ABI_OK(api().AddSessionConfigEntry(o.get(), "my.key", "two"));
  int has = 0;
  ABI_OK(api().HasSessionConfigEntry(o.get(), "my.key", &has));
  EXPECT_EQ(has, 1);
  ABI_OK(api().HasSessionConfigEntry(o.get(), "other", &has));
  EXPECT_EQ(has, 0);
  size_t size = 0;
  ABI_OK(api().GetSessionConfigEntry(o.get(), "my.key", nullptr, &size));
  ASSERT_EQ(size, 4u);
  char text[4];
  size = 1;
  ABI_FAILS(api().GetSessionConfigEntry(o.get(), "my.key", text, &size), ORT_INVALID_ARGUMENT,
            "Output buffer is not large enough for session config entry");
  ABI_OK(api().GetSessionConfigEntry(o.get(), "my.key", text, &size));
  EXPECT_STREQ(text, "two");
  ABI_FAILS(api().GetSessionConfigEntry(o.get(), "nokey", text, &size), ORT_INVALID_ARGUMENT,
            "Session config entry 'nokey' was not found.");
  OrtKeyValuePairs* all = nullptr;
  ABI_OK(api().AddSessionConfigEntry(o.get(), "session.intra_op_num_threads", "2"));
  ABI_OK(api().GetSessionOptionsConfigEntries(o.get(), &all));
  EXPECT_STREQ(api().GetKeyValue(all, "my.key"), "two");
  EXPECT_EQ(api().GetKeyValue(all, "session.intra_op_num_threads"), nullptr);
  api().ReleaseKeyValuePairs(all);
}

TEST(ConfigEntries, TypedOnesAreChecked) {
  const SessionOptions o = options();
  const auto set = [&](const char* key, const char* value) { return api().AddSessionConfigEntry(o.get(), key, value); };
  ABI_FAILS(set("", ""), ORT_INVALID_ARGUMENT, "Config key is empty or longer than maximum length 1024");
  ABI_FAILS(set(std::string(1025, 'k').c_str(), ""), ORT_INVALID_ARGUMENT, "Config key is empty or longer than");
  ABI_FAILS(set("session.intra_op_num_threads", "abc"), ORT_INVALID_ARGUMENT,
            "AddSessionConfigEntry: value for 'session.intra_op_num_threads' must be a base-10 int32; got 'abc'");
  ABI_FAILS(set("session.graph_optimization_level", "foo"), ORT_INVALID_ARGUMENT,
            "AddSessionConfigEntry: value for 'graph_optimization_level' must be one of disable_all/");
  ABI_FAILS(set("session.execution_mode", "zz"), ORT_INVALID_ARGUMENT,
            "AddSessionConfigEntry: value for 'execution_mode' must be 'sequential' or 'parallel'; got 'zz'");
  ABI_FAILS(set("session.enable_mem_pattern", "7"), ORT_INVALID_ARGUMENT,
            "AddSessionConfigEntry: value for 'session.enable_mem_pattern' must be a boolean");
  ABI_OK(set("session.enable_mem_pattern", "false"));
  int pattern = 1;
  ABI_OK(api().GetMemPatternEnabled(o.get(), &pattern));
  EXPECT_EQ(pattern, 0);
  ABI_OK(set("session.execution_mode", "parallel"));
  ExecutionMode mode = ORT_SEQUENTIAL;
  ABI_OK(api().GetSessionExecutionMode(o.get(), &mode));
  EXPECT_EQ(mode, ORT_PARALLEL);
}

TEST(Options, UnknownEntriesDoNotDisturb) {
  const SessionOptions o = options();
  for (const auto& [key, value] : {std::pair("session.disable_prepacking", "1"),
                                   {"no.such.key", "x"},
                                   {"session.use_env_allocators", "1"},
                                   {"mlas.use_lut_gemm", "1"},
                                   {"session.dynamic_block_base", "4"},
                                   {"session.set_denormal_as_zero", "1"},
                                   {"optimization.disable_specified_optimizers", "ConstantFolding;GeluFusionL2"}})
    ABI_OK(api().AddSessionConfigEntry(o.get(), key, value));
  const Session s = open(relu_model(), o.get());
  const Value x = floats({2, 3}, {-1, 2, -3, 4, -5, 6});
  EXPECT_EQ(contents<float>(run_one(s.get(), {{"x", x.get()}}, "y").get()), (std::vector<float>{0, 2, 0, 4, 0, 6}));
}

// What a session writes as its optimised model.
std::string optimised(const Text& model_bytes, GraphOptimizationLevel level, const char* key, const char* value) {
  const Folder folder;
  const std::string path = folder.path("optimised.onnx");
  const SessionOptions o = options();
  EXPECT_EQ(take(api().SetOptimizedModelFilePath(o.get(), path.c_str())).text, "");
  EXPECT_EQ(take(api().SetSessionGraphOptimizationLevel(o.get(), level)).text, "");
  if (key != nullptr) {
    EXPECT_EQ(take(api().AddSessionConfigEntry(o.get(), key, value)).text, "");
  }
  EXPECT_TRUE(open(model_bytes, o.get()));
  return Folder::read(path);
}
bool has(const std::string& bytes, std::string_view op) { return bytes.find(op) != std::string::npos; }

TEST(ConfigEntries, OptimisationsAreSwitchedOff) {
  const Text sum =
      model(node("Sub", {"a", "b"}, {"w"}) + node("Mul", {"x", "w"}, {"y"}) + input("x", tensor_type(kFloat, {2})) +
            output("y", tensor_type(kFloat, {2})) + initializer(tensor(kFloat, {2}, "a", bytes_of<float>({1, 2}))) +
            initializer(tensor(kFloat, {2}, "b", bytes_of<float>({3, 4}))));
  const char* const off = "optimization.disable_specified_optimizers";
  EXPECT_FALSE(has(optimised(sum, ORT_ENABLE_BASIC, nullptr, nullptr), "Sub"));
  EXPECT_TRUE(has(optimised(sum, ORT_ENABLE_BASIC, off, "ConstantFolding"), "Sub"));
  EXPECT_TRUE(has(optimised(sum, ORT_ENABLE_BASIC, off, "GeluFusionL2;ConstantFolding"), "Sub"));
  EXPECT_FALSE(has(optimised(sum, ORT_ENABLE_BASIC, off, "NoSuchOptimizer"), "Sub"));

  const Text scale = bytes_of<float>({0.5f}), zero = bytes_of<uint8_t>({128});
  const Text product =
      model(node("DequantizeLinear", {"x", "s", "z"}, {"xf"}) + node("DequantizeLinear", {"w", "s", "z"}, {"wf"}) +
            node("MatMul", {"xf", "wf"}, {"yf"}) + node("QuantizeLinear", {"yf", "s", "z"}, {"y"}) +
            input("x", tensor_type(kUint8, {2, 2})) + output("y", tensor_type(kUint8, {2, 2})) +
            initializer(tensor(kFloat, {}, "s", scale)) + initializer(tensor(kUint8, {}, "z", zero)) +
            initializer(tensor(kUint8, {2, 2}, "w", bytes_of<uint8_t>({1, 2, 3, 4}))));
  EXPECT_FALSE(has(optimised(product, ORT_ENABLE_EXTENDED, nullptr, nullptr), "DequantizeLinear"));
  EXPECT_TRUE(has(optimised(product, ORT_ENABLE_EXTENDED, "session.disable_quant_qdq", "1"), "DequantizeLinear"));
}

TEST(ConfigEntries, WhatCannotBeDoneIsRefused) {
  if (!sardonyx()) GTEST_SKIP() << "ONNX Runtime has a format of its own";
  const std::pair<const char*, const char*> refused[] = {
      {"session.load_model_format", "ORT"},
      {"session.save_model_format", "ORT"},
      {"session.load_model_format", "other"},
      {"session.intra_op.spin_duration_us", "long"},
      {"session.optimized_model_external_initializers_min_size_in_bytes", "1k"}};
  for (const auto& [key, value] : refused) {
    const SessionOptions o = options();
    ABI_OK(api().AddSessionConfigEntry(o.get(), key, value));
    OrtSession* s = nullptr;
    const Error e = take(try_open(relu_model(), o.get(), &s));
    EXPECT_NE(e.code, ORT_OK) << key;
    EXPECT_EQ(e.text.substr(0, std::string_view(key).size()), key);
  }
  const SessionOptions o = options();
  ABI_OK(api().SetOptimizedModelFilePath(o.get(), "/tmp/never-written.ort"));
  OrtSession* s = nullptr;
  EXPECT_EQ(take(try_open(relu_model(), o.get(), &s)).code, ORT_NOT_IMPLEMENTED);
}

TEST(ConfigEntries, DeclaredExtentsAreCheckedOnDemand) {
  const Text chain =
      node("Relu", {"x"}, {"a"}) + node("Relu", {"a"}, {"y"}) + input("x", tensor_type(kFloat, {2, "N"}));
  const Text good = model(chain + output("y", tensor_type(kFloat, {2, 3})) +
                          text(13, text(1, "a") + text(2, tensor_type(kFloat, {2, "M"}))));
  const Text bad_output = model(chain + output("y", tensor_type(kFloat, {4, 3})));
  const Text bad_value = model(chain + output("y", tensor_type(kFloat, {2, 3})) +
                               text(13, text(1, "a") + text(2, tensor_type(kFloat, {4, 3}))));
  for (const char* strict : {"0", "1"}) {
    const SessionOptions o = options();
    ABI_OK(api().AddSessionConfigEntry(o.get(), "session.strict_shape_type_inference", strict));
    EXPECT_TRUE(open(good, o.get()));
    for (const Text& bad : {bad_output, bad_value}) {
      OrtSession* s = nullptr;
      EXPECT_EQ(take(try_open(bad, o.get(), &s)).code, *strict == '1' ? ORT_FAIL : ORT_OK);
      const Session owner(s);
    }
  }
}

TEST(ConfigEntries, SpinningHasALength) {
  for (const char* us : {"0", "1", "-1", "1000"}) {
    const SessionOptions o = options();
    ABI_OK(api().SetIntraOpNumThreads(o.get(), 2));
    ABI_OK(api().AddSessionConfigEntry(o.get(), "session.intra_op.spin_duration_us", us));
    const Session s = open(relu_model(), o.get());
    ASSERT_TRUE(s) << us;
    const Value x = floats({2, 3}, {-1, 2, -3, 4, -5, 6});
    EXPECT_EQ(contents<float>(run_one(s.get(), {{"x", x.get()}}, "y").get())[1], 2);
  }
}

TEST(Options, ClonesAreIndependent) {
  const SessionOptions o = options();
  ABI_OK(api().AddSessionConfigEntry(o.get(), "k", "v"));
  OrtSessionOptions* raw = nullptr;
  ABI_OK(api().CloneSessionOptions(o.get(), &raw));
  const SessionOptions clone(raw);
  ABI_OK(api().AddSessionConfigEntry(o.get(), "k2", "v"));
  int has = 0;
  ABI_OK(api().HasSessionConfigEntry(raw, "k", &has));
  EXPECT_EQ(has, 1);
  ABI_OK(api().HasSessionConfigEntry(raw, "k2", &has));
  EXPECT_EQ(has, 0);
}

Shape input_dims(const OrtSession* s) {
  OrtTypeInfo* raw = nullptr;
  EXPECT_EQ(take(api().SessionGetInputTypeInfo(s, 0, &raw)).text, "");
  const TypeInfo info(raw);
  const OrtTensorTypeAndShapeInfo* tensor = nullptr;
  EXPECT_EQ(take(api().CastTypeInfoToTensorInfo(raw, &tensor)).text, "");
  size_t rank = 0;
  EXPECT_EQ(take(api().GetDimensionsCount(tensor, &rank)).text, "");
  Shape dims(rank);
  EXPECT_EQ(take(api().GetDimensions(tensor, dims.data(), rank)).text, "");
  return dims;
}

TEST(Options, FreeDimensionsAreOverridden) {
  const Text graph = node("Relu", {"x"}, {"y"}) +
                     input("x", tensor_type(kFloat, {D("N"), D("M", "DATA_BATCH"), D("K")})) +
                     output("y", unranked_type(kFloat));
  const SessionOptions o = options();
  ABI_OK(api().AddFreeDimensionOverrideByName(o.get(), "N", 4));
  ABI_OK(api().AddFreeDimensionOverride(o.get(), "DATA_BATCH", 5));
  ABI_OK(api().AddFreeDimensionOverrideByName(o.get(), "nobody", 6));
  const Session s = open(model(graph), o.get());
  EXPECT_EQ(input_dims(s.get()), (Shape{4, 5, -1}));
}

TEST(Options, OptimisedModelsAreWrittenAndRead) {
  const Folder folder;
  const std::string path = folder.path("optimised.onnx");
  const SessionOptions o = options();
  ABI_OK(api().SetOptimizedModelFilePath(o.get(), path.c_str()));
  ABI_OK(api().SetSessionGraphOptimizationLevel(o.get(), ORT_ENABLE_BASIC));
  const Text graph = node("Constant", {}, {"c"}, text(5, text(1, "value_floats") + number(20, 6) + real(7, 1.5f))) +
                     node("Neg", {"c"}, {"d"}) + node("Add", {"x", "d"}, {"y"}) +
                     input("x", tensor_type(kFloat, {"N"})) + output("y", tensor_type(kFloat, {"N"}));
  { const Session s = open(model(graph), o.get()); }
  const Text written = Folder::read(path);
  ASSERT_FALSE(written.empty());
  EXPECT_EQ(written.find("Neg"), Text::npos) << "the negated constant was not computed";
  const Session again = open(written);
  const Value x = floats({2}, {2, 3});
  EXPECT_EQ(contents<float>(run_one(again.get(), {{"x", x.get()}}, "y").get()), (std::vector<float>{0.5f, 1.5f}));
}

// y = x + w with w in a file of its own.
Text external_model() {
  return model(node("Add", {"x", "w"}, {"y"}) + input("x", tensor_type(kFloat, {3})) +
               output("y", tensor_type(kFloat, {3})) + external(kFloat, {3}, "w", "weights.bin", 4, 12));
}

TEST(Options, ExternalDataFromMemoryFolderAndValues) {
  const Value x = floats({3}, {1, 1, 1});
  const auto result = [&](OrtSession* s) { return contents<float>(run_one(s, {{"x", x.get()}}, "y").get()); };
  Text file = bytes_of<float>({9, 10, 20, 30});
  {
    const SessionOptions o = options();
    const char* names[] = {"weights.bin"};
    char* buffers[] = {file.data()};
    const size_t lengths[] = {file.size()};
    ABI_OK(api().AddExternalInitializersFromFilesInMemory(o.get(), names, buffers, lengths, 1));
    const Session s = open(external_model(), o.get());
    EXPECT_EQ(result(s.get()), (std::vector<float>{11, 21, 31}));
  }
  const Folder folder;
  folder.write("weights.bin", file);
  {
    const std::string path = folder.write("m.onnx", external_model());
    OrtSession* raw = nullptr;
    ABI_OK(api().CreateSession(env(), path.c_str(), options().get(), &raw));
    const Session s(raw);
    EXPECT_EQ(result(raw), (std::vector<float>{11, 21, 31}));
  }
  {
    const SessionOptions o = options();
    ABI_OK(api().AddSessionConfigEntry(o.get(), "session.model_external_initializers_file_folder_path",
                                       folder.path("").c_str()));
    const Session s = open(external_model(), o.get());
    EXPECT_EQ(result(s.get()), (std::vector<float>{11, 21, 31}));
  }
  {
    const SessionOptions o = options();
    std::vector<float> weights{5, 6, 7};
    const Value w = over({3}, weights);
    const char* names[] = {"w"};
    const OrtValue* values[] = {w.get()};
    ABI_OK(api().AddExternalInitializers(o.get(), names, values, 1));
    const Session s = open(external_model(), o.get());
    EXPECT_EQ(result(s.get()), (std::vector<float>{6, 7, 8}));
  }
}

TEST(Options, InitializersOfTheCaller) {
  const Text m =
      model(node("Add", {"x", "w"}, {"z"}) + input("x", tensor_type(kFloat, {3})) +
            output("z", tensor_type(kFloat, {3})) + initializer(tensor(kFloat, {3}, "w", bytes_of<float>({1, 1, 1}))));
  const SessionOptions o = options();
  std::vector<float> weights{10, 20, 30};
  const Value w = over({3}, weights);
  ABI_OK(api().AddInitializer(o.get(), "w", w.get()));
  ABI_FAILS(api().AddInitializer(o.get(), "w", w.get()), ORT_INVALID_ARGUMENT,
            "An OrtValue for this name has already been added: w");
  const Session s = open(m, o.get());
  const Value x = floats({3}, {1, 2, 3});
  EXPECT_EQ(contents<float>(run_one(s.get(), {{"x", x.get()}}, "z").get()), (std::vector<float>{11, 22, 33}));
}

TEST(Options, ProfilesAreWritten) {
  const Folder folder;
  const SessionOptions o = options();
  ABI_OK(api().EnableProfiling(o.get(), folder.path("prof").c_str()));
  const Session s = open(relu_model(), o.get());
  const Value x = floats({2, 3}, {1, 2, 3, 4, 5, 6});
  run_one(s.get(), {{"x", x.get()}}, "y");
  uint64_t start = 0;
  ABI_OK(api().SessionGetProfilingStartTimeNs(s.get(), &start));
  EXPECT_GT(start, 0u);
  char* name = nullptr;
  ABI_OK(api().SessionEndProfiling(s.get(), allocator(), &name));
  const std::string path = taken(name);
  EXPECT_EQ(path.rfind(folder.path("prof_"), 0), 0u) << path;
  EXPECT_NE(path.find(".json"), std::string::npos);
  const std::string json = Folder::read(path);
  EXPECT_EQ(json.rfind("[\n", 0), 0u);
  for (const char* part : {"\"cat\" : \"Session\"", "\"name\" :\"model_run\"", "\"name\" :\"session_initialization\"",
                           "\"cat\" : \"Node\"", "\"name\" :\"relu_kernel_time\"", "\"op_name\" : \"Relu\"",
                           "\"provider\" : \"CPUExecutionProvider\"", "\"ph\" : \"X\""})
    EXPECT_NE(json.find(part), std::string::npos) << part;
  ABI_OK(api().SessionEndProfiling(s.get(), allocator(), &name));
  EXPECT_EQ(taken(name), "");
}

TEST(Options, LoadingCanBeCancelled) {
  const SessionOptions o = options();
  ABI_OK(api().SessionOptionsSetLoadCancellationFlag(o.get(), true));
  OrtSession* s = nullptr;
  EXPECT_EQ(take(try_open(relu_model(), o.get(), &s)).code, ORT_MODEL_LOAD_CANCELED);
  ABI_OK(api().SessionOptionsSetLoadCancellationFlag(o.get(), false));
  EXPECT_NE(open(relu_model(), o.get()), nullptr);
}

// Threads that the caller makes and joins.
struct Made {
  std::atomic<int> created{0}, joined{0};
};
Made* g_made = nullptr;
struct Start {
  OrtThreadWorkerFn work;
  void* arg;
};
OrtCustomThreadHandle ORT_API_CALL create_thread(void* context, OrtThreadWorkerFn work, void* arg) {
  ++static_cast<Made*>(context)->created;
  auto* t = new pthread_t;
  pthread_create(
      t, nullptr,
      [](void* p) -> void* {
        const std::unique_ptr<Start> s(static_cast<Start*>(p));
        s->work(s->arg);
        return nullptr;
      },
      new Start{work, arg});
  return reinterpret_cast<OrtCustomThreadHandle>(t);
}
void ORT_API_CALL join_thread(OrtCustomThreadHandle handle) {
  const std::unique_ptr<pthread_t> t(const_cast<pthread_t*>(reinterpret_cast<const pthread_t*>(handle)));
  pthread_join(*t, nullptr);
  ++g_made->joined;
}

TEST(Options, ThreadsOfTheCaller) {
  Made made;
  g_made = &made;
  const SessionOptions o = options();
  ABI_OK(api().SetIntraOpNumThreads(o.get(), 3));
  ABI_OK(api().SessionOptionsSetCustomCreateThreadFn(o.get(), create_thread));
  ABI_OK(api().SessionOptionsSetCustomThreadCreationOptions(o.get(), &made));
  ABI_OK(api().SessionOptionsSetCustomJoinThreadFn(o.get(), join_thread));
  {
    const Text graph = node("MatMul", {"x", "x"}, {"y"}) + input("x", tensor_type(kFloat, {"N", "N"})) +
                       output("y", tensor_type(kFloat, {"N", "N"}));
    const Session s = open(model(graph), o.get());
    const Value x = floats({300, 300}, std::vector<float>(90000, 1));
    EXPECT_EQ(contents<float>(run_one(s.get(), {{"x", x.get()}}, "y").get()), std::vector<float>(90000, 300));
  }
  EXPECT_EQ(made.created, 2);
  EXPECT_EQ(made.joined, 2);
  const SessionOptions without = options();
  ABI_OK(api().SessionOptionsSetCustomCreateThreadFn(without.get(), create_thread));
  ABI_OK(api().SessionOptionsSetCustomThreadCreationOptions(without.get(), &made));
  OrtSession* s = nullptr;
  EXPECT_NE(take(try_open(relu_model(), without.get(), &s)).text.find("custom join thread function not set"),
            std::string::npos);
}

struct Announced {
  std::atomic<int> enqueued{0}, started{0}, stopped{0}, abandoned{0}, wrong{0};
};
void* announce(void* context) {
  ++static_cast<Announced*>(context)->enqueued;
  return context;
}
void begin_work(void* context, void* data) {
  Announced& a = *static_cast<Announced*>(context);
  ++a.started, a.wrong += data != context;
}
void end_work(void* context, void* data) {
  Announced& a = *static_cast<Announced*>(context);
  ++a.stopped, a.wrong += data != context;
}
void abandon_work(void* context, void* data) {
  Announced& a = *static_cast<Announced*>(context);
  ++a.abandoned, a.wrong += data != context;
}

TEST(Options, CallbacksOfThreadPools) {
  if (!sardonyx()) GTEST_SKIP() << "needs a special build of ONNX Runtime";
  Announced seen;
  OrtThreadPoolCallbacksConfig config{ORT_API_VERSION, announce, begin_work, end_work, abandon_work, &seen};
  OrtEnv* const e = const_cast<OrtEnv*>(env());
  const Text graph = node("MatMul", {"x", "x"}, {"y"}) + input("x", tensor_type(kFloat, {"N", "N"})) +
                     output("y", tensor_type(kFloat, {"N", "N"}));
  const Value x = floats({300, 300}, std::vector<float>(90000, 1));
  const SessionOptions o = options();
  ABI_OK(api().SetIntraOpNumThreads(o.get(), 3));
  ABI_OK(api().SetPerSessionThreadPoolCallbacks(e, &config));
  const Session with = open(model(graph), o.get());
  config.on_enqueue = nullptr, config.on_start_work = nullptr, config.on_stop_work = nullptr;
  config.on_abandon = nullptr;
  ABI_OK(api().SetPerSessionThreadPoolCallbacks(e, &config));
  const Session without = open(model(graph), o.get());
  run_one(without.get(), {{"x", x.get()}}, "y");
  EXPECT_EQ(seen.enqueued, 0);
  for (int i = 0; i < 10; ++i) run_one(with.get(), {{"x", x.get()}}, "y");
  EXPECT_GE(seen.enqueued, 10);
  EXPECT_EQ(seen.started, seen.stopped);
  EXPECT_EQ(seen.enqueued, seen.started + seen.abandoned);
  EXPECT_EQ(seen.wrong, 0);
  config.version = 0;
  ABI_FAILS(api().SetPerSessionThreadPoolCallbacks(e, &config), ORT_INVALID_ARGUMENT,
            "OrtThreadPoolCallbacksConfig requires version set to ORT_API_VERSION");
}

TEST(Options, SourceOfAModelWithoutWeights) {
  const OrtEpApi& ep = *api().GetEpApi();
  const SessionOptions o = options();
  const void* data = &ep;
  size_t bytes = 7;
  ABI_OK(ep.SessionOptionsGetWeightlessSourceModelBuffer(o.get(), &data, &bytes));
  EXPECT_EQ(data, nullptr);
  EXPECT_EQ(bytes, 0u);
  const char model_bytes[] = "model";
  ABI_OK(api().SessionOptionsSetWeightlessSourceModelBuffer(o.get(), model_bytes, 5));
  ABI_OK(ep.SessionOptionsGetWeightlessSourceModelBuffer(o.get(), &data, &bytes));
  EXPECT_EQ(data, model_bytes);
  EXPECT_EQ(bytes, 5u);
  ABI_FAILS(api().SessionOptionsSetWeightlessSourceModelBuffer(o.get(), model_bytes, 0), ORT_INVALID_ARGUMENT,
            "Invalid source model: data size is 0");
  ABI_FAILS(api().SessionOptionsSetWeightlessSourceModelBuffer(o.get(), nullptr, 0), ORT_INVALID_ARGUMENT,
            "Invalid source model: data pointer is null");
}

TEST(Options, ThreadAffinitiesAreCounted) {
  const SessionOptions o = options();
  ABI_OK(api().SetIntraOpNumThreads(o.get(), 3));
  ABI_OK(api().AddSessionConfigEntry(o.get(), "session.intra_op_thread_affinities", "1"));
  OrtSession* s = nullptr;
  const Error e = take(try_open(relu_model(), o.get(), &s));
  EXPECT_EQ(e.code, ORT_FAIL);
  EXPECT_NE(e.text.find("Number of affinities does not equal to thread_pool_size minus one"), std::string::npos);
}

TEST(Options, DenormalsCountAsZeroOnDemand) {
  const Text graph =
      node("Mul", {"x", "x"}, {"y"}) + input("x", tensor_type(kFloat, {1})) + output("y", tensor_type(kFloat, {1}));
  const Value x = floats({1}, {1e-20f});
  const SessionOptions o = options();
  ABI_OK(api().SetIntraOpNumThreads(o.get(), 1));
  const Session plain = open(model(graph), o.get());
  EXPECT_GT(contents<float>(run_one(plain.get(), {{"x", x.get()}}, "y").get())[0], 0.f);
  ABI_OK(api().AddSessionConfigEntry(o.get(), "session.set_denormal_as_zero", "1"));
  const Session flushed = open(model(graph), o.get());
  const float square = contents<float>(run_one(flushed.get(), {{"x", x.get()}}, "y").get())[0];
  if (!sardonyx()) return;  // others set it on the threads of pools
  EXPECT_EQ(square, 0.f);
  volatile float small = 1e-20f;
  EXPECT_GT(small * small, 0.f);
}

}  // namespace
}  // namespace abi_test
