// Models built and changed in memory, run, and read back.
#include <cstring>
#include <numeric>

#include "abi/test_op.h"

namespace abi_test::ext {
namespace {

const OrtModelEditorApi& editor() { return *api().GetModelEditorApi(); }

struct GraphOwner {
  GraphOwner() { EXPECT_EQ(text_of(editor().CreateGraph(&graph)), ""); }
  ~GraphOwner() { api().ReleaseGraph(graph); }
  GraphOwner(const GraphOwner&) = delete;
  OrtGraph* release() { return std::exchange(graph, nullptr); }
  OrtGraph* graph = nullptr;
};

struct Model {
  explicit Model(std::vector<const char*> domains = {""}, std::vector<int> versions = {18}) {
    EXPECT_EQ(text_of(editor().CreateModel(domains.data(), versions.data(), domains.size(), &model)), "");
  }
  ~Model() { api().ReleaseModel(model); }
  Model(const Model&) = delete;
  OrtModel* model = nullptr;
};

TypeInfo tensor_type(ONNXTensorElementDataType t, const std::vector<int64_t>& dims,
                     std::vector<const char*> symbols = {}) {
  OrtTensorTypeAndShapeInfo* info = nullptr;
  EXPECT_EQ(text_of(api().CreateTensorTypeAndShapeInfo(&info)), "");
  const TensorTypeAndShapeInfo owner(info);
  EXPECT_EQ(text_of(api().SetTensorElementType(info, t)), "");
  EXPECT_EQ(text_of(api().SetDimensions(info, dims.data(), dims.size())), "");
  if (!symbols.empty()) {
    EXPECT_EQ(text_of(api().SetSymbolicDimensions(info, symbols.data(), symbols.size())), "");
  }
  OrtTypeInfo* type = nullptr;
  EXPECT_EQ(text_of(editor().CreateTensorTypeInfo(info, &type)), "");
  return TypeInfo(type);
}

OrtValueInfo* value_info(const char* name, ONNXTensorElementDataType t, const std::vector<int64_t>& dims,
                         std::vector<const char*> symbols = {}) {
  OrtValueInfo* made = nullptr;
  const TypeInfo type = tensor_type(t, dims, std::move(symbols));
  EXPECT_EQ(text_of(editor().CreateValueInfo(name, type.get(), &made)), "");
  return made;
}

OrtNode* node(const char* op, const char* name, std::vector<const char*> inputs, std::vector<const char*> outputs,
              std::vector<OrtOpAttr*> attrs = {}, const char* domain = "") {
  OrtNode* made = nullptr;
  EXPECT_EQ(text_of(editor().CreateNode(op, domain, name, inputs.data(), inputs.size(), outputs.data(), outputs.size(),
                                        attrs.data(), attrs.size(), &made)),
            "");
  return made;
}

OrtOpAttr* int_attr(const char* name, int64_t v) {
  OrtOpAttr* attr = nullptr;
  EXPECT_EQ(text_of(api().CreateOpAttr(name, &v, 1, ORT_OP_ATTR_INT, &attr)), "");
  return attr;
}

void set_ports(OrtGraph* g, std::vector<OrtValueInfo*> inputs, std::vector<OrtValueInfo*> outputs) {
  EXPECT_EQ(text_of(editor().SetGraphInputs(g, inputs.data(), inputs.size())), "");
  EXPECT_EQ(text_of(editor().SetGraphOutputs(g, outputs.data(), outputs.size())), "");
}

Session open_model(const Model& m, const OrtSessionOptions* options, std::string* failure = nullptr) {
  OrtSession* s = nullptr;
  const std::string text = text_of(editor().CreateSessionFromModel(env(), m.model, options, &s));
  if (failure != nullptr)
    *failure = text;
  else
    EXPECT_EQ(text, "");
  return Session(s);
}

// y = Gemm(x, w, alpha 2) + 1, nodes added in reverse; w has 4 x 2 elements 0..7.
void fill_gemm(OrtGraph* g) {
  set_ports(g, {value_info("x", kFloat, {-1, 4}, {"batch", ""})}, {value_info("y", kFloat, {-1, 2}, {"batch", ""})});
  const float alpha = 2;
  OrtOpAttr* attr = nullptr;
  EXPECT_EQ(text_of(api().CreateOpAttr("alpha", &alpha, 1, ORT_OP_ATTR_FLOAT, &attr)), "");
  EXPECT_EQ(text_of(editor().AddNodeToGraph(g, node("Add", "add", {"xw", "one"}, {"y"}))), "");
  EXPECT_EQ(text_of(editor().AddNodeToGraph(g, node("Gemm", "gemm", {"x", "w"}, {"xw"}, {attr}))), "");
  EXPECT_EQ(
      text_of(editor().AddInitializerToGraph(g, "w", tensor<float>({4, 2}, {0, 1, 2, 3, 4, 5, 6, 7}).release(), false)),
      "");
  EXPECT_EQ(text_of(editor().AddInitializerToGraph(g, "one", tensor<float>({1}, {1}).release(), false)), "");
}

TEST(ModelEditor, BuildsAModelAndRunsIt) {
  Session s;
  {
    Model m;
    GraphOwner g;
    fill_gemm(g.graph);
    EXPECT_EQ(text_of(editor().AddGraphToModel(m.model, g.release())), "");
    const SessionOptions options = make_options();
    s = open_model(m, options.get());
  }
  ASSERT_TRUE(s);
  const Value x = tensor<float>({1, 4}, {1, 0, 0, 1});
  const auto out = run(s.get(), {{"x", x.get()}}, {"y"});
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(dims_of(out[0].get()), (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(elements<float>(out[0].get()), (std::vector<float>{13, 17}));
  int opset = 0;
  EXPECT_EQ(text_of(editor().SessionGetOpsetForDomain(s.get(), "", &opset)), "");
  EXPECT_EQ(opset, 18);
  EXPECT_NE(text_of(editor().SessionGetOpsetForDomain(s.get(), "no.such.domain", &opset)), "");
  OrtTypeInfo* raw = nullptr;
  ASSERT_EQ(text_of(api().SessionGetInputTypeInfo(s.get(), 0, &raw)), "");
  const TypeInfo type(raw);
  const OrtTensorTypeAndShapeInfo* info = nullptr;
  ASSERT_EQ(text_of(api().CastTypeInfoToTensorInfo(type.get(), &info)), "");
  const char* symbols[2] = {};
  ASSERT_EQ(text_of(api().GetSymbolicDimensions(info, symbols, 2)), "");
  EXPECT_STREQ(symbols[0], "batch");
}

TEST(ModelEditor, ExternalInitializersAreNotCopied) {
  std::vector<float> w(64);
  std::iota(w.begin(), w.end(), 0.f);
  const int64_t dims[] = {64};
  OrtValue* value = nullptr;
  ASSERT_EQ(
      text_of(api().CreateTensorWithDataAsOrtValue(cpu(), w.data(), w.size() * sizeof(float), dims, 1, kFloat, &value)),
      "");
  Model m;
  GraphOwner g;
  set_ports(g.graph, {value_info("x", kFloat, {1})}, {value_info("y", kFloat, {64})});
  EXPECT_EQ(text_of(editor().AddNodeToGraph(g.graph, node("Add", "add", {"x", "w"}, {"y"}))), "");
  EXPECT_EQ(text_of(editor().AddInitializerToGraph(g.graph, "w", value, true)), "");
  OrtValue* small = tensor<float>({1}, {1}).release();
  EXPECT_NE(text_of(editor().AddInitializerToGraph(g.graph, "small", small, true)), "");
  api().ReleaseValue(small);
  EXPECT_EQ(text_of(editor().AddGraphToModel(m.model, g.release())), "");
  const SessionOptions options = make_options();
  const Session s = open_model(m, options.get());
  ASSERT_TRUE(s);
  const Value x = tensor<float>({1}, {100});
  const auto out = run(s.get(), {{"x", x.get()}}, {"y"});
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(elements<float>(out[0].get())[63], 163.f);
}

TEST(ModelEditor, OwnershipPassesToTheGraph) {
  GraphOwner g;
  OrtValueInfo* in[] = {value_info("x", kFloat, {1})};
  EXPECT_EQ(text_of(editor().SetGraphInputs(g.graph, in, 1)), "");
  EXPECT_EQ(in[0], nullptr);
  OrtValueInfo* none[] = {nullptr};
  EXPECT_EQ(code_of(editor().SetGraphInputs(g.graph, none, 1)), ORT_INVALID_ARGUMENT);
  OrtNode* dropped = node("Add", "add", {"x", "x"}, {"y"});
  api().ReleaseNode(dropped);
  OrtValueInfo* unused = value_info("z", kFloat, {1});
  const char* name = nullptr;
  EXPECT_EQ(text_of(api().GetValueInfoName(unused, &name)), "");
  EXPECT_STREQ(name, "z");
  const OrtTypeInfo* type = nullptr;
  EXPECT_EQ(text_of(api().GetValueInfoTypeInfo(unused, &type)), "");
  ONNXType kind = ONNX_TYPE_UNKNOWN;
  EXPECT_EQ(text_of(api().GetOnnxTypeFromTypeInfo(type, &kind)), "");
  EXPECT_EQ(kind, ONNX_TYPE_TENSOR);
  api().ReleaseValueInfo(unused);
}

TEST(ModelEditor, TypesOfEveryKind) {
  const TypeInfo element = tensor_type(kInt64, {2});
  OrtTypeInfo *sequence = nullptr, *map = nullptr, *optional = nullptr;
  ASSERT_EQ(text_of(editor().CreateSequenceTypeInfo(element.get(), &sequence)), "");
  ASSERT_EQ(text_of(editor().CreateMapTypeInfo(kString, element.get(), &map)), "");
  ASSERT_EQ(text_of(editor().CreateOptionalTypeInfo(sequence, &optional)), "");
  const TypeInfo owners[] = {TypeInfo(sequence), TypeInfo(map), TypeInfo(optional)};
  const ONNXType want[] = {ONNX_TYPE_SEQUENCE, ONNX_TYPE_MAP, ONNX_TYPE_OPTIONAL};
  for (size_t i = 0; i < 3; ++i) {
    ONNXType kind = ONNX_TYPE_UNKNOWN;
    EXPECT_EQ(text_of(api().GetOnnxTypeFromTypeInfo(owners[i].get(), &kind)), "");
    EXPECT_EQ(kind, want[i]);
  }
  const OrtMapTypeInfo* as_map = nullptr;
  ASSERT_EQ(text_of(api().CastTypeInfoToMapTypeInfo(map, &as_map)), "");
  ONNXTensorElementDataType key = kAnyElement;
  EXPECT_EQ(text_of(api().GetMapKeyType(as_map, &key)), "");
  EXPECT_EQ(key, kString);
  const OrtOptionalTypeInfo* as_optional = nullptr;
  ASSERT_EQ(text_of(api().CastTypeInfoToOptionalTypeInfo(optional, &as_optional)), "");
  OrtTypeInfo* contained = nullptr;
  ASSERT_EQ(text_of(api().GetOptionalContainedTypeInfo(as_optional, &contained)), "");
  const TypeInfo contained_owner(contained);
  ONNXType kind = ONNX_TYPE_UNKNOWN;
  EXPECT_EQ(text_of(api().GetOnnxTypeFromTypeInfo(contained, &kind)), "");
  EXPECT_EQ(kind, ONNX_TYPE_SEQUENCE);
}

TEST(ModelEditor, ModelsThatAreNotValid) {
  const SessionOptions options = make_options();
  std::string failure;
  {  // a value that nobody makes
    Model m;
    GraphOwner g;
    set_ports(g.graph, {value_info("x", kFloat, {1})}, {value_info("y", kFloat, {1})});
    EXPECT_EQ(text_of(editor().AddNodeToGraph(g.graph, node("Add", "add", {"x", "nowhere"}, {"y"}))), "");
    EXPECT_EQ(text_of(editor().AddGraphToModel(m.model, g.release())), "");
    EXPECT_FALSE(open_model(m, options.get(), &failure));
    EXPECT_NE(failure.find("nowhere"), std::string::npos) << failure;
  }
  {  // an operator that does not exist
    Model m;
    GraphOwner g;
    set_ports(g.graph, {value_info("x", kFloat, {1})}, {value_info("y", kFloat, {1})});
    EXPECT_EQ(text_of(editor().AddNodeToGraph(g.graph, node("NoSuchOp", "n", {"x"}, {"y"}))), "");
    EXPECT_EQ(text_of(editor().AddGraphToModel(m.model, g.release())), "");
    EXPECT_FALSE(open_model(m, options.get(), &failure));
    EXPECT_NE(failure.find("NoSuchOp"), std::string::npos) << failure;
  }
  {  // a cycle
    Model m;
    GraphOwner g;
    set_ports(g.graph, {value_info("x", kFloat, {1})}, {value_info("y", kFloat, {1})});
    EXPECT_EQ(text_of(editor().AddNodeToGraph(g.graph, node("Add", "a", {"x", "q"}, {"p"}))), "");
    EXPECT_EQ(text_of(editor().AddNodeToGraph(g.graph, node("Neg", "b", {"p"}, {"q"}))), "");
    EXPECT_EQ(text_of(editor().AddNodeToGraph(g.graph, node("Neg", "c", {"q"}, {"y"}))), "");
    EXPECT_EQ(text_of(editor().AddGraphToModel(m.model, g.release())), "");
    EXPECT_FALSE(open_model(m, options.get(), &failure));
    EXPECT_NE(failure, "");
  }
  {  // no outputs
    Model m;
    GraphOwner g;
    EXPECT_EQ(text_of(editor().AddNodeToGraph(g.graph, node("Neg", "c", {"q"}, {"y"}))), "");
    EXPECT_EQ(text_of(editor().AddGraphToModel(m.model, g.release())), "");
    EXPECT_FALSE(open_model(m, options.get(), &failure));
    EXPECT_NE(failure, "");
  }
  if (sardonyx()) {  // no graph
    Model m;
    EXPECT_FALSE(open_model(m, options.get(), &failure));
    EXPECT_NE(failure, "");
  }
}

TEST(ModelEditor, CustomOperatorsInABuiltModel) {
  TestOp op("Three", {{kFloat}}, {{kFloat}}, [](OrtKernelContext* c) -> OrtStatus* {
    *data_of<float>(output(c, 0, {1})) = 3;
    return nullptr;
  });
  const Registered r("test", {&op});
  Model m({"", "test"}, {18, 1});
  GraphOwner g;
  set_ports(g.graph, {value_info("x", kFloat, {1})}, {value_info("y", kFloat, {1})});
  EXPECT_EQ(text_of(editor().AddNodeToGraph(g.graph, node("Three", "n", {"x"}, {"y"}, {}, "test"))), "");
  EXPECT_EQ(text_of(editor().AddGraphToModel(m.model, g.release())), "");
  std::string failure;
  const Session s = open_model(m, r.options.get(), &failure);
  if (!s && !sardonyx()) GTEST_SKIP() << "ONNX Runtime does not look for them here: " << failure;
  ASSERT_TRUE(s) << failure;
  const Value x = tensor<float>({1}, {100});
  const auto out = run(s.get(), {{"x", x.get()}}, {"y"});
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(elements<float>(out[0].get()), (std::vector<float>{3}));
}

std::string neg_model() {
  ModelText m;
  m.opset("", 18).input("x", 1, {-1}).output("y", 1, {-1}).node("", "Neg", {"x"}, {"y"});
  return m.bytes();
}

TEST(ModelEditor, ExistingModelGetsNodesAtBothEnds) {
  const SessionOptions options = make_options();
  const std::string bytes = neg_model();
  OrtSession* raw = nullptr;
  ASSERT_EQ(text_of(editor().CreateModelEditorSessionFromArray(env(), bytes.data(), bytes.size(), options.get(), &raw)),
            "");
  const Session s(raw);
  size_t inputs = 0;
  EXPECT_EQ(text_of(api().SessionGetInputCount(s.get(), &inputs)), "");
  EXPECT_EQ(inputs, 1u);
  int opset = 0;
  EXPECT_EQ(text_of(editor().SessionGetOpsetForDomain(s.get(), "", &opset)), "");
  EXPECT_EQ(opset, 18);
  const Value x = tensor<float>({2}, {1, 2}), ints = tensor<int64_t>({2}, {3, -4});
  std::string failure;
  EXPECT_TRUE(run(s.get(), {{"x", x.get()}}, {"y"}, &failure).empty());
  EXPECT_EQ(failure, "Session not initialized.");

  // ints → Cast → x → Neg → y → Abs → z
  Model m({""}, {18});
  GraphOwner g;
  set_ports(g.graph, {value_info("ints", kInt64, {-1})},
            {value_info("z", kFloat, {-1}), value_info("y", kFloat, {-1})});
  EXPECT_EQ(text_of(editor().AddNodeToGraph(g.graph, node("Cast", "cast", {"ints"}, {"x"}, {int_attr("to", 1)}))), "");
  EXPECT_EQ(text_of(editor().AddNodeToGraph(g.graph, node("Abs", "abs", {"y"}, {"z"}))), "");
  EXPECT_EQ(text_of(editor().AddGraphToModel(m.model, g.release())), "");
  ASSERT_EQ(text_of(editor().ApplyModelToModelEditorSession(s.get(), m.model)), "");
  ASSERT_EQ(text_of(editor().FinalizeModelEditorSession(s.get(), options.get(), nullptr)), "");
  const auto out = run(s.get(), {{"ints", ints.get()}}, {"z", "y"});
  ASSERT_EQ(out.size(), 2u);
  EXPECT_EQ(elements<float>(out[0].get()), (std::vector<float>{3, 4}));
  EXPECT_EQ(elements<float>(out[1].get()), (std::vector<float>{-3, 4}));
  EXPECT_NE(text_of(editor().ApplyModelToModelEditorSession(s.get(), m.model)), "");
}

TEST(ModelEditor, ExistingModelStaysAsItIs) {
  const std::string bytes = neg_model();
  OrtSession* raw = nullptr;
  const SessionOptions options = make_options();
  ASSERT_EQ(text_of(editor().CreateModelEditorSessionFromArray(env(), bytes.data(), bytes.size(), options.get(), &raw)),
            "");
  const Session s(raw);
  ASSERT_EQ(text_of(editor().FinalizeModelEditorSession(s.get(), nullptr, nullptr)), "");
  const Value x = tensor<float>({2}, {1, 2});
  const auto out = run(s.get(), {{"x", x.get()}}, {"y"});
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(elements<float>(out[0].get()), (std::vector<float>{-1, -2}));
}

TEST(ModelEditor, ChangesThatDoNotFitFailWhenFinalized) {
  const std::string bytes = neg_model();
  OrtSession* raw = nullptr;
  const SessionOptions options = make_options();
  ASSERT_EQ(text_of(editor().CreateModelEditorSessionFromArray(env(), bytes.data(), bytes.size(), options.get(), &raw)),
            "");
  const Session s(raw);
  Model m({""}, {18});
  GraphOwner g;
  OrtValueInfo* outputs[] = {value_info("z", kFloat, {-1})};
  EXPECT_EQ(text_of(editor().SetGraphOutputs(g.graph, outputs, 1)), "");
  EXPECT_EQ(text_of(editor().AddNodeToGraph(g.graph, node("Abs", "abs", {"no_such_value"}, {"z"}))), "");
  EXPECT_EQ(text_of(editor().AddGraphToModel(m.model, g.release())), "");
  const std::string applied = text_of(editor().ApplyModelToModelEditorSession(s.get(), m.model));
  const std::string finalized = text_of(editor().FinalizeModelEditorSession(s.get(), options.get(), nullptr));
  EXPECT_TRUE(!applied.empty() || !finalized.empty());
}

TEST(GraphView, WhatWasBuiltCanBeRead) {
  if (!sardonyx()) GTEST_SKIP() << "ONNX Runtime reads graphs of execution providers only";
  Model m;
  GraphOwner owner;
  OrtGraph* g = owner.graph;
  fill_gemm(g);
  ASSERT_EQ(text_of(editor().AddGraphToModel(m.model, owner.release())), "");
  size_t n = 0;
  EXPECT_EQ(text_of(api().Graph_GetNumNodes(g, &n)), "");
  ASSERT_EQ(n, 2u);
  const OrtNode* nodes[2] = {};
  EXPECT_EQ(text_of(api().Graph_GetNodes(g, nodes, 2)), "");
  EXPECT_NE(text_of(api().Graph_GetNodes(g, nodes, 1)), "");
  const char *op = nullptr, *name = nullptr, *domain = nullptr;
  EXPECT_EQ(text_of(api().Node_GetOperatorType(nodes[1], &op)), "");
  EXPECT_EQ(text_of(api().Node_GetName(nodes[1], &name)), "");
  EXPECT_EQ(text_of(api().Node_GetDomain(nodes[1], &domain)), "");
  EXPECT_STREQ(op, "Gemm");
  EXPECT_STREQ(name, "gemm");
  EXPECT_STREQ(domain, "");
  int since = 0;
  EXPECT_EQ(text_of(api().Node_GetSinceVersion(nodes[1], &since)), "");
  EXPECT_EQ(since, 13);
  const OrtOpAttr* attr = nullptr;
  EXPECT_EQ(text_of(api().Node_GetAttributeByName(nodes[1], "alpha", &attr)), "");
  EXPECT_EQ(code_of(api().Node_GetAttributeByName(nodes[1], "beta", &attr)), ORT_NOT_FOUND);
  const OrtValueInfo* inputs[2] = {};
  EXPECT_EQ(text_of(api().Node_GetInputs(nodes[1], inputs, 2)), "");
  bool yes = false;
  EXPECT_EQ(text_of(api().ValueInfo_IsRequiredGraphInput(inputs[0], &yes)), "");
  EXPECT_TRUE(yes);
  EXPECT_EQ(text_of(api().ValueInfo_IsConstantInitializer(inputs[1], &yes)), "");
  EXPECT_TRUE(yes);
  const OrtValue* constant = nullptr;
  EXPECT_EQ(text_of(api().ValueInfo_GetInitializerValue(inputs[1], &constant)), "");
  EXPECT_EQ(dims_of(constant), (std::vector<int64_t>{4, 2}));
  const OrtValueInfo* made[1] = {};
  EXPECT_EQ(text_of(api().Node_GetOutputs(nodes[1], made, 1)), "");
  const OrtNode* producer = nullptr;
  size_t index = 7;
  EXPECT_EQ(text_of(api().ValueInfo_GetValueProducer(made[0], &producer, &index)), "");
  EXPECT_EQ(producer, nodes[1]);
  EXPECT_EQ(index, 0u);
  EXPECT_EQ(text_of(api().ValueInfo_GetValueNumConsumers(made[0], &n)), "");
  ASSERT_EQ(n, 1u);
  const OrtNode* consumer = nullptr;
  int64_t at = -1;
  EXPECT_EQ(text_of(api().ValueInfo_GetValueConsumers(made[0], &consumer, &at, 1)), "");
  EXPECT_EQ(consumer, nodes[0]);
  EXPECT_EQ(at, 0);
  const char* domains[1] = {};
  int64_t versions[1] = {};
  EXPECT_EQ(text_of(api().Graph_GetNumOperatorSets(g, &n)), "");
  ASSERT_EQ(n, 1u);
  EXPECT_EQ(text_of(api().Graph_GetOperatorSets(g, domains, versions, 1)), "");
  EXPECT_EQ(versions[0], 18);

  OrtGraph* part = nullptr;
  ASSERT_EQ(text_of(api().Graph_GetGraphView(g, &nodes[1], 1, &part)), "");
  EXPECT_EQ(text_of(api().Graph_GetNumInputs(part, &n)), "");
  EXPECT_EQ(n, 1u);
  EXPECT_EQ(text_of(api().Graph_GetNumOutputs(part, &n)), "");
  ASSERT_EQ(n, 1u);
  const OrtValueInfo* out = nullptr;
  EXPECT_EQ(text_of(api().Graph_GetOutputs(part, &out, 1)), "");
  EXPECT_EQ(text_of(api().GetValueInfoName(out, &name)), "");
  EXPECT_STREQ(name, "xw");
  api().ReleaseGraph(part);
}

TEST(GraphView, ExternalInitializerInfo) {
  OrtExternalInitializerInfo* info = nullptr;
  ASSERT_EQ(text_of(api().CreateExternalInitializerInfo("weights.bin", 64, 1024, &info)), "");
  EXPECT_STREQ(api().ExternalInitializerInfo_GetFilePath(info), "weights.bin");
  EXPECT_EQ(api().ExternalInitializerInfo_GetFileOffset(info), 64);
  EXPECT_EQ(api().ExternalInitializerInfo_GetByteSize(info), 1024u);
  api().ReleaseExternalInitializerInfo(info);
}

}  // namespace
}  // namespace abi_test::ext
