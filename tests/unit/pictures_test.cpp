// What docs/pictures/canonical.svg shows of a network in three stages must be what the library makes of it.
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <sstream>

#include "exec/session.h"
#include "ir/text_reader.h"
#include "ops/table.h"
#include "pass/pipeline.h"

namespace sardonyx {
namespace {

constexpr std::string_view kNetwork = R"(
  net (float[N,3,8,8] image) => (y)
      <float[2,3,1,1] w = {1, 2, 3, 4, 5, 6}, float[2] scale = {1, 2}, float[2] bias = {3, 4}, float[2] mean = {5, 6},
       float[2] variance = {7, 8}, int64 zero = {0}, int64[1] rest = {-1}> {
    c = Conv(image, w)
    n = BatchNormalization(c, scale, bias, mean, variance)
    r = Clip<min = 0.0, max = 6.0>(n)
    g = GlobalAveragePool(r)
    s = Shape(g)
    batch = Gather(s, zero)
    batches = Unsqueeze<axes = [0]>(batch)
    to = Concat<axis = 0>(batches, rest)
    flat = Reshape(g, to)
    d = Dropout<ratio = 0.5>(flat)
    y = Softmax(d)
  })";

// The operators that the picture shows for a stage, from top to bottom.
std::vector<std::string> drawn(const std::string& stage) {
  std::stringstream text;
  text << std::ifstream(SDX_SOURCE_DIR "/docs/pictures/canonical.svg").rdbuf();
  const std::string svg = text.str();
  const size_t begin = svg.find("<g id=\"" + stage + "\">"), end = svg.find("</g>", begin);
  std::vector<std::string> ops;
  if (begin == std::string::npos) return ops;
  const std::string group = svg.substr(begin, end - begin);
  static const std::regex kOp("class=\"op\">([^<]+)<");
  for (std::sregex_iterator it(group.begin(), group.end(), kOp), none; it != none; ++it) ops.push_back((*it)[1]);
  return ops;
}

std::vector<std::string> operators(const Graph& g) {
  std::vector<std::string> ops;
  const auto order = g.order();
  for (NodeId n : *order) {
    const OpDef& op = *g.node(n).op;
    ops.push_back(op.domain.empty() ? std::string(op.name) : cat(op.domain, ".", op.name));
  }
  return ops;
}

TEST(Pictures, CanonicalGraph) {
  ParseOptions options;
  options.opset = 9;
  auto graph = parse_graph(kNetwork, ops(), options);
  ASSERT_TRUE(graph.ok()) << graph.status().to_string();
  EXPECT_EQ(operators(**graph), drawn("loaded"));
  EXPECT_EQ(drawn("written"), drawn("loaded"));
  PassOptions passes;
  passes.eval = eval_node;
  const auto report = run_passes(**graph, passes);
  ASSERT_TRUE(report.ok()) << report.status().to_string();
  EXPECT_EQ(operators(**graph), drawn("decluttered"));
}

}  // namespace
}  // namespace sardonyx
