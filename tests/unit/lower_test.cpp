// Lowering keeps on record what stands for a node that no kernel takes, and the bodies that steps run.
#include <gtest/gtest.h>

#include <atomic>

#include "exec/session.h"
#include "ir/text_reader.h"
#include "ops/table.h"

namespace sardonyx {
namespace {

Result<std::unique_ptr<Session>> open(std::string_view text) {
  SDX_TRY(std::unique_ptr<Graph> graph, parse_graph(text, ops()));
  Model m;
  m.graph = std::move(graph);
  return Session::open(std::move(m));
}

TEST(Lowering, RecordsWhatStandsForANode) {
  const auto s = open("m (float[1,2,4] x) => (y) { y = GlobalLpPool(x) }");
  ASSERT_TRUE(s.ok()) << s.status().to_string();
  const Program& p = (*s)->executor().program();
  ASSERT_GT(p.steps.size(), 1u);
  for (const Step& step : p.steps) {
    ASSERT_NE(step.replaced, nullptr);
    EXPECT_EQ(step.replaced->origin, "GlobalLpPool \"y\"");
  }
}

TEST(Lowering, StepsKnowTheBodiesThatTheyRun) {
  const auto s = open(
      "m (bool c, float[2] x) => (y) { y = If<then_branch = t () => (a) { a = Neg(x) }, "
      "else_branch = e () => (b) { b = Abs(x) }>(c) }");
  ASSERT_TRUE(s.ok()) << s.status().to_string();
  const Program& p = (*s)->executor().program();
  ASSERT_EQ(p.steps.size(), 1u);
  ASSERT_EQ(p.steps[0].bodies.size(), 2u);
  const Executor* then_branch = executor_of(*p.steps[0].bodies[0]);
  ASSERT_NE(then_branch, nullptr);
  EXPECT_EQ(then_branch->graph().node(then_branch->program().steps[0].node).op->name, "Neg");
}

TEST(Lowering, StopsWhenCancelled) {
  const std::atomic<bool> cancel{true};
  auto graph = parse_graph("m (float[2] x) => (y) { y = Neg(x) }", ops());
  ASSERT_TRUE(graph.ok());
  PassOptions passes;
  passes.cancel = &cancel;
  EXPECT_EQ(run_passes(**graph, passes).status().code(), Code::kCancelled);
  LowerOptions lowering;
  lowering.cancel = &cancel;
  EXPECT_EQ(lower(std::move(*graph), lowering).status().code(), Code::kCancelled);
}

}  // namespace
}  // namespace sardonyx
