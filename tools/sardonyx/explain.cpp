#include <map>

#include "value_report.h"
#include "verbs.h"

namespace sardonyx {
namespace {

// What a plan says about a value.
struct Place {
  const Bind* bind = nullptr;
  const Plan* plan = nullptr;
};
using Places = std::map<ValueId, Place>;

Places places_of(const std::vector<PlanPtr>& plans) {
  Places places;
  for (const PlanPtr& p : plans)
    for (const Bind& b : p->binds) places[b.value] = {&b, p.get()};
  return places;
}

constexpr std::string_view kKnown = "known in the plan";

std::string how(const Step& step) { return step.kernel ? cat(step.provider, " ", step.variant) : "view"; }

std::string refused(const std::vector<Refusal>& refusals) {
  std::string s;
  for (const Refusal& r : refusals) s += cat(s.empty() ? "" : "; ", "not ", r.kernel, ": ", r.reason);
  return s;
}

std::string why(const Step& step) {
  const std::string no = refused(step.refusals);
  if (step.replaced == nullptr) return no;
  return cat("for ", step.replaced->origin, no.empty() ? "" : "; ", no);
}

std::string value_name(const Graph& g, ValueId v) {
  return g.value(v).name.empty() ? cat("value ", v) : g.value(v).name;
}

bool same_place(const Bind& a, const Bind& b) {
  return a.where == Bind::Where::kArena && b.where == Bind::Where::kArena && a.offset == b.offset;
}

// Where the value's bytes are: in the arena, maybe those of an input of its node; within another value; …
std::string where(const Graph& g, const Node& n, ValueId v, const Places& places) {
  const auto at = places.find(v);
  if (at == places.end()) return "";
  const Bind& b = *at->second.bind;
  switch (b.where) {
    case Bind::Where::kConstant: return std::string(kKnown);
    case Bind::Where::kShared: return cat("bytes of ", value_name(g, b.other));
    case Bind::Where::kOutput: return "output";
    case Bind::Where::kStrings: return "strings";
    case Bind::Where::kObject: return "made by the step";
    case Bind::Where::kArena: break;
  }
  for (ValueId in : n.inputs) {
    const auto source = in == kNone ? places.end() : places.find(in);
    if (source != places.end() && source->second.plan == at->second.plan && same_place(*source->second.bind, b))
      return cat("in place of ", value_name(g, in));
  }
  return cat("arena +", b.offset);
}

std::string extents_text(const Graph& g, ValueId v, const Places& places, double& bytes) {
  const Fact& fact = g.fact(v);
  const auto at = places.find(v);
  if (at != places.end() && at->second.bind->has_dims && fact.type.is_tensor()) {
    const Bind& b = *at->second.bind;
    bytes = static_cast<double>(storage_bytes(b.dtype, elements(b.dims)));
    return cat(dtype_name(b.dtype), to_string(b.dims));
  }
  if (!fact.has_rank || !fact.type.is_tensor()) return to_string(fact.type);
  if (all_known(fact.shape)) {
    int64_t count = 1;
    for (Dim d : fact.shape) count *= d.value();
    bytes = static_cast<double>(storage_bytes(fact.dtype(), count));
  }
  return cat(to_string(fact.type), g.symbols().to_string(fact.shape));
}

struct Listing {
  Table table{{">step", "operator", "node", "output", ">bytes", "memory", "run by", "why"}};
  nlohmann::json json = nlohmann::json::array();
  std::map<std::string, std::pair<size_t, std::string>> replaced;  // node: steps in its place, why no kernel took it
  size_t steps = 0, views = 0;
};

// `prefix` numbers the steps of bodies: "12.then_branch.".
void list_steps(const Executor& executor, const std::string& prefix, Listing& listing) {
  const Graph& g = executor.graph();
  const std::vector<PlanPtr> plans = executor.latest_plans();
  const Places places = places_of(plans);
  for (size_t i = 0; i < executor.program().steps.size(); ++i) {
    const Step& step = executor.program().steps[i];
    const Node& node = g.node(step.node);
    std::string output, memory;
    double bytes = -1;
    for (ValueId v : node.outputs) {
      if (v == kNone) continue;
      output = extents_text(g, v, places, bytes), memory = where(g, node, v, places);
      break;
    }
    const std::string number = cat(prefix, i);
    ++listing.steps;
    listing.views += step.kernel ? 0 : 1;
    if (step.replaced != nullptr) {
      auto& [count, reasons] = listing.replaced[step.replaced->origin];
      ++count, reasons = refused(step.replaced->refusals);
    }
    const std::string by = memory == kKnown ? "the planner" : how(step);
    listing.table.add({number, std::string(node.op->name), node.name, output, bytes < 0 ? "" : bytes_text(bytes),
                       memory, by, why(step)});
    nlohmann::json j = {{"step", number},    {"operator", node.op->name}, {"domain", node.op->domain},
                        {"node", node.name}, {"output", output},          {"memory", memory},
                        {"run_by", by}};
    if (bytes >= 0) j["bytes"] = bytes;
    if (step.replaced != nullptr) j["stands_for"] = step.replaced->origin;
    j["refusals"] = nlohmann::json::array();
    for (const Refusal& r : step.refusals) j["refusals"].push_back({{"kernel", r.kernel}, {"reason", r.reason}});
    listing.json.push_back(std::move(j));
    for (size_t b = 0; b < step.bodies.size(); ++b)
      if (const Executor* body = executor_of(*step.bodies[b]))
        list_steps(*body, cat(number, ".", b < node.body_names.size() ? node.body_names[b] : cat(b), "."), listing);
  }
}

nlohmann::json plans_json(const Executor& executor) {
  nlohmann::json plans = nlohmann::json::array();
  for (const PlanPtr& p : executor.latest_plans())
    plans.push_back({{"steps_run", p->steps.size()},
                     {"steps_known", static_cast<size_t>(p->end_step - p->first_step) - p->steps.size()},
                     {"arena_bytes", p->arena_bytes},
                     {"scratch_bytes", p->scratch},
                     {"scratch_bytes_per_thread", p->thread_scratch}});
  return plans;
}

void print_plans(const nlohmann::json& plans) {
  if (plans.empty())
    std::printf("  no plan yet: dimensions are open; --random, --data or --input runs the model once\n");
  for (const auto& p : plans)
    std::printf("  plan: %zu steps to run, %zu views or known by planning; arena %s, scratch %s and %s per thread\n",
                p["steps_run"].get<size_t>(), p["steps_known"].get<size_t>(),
                bytes_text(p["arena_bytes"].get<double>()).c_str(),
                bytes_text(p["scratch_bytes"].get<double>()).c_str(),
                bytes_text(p["scratch_bytes_per_thread"].get<double>()).c_str());
}

}  // namespace

Result<bool> explain_verb(const ExplainArgs& args) {
  SDX_TRY(const std::unique_ptr<Session> session, open_session(args.session));
  if (args.input.random || !args.input.data.empty() || !args.input.inputs.empty()) {
    SDX_TRY(const std::vector<Value> inputs, make_inputs(*session, args.input, args.session.model));
    std::vector<Value> outputs(session->outputs().size());
    SDX_RETURN_IF_ERROR(session->run(inputs, outputs));
  }
  Listing listing;
  list_steps(session->executor(), "", listing);
  const nlohmann::json plans = plans_json(session->executor());
  const OpenTimes& t = session->open_times();
  Table passes({"pass", ">rewrites", ">ms"});
  nlohmann::json passes_json = nlohmann::json::array();
  for (const PassTiming& p : session->passes()) {
    passes.add({std::string(p.name), cat(p.rewrites), fixed(p.ms, 2)});
    passes_json.push_back({{"name", p.name}, {"rewrites", p.rewrites}, {"ms", p.ms}, {"declined", p.notes}});
  }
  if (args.json) {
    print_json({{"model", args.session.model},
                {"passes", passes_json},
                {"steps", listing.json},
                {"plans", plans},
                {"open_ms", {{"load", t.load}, {"optimise", t.optimise}, {"lower", t.lower}, {"plan", t.plan}}}});
    return true;
  }
  passes.print(stdout);
  for (const PassTiming& p : session->passes())
    for (const std::string& note : p.notes) std::printf("  %s: not %s\n", std::string(p.name).c_str(), note.c_str());
  std::printf("\n");
  listing.table.print(stdout);
  std::printf("\n  %zu steps, %zu of them views (no work)\n", listing.steps, listing.views);
  for (const auto& [origin, what] : listing.replaced)
    std::printf("  no kernel takes %s: %zu steps stand for it%s%s\n", origin.c_str(), what.first,
                what.second.empty() ? "" : "; ", what.second.c_str());
  print_plans(plans);
  std::printf("  opened: load %.1f ms, optimise %.1f ms, lower %.1f ms, plan %.1f ms\n", t.load, t.optimise, t.lower,
              t.plan);
  return true;
}

}  // namespace sardonyx
