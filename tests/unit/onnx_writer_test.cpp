// Graphs saved as models: read back they are the same, and they say what other runtimes need.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "onnx/model_writer.h"
#include "onnx/proto.h"
#include "onnx_test_util.h"

namespace sardonyx {
namespace {

using namespace testing;

// One line per value and node, bodies indented: equal for equal graphs.
void describe(const Graph& g, std::ostream& to, const std::string& indent = {}) {
  const auto value = [&](ValueId v) { return v == kNone ? std::string("-") : g.value(v).name; };
  const auto fact = [&](ValueId v) {
    const Fact& f = g.fact(v);
    return to_string(f.type) + (f.has_rank ? g.symbols().to_string(f.shape) : std::string("[?]"));
  };
  for (ValueId v : g.inputs) to << indent << "input " << value(v) << " " << fact(v) << "\n";
  const std::vector<NodeId> order = *g.order();
  for (NodeId id : order) {
    const Node& n = g.node(id);
    to << indent << n.op->name << " " << n.name;
    for (ValueId v : n.inputs) {
      to << " " << value(v);
      if (g.is_constant(v)) to << "=" << std::string_view(g.fact(v).constant.as<char>(), g.fact(v).constant.bytes());
    }
    to << " ->";
    for (ValueId v : n.outputs) to << " " << value(v);
    for (const Attr& a : n.attrs) to << " @" << a.name << ":" << attr_type_name(a.type);
    to << "\n";
    for (const auto& b : n.bodies) describe(*b, to, indent + "  ");
  }
  for (ValueId v : g.outputs) to << indent << "output " << value(v) << " " << fact(v) << "\n";
}
std::string text_of(const Graph& g) {
  std::ostringstream s;
  describe(g, s);
  return s.str();
}

const Text kVector = tensor_type(DType::kF32, {"N"});
const Text kBool = tensor_type(DType::kBool, {});

Text rich_graph() {
  const Text then_branch = node("Add", {"x", "w"}, {"t"}) + output("t");
  const Text inner = node("Identity", {"z"}, {"i"}) + output("i"), other = node("Identity", {"z"}, {"j"}) + output("j");
  const Text else_branch =
      node("If", {"c"}, {"e"}, graph_attr("then_branch", inner) + graph_attr("else_branch", other)) + output("e");
  return text(2, "net") + input("c", kBool) + input("x", kVector) + input("z", tensor_type(DType::kF32, {"N"})) +
         input("s", sequence_type(kVector)) + input("o", optional_type(kVector)) +
         initializer(tensor(DType::kF32, {1}, "w") + raw("abcd")) +
         node("If", {"c"}, {"y"},
              named("choose") + graph_attr("then_branch", then_branch) + graph_attr("else_branch", else_branch)) +
         node("Decode", {"y", "", "s"}, {"d"},
              domain("com.example") + int_attr("i", 3) + attr("fs", 6, real(7, 1)) + attr("ss", 8, text(9, "q")) +
                  attr("t", 4, text(5, tensor(DType::kI8, {1}) + raw("z"))) + attr("type", 13, text(14, kVector)) +
                  attr("f", 1, real(2, 1)) + attr("s", 3, text(4, "v")) + attr("is", 7, number(8, 4)) +
                  attr("ts", 9, text(10, tensor(DType::kI8, {1}) + raw("z")))) +
         output("y") + output("d");
}

TEST(OnnxWriter, WhatIsReadBackIsTheSame) {
  auto m = load(model_of(rich_graph(), opset("com.example", 1)));
  ASSERT_TRUE(m.ok()) << m.status().to_string();
  auto saved = write_model(*m->graph, save_options_of(*m));
  ASSERT_TRUE(saved.ok()) << saved.status().to_string();
  auto back = load(saved->bytes);
  ASSERT_TRUE(back.ok()) << back.status().to_string();
  EXPECT_EQ(text_of(*back->graph), text_of(*m->graph));
  const Node& decode = back->graph->node(1);
  EXPECT_EQ(decode.attrs, m->graph->node(1).attrs);
}

TEST(OnnxWriter, ImportsTheLowestOpsetsThatServe) {
  auto m = load(model_of(input("x", kVector) + node("Add", {"x", "x"}, {"y"}) + output("y")));
  ASSERT_TRUE(m.ok());
  auto saved = write_model(*m->graph);
  ASSERT_TRUE(saved.ok());
  auto msg = proto::read_model_msg(saved->bytes);
  ASSERT_EQ(msg.opsets.size(), 1u);
  EXPECT_EQ(msg.opsets[0].version, 14);
  EXPECT_EQ(msg.ir_version, 8);
  m = load(model_of(input("x", tensor_type(DType::kU4, {2})) + initializer(tensor(DType::kU4, {2}, "w") + raw("a")) +
                        node("Add", {"x", "w"}, {"t"}) + node("Identity", {"t"}, {"y"}) + output("y"),
                    {}, 27));
  ASSERT_TRUE(m.ok()) << m.status().to_string();
  saved = write_model(*m->graph);
  ASSERT_TRUE(saved.ok());
  msg = proto::read_model_msg(saved->bytes);
  EXPECT_EQ(msg.opsets[0].version, 25);
  EXPECT_EQ(msg.ir_version, 13);
}

TEST(OnnxWriter, AvoidsOpset27WhereItBroughtOnlyTypes) {
  const auto version = [](DType type, int64_t from) {
    const Text graph = input("x", tensor_type(type, {"N"})) + node("Range", {"x", "x"}, {"y"}) + output("y");
    auto m = load(model_of(graph, {}, from));
    EXPECT_TRUE(m.ok()) << m.status().to_string();
    return proto::read_model_msg(write_model(*m->graph)->bytes).opsets[0].version;
  };
  EXPECT_EQ(version(DType::kF32, 27), 26);
  EXPECT_EQ(version(DType::kF16, 27), 27);
  EXPECT_EQ(version(DType::kF16, 15), 15);
}

TEST(OnnxWriter, NodesGetNamesOfTheirOwn) {
  auto m = load(model_of(input("x", kVector) + node("Identity", {"x"}, {"a"}, named("n")) +
                         node("Identity", {"a"}, {"b"}, named("n")) + node("Identity", {"b"}, {"y"}, named("n_1")) +
                         output("y")));
  ASSERT_TRUE(m.ok()) << m.status().to_string();
  auto saved = write_model(*m->graph);
  ASSERT_TRUE(saved.ok());
  auto back = load(saved->bytes);
  ASSERT_TRUE(back.ok()) << back.status().to_string();
  std::set<std::string> names;
  for (NodeId n = 0; n < 3; ++n) names.insert(back->graph->node(n).name);
  EXPECT_EQ(names.size(), 3u);
}

TEST(OnnxWriter, OutputsKeepTheirNames) {
  // An input, a constant and the same value twice as outputs.
  const Text w = initializer(tensor(DType::kF32, {1}, "w") + raw("abcd"));
  auto m = load(model_of(input("x", kVector) + w + node("Identity", {"x"}, {"y"}) + output("x") + output("w") +
                         output("y") + output("y")));
  ASSERT_TRUE(m.ok()) << m.status().to_string();
  SaveOptions options = save_options_of(*m);
  options.output_names = {"a", "b", "c", "d"};
  auto saved = write_model(*m->graph, options);
  ASSERT_TRUE(saved.ok()) << saved.status().to_string();
  auto back = load(saved->bytes);
  ASSERT_TRUE(back.ok()) << back.status().to_string();
  const char* expected[] = {"a", "b", "c", "d"};
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(back->outputs[i].name, expected[i]);
  EXPECT_EQ(back->inputs[0].name, "x");
}

TEST(OnnxWriter, NamesOfBodiesDoNotHideOuterOnes) {
  const Text body = input("x", {}) + input("go", {}) + input("v", {}) + node("Identity", {"go"}, {"go2"}) +
                    node("Add", {"v", "outer"}, {"y"}) + output("go2") + output("y") + output("x");
  const Text g = input("x", kVector) + input("outer", kVector) +
                 node("Loop", {"", "", "x"}, {"y", "s"}, graph_attr("body", body)) + output("y");
  auto m = load(model_of(g));
  ASSERT_TRUE(m.ok()) << m.status().to_string();
  auto saved = write_model(*m->graph);
  ASSERT_TRUE(saved.ok());
  auto back = load(saved->bytes);
  ASSERT_TRUE(back.ok()) << back.status().to_string();
  const Node& loop = back->graph->node(0);
  EXPECT_EQ(loop.captures, 1);
  EXPECT_EQ(back->graph->value(loop.inputs[3]).name, "outer");
  const Graph& b = *loop.bodies[0];
  ASSERT_EQ(b.inputs.size(), 4u);
  EXPECT_NE(b.value(b.inputs[0]).name, "x");
  EXPECT_EQ(b.outputs.size(), 3u);
}

TEST(OnnxWriter, LargeWeightsGoOutside) {
  TemporaryFolder folder;
  Text large(3000, 'a'), other(2000, 'b');
  const Text g = initializer(tensor(DType::kU8, {3000}, "large") + raw(large)) +
                 initializer(tensor(DType::kU8, {2000}, "other") + raw(other)) +
                 initializer(tensor(DType::kU8, {1}, "small") + raw("s")) + node("Add", {"large", "small"}, {"t"}) +
                 node("Identity", {"other"}, {"u"}) + output("t") + output("u");
  auto m = load(model_of(g));
  ASSERT_TRUE(m.ok()) << m.status().to_string();
  SaveOptions options = save_options_of(*m);
  options.external_file = "weights.data";
  const std::string path = folder.path() + "/saved.onnx";
  const Status s = save_model(*m->graph, path, options);
  ASSERT_TRUE(s.ok()) << s.to_string();
  EXPECT_LT(std::filesystem::file_size(path), 1000u);
  EXPECT_GE(std::filesystem::file_size(folder.path() + "/weights.data"), 5000u);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 2);
  auto back = load_model(path, test_ops());
  ASSERT_TRUE(back.ok()) << back.status().to_string();
  EXPECT_EQ(text_of(*back->graph), text_of(*m->graph));

  // Over itself, while its weights are mapped.
  EXPECT_TRUE(save_model(*back->graph, path, options).ok());
  back = load_model(path, test_ops());
  ASSERT_TRUE(back.ok()) << back.status().to_string();
  EXPECT_EQ(text_of(*back->graph), text_of(*m->graph));

  options.external_file = "../weights.data";
  EXPECT_EQ(save_model(*m->graph, path, options).code(), Code::kOption);
  EXPECT_EQ(save_model(*m->graph, folder.path() + "/none/saved.onnx").code(), Code::kFile);
}

TEST(OnnxWriter, FreshSymbolsAreNotNames) {
  auto m = load(model_of(input("x", tensor_type(DType::kF32, {"N", D::none(), 3})) + node("Identity", {"x"}, {"y"}) +
                         output("y")));
  ASSERT_TRUE(m.ok());
  auto saved = write_model(*m->graph);
  ASSERT_TRUE(saved.ok());
  EXPECT_NE(saved->bytes.find("N"), std::string::npos);
  auto back = load(saved->bytes);
  ASSERT_TRUE(back.ok());
  const Shape& shape = back->graph->fact(back->graph->inputs[0]).shape;
  ASSERT_EQ(shape.size(), 3u);
  EXPECT_FALSE(shape[1].known());
  const std::string fresh = m->graph->symbols().to_string(m->graph->fact(m->graph->inputs[0]).shape[1]);
  EXPECT_EQ(saved->bytes.find(fresh), std::string::npos) << fresh;
}

}  // namespace
}  // namespace sardonyx
