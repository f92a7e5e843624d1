#include "ir/verify.h"

#include <algorithm>

#include "ir/infer_ctx.h"

namespace sardonyx {
namespace {

class Verifier {
 public:
  explicit Verifier(const Graph& g) : g_(g) {}

  Status run() {
    SDX_RETURN_IF_ERROR(check_ids());
    SDX_RETURN_IF_ERROR(check_uses());
    if (const auto order = g_.order(); !order.ok()) return fail(Code::kInternal, order.status().message());
    for (ValueId v = 0; v < static_cast<ValueId>(g_.value_count()); ++v) SDX_RETURN_IF_ERROR(check_constant(v));
    for (NodeId n = 0; n < static_cast<NodeId>(g_.node_count()); ++n) {
      if (g_.node(n).dead) continue;
      SDX_RETURN_IF_ERROR(check_bodies(n));
      SDX_RETURN_IF_ERROR(check_facts(n));
    }
    return {};
  }

 private:
  bool in_range(ValueId v) const { return v >= 0 && v < static_cast<ValueId>(g_.value_count()); }
  bool live_node(NodeId n) const { return n >= 0 && n < static_cast<NodeId>(g_.node_count()) && !g_.node(n).dead; }
  std::string shown(ValueId v) const { return cat("value ", v, " ", quoted(g_.value(v).name)); }
  template <class... T>
  static Status broken(const T&... pieces) {
    return fail(Code::kInternal, "the graph is inconsistent: ", pieces...);
  }

  Status check_usable(ValueId v, std::string_view place) const {
    if (!in_range(v)) return broken(place, " refers to value ", v, " of ", g_.value_count());
    const NodeId p = g_.value(v).producer;
    if (p != kNone && !live_node(p)) return broken(place, " uses ", shown(v), ", whose producer is gone");
    return {};
  }

  Status check_ids() const {
    for (ValueId v : g_.inputs) {
      SDX_RETURN_IF_ERROR(check_usable(v, "the input list"));
      if (g_.value(v).producer != kNone) return broken("the input ", shown(v), " has a producer");
    }
    for (ValueId v : g_.outputs) SDX_RETURN_IF_ERROR(check_usable(v, "the output list"));
    for (NodeId id = 0; id < static_cast<NodeId>(g_.node_count()); ++id) {
      const Node& n = g_.node(id);
      if (n.dead) continue;
      const std::string origin = g_.origin(id);
      if (n.captures < 0 || n.captures > static_cast<int>(n.inputs.size()))
        return broken(origin, " has ", n.captures, " captures of ", n.inputs.size(), " inputs");
      for (ValueId v : n.inputs)
        if (v != kNone) SDX_RETURN_IF_ERROR(check_usable(v, origin));
      for (size_t o = 0; o < n.outputs.size(); ++o) {
        const ValueId v = n.outputs[o];
        if (v == kNone) continue;
        if (!in_range(v)) return broken(origin, " makes value ", v, " of ", g_.value_count());
        if (g_.value(v).producer != id || g_.value(v).index != static_cast<int>(o))
          return broken(shown(v), " does not name ", origin, " output ", o, " as its producer");
      }
    }
    return {};
  }

  Status check_uses() const {
    std::vector<std::vector<NodeId>> users(g_.value_count());
    for (NodeId id = 0; id < static_cast<NodeId>(g_.node_count()); ++id)
      if (!g_.node(id).dead)
        for (ValueId v : g_.node(id).inputs)
          if (v != kNone) users[static_cast<size_t>(v)].push_back(id);
    for (ValueId v = 0; v < static_cast<ValueId>(g_.value_count()); ++v) {
      std::vector<NodeId> listed = g_.value(v).users;
      std::sort(listed.begin(), listed.end());
      if (listed != users[static_cast<size_t>(v)])
        return broken(shown(v), " lists ", listed.size(), " uses, nodes have ", users[static_cast<size_t>(v)].size());
    }
    return {};
  }

  Status check_constant(ValueId v) const {
    const Fact& f = g_.fact(v);
    if (!f.constant.valid()) return {};
    if (f.dtype() != f.constant.dtype() || !f.has_rank || !(f.shape == to_shape(f.constant.dims())))
      return broken("the constant ", shown(v), " does not have the type and extents of its fact");
    return {};
  }

  Status check_bodies(NodeId id) const {
    const Node& n = g_.node(id);
    if (n.bodies.size() != n.body_names.size())
      return broken(g_.origin(id), " has ", n.bodies.size(), " bodies and ", n.body_names.size(), " names of bodies");
    if (n.bodies.empty() && n.captures != 0) return broken(g_.origin(id), " has captures but no body");
    for (const auto& body : n.bodies) {
      const size_t captures = static_cast<size_t>(n.captures);
      if (body->symbols_ptr() != g_.symbols_ptr())
        return broken("a body of ", g_.origin(id), " has symbols of its own");
      if (body->inputs.size() < captures)
        return broken("a body of ", g_.origin(id), " has ", body->inputs.size(), " inputs for ", captures, " captures");
      SDX_RETURN_IF_ERROR(verify(*body));
      for (size_t i = 0; i < captures; ++i) {
        const ValueId outer = n.inputs[n.inputs.size() - captures + i],
                      inner = body->inputs[body->inputs.size() - captures + i];
        if (outer == kNone || !compatible(g_.fact(outer), body->fact(inner)))
          return broken("capture ", i, " of ", g_.origin(id), " differs in type or extents inside");
      }
    }
    return {};
  }

  bool compatible(const Fact& a, const Fact& b) const {
    if (a.type.kind == Type::Kind::kUnknown || b.type.kind == Type::Kind::kUnknown) return true;
    if (!(a.type == b.type)) return false;
    if (!a.has_rank || !b.has_rank) return true;
    if (a.shape.size() != b.shape.size()) return false;
    for (size_t i = 0; i < a.shape.size(); ++i)
      if (g_.symbols().equal(a.shape[i], b.shape[i]) == std::optional(false)) return false;
    return true;
  }

  Status check_facts(NodeId id) const {
    const Node& n = g_.node(id);
    SmallVec<const Fact*, 8> in;
    for (int i = 0; i < n.formal_inputs(); ++i) {
      const ValueId v = n.inputs[static_cast<size_t>(i)];
      in.push_back(v == kNone ? nullptr : &g_.fact(v));
    }
    std::vector<Fact> out(n.outputs.size());
    if (Status s = infer_node(n, in, out, g_.symbols()); !s.ok())
      return broken(g_.origin(id), " is not valid: ", s.message());
    for (size_t o = 0; o < out.size(); ++o) {
      if (n.outputs[o] == kNone || compatible(out[o], g_.fact(n.outputs[o]))) continue;
      const Fact& have = g_.fact(n.outputs[o]);
      const SymbolTable& sym = g_.symbols();
      return broken(g_.origin(id), " output ", o, " is recorded as ", to_string(have.type), sym.to_string(have.shape),
                    ", inference says ", to_string(out[o].type), sym.to_string(out[o].shape));
    }
    return {};
  }

  const Graph& g_;
};

}  // namespace

Status verify(const Graph& graph) { return Verifier(graph).run(); }

}  // namespace sardonyx
