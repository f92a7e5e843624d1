#include <gtest/gtest.h>

#include "ir/import_node.h"
#include "ir/opset.h"
#include "ir/text_reader.h"
#include "ir/text_types.h"
#include "ir/verify.h"
#include "unit/ir_test_ops.h"

namespace sardonyx {
namespace {

using test::test_ops;

struct Read {
  std::unique_ptr<Graph> graph;
  std::string error;
  std::string ops() const {
    std::string s;
    for (NodeId n = 0; graph && n < static_cast<NodeId>(graph->node_count()); ++n)
      s += cat(n ? " " : "", graph->node(n).op->name);
    return graph ? s : error;
  }
  std::string input(NodeId n, size_t i) const {
    const Fact& f = graph->fact(graph->node(n).inputs[i]);
    return cat(print_fact(f, graph->symbols()), f.constant.valid() ? print_elements(f.constant, 9) : "");
  }
};
Read read(int opset, std::string_view text) {
  ParseOptions options;
  options.opset = opset;
  auto g = parse_graph(text, test_ops(), options);
  if (!g.ok()) return {nullptr, g.status().to_string()};
  EXPECT_EQ(verify(**g).to_string(), "ok");
  return {std::move(*g), ""};
}

TEST(ImportNode, RulesRunOnlyForOlderOpsets) {
  EXPECT_EQ(read(12, "(float[2] x) => (y) { y = ReduceSum <axes = [0], keepdims = 0> (x) }").input(0, 1),
            "int64[1]{0}");
  EXPECT_EQ(read(13, "(float[2] x) => (y) { y = ReduceSum <axes = [0]> (x) }").error,
            "SDX_E_ATTR ReduceSum \"y\": unknown attribute \"axes\"");
  EXPECT_EQ(read(9, "(float[2] x) => (y) { y = ReduceSum <axis = 0> (x) }").error,
            "SDX_E_ATTR ReduceSum \"y\": unknown attribute \"axis\". hint: the node was written for opset 9; this is "
            "about its form in "
            "opset 13");
  EXPECT_EQ(read(12, "(float[2] x) => (y) { y = ReduceSum(x) }").graph->node(0).inputs.size(), 1u);
}

TEST(ImportNode, FloatAttributesBecomeScalarsOfTheInputsType) {
  const Read r = read(6, "(float16[2] x) => (y) { y = Clip <max = 6.5> (x) }");
  EXPECT_EQ(r.graph->node(0).inputs[1], kNone);
  EXPECT_EQ(r.input(0, 2), "float16{6.5}");
  EXPECT_EQ(r.graph->node(0).opset, 6);
}

TEST(ImportNode, AttributeAndInputTogetherAreRefused) {
  EXPECT_EQ(read(12, "(float[2] x, int64[1] a) => (y) { y = ReduceSum <axes = [0]> (x, a) }").error,
            "SDX_E_ATTR ReduceSum \"y\": attribute \"axes\" and input 1 are both given");
}

TEST(ImportNode, MissingDefaultsAreSet) {
  EXPECT_EQ(read(10, "(float[2] x) => (y) { y = Norm(x) }").graph->node(1).find_attr("axis")->i, 1);
  EXPECT_EQ(read(10, "(float[2] x) => (y) { y = Norm <axis = 0> (x) }").graph->node(1).find_attr("axis")->i, 0);
  EXPECT_EQ(read(13, "(float[2] x) => (y) { y = Norm(x) }").graph->node(0).find_attr("axis"), nullptr);
}

TEST(ImportNode, ARuleMaySurroundTheNode) {
  const Read r = read(12, "(float[2] x) => (y) { y = Norm(x) }");
  EXPECT_EQ(r.ops(), "Flat Norm Unflat");
  EXPECT_EQ(r.graph->value(r.graph->outputs[0]).producer, 2);
  EXPECT_EQ(r.graph->value(r.graph->outputs[0]).name, "y");
}

TEST(ImportNode, ARenamedNodeContinuesWithTheNewHistory) {
  // Renamed at 10, so Upscale's step to 9 is past and its step to 11 still comes.
  const Read r = read(7, "(float[2] x) => (y) { y = OldScale <scale = [2.0]> (x) }");
  EXPECT_EQ(r.ops(), "Upscale");
  EXPECT_EQ(r.input(0, 1), "float[1]{2.0}");
}

TEST(ImportNode, LegacyBroadcastAlignsB) {
  const auto shape_of_b = [](std::string_view attrs, std::string_view b) {
    const Read r = read(6, cat("(float[2,3,4,5] a, ", b, " b) => (y) { y = Add ", attrs, " (a, b) }"));
    return r.graph ? r.input(static_cast<NodeId>(r.graph->node_count() - 1), 1) : r.error;
  };
  EXPECT_EQ(shape_of_b("<broadcast = 1, axis = 1>", "float[3,4]"), "float[3,4,1]");
  EXPECT_EQ(shape_of_b("<broadcast = 1, axis = 0>", "float[2]"), "float[2,1,1,1]");
  EXPECT_EQ(shape_of_b("<broadcast = 1, axis = -3>", "float[3]"), "float[3,1,1]");
  EXPECT_EQ(shape_of_b("<broadcast = 1, axis = 2>", "float[4,5]"), "float[4,5]");
  EXPECT_EQ(shape_of_b("<broadcast = 1>", "float[5]"), "float[5]");
  EXPECT_EQ(shape_of_b("<broadcast = 1, axis = 0>", "float"), "float");
  EXPECT_EQ(shape_of_b("<broadcast = 1, axis = 3>", "float[3,4]"),
            "SDX_E_RANGE Add \"y\": axis 3 does not fit: input 0 has rank 4 and input 1 rank 2");
  EXPECT_EQ(shape_of_b("<broadcast = 1, axis = 1>", "float[]"),
            "SDX_E_SHAPE Add \"y\": broadcast along axis 1 (opset 6) needs inputs of known rank");
}

TEST(ImportNode, VersionsOutsideTheSupportedRange) {
  EXPECT_EQ(read(99, "(float[2] x) => (y) { y = Exp(x) }").error,
            "SDX_E_OPSET Exp \"y\": opset 99 of domain \"ai.onnx\" is newer than 27, the newest supported one");
  EXPECT_EQ(
      read(6, "(float[2] x) => (y) { y = OldScale(x, x) }").error,
      "SDX_E_OPSET OldScale \"y\": the operator exists since opset 7 of domain \"ai.onnx\", the model imports opset 6");
  EXPECT_EQ(read(0, "(float[2] x) => (y) { y = Exp(x) }").error,
            "SDX_E_OPSET Exp \"y\": the model imports no opset of domain \"ai.onnx\"");
}

TEST(ImportNode, UnknownOperatorsNameTheirDomainAndANeighbour) {
  EXPECT_EQ(
      read(13, "(float[2] x) => (y) { y = com.microsoft.Exp(x) }").error,
      "SDX_E_OP_UNKNOWN Exp \"y\": domain \"com.microsoft\" has no operator \"Exp\". hint: domain \"ai.onnx\" has it");
  EXPECT_EQ(read(13, "(float[2] x) => (y) { [n] y = RedceSum(x) }").error,
            "SDX_E_OP_UNKNOWN RedceSum \"n\": domain \"ai.onnx\" has no operator \"RedceSum\". hint: did you mean "
            "\"ReduceSum\"?");
  EXPECT_EQ(read(13, "(float[2] x) => (y) { y = a.b.Whatever(x) }").error,
            "SDX_E_OP_UNKNOWN Whatever \"y\": domain \"a.b\" has no operator \"Whatever\". hint: if it is a custom "
            "operator, register the library that defines it before loading the model");
  EXPECT_EQ(read(13, "(float[2] x) => (y) { y = ai.onnx.Exp(x) }").ops(), "Exp");
}

TEST(ImportNode, CapturesStayBehindTheFormalInputs) {
  const Read r = read(12, R"((bool c, float[2] x) => (y) {
    y = If <then_branch = a () => (t) { t = Exp(x) }, else_branch = b () => (e) { e = Neg(x) }> (c) })");
  ASSERT_TRUE(r.graph) << r.error;
  EXPECT_EQ(r.graph->node(0).captures, 1);
  EXPECT_EQ(r.graph->node(0).inputs.size(), 2u);
}

TEST(OpNames, Split) {
  EXPECT_EQ(split_op_name("com.microsoft.Gelu").domain, "com.microsoft");
  EXPECT_EQ(split_op_name("com.microsoft.Gelu").name, "Gelu");
  EXPECT_EQ(split_op_name("ai.onnx.Exp").domain, "");
  EXPECT_EQ(split_op_name("ai.onnx.ml.Scaler").domain, "ai.onnx.ml");
  EXPECT_EQ(split_op_name("Exp").domain, "");
}

}  // namespace
}  // namespace sardonyx
