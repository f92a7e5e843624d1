// Equal nodes (operator, attributes, inputs) are computed once; equal small constants become one value.
#include <unordered_map>

#include "pass/rewriter.h"

namespace sardonyx {
namespace {

constexpr size_t kSmallConstant = 256;

std::string constant_key(const Tensor& t) {
  std::string key = cat(dtype_name(t.dtype()), to_string(t.dims()), ":");
  key.append(static_cast<const char*>(t.data()), t.bytes());
  return key;
}

void merge_constants(Rewriter& r) {
  Graph& g = r.graph();
  std::unordered_map<std::string, ValueId> seen;
  for (ValueId v = 0; v < static_cast<ValueId>(g.value_count()); ++v) {
    const Tensor* t = r.constant(v);
    if (t == nullptr || g.value(v).users.empty() || t->dtype() == DType::kString || t->bytes() > kSmallConstant ||
        g.is_output(v))
      continue;
    const auto [it, fresh] = seen.emplace(constant_key(*t), v);
    if (!fresh && r.allow()) r.replace(v, it->second);
  }
}

bool mergeable(const Node& n) { return !n.dead && n.bodies.empty() && !n.op->has(kNondeterministic); }

bool equal_nodes(const Node& a, const Node& b) {
  return a.op == b.op && a.inputs == b.inputs && a.attrs == b.attrs && a.outputs.size() == b.outputs.size();
}

std::string node_key(const Node& n) {
  std::string key = cat(n.op->domain, ".", n.op->name);
  for (ValueId v : n.inputs) key += cat(",", v);
  return key;
}

}  // namespace

Status pass_merge_duplicates(Rewriter& r) {
  merge_constants(r);
  Graph& g = r.graph();
  SDX_TRY(const std::vector<NodeId> order, g.order());
  std::unordered_map<std::string, std::vector<NodeId>> seen;
  for (NodeId id : order) {
    const Node& n = g.node(id);
    if (!mergeable(n)) continue;
    auto& same = seen[node_key(n)];
    NodeId twin = kNone;
    for (NodeId other : same)
      if (!g.node(other).dead && equal_nodes(g.node(other), n)) twin = other;
    bool compatible = twin != kNone;
    for (size_t o = 0; compatible && o < n.outputs.size(); ++o)
      compatible = n.outputs[o] == kNone || (g.node(twin).outputs[o] != kNone && !g.is_output(n.outputs[o]));
    if (!compatible || !r.allow()) {
      same.push_back(id);
      continue;
    }
    for (size_t o = 0; o < n.outputs.size(); ++o)
      if (n.outputs[o] != kNone) r.replace(n.outputs[o], g.node(twin).outputs[o]);
    r.erase_if_unused(id);
  }
  return {};
}

}  // namespace sardonyx
