// Nodes that change nothing are removed, and neighbours that undo or repeat each other become one.
#include <algorithm>

#include "pass/rewriter.h"

namespace sardonyx {
namespace {

bool same_shape(const Graph& g, ValueId a, ValueId b) {
  const Fact &x = g.fact(a), &y = g.fact(b);
  return x.has_rank && y.has_rank && x.shape == y.shape && x.dtype() == y.dtype();
}

bool all_zero(const Tensor* t) {
  if (t == nullptr) return false;
  auto v = read_ints(*t);
  return v.ok() && std::all_of(v->begin(), v->end(), [](int64_t x) { return x == 0; });
}
bool all_one(const Tensor* t) {
  if (t == nullptr) return false;
  auto v = read_ints(*t);
  return v.ok() && std::all_of(v->begin(), v->end(), [](int64_t x) { return x == 1; });
}

std::vector<int64_t> perm_of(const Graph& g, const Node& n) {
  if (const Attr* a = n.find_attr("perm")) return a->ints;
  std::vector<int64_t> p(g.fact(n.inputs[0]).shape.size());
  for (size_t i = 0; i < p.size(); ++i) p[i] = static_cast<int64_t>(p.size() - 1 - i);
  return p;
}
bool is_identity(const std::vector<int64_t>& p) {
  for (size_t i = 0; i < p.size(); ++i)
    if (p[i] != static_cast<int64_t>(i)) return false;
  return true;
}

// The input that the node's output equals, or kNone.
ValueId same_as_input(Rewriter& r, const Node& n) {
  const Graph& g = r.graph();
  const std::string_view op = n.op->name;
  if (!n.op->domain.empty() || n.inputs.empty() || n.inputs[0] == kNone) return kNone;
  const ValueId x = n.inputs[0], y = n.outputs[0];
  const auto input = [&](size_t i) { return i < n.inputs.size() ? n.inputs[i] : kNone; };
  if (op == "Identity") return x;
  if (op == "Dropout") {
    const ValueId training = input(2);
    const bool off = training == kNone || r.scalar(training) == std::optional(0.0) ||
                     (input(1) != kNone && r.scalar(input(1)) == std::optional(0.0));
    return off && (n.outputs.size() < 2 || r.unused(n.outputs[1])) ? x : kNone;
  }
  if (op == "Cast" || op == "Expand" || op == "Reshape" || op == "Flatten" || op == "Squeeze" || op == "Unsqueeze" ||
      op == "CastLike")
    return same_shape(g, x, y) ? x : kNone;
  if (op == "Concat") return n.inputs.size() == 1 ? x : kNone;
  if (op == "Transpose") return g.fact(x).has_rank && is_identity(perm_of(g, n)) ? x : kNone;
  if (op == "Slice")
    return same_shape(g, x, y) && all_known(g.fact(x).shape) && (input(4) == kNone || all_one(r.constant(input(4))))
               ? x
               : kNone;
  if (op == "Pad") return input(1) != kNone && all_zero(r.constant(input(1))) ? x : kNone;
  if (op == "Add" || op == "Sub" || op == "Mul" || op == "Div") {
    const double neutral = op == "Add" || op == "Sub" ? 0 : 1;
    if (r.scalar(n.inputs[1]) == std::optional(neutral) && same_shape(g, x, y)) return x;
    if ((op == "Add" || op == "Mul") && r.scalar(x) == std::optional(neutral) && same_shape(g, n.inputs[1], y))
      return n.inputs[1];
  }
  return kNone;
}

// Transpose of a Transpose becomes one.
Status compose_transposes(Rewriter& r, NodeId id) {
  Graph& g = r.graph();
  const NodeId first = r.producer_id(g.node(id).inputs[0]);
  if (!r.is(id, "Transpose") || !r.is(first, "Transpose") || !g.fact(g.node(id).inputs[0]).has_rank) return {};
  const std::vector<int64_t> outer = perm_of(g, g.node(id)), inner = perm_of(g, g.node(first));
  std::vector<int64_t> both(outer.size());
  for (size_t i = 0; i < both.size(); ++i) both[i] = inner[static_cast<size_t>(outer[i])];
  if (!r.allow()) return {};
  const ValueId x = g.node(first).inputs[0], y = g.node(id).outputs[0];
  ValueId v = x;
  if (!is_identity(both)) {
    SDX_TRY(v, r.add("", "Transpose", {x}, {Attr::of_ints("perm", both)}, g.node(id).name));
  }
  r.replace(y, v);
  r.erase_if_unused(id);
  return {};
}

// A view of a view is a view of the first input, when the second does not refer to the extents between them.
Status compose_views(Rewriter& r, NodeId id) {
  Graph& g = r.graph();
  const NodeId first = r.producer_id(g.node(id).inputs[0]);
  if (first == kNone || !g.node(first).op->has(kView) || r.is(first, "Identity")) return {};
  const Fact& out = g.fact(g.node(id).outputs[0]);
  if (!out.has_rank || !all_known(out.shape) || !g.fact(g.node(first).inputs[0]).type.is_tensor()) return {};
  if (!r.allow()) return {};
  std::vector<int64_t> dims;
  for (Dim d : out.shape) dims.push_back(d.value());
  SDX_TRY(const ValueId shape, r.constant_ints(dims));
  SDX_TRY(const ValueId v,
          r.add("", "Reshape", {g.node(first).inputs[0], shape}, {Attr::of_int("allowzero", 1)}, g.node(id).name));
  r.replace(g.node(id).outputs[0], v);
  r.erase_if_unused(id);
  return {};
}

}  // namespace

Status pass_eliminate(Rewriter& r) {
  Graph& g = r.graph();
  SDX_TRY(const std::vector<NodeId> order, g.order());
  for (NodeId id : order) {
    const Node& n = g.node(id);
    if (n.dead || !n.bodies.empty() || n.outputs.empty() || n.outputs[0] == kNone ||
        !g.fact(n.outputs[0]).type.is_tensor())
      continue;
    if (const ValueId x = same_as_input(r, n); x != kNone && g.fact(x).type.is_tensor()) {
      if (!r.allow()) return {};
      const ValueId y = n.outputs[0];
      g.replace_uses(y, x);
      r.erase_if_unused(id);
      continue;
    }
    if (r.is(id, "Transpose"))
      SDX_RETURN_IF_ERROR(compose_transposes(r, id));
    else if (n.op->has(kView) && !r.is(id, "Identity"))
      SDX_RETURN_IF_ERROR(compose_views(r, id));
  }
  return {};
}

}  // namespace sardonyx
