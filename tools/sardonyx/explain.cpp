#include "value_report.h"
#include "verbs.h"

namespace sardonyx {
namespace {

std::string how(const Step& step) { return step.kernel ? cat(step.provider, " ", step.variant) : "view"; }

std::string refused(const Step& step) {
  std::string s;
  for (const Refusal& r : step.refusals) s += cat(s.empty() ? "" : "; ", "not ", r.kernel, ": ", r.reason);
  return s;
}

}  // namespace

Result<bool> explain_verb(const SessionArgs& args) {
  SDX_TRY(const std::unique_ptr<Session> session, open_session(args));
  Table passes({"pass", ">rewrites", ">ms"});
  for (const PassTiming& p : session->passes()) passes.add({std::string(p.name), cat(p.rewrites), fixed(p.ms, 2)});
  passes.print(stdout);
  for (const PassTiming& p : session->passes())
    for (const std::string& note : p.notes) std::printf("  %s: not %s\n", std::string(p.name).c_str(), note.c_str());
  const Program& program = session->executor().program();
  const Graph& graph = *program.graph;
  Table steps({">step", "operator", "node", "output", "run by", "why"});
  size_t views = 0, with_bodies = 0;
  for (size_t i = 0; i < program.steps.size(); ++i) {
    const Step& step = program.steps[i];
    const Node& node = graph.node(step.node);
    std::string output;
    for (ValueId v : node.outputs) {
      if (v == kNone) continue;
      const Fact& fact = graph.fact(v);
      output = cat(to_string(fact.type),
                   fact.has_rank && fact.type.is_tensor() ? graph.symbols().to_string(fact.shape) : "");
      break;
    }
    views += step.kernel ? 0 : 1;
    with_bodies += node.op->has(kControlFlow) ? 1 : 0;
    steps.add({cat(i), std::string(node.op->name), node.name, output, how(step), refused(step)});
  }
  std::printf("\n");
  steps.print(stdout);
  std::printf("\n  %zu steps, %zu of them views (no work)\n", program.steps.size(), views);
  if (with_bodies > 0) std::printf("  %zu control-flow steps run bodies, whose steps are not listed\n", with_bodies);
  const OpenTimes& t = session->open_times();
  std::printf("  opened: load %.1f ms, optimise %.1f ms, lower %.1f ms, plan %.1f ms\n", t.load, t.optimise, t.lower,
              t.plan);
  return true;
}

}  // namespace sardonyx
