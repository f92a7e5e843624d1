// What the passes over quantised graphs leave: the operators of the optimised graph, in order.
#include <gtest/gtest.h>

#include <string>

#include "exec/session.h"
#include "ir/text_reader.h"
#include "ops/table.h"

namespace sardonyx {
namespace {

std::string operators_after(std::string_view text, OptLevel level) {
  std::vector<std::string> output_names;
  ParseOptions parse;
  parse.output_names = &output_names;
  auto graph = parse_graph(text, ops(), parse);
  EXPECT_TRUE(graph.ok()) << graph.status().to_string();
  if (!graph.ok()) return "";
  Model model;
  for (ValueId v : (*graph)->inputs) model.inputs.emplace_back().name = (*graph)->value(v).name;
  for (std::string& name : output_names) model.outputs.emplace_back().name = std::move(name);
  model.graph = std::move(*graph);
  SessionOptions options;
  options.level = level;
  auto session = Session::open(std::move(model), options);
  EXPECT_TRUE(session.ok()) << session.status().to_string();
  if (!session.ok()) return "";
  std::string out;
  const Graph& g = (*session)->executor().graph();
  const auto order = g.order();
  for (NodeId n : *order) out += (out.empty() ? "" : " ") + std::string(g.node(n).op->name);
  return out;
}

constexpr std::string_view kConv = R"(g (uint8[1,4,5,5] x) => (y)
  <uint8 z7 = {7}, float[4] ws = {1, 2, 3, 4}, int8[4] wz = {0, 0, 0, 0}, float[4] b = {1, 2, 3, 4}> {
  f = ConstantOfShape([4,4,3,3])
  w = Cast<to = 3>(f)
  a = DequantizeLinear(x, 0.5, 3)
  d = DequantizeLinear<axis = 0>(w, ws, wz)
  c = Conv<pads = [1,1,1,1]>(a, d, b)
  r = Relu(c)
  y = QuantizeLinear(r, 0.25, z7)
})";

std::string chain(std::string_view statements) {
  return "g (uint8[2,4] x) => (y) <uint8 z1 = {1}, uint8 z3 = {3}, uint8 z4 = {4}> { a = DequantizeLinear(x, 0.5, 3) " +
         std::string(statements) + " }";
}

TEST(PassQuantised, ElementwiseChainsBecomeTables) {
  const std::string text = chain("b = Sigmoid(a) c = b * 2 y = QuantizeLinear(c, 0.01)");
  EXPECT_EQ(operators_after(text, OptLevel::kAll), "Lookup");
  EXPECT_EQ(operators_after(text, OptLevel::kBasic), "DequantizeLinear Sigmoid Mul QuantizeLinear");
}

TEST(PassQuantised, EqualParametersCancel) {
  EXPECT_EQ(operators_after(chain("b = Transpose(a) y = QuantizeLinear(b, 0.5, z3)"), OptLevel::kAll), "Transpose");
  EXPECT_EQ(operators_after(chain("b = Transpose(a) y = QuantizeLinear(b, 0.5, z4)"), OptLevel::kAll),
            "Transpose Lookup");
}

TEST(PassQuantised, MoversMoveBytes) {
  EXPECT_EQ(operators_after(chain("b = Reshape(a, [4,2]) y = Softmax(b)"), OptLevel::kAll),
            "Reshape DequantizeLinear Softmax");
}

TEST(PassQuantised, SumsOfTwo) {
  const std::string text =
      "g (uint8[2,4] x, uint8[4] w) => (y) <uint8 z1 = {1}> { a = DequantizeLinear(x, 0.5, 3) "
      "b = DequantizeLinear(w, 0.25, 4) c = Add(a, b) r = Relu(c) y = QuantizeLinear(r, 0.5, z1) }";
  EXPECT_EQ(operators_after(text, OptLevel::kAll), "QAdd");
}

TEST(PassQuantised, ConcatenationRequantises) {
  const std::string text =
      "g (uint8[2,4] x, uint8[2,3] w) => (y) <uint8 z3 = {3}> { a = DequantizeLinear(x, 0.5, 3) "
      "b = DequantizeLinear(w, 0.25, 4) c = Concat<axis = 1>(a, b) y = QuantizeLinear(c, 0.5, z3) }";
  EXPECT_EQ(operators_after(text, OptLevel::kAll), "Lookup Concat");
}

TEST(PassQuantised, ProductsWithAndWithoutQuantisedResult) {
  const std::string head =
      "g (uint8[2,4] x, int8[4,3] w) => (y) <uint8 z3 = {3}> { a = DequantizeLinear(x, 0.5, 3) "
      "b = DequantizeLinear(w, 0.25, 0) c = MatMul(a, b) ";
  EXPECT_EQ(operators_after(head + "y = QuantizeLinear(c, 0.5, z3) }", OptLevel::kAll), "QMatMul");
  EXPECT_EQ(operators_after(head + "y = Sigmoid(c) }", OptLevel::kAll), "QMatMul");
  EXPECT_EQ(operators_after(head + "y = Add(c, c) }", OptLevel::kAll), "QMatMul Add");
}

TEST(PassQuantised, DynamicProducts) {
  const std::string text =
      R"(g (float[2,4] x) => (y) <int8[4,3] w = {1,2,3,4,5,6,7,8,9,10,11,12}, float[3] b = {1,2,3}> {
    q, s, z = DynamicQuantizeLinear(x)
    p = MatMulInteger(q, w, z)
    f = Cast<to = 1>(p)
    t = Mul(s, 0.5)
    m = Mul(f, t)
    c = Add(m, b)
    y = Relu(c)
  })";
  EXPECT_EQ(operators_after(text, OptLevel::kAll), "DynamicQuantizeLinear QMatMul");
}

TEST(PassQuantised, WeightsWithoutIntegerProductAreDequantisedOnce) {
  const std::string text =
      "g (float[2,4] x) => (y) <int8[4,3] w = {1,2,3,4,5,6,7,8,9,10,11,12}> { "
      "d = DequantizeLinear(w, 0.5, 0) y = MatMul(x, d) }";
  EXPECT_EQ(operators_after(text, OptLevel::kAll), "MatMul");
  EXPECT_EQ(operators_after(text, OptLevel::kBasic), "MatMul");
}

TEST(PassQuantised, ConvolutionsWorkOnBytesChannelsLast) {
  EXPECT_EQ(operators_after(kConv, OptLevel::kExtended), "QConv");
  EXPECT_EQ(operators_after(kConv, OptLevel::kAll), "Transpose QConv Transpose");
}

}  // namespace
}  // namespace sardonyx
