// Lowering: every node of a graph gets a kernel, or something that stands for it; steps are put in order.
#include <map>

#include "ir/body_ctx.h"
#include "ops/table.h"
#include "plan/program.h"
#include "simd/cast.h"

namespace sardonyx {

namespace {

class Lowering {
 public:
  Lowering(Program& p, const LowerOptions& o) : program_(p), graph_(*p.graph), options_(o) {}

  // Gives every node a kernel, replacing nodes by their bodies where nothing takes them.
  Status assign() {
    // expand_node appends nodes, so this loop sees them too.
    for (NodeId n = 0; n < static_cast<NodeId>(graph_.node_count()); ++n) {
      if (graph_.node(n).dead || is_view(graph_.node(n)) || became_constants(n)) continue;
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
      if (const auto r = replaced_.find(n); r != replaced_.end()) s.replaced = r->second;
      for (ValueId v : graph_.node(n).inputs)
        if (v != kNone) program_.last_use[static_cast<size_t>(v)] = at;
      for (ValueId v : graph_.node(n).outputs)
        if (v != kNone) program_.made_by[static_cast<size_t>(v)] = at;
      program_.steps.push_back(std::move(s));
    }
    for (ValueId v : graph_.outputs)
      program_.last_use[static_cast<size_t>(v)] = static_cast<int32_t>(program_.steps.size());
    return {};
  }

  // Gives up the contents of constants that several nodes share and all have packed.
  void release_shared() {
    std::map<ValueId, bool> only_packed;
    for (const Step& s : program_.steps) {
      const ValueIds& in = graph_.node(s.node).inputs;
      for (size_t i = 0; i < in.size(); ++i)
        if (graph_.is_constant(in[i])) only_packed.emplace(in[i], true).first->second &= is_packed(s.packed_inputs, i);
    }
    for (const auto& [v, packed] : only_packed)
      if (packed && !graph_.is_output(v)) release(v);
  }

 private:
  static bool is_packed(uint64_t packed_inputs, size_t i) { return i < 64 && (packed_inputs >> i & 1) != 0; }

  void release(ValueId v) {
    const Tensor& t = graph_.fact(v).constant;
    program_.released.push_back({v, t.dtype(), t.dims()});
    graph_.forget_contents(v);
  }

  // At once for constants of one user, so that packing the next weights can use their memory.
  void release_own(NodeId n, uint64_t packed_inputs) {
    if (options_.keep_weights) return;
    const ValueIds& in = graph_.node(n).inputs;
    for (size_t i = 0; i < in.size(); ++i)
      if (is_packed(packed_inputs, i) && graph_.value(in[i]).users.size() == 1 && !graph_.is_output(in[i]))
        release(in[i]);
  }

  bool is_view(const Node& n) const {
    return n.op->has(kView) && !n.outputs.empty() && n.outputs[0] != kNone &&
           graph_.fact(n.outputs[0]).type.is_tensor();
  }

  // A node whose outputs are known (Constant) needs no kernel.
  bool became_constants(NodeId n) {
    const ValueIds outputs = graph_.node(n).outputs;
    if (outputs.empty()) return false;
    for (ValueId v : outputs)
      if (v != kNone && !graph_.is_constant(v)) return false;
    for (ValueId v : outputs)
      if (v != kNone) graph_.replace_uses(v, graph_.add_constant(graph_.fact(v).constant, graph_.value(v).name));
    graph_.erase(n);
    return true;
  }

  Status assign_one(NodeId n) {
    if (options_.cancel && options_.cancel->load(std::memory_order_relaxed))
      return fail(Code::kCancelled, "loading was stopped by its caller");
    Step step;
    const auto body = [&](int i) -> Result<std::shared_ptr<const BodyRunner>> {
      auto made = options_.compile_body(graph_.node(n).bodies[static_cast<size_t>(i)]->clone());
      if (made.ok()) step.bodies.push_back(*made);
      return made;
    };
    const KernelQuery q(graph_, n, options_.pool, options_.store, body);
    const OpDef& op = *graph_.node(n).op;
    const bool has_body = !op.body.empty() || op.expand != nullptr;
    const NodeId first_new = static_cast<NodeId>(graph_.node_count());
    if (options_.bodies_only && has_body) {
      const std::string origin = graph_.origin(n);
      Status s = expand_node(graph_, n, ops());
      if (s.ok()) note_replaced(n, origin, first_new, {});
      if (s.code() != Code::kNoKernel)
        return std::move(s).at_origin(origin);  // a body may decline; then the kernel runs after all
    }
    auto made = select_kernel(options_.providers, q, step.refusals);
    if (!made.ok()) return made.take_status().at_origin(graph_.origin(n));
    if (made->kernel) {
      step.kernel = std::move(made->kernel);
      step.provider = made->provider, step.variant = made->variant;
      step.packed_inputs = q.packed_inputs();
      release_own(n, step.packed_inputs);
      made_.emplace(n, std::move(step));
      return {};
    }
    const std::string origin = graph_.origin(n);
    SDX_TRY(const bool widened, widen_half(n));
    if (widened || has_body) {
      if (!widened) SDX_RETURN_IF_ERROR(expand_node(graph_, n, ops()).at_origin(origin));
      note_replaced(n, origin, first_new, std::move(step.refusals));
      return {};
    }
    return no_kernel(q, step.refusals).at_origin(graph_.origin(n));
  }

  // Nodes from first_new on stand for n, or for what n stands for itself.
  void note_replaced(NodeId n, const std::string& origin, NodeId first_new, std::vector<Refusal> refusals) {
    const auto outer = replaced_.find(n);
    std::shared_ptr<const Replaced> r = outer != replaced_.end()
                                            ? outer->second
                                            : std::make_shared<const Replaced>(Replaced{origin, std::move(refusals)});
    for (NodeId k = first_new; k < static_cast<NodeId>(graph_.node_count()); ++k) replaced_[k] = r;
  }

  static bool is_half(const Fact& f) { return f.dtype() == DType::kF16 || f.dtype() == DType::kBF16; }

  Result<ValueId> cast(ValueId v, DType to, std::string name = {}) {
    if (graph_.is_constant(v)) {
      const Tensor& from = graph_.fact(v).constant;
      SDX_TRY(Tensor t, Tensor::make(to, from.dims()));
      simd::cast(from.dtype(), to)(from.data(), t.data(), t.count(), {});
      return graph_.add_constant(std::move(t), graph_.value(v).name);
    }
    const OpDef* op = ops().find("", "Cast");
    SDX_CHECK(op != nullptr);
    SDX_TRY(const NodeId n,
            graph_.add_node(op, std::move(name), {v}, {Attr::of_int("to", static_cast<int64_t>(to))}, {""}));
    return graph_.node(n).outputs[0];
  }

  // A node on half precision that only an f32 kernel takes is computed in f32 between casts, rounding once at its end.
  Result<bool> widen_half(NodeId n) {
    if (graph_.node(n).captures > 0 || !graph_.node(n).bodies.empty()) return false;
    ValueIds in = graph_.node(n).inputs;
    bool any = false;
    const size_t first_new = graph_.node_count();
    for (ValueId& v : in) {
      if (v == kNone || !is_half(graph_.fact(v))) continue;
      SDX_TRY(v, cast(v, DType::kF32));
      any = true;
    }
    if (!any) return false;
    std::vector<std::string> names;
    for (ValueId v : graph_.node(n).outputs)
      names.push_back(v == kNone ? std::string() : cat(graph_.value(v).name, ":f32"));
    auto made = graph_.add_node(graph_.node(n).op, graph_.node(n).name, in, graph_.node(n).attrs, std::move(names));
    std::vector<Refusal> ignored;
    bool taken = false;
    if (made.ok()) {
      const KernelQuery q(graph_, *made, options_.pool, options_.store, nullptr);
      SDX_TRY(const MadeKernel k, select_kernel(options_.providers, q, ignored));
      taken = k.kernel != nullptr;
    }
    if (!taken) {
      for (size_t k = graph_.node_count(); k-- > first_new;)
        if (!graph_.node(static_cast<NodeId>(k)).dead) graph_.erase(static_cast<NodeId>(k));
      return false;
    }
    const ValueIds wide = graph_.node(*made).outputs, narrow = graph_.node(n).outputs;
    for (size_t o = 0; o < narrow.size(); ++o) {
      if (narrow[o] == kNone) continue;
      ValueId v = wide[o];
      if (is_half(graph_.fact(narrow[o]))) {
        SDX_TRY(v, cast(v, graph_.fact(narrow[o]).dtype()));
      }
      graph_.value(v).name = graph_.value(narrow[o]).name;
      graph_.replace_uses(narrow[o], v);
    }
    graph_.erase(n);
    return true;
  }

  Program& program_;
  Graph& graph_;
  const LowerOptions& options_;
  std::map<NodeId, Step> made_;
  std::map<NodeId, std::shared_ptr<const Replaced>> replaced_;
};

}  // namespace

Result<std::unique_ptr<Program>> lower(std::unique_ptr<Graph> graph, const LowerOptions& options) {
  auto program = std::make_unique<Program>();
  program->graph = std::move(graph);
  Lowering l(*program, options);
  SDX_RETURN_IF_ERROR(l.assign());
  SDX_RETURN_IF_ERROR(l.sequence());
  if (!options.keep_weights) l.release_shared();
  return program;
}

}  // namespace sardonyx
