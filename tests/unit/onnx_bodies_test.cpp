// Bodies of control-flow nodes: captures, formal inputs and their types, nesting.
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

TEST(OnnxBodies, CapturesBecomeExplicit) {
  // y = c ? x + w : (c2 ? x : z), the inner branch two levels deep; w is a constant and is copied instead.
  const Text then_branch = node("Add", {"x", "w"}, {"t"}) + output("t");
  const Text inner_then = node("Identity", {"x"}, {"it"}) + output("it"),
             inner_else = node("Identity", {"z"}, {"ie"}) + output("ie");
  const Text else_branch =
      node("If", {"c2"}, {"e"}, graph_attr("else_branch", inner_else) + graph_attr("then_branch", inner_then)) +
      output("e");
  const Text g =
      input("c", kBool) + input("c2", kBool) + input("x", kVector) + input("z", kVector) + floats("w", {1}, {1}) +
      node("If", {"c"}, {"y"}, graph_attr("else_branch", else_branch) + graph_attr("then_branch", then_branch)) +
      output("y");
  auto m = load(model_of(g));
  ASSERT_TRUE(m.ok()) << m.status().to_string();
  const Node& n = only_node(*m);
  ASSERT_EQ(n.bodies.size(), 2u);
  EXPECT_EQ(n.body_names[0], "then_branch");
  ASSERT_EQ(n.captures, 3);
  EXPECT_EQ(n.formal_inputs(), 1);
  const auto name_of = [&](size_t i) { return m->graph->value(n.inputs[i]).name; };
  EXPECT_EQ(name_of(1), "x");
  EXPECT_EQ(name_of(2), "c2");
  EXPECT_EQ(name_of(3), "z");
  for (const auto& body : n.bodies) {
    ASSERT_EQ(body->inputs.size(), 3u);
    EXPECT_EQ(body->value(body->inputs[0]).name, "x");
    EXPECT_EQ(body->value(body->inputs[1]).name, "c2");
    EXPECT_EQ(body->value(body->inputs[2]).name, "z");
    EXPECT_EQ(body->fact(body->inputs[1]).dtype(), DType::kBool);
  }
  const Node& add = n.bodies[0]->node(0);
  EXPECT_TRUE(n.bodies[0]->is_constant(add.inputs[1]));
  const Node& inner = n.bodies[1]->node(0);
  EXPECT_EQ(inner.captures, 2);
  EXPECT_EQ(inner.bodies[1]->value(inner.bodies[1]->inputs[1]).name, "z");
}

TEST(OnnxBodies, BranchesMayListOuterNamesAsInputs) {
  const Text branch = input("x", kVector) + node("Identity", {"x"}, {"b"}) + output("b");
  const Text g = input("c", kBool) + input("x", kVector) +
                 node("If", {"c"}, {"y"}, graph_attr("then_branch", branch) + graph_attr("else_branch", branch)) +
                 output("y");
  auto m = load(model_of(g));
  ASSERT_TRUE(m.ok()) << m.status().to_string();
  EXPECT_EQ(only_node(*m).captures, 1);
}

TEST(OnnxBodies, LoopBodiesGetTheirInputTypes) {
  const Text body = input("i", {}) + input("go", {}) + input("a", tensor_type(DType::kF32, {D::none(), 3})) +
                    input("b", {}) + node("Identity", {"go"}, {"go2"}) + node("Add", {"a", "outer"}, {"a2"}) +
                    node("Identity", {"b"}, {"b2"}) + output("go2") + output("a2") + output("b2");
  const Text g = input("x", tensor_type(DType::kF32, {2, 3})) + input("k", tensor_type(DType::kI64, {5})) +
                 input("outer", tensor_type(DType::kF32, {3})) +
                 node("Loop", {"", "", "x", "k"}, {"y", "z"}, graph_attr("body", body)) + output("y");
  auto m = load(model_of(g));
  ASSERT_TRUE(m.ok()) << m.status().to_string();
  const Node& loop = only_node(*m);
  EXPECT_EQ(loop.captures, 1);
  const Graph& b = *loop.bodies[0];
  ASSERT_EQ(b.inputs.size(), 5u);
  const auto fact = [&](size_t i) -> const Fact& { return b.fact(b.inputs[i]); };
  EXPECT_EQ(fact(0).dtype(), DType::kI64);
  EXPECT_TRUE(fact(0).has_rank && fact(0).shape.empty());
  EXPECT_EQ(fact(1).dtype(), DType::kBool);
  // Carried: the type of the initial value; the rank and what does not change only where the body says so.
  EXPECT_EQ(fact(2).dtype(), DType::kF32);
  ASSERT_TRUE(fact(2).has_rank);
  EXPECT_FALSE(fact(2).shape[0].known());
  EXPECT_TRUE(fact(2).shape[1].is(3));
  EXPECT_EQ(fact(3).dtype(), DType::kI64);
  EXPECT_FALSE(fact(3).has_rank);
  EXPECT_EQ(b.value(b.inputs[4]).name, "outer");

  const Text short_body = input("i", {}) + input("go", {}) + output("go");
  EXPECT_NE(
      error_of(model_of(input("x", kVector) +
                        node("Loop", {"", "", "x"}, {"y"}, named("l") + graph_attr("body", short_body)) + output("y")))
          .find("SDX_E_PROTO Loop \"l\": the body has 2 inputs, this node gives it 3"),
      std::string::npos);
}

TEST(OnnxBodies, ScanBodiesSeeSlices) {
  const Text body = input("s", {}) + input("e", {}) + node("Identity", {"s"}, {"s2"}) +
                    node("Identity", {"e"}, {"e2"}) + output("s2") + output("e2");
  const Text in = input("init", tensor_type(DType::kF32, {4})) + input("seq", tensor_type(DType::kF32, {2, "T", 5}));
  const Text axes = attr("scan_input_axes", 7, number(8, -2));
  auto m = load(model_of(
      in + node("Scan", {"init", "seq"}, {"f", "o"}, int_attr("num_scan_inputs", 1) + axes + graph_attr("body", body)) +
      output("o")));
  ASSERT_TRUE(m.ok()) << m.status().to_string();
  const Graph& b = *only_node(*m).bodies[0];
  EXPECT_EQ(b.symbols().to_string(b.fact(b.inputs[0]).shape), "[4]");
  EXPECT_EQ(b.symbols().to_string(b.fact(b.inputs[1]).shape), "[2,5]");

  // Opset 8: a sequence length input and a batch extent before everything.
  const Text in8 =
      input("init", tensor_type(DType::kF32, {7, 4})) + input("seq", tensor_type(DType::kF32, {7, "T", 5}));
  const Text g8 =
      in8 + node("Scan", {"", "init", "seq"}, {"f", "o"}, int_attr("num_scan_inputs", 1) + graph_attr("body", body)) +
      output("o");
  m = load(number(1, 3) + opset("", 8) + text(7, g8));
  ASSERT_TRUE(m.ok()) << m.status().to_string();
  const Graph& b8 = *only_node(*m).bodies[0];
  EXPECT_EQ(b8.symbols().to_string(b8.fact(b8.inputs[0]).shape), "[4]");
  EXPECT_EQ(b8.symbols().to_string(b8.fact(b8.inputs[1]).shape), "[5]");

  EXPECT_NE(error_of(model_of(in +
                              node("Scan", {"init", "seq"}, {"f"},
                                   int_attr("num_scan_inputs", 3) + graph_attr("body", body)) +
                              output("f")))
                .find("num_scan_inputs is 3, expected 1 to 2"),
            std::string::npos);
}

TEST(OnnxBodies, SequenceMapBodiesSeeElements) {
  const Text body = input("e", tensor_type(DType::kF32, {"A", 2})) + input("t", kVector) +
                    node("Identity", {"e"}, {"r"}) + output("r");
  const Text g = input("s", sequence_type(unranked_type(DType::kF32))) + input("t", tensor_type(DType::kF32, {9})) +
                 node("SequenceMap", {"s", "t"}, {"y"}, graph_attr("body", body)) + output("y");
  auto m = load(model_of(g));
  ASSERT_TRUE(m.ok()) << m.status().to_string();
  const Graph& b = *only_node(*m).bodies[0];
  ASSERT_TRUE(b.fact(b.inputs[0]).has_rank);
  EXPECT_EQ(b.fact(b.inputs[0]).shape.size(), 2u);
  EXPECT_EQ(b.fact(b.inputs[0]).dtype(), DType::kF32);
  EXPECT_TRUE(b.fact(b.inputs[1]).shape[0].is(9));
}

TEST(OnnxBodies, NestingIsBounded) {
  const auto nested = [&](int depth) {
    Text g = node("Identity", {"x"}, {"b"}) + output("b");
    for (int i = 0; i < depth; ++i)
      g = node("If", {"c"}, {"b"},
               graph_attr("then_branch", g) + graph_attr("else_branch", node("Identity", {"x"}, {"e"}) + output("e"))) +
          output("b");
    return model_of(input("c", kBool) + input("x", kVector) + g);
  };
  EXPECT_EQ(error_of(nested(60)), "no error");
  EXPECT_NE(error_of(nested(70)).find("nested more than 64 deep"), std::string::npos);
  Text type = tensor_type(DType::kF32, {});
  for (int i = 0; i < 40; ++i) type = sequence_type(type);
  EXPECT_NE(error_of(model_of(input("x", type) + output("x"))).find("a type is nested more than"), std::string::npos);
}

}  // namespace
}  // namespace sardonyx
