#include <map>

#include "ir/body_ctx.h"
#include "ops/table.h"
#include "plan/program.h"

namespace sardonyx {

namespace {

class Lowering {
 public:
  Lowering(Program& p, const LowerOptions& o) : program_(p), graph_(*p.graph), options_(o) {}

  // Gives every node a kernel, replacing nodes by their bodies where nothing takes them.
  Status assign() {
    // expand_node appends nodes, so this loop sees them too.
    for (NodeId n = 0; n < static_cast<NodeId>(graph_.node_count()); ++n) {
      if (graph_.node(n).dead || is_view(graph_.node(n))) continue;
      SDX_RETURN_IF_ERROR(assign_one(n));
    }
    return {};
  }

  Status sequence() {
    SDX_TRY(const std::vector<NodeId> order, graph_.order());
    const size_t values = graph_.value_count();
    program_.last_use.assign(values, -1);
    program_.made_by.assign(values, -1);
    for (NodeId n : order) {
      const int32_t at = static_cast<int32_t>(program_.steps.size());
      auto it = made_.find(n);
      Step s = it == made_.end() ? Step{} : std::move(it->second);
      s.node = n;
      for (ValueId v : graph_.node(n).inputs)
        if (v != kNone) program_.last_use[static_cast<size_t>(v)] = at;
      for (ValueId v : graph_.node(n).outputs)
        if (v != kNone) program_.made_by[static_cast<size_t>(v)] = at;
      program_.steps.push_back(std::move(s));
    }
    for (ValueId v : graph_.outputs) program_.last_use[static_cast<size_t>(v)] = static_cast<int32_t>(program_.steps.size());
    return {};
  }

 private:
  bool is_view(const Node& n) const {
    return n.op->has(kView) && !n.outputs.empty() && n.outputs[0] != kNone && graph_.fact(n.outputs[0]).type.is_tensor();
  }

  Status assign_one(NodeId n) {
    const auto body = [&](int i) -> Result<std::shared_ptr<const BodyRunner>> {
      return options_.compile_body(graph_.node(n).bodies[static_cast<size_t>(i)]->clone());
    };
    const KernelQuery q(graph_, n, options_.pool, options_.store, body);
    Step step;
    const OpDef& op = *graph_.node(n).op;
    const bool has_body = !op.body.empty() || op.expand != nullptr;
    if (!(options_.bodies_only && has_body)) {
      auto made = select_kernel(options_.providers, q, step.refusals);
      if (!made.ok()) return made.take_status().at_origin(graph_.origin(n));
      if (made->kernel) {
        step.kernel = std::move(made->kernel);
        step.provider = made->provider, step.variant = made->variant;
        made_.emplace(n, std::move(step));
        return {};
      }
    }
    if (has_body) {
      const std::string origin = graph_.origin(n);
      return expand_node(graph_, n, ops()).at_origin(origin);
    }
    return no_kernel(q, step.refusals).at_origin(graph_.origin(n));
  }

  Program& program_;
  Graph& graph_;
  const LowerOptions& options_;
  std::map<NodeId, Step> made_;
};

}  // namespace

Result<std::unique_ptr<Program>> lower(std::unique_ptr<Graph> graph, const LowerOptions& options) {
  auto program = std::make_unique<Program>();
  program->graph = std::move(graph);
  Lowering l(*program, options);
  SDX_RETURN_IF_ERROR(l.assign());
  SDX_RETURN_IF_ERROR(l.sequence());
  return program;
}

}  // namespace sardonyx
