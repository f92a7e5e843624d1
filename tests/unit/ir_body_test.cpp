#include <gtest/gtest.h>

#include "ir/body_ctx.h"
#include "ir/text_printer.h"
#include "ir/text_reader.h"
#include "ir/text_types.h"
#include "ir/verify.h"
#include "unit/ir_test_ops.h"

namespace sardonyx {
namespace {

using test::test_ops;

std::unique_ptr<Graph> read(std::string_view text) {
  auto g = parse_graph(text, test_ops());
  EXPECT_TRUE(g.ok()) << g.status().to_string();
  return std::move(*g);
}
std::string live_ops(const Graph& g) {
  std::string s;
  const auto order = g.order();
  for (NodeId n : *order) s += cat(s.empty() ? "" : " ", g.node(n).op->name);
  return s;
}
Status expand(Graph& g, NodeId n) {
  Status s = expand_node(g, n, test_ops());
  EXPECT_EQ(verify(g).to_string(), "ok");
  return s;
}

TEST(ExpandNode, TextBodyReplacesTheNode) {
  const auto g = read("(float16[N] x) => (z) { y = Scaled <alpha = 3> (x)  z = Neg(y) }");
  EXPECT_EQ(expand(*g, 0).to_string(), "ok");
  EXPECT_EQ(live_ops(*g), "Neg Exp Div Mul Add Neg");
  EXPECT_TRUE(g->node(0).dead);
  NodeId mul = 1;
  while (g->node(mul).op->name != "Mul") ++mul;
  EXPECT_EQ(print_elements(g->fact(g->node(mul).inputs[0]).constant, 4), "{3.0}");
  EXPECT_EQ(g->fact(g->node(mul).inputs[0]).dtype(), DType::kF16);
  EXPECT_EQ(print_fact(g->fact(g->outputs[0]), g->symbols()), "float16[N]");
}

TEST(ExpandNode, GraphOutputsFollowAndKeepTheirName) {
  const auto g = read("(float[N] x) => (y, y) { y = Swish(x) }");
  EXPECT_EQ(expand(*g, 0).to_string(), "ok");
  EXPECT_EQ(live_ops(*g), "Mul Exp Mul");
  EXPECT_EQ(g->outputs[0], g->outputs[1]);
  EXPECT_EQ(g->value(g->outputs[0]).name, "y");
}

TEST(ExpandNode, ReferencesToAbsentAttributesVanish) {
  const auto g = read("(float[N] x) => (y) { y = Passes(x) }");
  EXPECT_EQ(expand(*g, 0).to_string(), "ok");
  const Node& exp = g->node(1);
  ASSERT_NE(exp.find_attr("alpha"), nullptr);
  EXPECT_EQ(exp.find_attr("alpha")->f, 0.5f);  // the default of the node that was replaced
  EXPECT_EQ(exp.find_attr("beta"), nullptr);
}

TEST(ExpandNode, ABodyMayGiveItsInput) {
  const auto g = read("(float[N] x) => (y, z) { y = Alias(x)  z = Exp(y) }");
  EXPECT_EQ(expand(*g, 0).to_string(), "ok");
  EXPECT_EQ(g->outputs[0], g->inputs[0]);
  EXPECT_EQ(g->value(g->inputs[0]).name, "x");
  EXPECT_EQ(live_ops(*g), "Exp");
}

TEST(ExpandNode, FailuresLeaveTheNodeAndSayWhy) {
  const auto g = read("(float[N] x) => (a, b, c, d) { a = Broken(x)  b = WrongType(x)  c = Misspelt(x)  d = Exp(x) }");
  EXPECT_EQ(expand(*g, 0).to_string(),
            "SDX_E_NO_KERNEL Broken \"a\": its body needs the operator \"NoSuchOp\", which this build lacks");
  EXPECT_EQ(expand(*g, 1).to_string(),
            "SDX_E_INTERNAL WrongType \"b\": output 0 of the body is int64, the operator's is float");
  EXPECT_EQ(expand(*g, 2).to_string(), "SDX_E_PROTO Misspelt \"c\": 1:9: there is no value \"Z\"");
  EXPECT_EQ(expand(*g, 3).to_string(), "SDX_E_NO_KERNEL Exp \"d\": the operator has no body");
  EXPECT_EQ(live_ops(*g), "Broken WrongType Misspelt Exp");
}

TEST(ExpandNode, NewNodesCarryTheNodesName) {
  const auto g = read("(float[N] x) => (y) { [act] y = Scaled(x) }");
  EXPECT_EQ(expand(*g, 0).to_string(), "ok");
  const auto order = g->order();
  for (NodeId n : *order) EXPECT_EQ(g->node(n).name, "act");
}

TEST(Verify, FindsWhatIsBroken) {
  const auto graph = [] {
    return read(
        "(float[N] x, bool c) => (y) { a = Exp(x)  b = Add(a, x)  y = If <then_branch = t () => (p) { p = Neg(b) }, "
        "else_branch = e () => (q) { q = Exp(a) }> (c) }");
  };
  const auto broken = [&](auto&& change) {
    const auto g = graph();
    EXPECT_EQ(verify(*g).to_string(), "ok");
    change(*g);
    return verify(*g).message();
  };
  const auto says = [](const std::string& message, std::string_view part) {
    return message.find(part) != message.npos ? "" : message + " lacks " + std::string(part);
  };
  EXPECT_EQ(says(broken([](Graph& g) { g.node(1).inputs[0] = 99; }), "refers to value 99"), "");
  EXPECT_EQ(says(broken([](Graph& g) { g.outputs[0] = 77; }), "the output list refers to value 77"), "");
  EXPECT_EQ(says(broken([](Graph& g) { g.value(g.inputs[0]).users.pop_back(); }), "lists 1 uses, nodes have 2"), "");
  EXPECT_EQ(says(broken([](Graph& g) { g.value(g.node(0).outputs[0]).producer = 1; }), "as its producer"), "");
  EXPECT_EQ(says(broken([](Graph& g) { g.node(0).dead = true; }), "whose producer is gone"), "");
  EXPECT_EQ(says(broken([](Graph& g) { g.set_input(0, 0, g.node(1).outputs[0]); }), "cycle"), "");
  EXPECT_EQ(says(broken([](Graph& g) {
                   Graph& other = *g.node(2).bodies[1];  // does not use its first capture
                   other.value(other.inputs[0]).fact.shape.push_back(3);
                 }),
                 "differs in type or extents inside"),
            "");
  EXPECT_EQ(says(broken([](Graph& g) { g.value(g.node(0).outputs[0]).fact.type = Type::tensor(DType::kI8); }),
                 "is recorded as int8[N], inference says float[N]"),
            "");
  EXPECT_EQ(says(broken([](Graph& g) { g.node(2).captures = 5; }), "5 captures of 3 inputs"), "");
  EXPECT_EQ(says(broken([](Graph& g) { g.node(2).bodies[0]->inputs.clear(); }), "has 0 inputs for 2 captures"), "");
  EXPECT_EQ(says(broken([](Graph& g) { g.node(2).body_names.pop_back(); }), "names of bodies"), "");
  EXPECT_EQ(says(broken([](Graph& g) { g.node(0).op = g.node(1).op; }), "is not valid"), "");
  EXPECT_EQ(says(broken([](Graph& g) {
                   const ValueId k = g.add_constant(*Tensor::scalar_i64(1));
                   g.value(k).fact.shape.push_back(1);
                 }),
                 "does not have the type and extents"),
            "");
}

}  // namespace
}  // namespace sardonyx
