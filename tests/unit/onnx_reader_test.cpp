// Graphs: names, order, versions, metadata, constants, attributes.
#include <gtest/gtest.h>

#include "onnx_test_util.h"

namespace sardonyx {
namespace {

using namespace testing;

Text floats(std::string_view name, std::initializer_list<int64_t> dims, std::initializer_list<float> values) {
  return initializer(tensor(DType::kF32, dims, name) + raw(bytes_of(values)));
}

const Text kVector = tensor_type(DType::kF32, {"N"});
const Text kBool = tensor_type(DType::kBool, {});

TEST(OnnxReader, ReadsAGraph) {
  const Text g = text(2, "net") + input("x", tensor_type(DType::kF32, {"N", 3})) + floats("w", {3}, {1, 2, 3}) +
                 node("Add", {"x", "w"}, {"y"}, named("plus")) + output("y", tensor_type(DType::kF32, {"N", 3}));
  auto m = load(model_of(g));
  ASSERT_TRUE(m.ok()) << m.status().to_string();
  const Graph& graph = *m->graph;
  EXPECT_EQ(graph.name, "net");
  ASSERT_EQ(graph.inputs.size(), 1u);
  ASSERT_EQ(graph.outputs.size(), 1u);
  EXPECT_EQ(graph.value(graph.inputs[0]).name, "x");
  EXPECT_EQ(graph.symbols().to_string(graph.fact(graph.inputs[0]).shape), "[N,3]");
  const Node& add = only_node(*m);
  EXPECT_EQ(add.op->name, "Add");
  EXPECT_EQ(add.name, "plus");
  EXPECT_EQ(add.opset, 17);
  EXPECT_EQ(graph.symbols().to_string(graph.fact(graph.outputs[0]).shape), "[N,3]");
  const Tensor& w = graph.fact(add.inputs[1]).constant;
  ASSERT_TRUE(w.valid());
  EXPECT_EQ(w.as<float>()[2], 3);
}

TEST(OnnxReader, ReadsWhatTheModelSaysAboutItself) {
  const Text rest = text(2, "maker") + text(3, "1.5") + text(4, "net.example") + number(5, 7) + text(6, "a model") +
                    opset("com.example", 2) + entry(14, "author", "me") + entry(14, "licence", "free");
  const Text g =
      text(10, "a graph") +
      text(11, value_info("x", tensor_type(DType::kF32, {"N"}) + text(6, "IMAGE")) + text(3, "the picture")) +
      output("x") + text(14, text(1, "x") + entry(2, "SCALE_TENSOR", "s"));
  auto m = load(model_of(g, rest));
  ASSERT_TRUE(m.ok()) << m.status().to_string();
  EXPECT_EQ(m->ir_version, 8);
  EXPECT_EQ(m->producer, "maker");
  EXPECT_EQ(m->producer_version, "1.5");
  EXPECT_EQ(m->domain, "net.example");
  EXPECT_EQ(m->model_version, 7);
  EXPECT_EQ(m->doc, "a model");
  EXPECT_EQ(m->graph_doc, "a graph");
  EXPECT_EQ(m->opsets.at(""), 17);
  EXPECT_EQ(m->opsets.at("com.example"), 2);
  ASSERT_EQ(m->metadata.size(), 2u);
  EXPECT_EQ(m->metadata[1].second, "free");
  EXPECT_EQ(m->inputs[0].denotation, "IMAGE");
  EXPECT_EQ(m->inputs[0].doc, "the picture");
  EXPECT_EQ(m->outputs[0].name, "x");
  ASSERT_EQ(m->quantization.size(), 1u);
  EXPECT_EQ(m->quantization[0].parameters[0].second, "s");
}

TEST(OnnxReader, ExtentsWithoutANameAreAllDifferent) {
  const Text t = tensor_type(DType::kF32, {D::none(), "?", -1, "", "None", "N"});
  auto m = load(model_of(input("a", t) + input("b", t) + output("a")));
  ASSERT_TRUE(m.ok()) << m.status().to_string();
  const Graph& g = *m->graph;
  const Shape &a = g.fact(g.inputs[0]).shape, &b = g.fact(g.inputs[1]).shape;
  for (size_t i = 0; i < 5; ++i) {
    EXPECT_FALSE(a[i] == b[i]) << i;
    EXPECT_FALSE(a[i] == a[(i + 1) % 5]) << i;
    EXPECT_FALSE(a[i].known()) << i;
  }
  EXPECT_EQ(a[5], b[5]);
}

TEST(OnnxReader, ReadsTypesOfEveryKind) {
  const Text f = tensor_type(DType::kF32, {2});
  const Text map = text(5, number(1, 7) + text(2, f));
  const Text sparse = text(8, number(1, 1) + text(2, text(1, number(1, 4))));
  const Text g = input("t", f) + input("u", unranked_type(DType::kI8)) + input("s", sequence_type(f)) +
                 input("o", optional_type(sequence_type(f))) + input("m", map) + input("sm", sequence_type(map)) +
                 input("sp", sparse) + input("q", text(7, text(1, "d") + text(2, "n"))) + output("t");
  auto m = load(model_of(g));
  ASSERT_TRUE(m.ok()) << m.status().to_string();
  const char* expected[] = {
      "float",         "int8",  "seq(float)", "optional(seq(float))", "map(int64,float)", "seq(map(int64,float))",
      "sparse(float)", "opaque"};
  for (size_t i = 0; i < std::size(expected); ++i) EXPECT_EQ(to_string(m->inputs[i].type), expected[i]);
  EXPECT_TRUE(m->inputs[0].has_rank);
  EXPECT_FALSE(m->inputs[1].has_rank);
}

TEST(OnnxReader, NodesMayComeInAnyOrder) {
  Text g = input("x", kVector);
  for (int i = 999; i >= 0; --i) {
    const std::string from = i == 0 ? "x" : "v" + std::to_string(i), to = "v" + std::to_string(i + 1);
    g += node("Identity", {from}, {to});
  }
  auto m = load(model_of(g + output("v1000", kVector)));
  ASSERT_TRUE(m.ok()) << m.status().to_string();
  EXPECT_EQ(m->graph->node_count(), 1000u);
  EXPECT_EQ(m->graph->fact(m->graph->outputs[0]).dtype(), DType::kF32);
}

TEST(OnnxReader, ABodyMayUseWhatALaterNodeMakes) {
  const Text branch = node("Identity", {"late"}, {"b"}) + output("b");
  const Text g = input("x", kVector) + input("c", kBool) +
                 node("If", {"c"}, {"y"}, graph_attr("then_branch", branch) + graph_attr("else_branch", branch)) +
                 node("Identity", {"x"}, {"late"}) + output("y");
  auto m = load(model_of(g));
  ASSERT_TRUE(m.ok()) << m.status().to_string();
  EXPECT_EQ(m->graph->node(0).op->name, "Identity");
  EXPECT_EQ(m->graph->node(1).captures, 1);
}

TEST(OnnxReader, CyclesNameTwoNodes) {
  const Text g = input("x", kVector) + node("Add", {"x", "b"}, {"a"}, named("first")) +
                 node("Identity", {"a"}, {"b"}, named("second")) + output("a");
  EXPECT_EQ(error_of(model_of(g)),
            "SDX_E_PROTO model: the graph has a cycle through Add \"first\" and Identity \"second\"");
  const Text branch = node("Identity", {"y"}, {"b"}) + output("b");
  const Text h =
      input("c", kBool) +
      node("If", {"c"}, {"y"}, named("if") + graph_attr("then_branch", branch) + graph_attr("else_branch", branch)) +
      output("y");
  EXPECT_EQ(error_of(model_of(h)),
            "SDX_E_PROTO Identity \"b\": the graph has a cycle: If \"if\" makes \"y\", which is needed to make it");
}

TEST(OnnxReader, UndefinedNamesSuggestTheNearest) {
  const Text g = input("images", kVector) + node("Identity", {"image"}, {"y"}) + output("y");
  EXPECT_EQ(error_of(model_of(g)),
            "SDX_E_PROTO Identity \"y\": the value \"image\" is used, but it is no input, no initializer and no node's "
            "output. "
            "hint: did you mean \"images\"?");
  EXPECT_NE(error_of(model_of(input("x", kVector) + output("nothing"))).find("output \"nothing\": the value"),
            std::string::npos);
}

TEST(OnnxReader, ANameHasOneMeaning) {
  const auto twice = [&](const Text& g) { return error_of(model_of(g)).find("two") != std::string::npos; };
  EXPECT_TRUE(
      twice(input("x", kVector) + node("Identity", {"x"}, {"y"}) + node("Add", {"x", "x"}, {"y"}) + output("y")));
  EXPECT_TRUE(twice(input("x", kVector) + node("Identity", {"x"}, {"x"}) + output("x")));
  EXPECT_TRUE(twice(input("x", kVector) + input("x", kVector) + output("x")));
  EXPECT_TRUE(twice(floats("w", {1}, {1}) + floats("w", {1}, {2}) + output("w")));
}

TEST(OnnxReader, TheLastConstantOfANameCounts) {
  const Text g = node("Constant", {}, {"c"}, int_attr("value_int", 1)) + node("Identity", {"c"}, {"y"}) +
                 node("Constant", {}, {"c"}, int_attr("value_int", 2)) + output("c");
  auto m = load(model_of(g));
  ASSERT_TRUE(m.ok()) << m.status().to_string();
  EXPECT_EQ(m->graph->fact(m->graph->outputs[0]).constant.as<int64_t>()[0], 2);
}

TEST(OnnxReader, InitializersThatAreInputsCanBeOverridden) {
  const Text g = input("x", kVector) + input("w", tensor_type(DType::kF32, {2})) + floats("w", {2}, {1, 2}) +
                 node("Add", {"x", "w"}, {"y"}) + output("y");
  auto m = load(model_of(g));
  ASSERT_TRUE(m.ok()) << m.status().to_string();
  ASSERT_EQ(m->graph->inputs.size(), 1u);
  ASSERT_EQ(m->overridable.size(), 1u);
  EXPECT_EQ(m->overridable[0].declared.name, "w");
  EXPECT_TRUE(m->graph->is_constant(m->overridable[0].value));

  LoadOptions keep;
  keep.keep_as_inputs = {"w"};
  m = load(model_of(g), keep);
  ASSERT_TRUE(m.ok()) << m.status().to_string();
  ASSERT_EQ(m->graph->inputs.size(), 2u);
  EXPECT_TRUE(m->overridable.empty());
  EXPECT_FALSE(m->graph->is_constant(only_node(*m).inputs[1]));
  EXPECT_EQ(m->inputs[1].name, "w");
}

TEST(OnnxReader, TheCallerCanGiveInitializersAndExtents) {
  const Text g = input("x", tensor_type(DType::kF32, {"N", "C"})) + floats("w", {2}, {1, 2}) +
                 node("Add", {"x", "w"}, {"y"}) + output("y");
  LoadOptions options;
  const float values[] = {5, 6};
  const int64_t dims[] = {2};
  options.initializers.emplace("w", *Tensor::of<float>(DType::kF32, dims, values));
  options.symbol_values.emplace("N", 4);
  auto m = load(model_of(g), options);
  ASSERT_TRUE(m.ok()) << m.status().to_string();
  EXPECT_EQ(m->graph->fact(only_node(*m).inputs[1]).constant.as<float>()[0], 5);
  EXPECT_EQ(m->graph->symbols().to_string(m->graph->fact(m->graph->inputs[0]).shape), "[4,C]");

  options.initializers.insert_or_assign("w", *Tensor::scalar_i64(1));
  EXPECT_EQ(error_of(model_of(g), options),
            "SDX_E_TYPE model: initializer \"w\": the given tensor is int64[], the model has float[2]");
}

TEST(OnnxReader, DeclaredOutputTypesAreChecked) {
  const Text g = input("x", kVector) + node("Identity", {"x"}, {"y"}) + output("y", tensor_type(DType::kI64, {7}));
  EXPECT_EQ(error_of(model_of(g)), "SDX_E_TYPE output \"y\": declared int64, but the graph computes float");
  // Declared extents of outputs are often wrong; inference is not.
  auto m = load(
      model_of(input("x", kVector) + node("Identity", {"x"}, {"y"}) + output("y", tensor_type(DType::kF32, {7, 8}))));
  ASSERT_TRUE(m.ok()) << m.status().to_string();
  EXPECT_EQ(m->graph->symbols().to_string(m->graph->fact(m->graph->outputs[0]).shape), "[N]");
}

TEST(OnnxReader, VersionsAreChecked) {
  const Text g = text(7, input("x", kVector) + node("Identity", {"x"}, {"y"}) + output("y"));
  const auto with = [&](int64_t ir, int64_t version) {
    return error_of(number(1, ir) + opset("ai.onnx", version) + g);
  };
  EXPECT_EQ(with(3, 1), "no error");
  EXPECT_EQ(with(13, 27), "no error");
  EXPECT_EQ(with(2, 1), "SDX_E_OPSET model: IR version 2 is too old; 3 to 13 are supported");
  EXPECT_NE(with(14, 27).find("SDX_E_OPSET model: IR version 14 is newer than 13"), std::string::npos);
  EXPECT_NE(with(13, 28).find("SDX_E_OPSET model: opset 28 of ai.onnx is not supported; 1 to 27 are"),
            std::string::npos);
  EXPECT_NE(with(13, 0).find("SDX_E_OPSET"), std::string::npos);
  EXPECT_NE(error_of(number(1, 8) + opset("ai.onnx.ml", 3) + g).find("SDX_E_OPSET Identity \"y\""), std::string::npos);
  EXPECT_NE(error_of(number(1, 8) + opset("", 17) + text(7, node("Nonsense", {}, {"y"}) + output("y")))
                .find("SDX_E_OP_UNKNOWN Nonsense \"y\""),
            std::string::npos);
}

TEST(OnnxReader, ConstantsOfEveryForm) {
  const auto constant = [&](const Text& a) -> Tensor {
    auto m = load(model_of(node("Constant", {}, {"c"}, a) + output("c")));
    EXPECT_TRUE(m.ok()) << m.status().to_string();
    if (!m.ok()) return {};
    EXPECT_EQ(m->graph->node_count(), 0u);
    return m->graph->fact(m->graph->outputs[0]).constant;
  };
  EXPECT_EQ(constant(int_attr("value_int", -5)).as<int64_t>()[0], -5);
  EXPECT_EQ(constant(attr("value_ints", 7, text(8, varints({1, 2, 3})))).count(), 3);
  EXPECT_EQ(constant(attr("value_float", 1, real(2, 0.5f))).as<float>()[0], 0.5f);
  EXPECT_EQ(constant(attr("value_floats", 6, real(7, 1) + real(7, 2))).as<float>()[1], 2);
  EXPECT_EQ(constant(attr("value_string", 3, text(4, "ab"))).strings()[0], "ab");
  EXPECT_EQ(constant(attr("value_strings", 8, text(9, "a") + text(9, ""))).strings().size(), 2u);
  EXPECT_EQ(constant(attr("value", 4, text(5, tensor(DType::kI8, {2}) + raw("\x01\xff")))).as<int8_t>()[1], -1);
  const Text values = tensor(DType::kF32, {2}) + raw(bytes_of<float>({7, 8})),
             indices = tensor(DType::kI64, {2, 2}) + raw(bytes_of<int64_t>({0, 1, 1, 0}));
  const Tensor dense =
      constant(attr("sparse_value", 11, text(22, text(1, values) + text(2, indices) + number(3, 2) + number(3, 2))));
  ASSERT_EQ(dense.count(), 4);
  EXPECT_EQ(dense.as<float>()[1], 7);
  EXPECT_EQ(dense.as<float>()[2], 8);
  EXPECT_EQ(dense.as<float>()[3], 0);
  EXPECT_NE(error_of(model_of(node("Constant", {}, {"c"}) + output("c"))).find("must have one attribute"),
            std::string::npos);
  EXPECT_NE(error_of(model_of(node("Constant", {}, {"c"}, int_attr("value_float", 1)) + output("c")))
                .find("gives a constant no value"),
            std::string::npos);
}

TEST(OnnxReader, AttributesOfEveryKind) {
  const Text t = tensor(DType::kI32, {1}) + text(5, varints({-9}));
  const Text sparse = text(1, tensor(DType::kF32, {1}) + raw(bytes_of<float>({4}))) +
                      text(2, tensor(DType::kI64, {1}) + raw(bytes_of<int64_t>({2}))) + number(3, 3);
  const Text all = int_attr("i", INT64_MIN) + attr("f", 1, real(2, 2)) + attr("s", 3, text(4, "str")) +
                   attr("t", 4, text(5, t)) + attr("is", 7, number(8, 1) + text(8, varints({2, -3}))) +
                   attr("fs", 6, text(7, bytes_of<float>({1, 2}))) + attr("ss", 8, text(9, "a")) +
                   attr("ts", 9, text(10, t) + text(10, t)) + attr("type", 13, text(14, sequence_type(kVector))) +
                   attr("sp", 11, text(22, sparse)) + domain("com.example");
  auto m = load(model_of(node("Decode", {}, {"y"}, all) + output("y"), opset("com.example", 1)));
  ASSERT_TRUE(m.ok()) << m.status().to_string();
  const Node& n = only_node(*m);
  ASSERT_EQ(n.attrs.size(), 10u);
  EXPECT_EQ(n.find_attr("i")->i, INT64_MIN);
  EXPECT_EQ(n.find_attr("f")->f, 2);
  EXPECT_EQ(n.find_attr("s")->s, "str");
  EXPECT_EQ(n.find_attr("t")->tensor.as<int32_t>()[0], -9);
  EXPECT_EQ(n.find_attr("is")->ints, (std::vector<int64_t>{1, 2, -3}));
  EXPECT_EQ(n.find_attr("fs")->floats.size(), 2u);
  EXPECT_EQ(n.find_attr("ss")->strings[0], "a");
  EXPECT_EQ(n.find_attr("ts")->tensors.size(), 2u);
  EXPECT_EQ(to_string(n.find_attr("type")->value_type), "seq(float)");
  EXPECT_EQ(n.find_attr("sp")->type, AttrType::kSparse);
  EXPECT_EQ(n.find_attr("sp")->tensor.as<float>()[2], 4);
  // Old files leave the kind out.
  const Text bare = text(5, text(1, "i") + number(3, 4)) + text(5, text(1, "fs") + real(7, 1)) + domain("com.example");
  m = load(model_of(node("Decode", {}, {"y"}, bare) + output("y")));
  ASSERT_TRUE(m.ok()) << m.status().to_string();
  EXPECT_EQ(only_node(*m).find_attr("i")->i, 4);
  EXPECT_EQ(only_node(*m).find_attr("fs")->type, AttrType::kFloats);
  EXPECT_NE(error_of(model_of(node("Decode", {}, {"y"}, int_attr("i", 1) + int_attr("i", 2) + domain("com.example")) +
                              output("y")))
                .find("given twice"),
            std::string::npos);
}

}  // namespace
}  // namespace sardonyx
