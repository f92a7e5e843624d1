// Model-local functions: written out at the place of each call.
#include <gtest/gtest.h>

#include "onnx/model.h"
#include "onnx/unknown_operators.h"
#include "onnx_test_util.h"

namespace sardonyx {
namespace {

using namespace testing;

Result<Model> load(const Text& graph, const Text& functions) {
  return load_model_bytes(model_of(graph, opset("f", 1) + opset("com.example", 1) + functions), test_ops());
}
std::string error_of(const Text& graph, const Text& functions) {
  auto m = load(graph, functions);
  return m.ok() ? "no error" : m.status().to_string();
}

const Text kVector = tensor_type(DType::kF32, {"N"});
Text call(std::string_view name, Names inputs, Names outputs, const Text& rest = {}) {
  return node(name, inputs, outputs, domain("f") + rest);
}

TEST(OnnxFunction, IsWrittenOutAtEachCall) {
  const Text f =
      function("f", "Twice", {"a"}, {"b"},
               function_node("Identity", {"a"}, {"t"}) + function_node("Add", {"t", "a"}, {"b"}, named("sum")));
  auto m = load(
      input("x", kVector) + call("Twice", {"x"}, {"y"}, named("one")) + call("Twice", {"y"}, {"z"}) + output("z"), f);
  ASSERT_TRUE(m.ok()) << m.status().to_string();
  const Graph& g = *m->graph;
  ASSERT_EQ(g.node_count(), 4u);
  EXPECT_EQ(g.node(1).name, "one/sum");
  EXPECT_EQ(g.value(g.node(0).outputs[0]).name, "one/t");
  EXPECT_EQ(g.value(g.node(1).outputs[0]).name, "y");
  EXPECT_EQ(g.value(g.node(2).outputs[0]).name, "z/t");
  EXPECT_EQ(g.node(2).inputs[0], g.node(1).outputs[0]);
  EXPECT_EQ(g.value(g.outputs[0]).name, "z");
}

TEST(OnnxFunction, MayCallOthersAndPassValuesThrough) {
  const Text inner = function("f", "Pass", {"a", "unused"}, {"a", "b"}, function_node("Identity", {"a"}, {"b"}));
  const Text outer = function("f", "Outer", {"p"}, {"q", "r"}, function_node("Pass", {"p"}, {"q", "r"}, domain("f")));
  auto m = load(input("x", kVector) + call("Outer", {"x"}, {"y", "z"}) + output("y") + output("z"), inner + outer);
  ASSERT_TRUE(m.ok()) << m.status().to_string();
  const Graph& g = *m->graph;
  EXPECT_EQ(g.node_count(), 1u);
  EXPECT_EQ(g.outputs[0], g.inputs[0]);
  EXPECT_EQ(m->outputs[0].name, "y");
  EXPECT_EQ(g.value(g.outputs[1]).name, "z");
}

TEST(OnnxFunction, InputsMayBeLeftOut) {
  const Text f = function("f", "F", {"a", "b"}, {"y"},
                          function_node("Decode", {"a", "b"}, {"y"}, domain("com.example")) +
                              text(9, text(1, "com.example") + number(2, 1)));
  auto m = load(input("x", kVector) + call("F", {"", "x"}, {"y"}) + output("y"), f);
  ASSERT_TRUE(m.ok()) << m.status().to_string();
  EXPECT_EQ(m->graph->node(0).inputs[0], kNone);
  m = load(input("x", kVector) + call("F", {"x"}, {"y"}) + output("y"), f);
  ASSERT_TRUE(m.ok()) << m.status().to_string();
  EXPECT_EQ(m->graph->node(0).inputs.size(), 1u);
}

TEST(OnnxFunction, AttributesReferToTheCall) {
  const Text body =
      function_node("Decode", {"a"}, {"y"},
                    domain("com.example") + ref_attr("i", 2, "p") + ref_attr("f", 1, "q") + ref_attr("s", 3, "r")) +
      text(6, "p") + text(11, text(1, "q") + number(20, 1) + real(2, 2.5f)) + text(6, "r");
  const Text f = function("f", "F", {"a"}, {"y"}, body);
  const Text outer = function("f", "G", {"a"}, {"y"},
                              function_node("F", {"a"}, {"y"}, domain("f") + ref_attr("p", 2, "n")) + text(6, "n"));
  auto m = load(input("x", kVector) + call("G", {"x"}, {"y"}, int_attr("n", 42)) + output("y"), f + outer);
  ASSERT_TRUE(m.ok()) << m.status().to_string();
  const Node& n = m->graph->node(0);
  ASSERT_NE(n.find_attr("i"), nullptr);
  EXPECT_EQ(n.find_attr("i")->i, 42);
  ASSERT_NE(n.find_attr("f"), nullptr);
  EXPECT_EQ(n.find_attr("f")->f, 2.5f);
  EXPECT_EQ(n.find_attr("s"), nullptr);  // not given, no default: left out

  m = load(input("x", kVector) + call("F", {"x"}, {"y"}, attr("q", 1, real(2, 4))) + output("y"), f);
  ASSERT_TRUE(m.ok()) << m.status().to_string();
  EXPECT_EQ(m->graph->node(0).find_attr("f")->f, 4);
  EXPECT_NE(error_of(node("Decode", {}, {"y"}, domain("com.example") + ref_attr("i", 2, "p")) + output("y"), {})
                .find("this is not in a function"),
            std::string::npos);
}

TEST(OnnxFunction, ConstantsMayReferToAttributes) {
  const Text f =
      function("f", "F", {}, {"c"}, function_node("Constant", {}, {"c"}, ref_attr("value_int", 2, "v")) + text(6, "v"));
  auto m = load(call("F", {}, {"y"}, int_attr("v", 5)) + output("y"), f);
  ASSERT_TRUE(m.ok()) << m.status().to_string();
  EXPECT_EQ(m->graph->fact(m->graph->outputs[0]).constant.as<int64_t>()[0], 5);
  EXPECT_NE(error_of(call("F", {}, {"y"}) + output("y"), f).find("must have one attribute"), std::string::npos);
}

TEST(OnnxFunction, CallsShareTheirConstants) {
  const Text value = attr("value", 4, text(5, tensor(DType::kF32, {1}) + raw(bytes_of<float>({3}))));
  const Text f = function("f", "F", {}, {"c"}, function_node("Constant", {}, {"c"}, value));
  auto m = load(call("F", {}, {"y"}) + call("F", {}, {"z"}) + output("y") + output("z"), f);
  ASSERT_TRUE(m.ok()) << m.status().to_string();
  EXPECT_EQ(m->graph->fact(m->graph->outputs[0]).constant.data(), m->graph->fact(m->graph->outputs[1]).constant.data());
}

TEST(OnnxFunction, BodiesInFunctionsSeeTheirNamesAndAttributes) {
  const Text branch = node("Decode", {"t"}, {"b"}, domain("com.example") + ref_attr("i", 2, "p")) + output("b");
  const Text f = function(
      "f", "F", {"c", "a"}, {"y"},
      function_node("Identity", {"a"}, {"t"}) +
          function_node("If", {"c"}, {"y"}, graph_attr("then_branch", branch) + graph_attr("else_branch", branch)) +
          text(6, "p"));
  auto m = load(input("c", tensor_type(DType::kBool, {})) + input("x", kVector) +
                    call("F", {"c", "x"}, {"y"}, int_attr("p", 3)) + output("y"),
                f);
  ASSERT_TRUE(m.ok()) << m.status().to_string();
  const Node& n = m->graph->node(1);
  ASSERT_EQ(n.captures, 1);
  EXPECT_EQ(n.bodies[1]->node(0).find_attr("i")->i, 3);
}

TEST(OnnxFunction, GraphsPassedAsAttributesSeeTheCaller) {
  const Text given = node("Identity", {"callers"}, {"b"}) + output("b");
  const Text own = node("Identity", {"t"}, {"b"}) + output("b");
  const Text f =
      function("f", "F", {"c", "a"}, {"y"},
               function_node("Identity", {"a"}, {"t"}) +
                   function_node("If", {"c"}, {"y"}, ref_attr("then_branch", 5, "g") + graph_attr("else_branch", own)) +
                   text(6, "g"));
  auto m = load(input("c", tensor_type(DType::kBool, {})) + input("callers", kVector) +
                    call("F", {"c", "callers"}, {"y"}, graph_attr("g", given)) + output("y"),
                f);
  ASSERT_TRUE(m.ok()) << m.status().to_string();
  const Node& n = m->graph->node(1);
  ASSERT_EQ(n.captures, 2);
  EXPECT_EQ(m->graph->value(n.inputs[1]).name, "callers");
  EXPECT_EQ(m->graph->value(n.inputs[2]).name, "y/t");
}

TEST(OnnxFunction, OverloadsAreDifferentFunctions) {
  const Text one = function("f", "F", {"a"}, {"y"}, function_node("Identity", {"a"}, {"y"}));
  const Text two = function("f", "F", {"a"}, {"y"}, function_node("Add", {"a", "a"}, {"y"}) + text(13, "sum"));
  auto m = load(input("x", kVector) + call("F", {"x"}, {"y"}, text(8, "sum")) + call("F", {"x"}, {"z"}) + output("y"),
                one + two);
  ASSERT_TRUE(m.ok()) << m.status().to_string();
  EXPECT_EQ(m->graph->node(0).op->name, "Add");
  EXPECT_EQ(m->graph->node(1).op->name, "Identity");
  EXPECT_NE(error_of(input("x", kVector) + output("x"), one + one).find("defined twice"), std::string::npos);
}

TEST(OnnxFunction, OpsetsAreTheFunctionsOwn) {
  const Text f = text(25, text(1, "F") + text(10, "f") + text(4, "a") + text(5, "y") +
                              text(9, text(1, "ai.onnx") + number(2, 9)) + function_node("Identity", {"a"}, {"y"}));
  auto m = load(input("x", kVector) + call("F", {"x"}, {"y"}) + output("y"), f);
  ASSERT_TRUE(m.ok()) << m.status().to_string();
  EXPECT_EQ(m->graph->node(0).opset, 9);
}

TEST(OnnxFunction, RecursionAndBlowUpAreRefused) {
  const Text self = function("f", "F", {"a"}, {"y"}, function_node("F", {"a"}, {"y"}, domain("f")));
  EXPECT_NE(error_of(input("x", kVector) + call("F", {"x"}, {"y"}) + output("y"), self)
                .find("the function \"F\" calls itself"),
            std::string::npos);
  // Each of 40 functions calls the next one twice.
  Text doubling;
  for (int i = 0; i < 40; ++i) {
    const std::string next = "F" + std::to_string(i + 1);
    doubling +=
        function("f", "F" + std::to_string(i), {"a"}, {"y"},
                 function_node(next, {"a"}, {"t"}, domain("f")) + function_node(next, {"t"}, {"y"}, domain("f")));
  }
  doubling += function("f", "F40", {"a"}, {"y"}, function_node("Constant", {}, {"y"}, int_attr("value_int", 1)));
  EXPECT_NE(error_of(input("x", kVector) + call("F0", {"x"}, {"y"}) + output("y"), doubling)
                .find("when its functions are written out"),
            std::string::npos);
}

TEST(OnnxFunction, WrongCallsAreRefused) {
  const Text f = function("f", "F", {"a"}, {"y"}, function_node("Identity", {"a"}, {"y"}));
  EXPECT_NE(error_of(input("x", kVector) + call("F", {"x", "x"}, {"y"}, named("n")) + output("y"), f)
                .find("SDX_E_PROTO F \"n\": the call has 2 inputs"),
            std::string::npos);
  EXPECT_NE(error_of(input("x", kVector) + call("F", {"x"}, {"y", "z"}) + output("y"), f).find("2 outputs"),
            std::string::npos);
  const Text bad = function("f", "F", {"a"}, {"y"}, function_node("Identity", {"b"}, {"y"}));
  EXPECT_NE(error_of(input("x", kVector) + input("b", kVector) + call("F", {"x"}, {"y"}) + output("y"), bad)
                .find("the value \"b\" is used"),
            std::string::npos);
}

TEST(OnnxFunction, UnknownOperatorsAreListedWithThoseOfBodiesAndFunctions) {
  const Text f = function("f", "Twice", {"a"}, {"b"}, function_node("Strange", {"a"}, {"b"}));
  const Text body = node("Odd", {"c"}, {"d"}, named("inside")) + output("d");
  const Text g = input("c", tensor_type(DType::kBool, {})) + call("Twice", {"c"}, {"t"}) +
                 node("Odd", {"t"}, {"u"}, domain("com.example")) +
                 node("If", {"c"}, {"y"}, graph_attr("then_branch", body) + graph_attr("else_branch", body)) +
                 output("y");
  TemporaryFolder folder;
  const std::string path = folder.write("m.onnx", model_of(g, opset("f", 1) + opset("com.example", 1) + f));
  const auto found = unknown_operators(path, test_ops());
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].name, "Strange");
  EXPECT_EQ(found[1].domain, "com.example");
  EXPECT_EQ(found[2].name, "Odd");
  EXPECT_EQ(found[2].domain, "");
  EXPECT_EQ(found[2].node, "inside");
  EXPECT_EQ(found[2].nodes, 2);
  EXPECT_TRUE(unknown_operators(folder.path() + "/none.onnx", test_ops()).empty());
}

}  // namespace
}  // namespace sardonyx
