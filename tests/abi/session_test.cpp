// Sessions: where models come from, what they say about themselves, how bad ones are refused.
#include "abi/abi.h"

namespace abi_test {
namespace {

TEST(Session, FromFileBytesAndArray) {
  const Folder folder;
  const std::string path = folder.write("relu.onnx", relu_model());
  const SessionOptions o = options();
  OrtSession* raw = nullptr;
  ABI_OK(api().CreateSession(env(), path.c_str(), o.get(), &raw));
  const Session a(raw);
  const Text bytes = relu_model();
  ABI_OK(api().CreateSessionFromArray(env(), bytes.data(), bytes.size(), o.get(), &raw));
  const Session b(raw);
  OrtPrepackedWeightsContainer* packed = nullptr;
  if (take(api().CreatePrepackedWeightsContainer(&packed)).code == ORT_OK) {
    ABI_OK(api().CreateSessionWithPrepackedWeightsContainer(env(), path.c_str(), o.get(), packed, &raw));
    const Session c(raw);
    ABI_OK(api().CreateSessionFromArrayWithPrepackedWeightsContainer(env(), bytes.data(), bytes.size(), o.get(), packed,
                                                                     &raw));
    const Session d(raw);
  }
  api().ReleasePrepackedWeightsContainer(packed);
}

TEST(Session, BadModelsAreRefused) {
  const SessionOptions o = options();
  const auto load = [&](const Text& bytes) {
    OrtSession* s = nullptr;
    return try_open(bytes, o.get(), &s);
  };
  ABI_FAILS(load(""), ORT_INVALID_ARGUMENT, "No graph was found in the protobuf.");
  ABI_FAILS(load("garbage!garbage"), ORT_INVALID_PROTOBUF, "Failed to load model because protobuf parsing failed.");
  ABI_FAILS(load(relu_model().substr(0, 40)), ORT_INVALID_PROTOBUF,
            "Failed to load model because protobuf parsing failed.");
  const Folder folder;
  const auto from = [&](const std::string& path) {
    OrtSession* s = nullptr;
    return api().CreateSession(env(), path.c_str(), o.get(), &s);
  };
  const std::string nowhere = folder.path("nowhere.onnx");
  ABI_FAILS(from(nowhere), ORT_NO_SUCHFILE,
            "Load model from " + nowhere + " failed:Load model " + nowhere + " failed. File doesn't exist");
  const std::string garbage = folder.write("garbage.onnx", "garbage!garbage");
  ABI_FAILS(from(garbage), ORT_INVALID_PROTOBUF, "Load model from " + garbage + " failed:Protobuf parsing failed.");
  ABI_FAILS(from(folder.path("")), ORT_INVALID_ARGUMENT, "The model path is a directory.");

  const Text ports = input("x", tensor_type(kFloat, {2})) + output("y", tensor_type(kFloat, {2}));
  EXPECT_EQ(take(load(model(node("Foo", {"x"}, {"y"}) + ports))).code, ORT_INVALID_GRAPH);
  const Text mixed = node("Add", {"x", "i"}, {"y"}) + ports + input("i", tensor_type(kInt64, {2}));
  EXPECT_EQ(take(load(model(mixed))).code, ORT_FAIL);
}

TEST(Session, EveryCutOfAModelIsRefusedOrRuns) {
  const Text whole = overridable_model();
  const SessionOptions o = options();
  for (size_t n = 0; n < whole.size(); ++n) {
    OrtSession* s = nullptr;
    const Error e = take(try_open(whole.substr(0, n), o.get(), &s));
    EXPECT_EQ(s != nullptr, e.code == ORT_OK) << n;
    api().ReleaseSession(s);
  }
}

TEST(Session, NullArguments) {
  const SessionOptions o = options();
  OrtSession* s = nullptr;
  ABI_NULL(api().CreateSession(nullptr, "x", o.get(), &s), "env");
  ABI_NULL(api().CreateSession(env(), nullptr, o.get(), &s), "model_path");
  ABI_NULL(api().CreateSession(env(), "x", o.get(), nullptr), "out");
  ABI_NULL(api().CreateSessionFromArray(env(), nullptr, 4, o.get(), &s), "model_data");
  size_t n = 0;
  ABI_NULL(api().SessionGetInputCount(nullptr, &n), "session");
  const Session relu = open(relu_model());
  ABI_NULL(api().SessionGetInputCount(relu.get(), nullptr), "out");
  ABI_NULL(api().SessionGetInputName(relu.get(), 0, nullptr, nullptr), "allocator");
  api().ReleaseSession(nullptr);
}

TEST(Session, OptionsMayBeNull) {
  if (!sardonyx()) GTEST_SKIP() << "ONNX Runtime wants options";
  const Text bytes = relu_model();
  OrtSession* s = nullptr;
  ABI_OK(api().CreateSessionFromArray(env(), bytes.data(), bytes.size(), nullptr, &s));
  api().ReleaseSession(s);
}

TEST(Session, NamesAndCounts) {
  const Session s = open(add_model());
  size_t n = 0;
  ABI_OK(api().SessionGetInputCount(s.get(), &n));
  EXPECT_EQ(n, 2u);
  ABI_OK(api().SessionGetOutputCount(s.get(), &n));
  EXPECT_EQ(n, 1u);
  char* name = nullptr;
  ABI_OK(api().SessionGetInputName(s.get(), 1, allocator(), &name));
  EXPECT_EQ(taken(name), "y");
  ABI_OK(api().SessionGetOutputName(s.get(), 0, allocator(), &name));
  EXPECT_EQ(taken(name), "z");
  ABI_FAILS(api().SessionGetInputName(s.get(), 2, allocator(), &name), ORT_FAIL, "index out of range");
  OrtTypeInfo* info = nullptr;
  ABI_FAILS(api().SessionGetOutputTypeInfo(s.get(), 7, &info), ORT_FAIL, "out of index");
  const OrtMemoryInfo* memory[2] = {};
  ABI_OK(api().SessionGetMemoryInfoForInputs(s.get(), memory, 2));
  EXPECT_NE(memory[1], nullptr);
  ABI_FAILS(api().SessionGetMemoryInfoForInputs(s.get(), memory, 1), ORT_INVALID_ARGUMENT,
            "Number of inputs 2 exceeds the provided size of 1");
  ABI_OK(api().SessionGetMemoryInfoForOutputs(s.get(), memory, 1));
}

TEST(Session, OverridableInitializers) {
  const Session s = open(overridable_model());
  size_t n = 9;
  ABI_OK(api().SessionGetInputCount(s.get(), &n));
  EXPECT_EQ(n, 1u);
  ABI_OK(api().SessionGetOverridableInitializerCount(s.get(), &n));
  ASSERT_EQ(n, 1u);
  char* name = nullptr;
  ABI_OK(api().SessionGetOverridableInitializerName(s.get(), 0, allocator(), &name));
  EXPECT_EQ(taken(name), "w");
  OrtTypeInfo* info = nullptr;
  ABI_OK(api().SessionGetOverridableInitializerTypeInfo(s.get(), 0, &info));
  const TypeInfo own(info);
  ONNXType kind = ONNX_TYPE_UNKNOWN;
  ABI_OK(api().GetOnnxTypeFromTypeInfo(info, &kind));
  EXPECT_EQ(kind, ONNX_TYPE_TENSOR);
  const Value x = floats({2, 3}, {0, 1, 2, 3, 4, 5}), w = floats({3}, {10, 20, 30}), wrong = floats({4}, {1, 2, 3, 4});
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(contents<float>(run_one(s.get(), {{"x", x.get()}}, "z").get()), (std::vector<float>{1, 2, 3, 4, 5, 6}));
    EXPECT_EQ(contents<float>(run_one(s.get(), {{"x", x.get()}, {"w", w.get()}}, "z").get()),
              (std::vector<float>{10, 21, 32, 13, 24, 35}));
  }
  std::vector<Value> out;
  ABI_FAILS(run(s.get(), {{"x", x.get()}, {"w", wrong.get()}}, {"z"}, out), ORT_INVALID_ARGUMENT,
            "Got invalid dimensions for input: w for the following indices\n index: 0 Got: 4 Expected: 3\n Please fix");
}

TEST(Session, Metadata) {
  const Text rest = text(2, "producer") + text(4, "dom.ain") + number(5, 7) + text(6, "about the model") +
                    entry(14, "k1", "v1") + entry(14, "k2", "");
  const Session s = open(model(node("Relu", {"x"}, {"y"}) + input("x", tensor_type(kFloat, {1})) +
                                   output("y", tensor_type(kFloat, {1})) + text(10, "about the graph"),
                               rest, "the graph"));
  OrtModelMetadata* raw = nullptr;
  ABI_OK(api().SessionGetModelMetadata(s.get(), &raw));
  const Metadata m(raw);
  char* text = nullptr;
  ABI_OK(api().ModelMetadataGetProducerName(raw, allocator(), &text));
  EXPECT_EQ(taken(text), "producer");
  ABI_OK(api().ModelMetadataGetGraphName(raw, allocator(), &text));
  EXPECT_EQ(taken(text), "the graph");
  ABI_OK(api().ModelMetadataGetDomain(raw, allocator(), &text));
  EXPECT_EQ(taken(text), "dom.ain");
  ABI_OK(api().ModelMetadataGetDescription(raw, allocator(), &text));
  EXPECT_EQ(taken(text), "about the model");
  ABI_OK(api().ModelMetadataGetGraphDescription(raw, allocator(), &text));
  EXPECT_EQ(taken(text), "about the graph");
  int64_t version = 0;
  ABI_OK(api().ModelMetadataGetVersion(raw, &version));
  EXPECT_EQ(version, 7);
  ABI_OK(api().ModelMetadataLookupCustomMetadataMap(raw, allocator(), "k1", &text));
  EXPECT_EQ(taken(text), "v1");
  ABI_OK(api().ModelMetadataLookupCustomMetadataMap(raw, allocator(), "none", &text));
  EXPECT_EQ(text, nullptr);
  char** keys = nullptr;
  int64_t count = 0;
  ABI_OK(api().ModelMetadataGetCustomMetadataMapKeys(raw, allocator(), &keys, &count));
  ASSERT_EQ(count, 2);
  std::string both = taken(keys[0]);
  both += taken(keys[1]);
  EXPECT_TRUE(both == "k1k2" || both == "k2k1") << both;
  ABI_OK(api().AllocatorFree(allocator(), keys));
}

TEST(Session, AssignmentIsRecordedOnDemand) {
  const SessionOptions o = options();
  const OrtEpAssignedSubgraph* const* graphs = nullptr;
  size_t count = 0;
  const Session quiet = open(relu_model(), o.get());
  ABI_FAILS(api().Session_GetEpGraphAssignmentInfo(quiet.get(), &graphs, &count), ORT_FAIL,
            "Session configuration entry 'session.record_ep_graph_assignment_info' must be set");
  ABI_OK(api().AddSessionConfigEntry(o.get(), "session.record_ep_graph_assignment_info", "1"));
  const Session s = open(relu_model(), o.get());
  ABI_OK(api().Session_GetEpGraphAssignmentInfo(s.get(), &graphs, &count));
  ASSERT_EQ(count, 1u);
  const char* text = nullptr;
  ABI_OK(api().EpAssignedSubgraph_GetEpName(graphs[0], &text));
  EXPECT_STREQ(text, "CPUExecutionProvider");
  const OrtEpAssignedNode* const* nodes = nullptr;
  ABI_OK(api().EpAssignedSubgraph_GetNodes(graphs[0], &nodes, &count));
  ASSERT_EQ(count, 1u);
  ABI_OK(api().EpAssignedNode_GetName(nodes[0], &text));
  EXPECT_STREQ(text, "relu");
  ABI_OK(api().EpAssignedNode_GetOperatorType(nodes[0], &text));
  EXPECT_STREQ(text, "Relu");
  ABI_OK(api().EpAssignedNode_GetDomain(nodes[0], &text));
  EXPECT_STREQ(text, "");
}

TEST(Session, DynamicOptionsAreChecked) {
  const Session s = open(relu_model());
  const char* keys[] = {"ep.dynamic.workload_type"};
  const char* values[] = {"Efficient"};
  ABI_OK(api().SetEpDynamicOptions(s.get(), keys, values, 1));
  ABI_FAILS(api().SetEpDynamicOptions(s.get(), keys, values, 0), ORT_INVALID_ARGUMENT, "no inputs were passed");
  ABI_OK(api().SessionReleaseCapturedGraph(s.get(), 0));
}

}  // namespace
}  // namespace abi_test
