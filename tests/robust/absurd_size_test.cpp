// absurd.case: every case is refused, with its inputs given and with its inputs constant, without a large allocation.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "cases/case_file.h"
#include "cases/case_values.h"
#include "exec/session.h"
#include "ir/text_reader.h"
#include "ops/table.h"
#include "robust/memory_hooks.h"
#include "robust/message_rules.h"

namespace sardonyx::testing {
namespace {

constexpr size_t kEnough = size_t{64} << 20;

std::vector<cases::Case> read_cases() {
  std::ifstream in(SDX_SOURCE_DIR "/tests/robust/absurd.case");
  std::stringstream text;
  text << in.rdbuf();
  auto parsed = cases::parse_cases(text.str());
  EXPECT_TRUE(parsed.ok()) << parsed.status().to_string();
  return parsed.ok() ? *parsed : std::vector<cases::Case>();
}

Result<std::vector<Value>> values_of(const cases::Case& c, const Graph& g) {
  std::vector<Value> values;
  for (ValueId v : g.inputs) {
    const auto is_it = [&](const cases::Binding& b) { return b.name == g.value(v).name; };
    const auto b = std::find_if(c.bindings.begin(), c.bindings.end(), is_it);
    if (b == c.bindings.end() || !b->value) return fail(Code::kProto, "no value for ", quoted(g.value(v).name));
    SDX_TRY(Value value, cases::make_value(*b->value, g.fact(v)));
    values.push_back(std::move(value));
  }
  return values;
}

// Opens and runs; `constant`: with the inputs as constants of the graph, which are then known at load.
Status provoke(const cases::Case& c, bool constant, OptLevel level) {
  ParseOptions parse;
  if (c.opset) parse.opset = c.opset;
  SDX_TRY(std::unique_ptr<Graph> g, parse_graph(c.graph, ops(), parse));
  auto values = values_of(c, *g);
  if (constant && values.ok()) {
    const std::vector<ValueId> old = std::move(g->inputs);
    g->inputs.clear();
    for (size_t i = 0; i < old.size(); ++i)
      g->replace_uses(old[i], g->add_constant((*values)[i].tensor(), g->value(old[i]).name));
    values->clear();
    SDX_TRY(const std::vector<NodeId> order, g->order());
    for (NodeId n : order) SDX_RETURN_IF_ERROR(g->infer(n));
  }
  Model model;
  model.graph = std::move(g);
  SessionOptions options;
  options.level = level;
  options.threads = 1;
  SDX_TRY(const std::unique_ptr<Session> session, Session::open(std::move(model), options));
  if (!values.ok()) return values.take_status();
  std::vector<Value> outputs(session->outputs().size());
  return session->run(*values, outputs);
}

TEST(AbsurdSizes, AreRefusedWithoutALargeAllocation) {
  const std::vector<cases::Case> all = read_cases();
  EXPECT_GT(all.size(), 80u);
  for (const cases::Case& c : all) {
    for (const bool constant : {false, true}) {
      for (const OptLevel level : {OptLevel::kDisableAll, OptLevel::kAll}) {
        SCOPED_TRACE(cat(c.name, constant ? ", constant inputs" : "", level == OptLevel::kAll ? "" : ", level none"));
        reset_largest_request();
        const LimitRequests limit(kEnough);
        const Status s = provoke(c, constant, level);
        EXPECT_FALSE(s.ok());
        if (s.ok()) continue;
        EXPECT_TRUE(is_clear(s.to_string()));
        EXPECT_TRUE(cases::matches(c.error, s.to_string())) << s.to_string() << "\n  expected " << c.error;
        EXPECT_LE(largest_request(), kEnough) << s.to_string();
      }
    }
  }
}

}  // namespace
}  // namespace sardonyx::testing
