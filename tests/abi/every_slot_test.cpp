// Calls that clients should not make, of every slot of every table: null in place of each pointer, objects of the wrong
// kind, numbers out of range, arrays of nothing. Nothing may crash, and what is refused is refused with a reason.
#include "abi/every_slot.h"

#include <algorithm>
#include <cstring>

#include "abi/test_op.h"

// Under AddressSanitizer, too, memory that cannot be had is a null pointer.
extern "C" const char* __asan_default_options();
extern "C" __attribute__((used, visibility("default"))) const char* __asan_default_options() {
  return "allocator_may_return_null=1";
}

namespace abi_test::ext {
namespace {

template <class T, class F>
T* made(F&& make) {
  T* object = nullptr;
  EXPECT_EQ(text_of(make(&object)), "");
  return object;
}

Text small_model() {
  return model(node("Relu", {"x"}, {"y"}, named("relu")) + abi_test::input("x", tensor_type(abi_test::kFloat, {1})) +
               abi_test::output("y", tensor_type(abi_test::kFloat, {1})) +
               initializer(abi_test::tensor(abi_test::kFloat, {1}, "w", bytes_of<float>({1}))));
}

OrtValue* container(ONNXType kind, const std::vector<const OrtValue*>& parts) {
  return made<OrtValue>([&](OrtValue** out) { return api().CreateValue(parts.data(), parts.size(), kind, out); });
}

void provide_values() {
  OrtValue* tensor = floats({1}, {1}).release();
  provide(tensor);
  provide(ints({}, {7}).release());
  provide(strings({1}, {"text"}).release());
  provide(floats({0, 3}, {}).release());
  provide(container(ONNX_TYPE_SEQUENCE, {tensor}));
  provide(container(ONNX_TYPE_MAP, {ints({1}, {1}).release(), tensor}));
  const int64_t one = 1;
  for (int filled : {0, 1}) {
    auto* sparse = made<OrtValue>(
        [&](OrtValue** out) { return api().CreateSparseTensorAsOrtValue(allocator(), &one, 1, kFloat, out); });
    const float v = 2;
    const int64_t at = 0;
    if (filled) {
      EXPECT_EQ(text_of(api().FillSparseTensorCoo(sparse, cpu(), &one, 1, &v, &at, 1)), "");
    }
    provide(sparse);
  }
}

void provide_types(const OrtSession* session) {
  auto* info = made<OrtTypeInfo>([&](OrtTypeInfo** out) { return api().SessionGetInputTypeInfo(session, 0, out); });
  provide(info);
  const OrtTensorTypeAndShapeInfo* tensor = nullptr;
  EXPECT_EQ(text_of(api().CastTypeInfoToTensorInfo(info, &tensor)), "");
  provide(made<OrtTensorTypeAndShapeInfo>([](auto** out) { return api().CreateTensorTypeAndShapeInfo(out); }));
  provide(tensor);
  const OrtModelEditorApi& editor = *api().GetModelEditorApi();
  auto* map = made<OrtTypeInfo>([&](OrtTypeInfo** out) { return editor.CreateMapTypeInfo(kInt64, info, out); });
  auto* sequence = made<OrtTypeInfo>([&](OrtTypeInfo** out) { return editor.CreateSequenceTypeInfo(info, out); });
  auto* optional = made<OrtTypeInfo>([&](OrtTypeInfo** out) { return editor.CreateOptionalTypeInfo(info, out); });
  for (OrtTypeInfo* t : {map, sequence, optional}) provide(t);
  const OrtMapTypeInfo* as_map = nullptr;
  const OrtSequenceTypeInfo* as_sequence = nullptr;
  const OrtOptionalTypeInfo* as_optional = nullptr;
  EXPECT_EQ(text_of(api().CastTypeInfoToMapTypeInfo(map, &as_map)), "");
  EXPECT_EQ(text_of(api().CastTypeInfoToSequenceTypeInfo(sequence, &as_sequence)), "");
  EXPECT_EQ(text_of(api().CastTypeInfoToOptionalTypeInfo(optional, &as_optional)), "");
  provide(as_map), provide(as_sequence), provide(as_optional);
}

void provide_session(const SessionOptions& o) {
  EXPECT_EQ(text_of(api().AddSessionConfigEntry(o.get(), "session.record_ep_graph_assignment_info", "1")), "");
  static const Text bytes = small_model();
  auto* session = made<OrtSession>([&](OrtSession** out) { return try_open(bytes, o.get(), out); });
  provide(session);
  provide_types(session);
  provide(made<OrtModelMetadata>([&](auto** out) { return api().SessionGetModelMetadata(session, out); }));
  provide(made<OrtIoBinding>([&](auto** out) { return api().CreateIoBinding(session, out); }));
  const OrtEpAssignedSubgraph* const* graphs = nullptr;
  const OrtEpAssignedNode* const* nodes = nullptr;
  size_t n = 0;
  EXPECT_EQ(text_of(api().Session_GetEpGraphAssignmentInfo(session, &graphs, &n)), "");
  EXPECT_EQ(text_of(api().EpAssignedSubgraph_GetNodes(graphs[0], &nodes, &n)), "");
  provide(graphs[0]), provide(nodes[0]);
  const OrtCompileApi& compiler = *api().GetCompileApi();
  auto* compilation = made<OrtModelCompilationOptions>(
      [&](auto** out) { return compiler.CreateModelCompilationOptionsFromSessionOptions(env(), o.get(), out); });
  static void* data = nullptr;
  static size_t size = 0;
  EXPECT_EQ(text_of(compiler.ModelCompilationOptions_SetInputModelFromBuffer(compilation, bytes.data(), bytes.size())),
            "");
  EXPECT_EQ(text_of(compiler.ModelCompilationOptions_SetOutputModelBuffer(compilation, allocator(), &data, &size)), "");
  provide(compilation);
}

void provide_graph() {
  const OrtModelEditorApi& editor = *api().GetModelEditorApi();
  const auto* type = static_cast<const OrtTypeInfo*>(provided_objects(&kTypeKey<OrtTypeInfo>)[0]);
  const auto value_info = [&](const char* name) {
    return made<OrtValueInfo>([&](auto** out) { return editor.CreateValueInfo(name, type, out); });
  };
  const char *names[] = {"x", "y"}, *domains[] = {""};
  const int versions[] = {17};
  auto* attr = made<OrtOpAttr>([](auto** out) { return api().CreateOpAttr("a", "text", 4, ORT_OP_ATTR_STRING, out); });
  provide(attr);
  const auto new_node = [&] {
    return made<OrtNode>(
        [&](auto** out) { return editor.CreateNode("Relu", "", "n", names, 1, names + 1, 1, nullptr, 0, out); });
  };
  provide(new_node());
  provide(value_info("free"));
  auto* free_graph = made<OrtGraph>([&](auto** out) { return editor.CreateGraph(out); });
  provide(free_graph);
  auto* graph = made<OrtGraph>([&](auto** out) { return editor.CreateGraph(out); });
  OrtValueInfo *in = value_info("x"), *out = value_info("y");
  OrtNode* inside = new_node();
  EXPECT_EQ(text_of(editor.SetGraphInputs(graph, &in, 1)), "");
  EXPECT_EQ(text_of(editor.SetGraphOutputs(graph, &out, 1)), "");
  EXPECT_EQ(text_of(editor.AddNodeToGraph(graph, inside)), "");
  auto* model_ = made<OrtModel>([&](auto** o) { return editor.CreateModel(domains, versions, 1, o); });
  provide(made<OrtModel>([&](auto** o) { return editor.CreateModel(domains, versions, 1, o); }));
  EXPECT_EQ(text_of(editor.AddGraphToModel(model_, graph)), "");
  provide(model_);
}

void provide_objects_of_providers() {
  const OrtEpApi& ep = *api().GetEpApi();
  auto* builder = made<OrtKernelDefBuilder>([&](auto** out) { return ep.CreateKernelDefBuilder(out); });
  provide(builder);
  provide(made<OrtKernelDef>([&](auto** out) { return ep.KernelDefBuilder_Build(builder, out); }));
  const OrtDataType* element = nullptr;
  EXPECT_EQ(text_of(ep.GetTensorDataType(kFloat, &element)), "");
  provide(element);
  provide(made<OrtProfilingEvent>([&](auto** out) {
    return ep.CreateProfilingEvent(OrtProfilingEventCategory_NODE, 1, 1, "e", 0, 1, nullptr, nullptr, 0, out);
  }));
  auto* schema = made<OrtOpSchema>([&](auto** out) { return ep.GetOpSchema("Gather", 26, "", out); });
  provide(schema);
  const OrtOpSchemaTypeConstraint* constraint = nullptr;
  EXPECT_EQ(text_of(ep.OpSchema_GetTypeConstraint(schema, 0, &constraint)), "");
  provide(constraint);
  provide(made<OrtCUDAProviderOptionsV2>([](auto** out) { return api().CreateCUDAProviderOptions(out); }));
  provide(made<OrtTensorRTProviderOptionsV2>([](auto** out) { return api().CreateTensorRTProviderOptions(out); }));
  provide(ep.MemoryInfo_GetMemoryDevice(cpu()));
}

void provide_rest() {
  provide(made<OrtRunOptions>([](auto** out) { return api().CreateRunOptions(out); }));
  provide(made<OrtThreadingOptions>([](auto** out) { return api().CreateThreadingOptions(out); }));
  provide(made<OrtArenaCfg>([](auto** out) { return api().CreateArenaCfg(0, -1, -1, -1, out); }));
  provide(made<OrtCustomOpDomain>([](auto** out) { return api().CreateCustomOpDomain("test", out); }));
  provide(made<OrtKeyValuePairs>([](auto** out) {
    api().CreateKeyValuePairs(out);
    return static_cast<OrtStatus*>(nullptr);
  }));
  provide(made<OrtPrepackedWeightsContainer>([](auto** out) { return api().CreatePrepackedWeightsContainer(out); }));
  provide(made<OrtExternalInitializerInfo>(
      [](auto** out) { return api().CreateExternalInitializerInfo("file", 0, 4, out); }));
  provide(api().CreateStatus(ORT_FAIL, "text"));
  provide(cpu());
  provide(made<OrtMemoryInfo>(
      [](auto** out) { return api().CreateMemoryInfo("Cuda", OrtDeviceAllocator, 0, OrtMemTypeDefault, out); }));
  provide(allocator());
  provide(env());
  const OrtEpDevice* const* devices = nullptr;
  const OrtHardwareDevice* hardware = nullptr;
  size_t n = 0;
  EXPECT_EQ(text_of(api().GetEpDevices(env(), &devices, &n)), "");
  EXPECT_EQ(text_of(api().GetHardwareDevices(env(), &hardware, 1)), "");
  provide(devices[0]), provide(hardware);
  provide(made<OrtDeviceEpIncompatibilityDetails>([&](auto** out) {
    return api().GetHardwareDeviceEpIncompatibilityDetails(env(), "CPUExecutionProvider", hardware, out);
  }));
  const std::string adapter = adapter_bytes();
  provide(made<OrtLoraAdapter>(
      [&](auto** out) { return api().CreateLoraAdapterFromArray(adapter.data(), adapter.size(), nullptr, out); }));
  static TestOp op("Op", {{kFloat}}, {{kFloat}}, [](OrtKernelContext*) { return nullptr; });
  provide<OrtCustomOp>(&op);
  static OrtEnvCreationOptions creation{ORT_API_VERSION, 4, "x", nullptr, nullptr, nullptr, nullptr};
  static OrtThreadPoolCallbacksConfig callbacks{ORT_API_VERSION, nullptr, nullptr, nullptr, nullptr, nullptr};
  static OrtGraphicsInteropConfig graphics{ORT_API_VERSION, ORT_GRAPHICS_API_NONE, nullptr, nullptr};
  provide(&creation), provide(&callbacks), provide(&graphics);
  static OrtCUDAProviderOptions cuda{};
  static OrtROCMProviderOptions rocm{};
  static OrtTensorRTProviderOptions tensorrt{};
  static OrtMIGraphXProviderOptions migraphx{};
  static OrtOpenVINOProviderOptions openvino{};
  provide(&cuda), provide(&rocm), provide(&tensorrt), provide(&migraphx), provide(&openvino);
}

void provide_all() {
  static const bool once = [] {
    static const SessionOptions o = make_options();
    provide(o.get());
    provide_session(o);
    provide_values();
    provide_graph();
    provide_rest();
    provide_objects_of_providers();
    return true;
  }();
  (void)once;
}

// Where the usual argument will not do.
void adjust(const Slot& s, std::vector<Word>& words) {
  for (size_t i = 0; i < s.parameters.size(); ++i) {
    const std::string& name = s.parameters[i].name;
    static const char* const y[] = {"y"};
    if (name == "output_names") words[i] = reinterpret_cast<Word>(y);
    if (name == "p_data_len" || name == "model_data_length") words[i] = 64;
    if (s.name == "AllocatorFree" && name == "p")
      words[i] = reinterpret_cast<Word>(allocator()->Alloc(allocator(), 16));
    if (s.name == "ReleaseAvailableProviders" && name == "ptr") {
      int n = 0;
      EXPECT_EQ(text_of(api().GetAvailableProviders(reinterpret_cast<char***>(&words[i]), &n)), "");
    }
  }
}

std::vector<Word> odd_numbers(const Slot& s, const Parameter& p) {
  if (p.counts) return {};  // how many elements stand where a pointer points: only the caller knows
  if (s.name == "ReleaseAvailableProviders" || p.name == "total") return {};  // the same; a loop of that many calls
  std::vector<Word> all = {0, 2, 3, 4, 5, 6, 7, 8, 23, 26, 27};
  const Word most = ~Word{0} >> (64 - 8 * p.bytes);
  if (p.bytes == 1) return {0};
  for (Word w : {most, most - 1, most / 2, most / 2 + 1, most / 8 + 1}) all.push_back(w);
  return all;
}

// One argument of a call replaced.
struct Variation {
  size_t parameter;
  Word word;
  std::string what;
};

std::vector<Variation> variations(const Slot& s) {
  std::vector<Variation> all;
  for (size_t i = 0; i < s.parameters.size(); ++i) {
    const Parameter& p = s.parameters[i];
    if (p.kind == Kind::kNumber) {
      for (Word w : odd_numbers(s, p)) all.push_back({i, w, p.name + " = " + std::to_string(w)});
      continue;
    }
    if (!p.needed && p.length < 0) all.push_back({i, 0, p.name + " is null"});
    static void* const nulls[4] = {};
    if (p.kind == Kind::kPointerArray) all.push_back({i, reinterpret_cast<Word>(nulls), p.name + " holds null"});
    if (p.kind == Kind::kObject && p.key != nullptr)
      for (void* object : provided_objects(p.key))
        all.push_back({i, reinterpret_cast<Word>(object), p.name + " of another kind"});
  }
  return all;
}

void expect_sane(const Slot& s, const Outcome& o, const std::string& what) {
  EXPECT_FALSE(o.crashed) << s.name << ", " << what << ": " << o.how;
  if (o.crashed || o.error.code == ORT_OK || s.name == "CreateStatus") return;
  EXPECT_FALSE(o.error.text.empty()) << s.name << ", " << what;
  EXPECT_LE(o.error.code, ORT_DEVICE_RESET) << s.name << ", " << what;
}

// Calls with arguments that can be used, and with each of them replaced; each call in a process of its own.
void try_slot(const Slot& s) {
  std::vector<Word> words = s.arguments();
  adjust(s, words);
  expect_sane(s, call_in_child(s, words), "usual arguments");
  for (const Variation& v : variations(s)) {
    std::vector<Word> changed = words;
    changed[v.parameter] = v.word;
    expect_sane(s, call_in_child(s, changed), v.what);
  }
  for (size_t i = 0; i < s.parameters.size(); ++i) {
    if (s.parameters[i].length < 0) continue;
    std::vector<Word> changed = words;
    for (size_t k = 0; k < s.parameters.size(); ++k)
      if (s.parameters[k].length == s.parameters[i].length) changed[k] = 0;
    changed[static_cast<size_t>(s.parameters[i].length)] = 0;
    expect_sane(s, call_in_child(s, changed), s.parameters[i].name + " is null and empty");
  }
}

TEST(EverySlot, NullWhereSomethingIsNeededIsRefusedByName) {
  if (!sardonyx()) GTEST_SKIP() << "ONNX Runtime does not look";
  int refused = 0;
  for (const Slot& s : every_slot()) {
    for (size_t i = 0; i < s.parameters.size(); ++i) {
      const Parameter& p = s.parameters[i];
      if (!p.needed && p.length < 0) continue;
      static char place[4096];
      std::vector<Word> words;
      for (const Parameter& q : s.parameters)
        words.push_back(q.kind == Kind::kNumber ? 1 : reinterpret_cast<Word>(place));
      words[i] = 0;
      const Error e = s.call(words);
      if (!s.returns_status) continue;
      EXPECT_EQ(e.code, ORT_INVALID_ARGUMENT) << s.table << "." << s.name << ": " << p.name;
      EXPECT_EQ(e.text, s.name + ": " + p.name + " must not be null");
      ++refused;
    }
  }
  EXPECT_GT(refused, 900);
}

TEST(EverySlot, NothingCanBeReleased) {
  int released = 0;
  for (const Slot& s : every_slot()) {
    if (!s.name.starts_with("Release") || s.returns_status || s.parameters.size() != 1) continue;
    s.call({0});
    ++released;
  }
  EXPECT_GT(released, 30);
}

// Types of which there are no objects before provider libraries can be loaded, or without a provider that is not here.
bool is_for_providers(const Parameter& p) {
  static const void* const keys[] = {&kTypeKey<OrtSyncStream>,
                                     &kTypeKey<OrtEpFactory>,
                                     &kTypeKey<OrtEpGraphSupportInfo>,
                                     &kTypeKey<OrtNodeFusionOptions>,
                                     &kTypeKey<OrtNodeComputeContext>,
                                     &kTypeKey<OrtKernelRegistry>,
                                     &kTypeKey<OrtKernelImpl>,
                                     &kTypeKey<OrtSharedPrePackedWeightCache>,
                                     &kTypeKey<OrtLoopKernelHelper>,
                                     &kTypeKey<OrtScanKernelHelper>,
                                     &kTypeKey<OrtProfilingEventsContainer>,
                                     &kTypeKey<OrtExternalResourceImporter>,
                                     &kTypeKey<OrtExternalMemoryHandle>,
                                     &kTypeKey<OrtExternalSemaphoreHandle>,
                                     &kTypeKey<OrtExternalMemoryDescriptor>,
                                     &kTypeKey<OrtExternalSemaphoreDescriptor>,
                                     &kTypeKey<OrtExternalTensorDescriptor>,
                                     &kTypeKey<OrtCANNProviderOptions>,
                                     &kTypeKey<OrtDnnlProviderOptions>};
  return std::find(std::begin(keys), std::end(keys), p.key) != std::end(keys);
}
bool is_for_kernels(const Parameter& p) {
  return p.key == &kTypeKey<OrtKernelInfo> || p.key == &kTypeKey<OrtKernelContext> ||
         p.key == &kTypeKey<OrtShapeInferContext> || p.key == &kTypeKey<OrtLogger> || p.key == &kTypeKey<OrtOp>;
}
template <class F>
bool any_parameter(const Slot& s, F&& f) {
  return std::any_of(s.parameters.begin(), s.parameters.end(), f);
}

TEST(EverySlot, OddArgumentsDoNotBreakIt) {
  if (!sardonyx()) GTEST_SKIP() << "ONNX Runtime crashes on some";
  provide_all();
  int tried = 0;
  for (const Slot& s : every_slot()) {
    if (any_parameter(s, is_for_kernels) || any_parameter(s, is_for_providers)) continue;
    const std::vector<std::string> missing = s.missing();
    EXPECT_TRUE(missing.empty()) << "no object for " << missing[0] << " of " << s.name;
    if (!missing.empty()) continue;
    try_slot(s);
    ++tried;
  }
  EXPECT_GT(tried, 380);
}

// The same inside a custom operator, whose objects live no longer than its callbacks.
void try_slots_of_kernels(const void* key) {
  for (const Slot& s : every_slot())
    if (any_parameter(s, [&](const Parameter& p) { return p.key == key; }) && s.missing().empty()) try_slot(s);
}

TEST(EverySlot, OddArgumentsInsideOperators) {
  if (!sardonyx()) GTEST_SKIP() << "ONNX Runtime crashes on some";
  provide_all();
  int stages = 0;
  TestOp op("Probe", {{kFloat}}, {{kFloat}}, [&](OrtKernelContext* c) -> OrtStatus* {
    provide_only(c);
    const OrtLogger* logger = nullptr;
    EXPECT_EQ(text_of(api().KernelContext_GetLogger(c, &logger)), "");
    provide(logger);
    try_slots_of_kernels(&kTypeKey<OrtKernelContext>);
    try_slots_of_kernels(&kTypeKey<OrtLogger>);
    output(c, 0, {1});
    ++stages;
    return nullptr;
  });
  op.create = [&](const OrtKernelInfo* info) -> OrtStatus* {
    provide_only(info);
    const char* names[] = {"T"};
    const ONNXTensorElementDataType types[] = {kFloat};
    provide(made<OrtOp>(
        [&](auto** out) { return api().CreateOp(info, "Relu", "", 14, names, types, 1, nullptr, 0, 1, 1, out); }));
    try_slots_of_kernels(&kTypeKey<OrtKernelInfo>);
    try_slots_of_kernels(&kTypeKey<OrtOp>);
    ++stages;
    return nullptr;
  };
  op.use_inference([&](OrtShapeInferContext* c) -> OrtStatus* {
    provide_only(c);
    if (stages == 0) try_slots_of_kernels(&kTypeKey<OrtShapeInferContext>);
    return nullptr;
  });
  const Registered r("test", {&op});
  ModelText m;
  m.opset("", 17).opset("test", 1).input("x", 1, {1}).output("y", 1, {1});
  m.node("test", "Probe", {"x"}, {"y"}, {ModelText::of_int("x", 1)}, "probe");
  const Session s = open(m.bytes(), r.options.get());
  ASSERT_TRUE(s);
  const Value x = tensor<float>({1}, {1});
  run(s.get(), {{"x", x.get()}}, {"y"});
  EXPECT_EQ(stages, 2);
}

}  // namespace
}  // namespace abi_test::ext
