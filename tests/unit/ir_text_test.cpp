#include <gtest/gtest.h>

#include "ir/text_printer.h"
#include "ir/text_reader.h"
#include "ir/text_types.h"
#include "ir/verify.h"
#include "unit/ir_test_ops.h"

namespace sardonyx {
namespace {

using test::test_ops;

std::unique_ptr<Graph> read(std::string_view text, ParseOptions options = {}) {
  auto g = parse_graph(text, test_ops(), options);
  EXPECT_TRUE(g.ok()) << g.status().to_string() << "\n" << text;
  if (!g.ok()) return nullptr;
  EXPECT_EQ(verify(**g).to_string(), "ok") << text;
  return std::move(*g);
}
std::string error(std::string_view text, ParseOptions options = {}) {
  auto g = parse_graph(text, test_ops(), options);
  return g.ok() ? "no error" : g.status().to_string();
}
std::string fact_text(const Graph& g, ValueId v) { return print_fact(g.fact(v), g.symbols()); }
std::string ops_of(const Graph& g) {
  std::string s;
  for (NodeId n = 0; n < static_cast<NodeId>(g.node_count()); ++n)
    if (!g.node(n).dead) s += cat(s.empty() ? "" : " ", g.node(n).op->name);
  return s;
}

TEST(TextReader, NodesInOrder) {
  const auto g = read(R"(agraph (float[N, 128] X, float[128] W) => (float[N, 128] C) {
      T = Mul(X, W)   # a comment
      S = Add <> (T, W)
      C = Exp(S)
    })");
  EXPECT_EQ(g->name, "agraph");
  EXPECT_EQ(ops_of(*g), "Mul Add Exp");
  EXPECT_EQ(g->inputs.size(), 2u);
  EXPECT_EQ(fact_text(*g, g->outputs[0]), "float[N,128]");
}

TEST(TextReader, InfixBindsAsUsual) {
  const auto g = read("(float[N] x, float[N] z) => (y) { y = (x + 2) * -z / x - 1.5 }");
  EXPECT_EQ(ops_of(*g), "Add Neg Mul Div Sub");
  const Node& last = g->node(4);
  EXPECT_EQ(g->value(last.outputs[0]).name, "y");
  EXPECT_EQ(print_elements(g->fact(last.inputs[1]).constant, 9), "{1.5}");
}

TEST(TextReader, NumbersTakeTheOtherOperandsType) {
  const auto g = read("(float16[2] h, int32[2] i) => (a, b, c) { a = 1 - h  b = i * 3  c = Clip(h, 0, 6.5) }");
  for (const auto& [node, input, type] :
       {std::tuple(0, 0, DType::kF16), std::tuple(1, 1, DType::kI32), std::tuple(2, 2, DType::kF16)})
    EXPECT_EQ(g->fact(g->node(node).inputs[static_cast<size_t>(input)]).dtype(), type);
  EXPECT_EQ(g->fact(g->node(2).inputs[2]).shape.size(), 0u);
}

TEST(TextReader, NumbersFold) {
  const auto g = read("(float x) => (y) { y = (1 + 2 * 3 - 1) / 4 * x }");
  EXPECT_EQ(ops_of(*g), "Mul");
  EXPECT_EQ(print_elements(g->fact(g->node(0).inputs[0]).constant, 9), "{1.5}");
}

TEST(TextReader, ListsAndTensorsAsOperands) {
  const auto g = read("(float[2,3] x) => (y, z) { y = ReduceSum(x, [-1, 0])  z = x * float[3] {1, 2.5, inf} }");
  EXPECT_EQ(print_fact(g->fact(g->node(0).inputs[1]), g->symbols()), "int64[2]");
  EXPECT_EQ(print_elements(g->fact(g->node(1).inputs[1]).constant, 9), "{1.0, 2.5, inf}");
}

TEST(TextReader, ConstantNodesBecomeConstants) {
  const auto g = read(
      "(float[2,3] x) => (y, k) { a = Constant <value_ints = [0, 1]> ()  y = ReduceSum(x, a)  k = Constant <value = "
      "float {3}> () }");
  EXPECT_EQ(ops_of(*g), "ReduceSum");
  EXPECT_EQ(g->value(g->outputs[1]).producer, kNone);
  EXPECT_EQ(g->value(g->outputs[1]).name, "k");
}

TEST(TextReader, AbsentInputsAndOutputs) {
  const auto g = read("(float[4] x, float m) => (y, b) { y = Clip(x, , m)  z = Clip(x, \"\", m)  \"\", b = Split(x) }");
  EXPECT_EQ(g->node(0).inputs[1], kNone);
  EXPECT_EQ(g->node(1).inputs[1], kNone);
  EXPECT_EQ(g->node(2).outputs[0], kNone);
  EXPECT_EQ(fact_text(*g, g->outputs[1]), "float[2]");
}

TEST(TextReader, AttributesOfEveryKind) {
  const auto g =
      read(R"((float x) => (y) { y = Anything <i = -3, f = 1, s = "a\"b\n", t = int8[2] {1, -1}, ints = [1, 2],
      floats = [1, 2.5], strings = ["a", "b"], tensors = [float {1}, float[1] {2}], type = seq(float)> (x) })");
  const Node& n = g->node(0);
  EXPECT_EQ(n.find_attr("i")->i, -3);
  EXPECT_EQ(n.find_attr("f")->f, 1.f);
  EXPECT_EQ(n.find_attr("s")->s, "a\"b\n");
  EXPECT_EQ(n.find_attr("t")->tensor.dtype(), DType::kI8);
  EXPECT_EQ(n.find_attr("ints")->ints, (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(n.find_attr("floats")->floats, (std::vector<float>{1, 2.5}));
  EXPECT_EQ(n.find_attr("strings")->strings.size(), 2u);
  EXPECT_EQ(n.find_attr("tensors")->tensors.size(), 2u);
  EXPECT_EQ(to_string(n.find_attr("type")->value_type), "seq(float)");
  const auto empty = read("(float x) => (y) { y = Anything (x) <ints = [], floats = []> }");
  EXPECT_EQ(empty->node(0).find_attr("ints")->type, AttrType::kInts);
  EXPECT_EQ(empty->node(0).find_attr("floats")->type, AttrType::kFloats);
}

TEST(TextReader, DomainsLabelsAndQuotedNames) {
  const auto g = read(R"((float[2] "/in.0") => ("out:0") { [the_node] "out:0" = com.microsoft.Gelu("/in.0") })");
  EXPECT_EQ(g->node(0).op->domain, "com.microsoft");
  EXPECT_EQ(g->node(0).name, "the_node");
  EXPECT_EQ(g->value(g->outputs[0]).name, "out:0");
}

TEST(TextReader, Types) {
  const auto g =
      read(R"((float a, float[] b, float[?,?] c, seq(float[N]) d, optional(seq(int64)) e, map(string, float) f,
      sparse_tensor(double[3]) g, ? h, float["batch size",2*N+1,min(N,4)] i) => () {})");
  const auto text = [&](size_t i) { return fact_text(*g, g->inputs[i]); };
  EXPECT_EQ(text(0), "float");
  EXPECT_EQ(text(1), "float[]");
  EXPECT_NE(g->fact(g->inputs[2]).shape[0], g->fact(g->inputs[2]).shape[1]);
  EXPECT_EQ(text(3), "seq(float)");
  EXPECT_EQ(text(4), "optional(seq(int64))");
  EXPECT_EQ(text(5), "map(string,float)");
  EXPECT_EQ(text(6), "sparse_tensor(double)");
  EXPECT_EQ(text(7), "?");
  EXPECT_EQ(text(8), "float[\"batch size\",2*N+1,min(N,4)]");
}

TEST(TextReader, ConstantsOfEveryType) {
  const auto g =
      read(R"((int64 k = {7}) => (y) <float[2,2] w = {1, -2, 3e-2, nan}, string[1] s = {"x,y"}, bool[2] b = {1, false},
      uint4[3] u = {1, 15, 3}, int4[3] i = {1, -8, 7}, complex64[1] c = {1, -2}, float[0] none = {},
      uint64 big = {18446744073709551615}, float[2,2] y> { y = Exp(w) })");
  EXPECT_TRUE(g->inputs.empty());
  std::string all;
  for (ValueId v = 0; v < static_cast<ValueId>(g->value_count()); ++v)
    if (g->is_constant(v)) all += cat(g->value(v).name, print_elements(g->fact(v).constant, 9), " ");
  EXPECT_EQ(all,
            "k{7} w{1.0, -2.0, 0.03, nan} s{\"x,y\"} b{1, 0} u{1, 15, 3} i{1, -8, 7} c{1.0, -2.0} none{} "
            "big{18446744073709551615} ");
}

constexpr std::string_view kBranches = R"((bool c, float[N] x, float[N] z) => (y) <float[1] k = {2}> {
  u = Exp(x)
  y = If <then_branch = a () => (t) { t = Add(u, z) },
          else_branch = b () => (e) { w = Mul(u, k)  e = Sub(w, x) }> (c)
})";

TEST(TextReader, OuterNamesBecomeCaptures) {
  const auto g = read(kBranches);
  const Node& n = g->node(1);
  ASSERT_EQ(n.captures, 3);  // u, z, x; the constant k is copied
  EXPECT_EQ(n.formal_inputs(), 1);
  for (const auto& body : n.bodies) {
    ASSERT_EQ(body->inputs.size(), 3u);
    for (size_t i = 0; i < 3; ++i) EXPECT_EQ(body->value(body->inputs[i]).name, g->value(n.inputs[1 + i]).name);
  }
  EXPECT_EQ(fact_text(*g, g->outputs[0]), "float[N]");
}

TEST(TextReader, CapturesReachThroughSeveralGraphs) {
  const auto g = read(R"((bool c, float[N] x) => (y) {
    y = If <then_branch = a () => (t) {
              t = If <then_branch = p () => (q) { q = Exp(x) }, else_branch = r () => (s) { s = Neg(x) }> (c)
            }, else_branch = b () => (e) { e = Exp(x) }> (c)
  })");
  const Node& outer = g->node(0);
  EXPECT_EQ(outer.captures, 2);
  EXPECT_EQ(outer.bodies[0]->node(0).captures, 1);
  EXPECT_EQ(outer.bodies[0]->inputs.size(), 2u);
}

TEST(TextReader, LoopBodiesHaveFormalInputs) {
  const auto g = read(R"((int64 m, float[N] x, float[N] step) => (r) {
    r = Loop <body = b (int64 i, bool c_in, float[N] v) => (c_out, v_out) { c_out = Identity(c_in)  v_out = Add(v, step) }> (m, , x)
  })");
  const Node& n = g->node(0);
  EXPECT_EQ(n.captures, 1);
  EXPECT_EQ(n.bodies[0]->inputs.size(), 4u);
  EXPECT_EQ(n.body_names[0], "body");
}

TEST(TextReader, HeaderGivesTheOpsets) {
  const auto g = read(R"(<ir_version: 7, opset_import: ["" : 5, "com.microsoft" : 1], producer_name: "me">
    g (float[2,3,4] a, float[3] b) => (y) { y = Add <broadcast = 1, axis = 1, consumed_inputs = [0, 0]> (a, b) })");
  EXPECT_EQ(ops_of(*g), "Unsqueeze Add");
  EXPECT_EQ(fact_text(*g, g->outputs[0]), "float[2,3,4]");
  EXPECT_EQ(g->node(1).opset, 5);
}

TEST(TextReader, StopsWhereTheGraphEnds) {
  size_t end = 0;
  const std::string_view text = "(float x) => (y) { y = Exp(x) }  x = 1";
  ParseOptions options;
  options.end = &end;
  read(text, options);
  EXPECT_EQ(text.substr(end), "  x = 1");
  EXPECT_EQ(error(text), "SDX_E_PROTO 1:34: expected the end of the text, got \"x\"");
}

TEST(TextReader, SaysWhereAndWhat) {
  EXPECT_EQ(error("(float x) => (y) {\n  y = Exp(z)\n}"), "SDX_E_PROTO 2:11: there is no value \"z\"");
  EXPECT_EQ(error("(float x) => (y) { y = Exp(x }"), "SDX_E_PROTO 1:30: expected \")\", got \"}\"");
  EXPECT_EQ(error("(float x) => (y) { x = Exp(x) }"), "SDX_E_PROTO 1:20: the value \"x\" is already defined");
  EXPECT_EQ(error("(float x) => (y) { z = Exp(x) }"), "SDX_E_PROTO 1:15: there is no value \"y\"");
  EXPECT_EQ(error("(float[2 x) => (y) { }"), "SDX_E_PROTO 1:10: expected \"]\", got \"x\"");
  EXPECT_EQ(error("(float x) => (y) { y = Exp <a 1> (x) }"), "SDX_E_PROTO 1:31: expected \"=\", got \"1\"");
  EXPECT_EQ(error("(float[2] w = {1}) => () {}"), "SDX_E_PROTO 1:16: 1 elements given, the extents ask for 2");
  EXPECT_EQ(error("(uint8[1] w = {256}) => () {}"), "SDX_E_PROTO 1:16: element 0 is not a value of type uint8");
  EXPECT_EQ(error("(float[2] x) => (int64[2] y) { y = Exp(x) }"),
            "SDX_E_PROTO 1:32: the value \"y\" is declared as int64[2] but is float[2]");
  EXPECT_EQ(error("(float[2,2] x) => () <float[N] y> { y = Exp(x) }"),
            "SDX_E_PROTO 1:37: the value \"y\" is declared as float[N] but is float[2,2]");
  EXPECT_EQ(error("(int32[2] x) => (y) { y = x * 1.5 }"), "SDX_E_PROTO 1:31: the number is not a value of type int32");
  EXPECT_EQ(error(""), "SDX_E_PROTO 1:1: expected the name of the graph or \"(\", got the end of the text");
  EXPECT_EQ(error("(float x) => (y) { y = Anything <s = \"a> (x) }"), "SDX_E_PROTO 1:38: the string does not end");
}

TEST(TextReader, MeaningIsCheckedToo) {
  EXPECT_EQ(error("(float[2] x, float[3] z) => (y) { y = Add(x, z) }").substr(0, 24), "SDX_E_SHAPE Add \"y\": inp");
  EXPECT_EQ(error("(float x) => (y) { y = Exq(x) }"),
            "SDX_E_OP_UNKNOWN Exq \"y\": domain \"ai.onnx\" has no operator \"Exq\". hint: did you mean \"Exp\"?");
}

TEST(TextReader, DepthIsBounded) {
  const auto nested = [](int n, std::string_view open, std::string_view middle, std::string_view close) {
    std::string s;
    for (int i = 0; i < n; ++i) s += open;
    s += middle;
    for (int i = 0; i < n; ++i) s += close;
    return s;
  };
  EXPECT_EQ(error(cat("(float x) => (y) { y = Exp(", nested(30, "(", "x", ")"), ") }")), "no error");
  for (const std::string& text :
       {cat("(float x) => (y) { y = Exp(", nested(100000, "(", "x", ")"), ") }"),
        cat("(float x) => (y) { y = ", nested(100000, "-", "x", ""), " }"),
        cat("(float x) => (y) { y = ", nested(100000, "Exp(", "x", ")"), " }"),
        cat("(float[", nested(100000, "(", "2", ")"), "] x) => () {}"),
        cat("(float[", nested(100000, "-", "N", ""), "] x) => () {}"),
        cat("(", nested(100000, "seq(", "float", ")"), " x) => () {}"),
        cat("(bool c) => (y) { y = ", nested(1000, "If <then_branch = a () => (t) { t = ", "", ""))})
    EXPECT_NE(error(text).find("nested deeper than 64"), std::string::npos)
        << text.substr(0, 60) << ": " << error(text);
}

TEST(TextReader, GarbageIsAnErrorNotACrash) {
  const std::string good =
      R"(<opset_import: ["" : 13]> g (float[N,2] x, bool c, seq(float) s) => (y) <float[2] w = {1, 2}> {
    u = Clip <> (x, 0, 6) y = If <then_branch = a () => (t) { t = u * w }, else_branch = b () => (e) { e = -x }> (c) })";
  ASSERT_EQ(error(good), "no error");
  for (size_t i = 0; i < good.size(); ++i) {
    EXPECT_NE(error(good.substr(0, i)), "");
    for (const char c : {'(', ')', '<', '>', '"', '-', ',', '=', '\\', '[', '{', '9', '\0'}) {
      std::string bad = good;
      bad[i] = c;
      EXPECT_NE(error(bad), "");
    }
  }
}

void expect_round_trip(std::string_view text) {
  const auto g = read(text);
  ASSERT_NE(g, nullptr);
  const std::string first = print_graph(*g);
  const auto again = read(first);
  ASSERT_NE(again, nullptr) << first;
  EXPECT_EQ(print_graph(*again), first);
}

TEST(TextPrinter, WhatItPrintsIsReadBack) {
  expect_round_trip(kBranches);
  expect_round_trip("(float[N] x) => (y) { y = (x + 2) * -x / 3 }");
  expect_round_trip(
      R"((float[N,"odd name",?] "/a:0", seq(float) s, ? u, float[] r) => ("out put", r) { [n] "out put" = com.microsoft.Gelu <alpha = 1> ("/a:0") })");
  expect_round_trip(
      R"((float x) => (y) { y = Anything <i = -3, f = 1, s = "a\"b\n\x01é", t = int8[2] {1, -1}, ints = [], floats = [1, 2.5],
      strings = ["a"], tensors = [float {1}, string[1] {"q"}], type = optional(float)> (x) })");
  expect_round_trip(
      R"((float[4] x) => (a, k, k, x) <float16[3] k = {0.1, -inf, nan}, float e = {1e-30}, double d = {0.1}> {
      a, "", c = Split(x) b = Clip(c, , e) g = Identity(d) })");
  expect_round_trip(R"((int64 m, float[N] x) => (r) {
    r = Loop <body = b (int64 i, bool c, float[N] v) => (c, o) { o = If <then_branch = p () => (q) { q = Exp(x) }, else_branch = r () => (s) { s = Neg(v) }> (c) }> (m, , x) })");
}

TEST(TextPrinter, EqualNamesAreToldApart) {
  const auto g = read("(float[2] x) => (y) { a = Exp(x)  y = Neg(a) }");
  g->value(g->node(0).outputs[0]).name = "x";
  const auto again = read(print_graph(*g));
  EXPECT_EQ(ops_of(*again), "Exp Neg");
}

TEST(TextPrinter, FactsAndShortenedConstants) {
  const auto g = read("(float[N,2] x) => (y) <float[2,3] w = {1,2,3,4,5,6}> { y = Exp(x) z = Neg(w) }");
  PrintOptions options;
  options.facts = true;
  options.max_constant = 2;
  const std::string text = print_graph(*g, options);
  EXPECT_NE(text.find("y = Exp (x)  # float[N,2]"), std::string::npos) << text;
  EXPECT_NE(text.find("{1.0, 2.0, …}"), std::string::npos) << text;
  EXPECT_NE(error(text).find("shortened"), std::string::npos) << error(text);
}

}  // namespace
}  // namespace sardonyx
