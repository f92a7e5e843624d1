// Element-wise nodes in a row become ai.sardonyx.Chain: one pass over memory instead of one per node.
#include <algorithm>

#include "ops/fused/chain.h"
#include "pass/absorb.h"

namespace sardonyx {
namespace {

constexpr size_t kMostOperands = 2;

struct Draft {
  ValueId x = kNone, result = kNone;
  std::vector<ValueId> operands;
  std::vector<ChainStep> steps;
};

// The step that n is when it is a unary operator.
std::optional<ChainStep> unary_step(const Rewriter& r, const Node& n) {
  std::string_view name = n.op->name;
  if (name == "Clip") {
    float limits[2] = {-__builtin_inff(), __builtin_inff()};
    for (size_t i = 1; i < n.inputs.size(); ++i) {
      if (n.inputs[i] == kNone) continue;
      const auto v = r.scalar(n.inputs[i]);
      if (!v) return std::nullopt;
      limits[i - 1] = static_cast<float>(*v);
    }
    ChainStep s;
    s.op = "Clip", s.p0 = limits[0], s.p1 = limits[1];
    return limits[0] <= limits[1] ? std::optional(s) : std::nullopt;
  }
  if (const Attr* kind = n.find_attr("approximate"); name == "Gelu" && kind != nullptr && kind->s == "tanh")
    name = "GeluTanh";
  const ChainOp* op = find_chain_op(name);
  if (op == nullptr || op->binary || n.inputs.size() != 1) return std::nullopt;
  const auto number = [&](std::string_view attr) {
    if (attr.empty()) return 0.0f;
    const Attr* a = n.find_attr(attr);
    return a != nullptr ? a->f : static_cast<float>(n.op->find_attr(attr)->f);
  };
  ChainStep s;
  s.op = op->name, s.p0 = number(op->p0), s.p1 = number(op->p1);
  return s;
}

bool same_tensor(const Rewriter& r, ValueId a, ValueId b) {
  return equal_shapes(r, a, b) && r.fact(a).dtype() == r.fact(b).dtype();
}

// Rows that broadcast cut the work into short pieces, which cost more than the memory passes that are saved.
bool fits_blocks(const Rewriter& r, ValueId operand, ValueId v) {
  const Shape& s = r.fact(operand).shape;
  return std::all_of(s.begin(), s.end(), [](Dim d) { return d.is(1); }) || equal_shapes(r, operand, v);
}

// Adds node id to the chain that ends in v; false if it cannot be its next step.
bool extend(const Rewriter& r, NodeId id, ValueId v, Draft& d) {
  const Node& n = r.node(id);
  if (!n.op->domain.empty() || n.outputs.size() != 1 || !same_tensor(r, n.outputs[0], v)) return false;
  const DType type = r.fact(v).dtype();
  if (!is_float(type)) return false;
  if (const auto s = unary_step(r, n)) {
    if (n.inputs[0] != v) return false;
    d.steps.push_back(*s);
    d.result = n.outputs[0];
    return true;
  }
  const ChainOp* op = find_chain_op(n.op->name);
  if (op == nullptr || !op->binary || n.inputs.size() != 2) return false;
  if (op->name == "Pow" && type != DType::kF32 && type != DType::kF64) return false;
  if ((n.inputs[0] == v) == (n.inputs[1] == v)) return false;
  const ValueId other = n.inputs[0] == v ? n.inputs[1] : n.inputs[0];
  if (other == d.x || r.fact(other).dtype() != type || !r.fact(other).has_rank) return false;
  if (!fits_blocks(r, other, v)) return false;
  size_t k = static_cast<size_t>(std::find(d.operands.begin(), d.operands.end(), other) - d.operands.begin());
  if (k == d.operands.size()) {
    if (k == kMostOperands) return false;
    d.operands.push_back(other);
  }
  ChainStep s;
  s.op = op->name;
  s.a = n.inputs[0] == v ? 0 : static_cast<int>(k) + 1;
  s.b = n.inputs[0] == v ? static_cast<int>(k) + 1 : 0;
  d.steps.push_back(s);
  d.result = n.outputs[0];
  return true;
}

// The longest chain that begins with this node.
Draft chain_from(const Rewriter& r, NodeId id) {
  Draft d;
  const Node& n = r.node(id);
  for (size_t i = 0; i < std::min<size_t>(2, n.inputs.size()) && d.steps.empty(); ++i) {
    if (n.inputs[i] == kNone || r.constant(n.inputs[i])) continue;
    d.x = n.inputs[i];
    extend(r, id, d.x, d);
  }
  while (!d.steps.empty() && r.single_use(d.result) && extend(r, r.users(d.result)[0], d.result, d)) {
  }
  return d;
}

Status emit(Rewriter& r, NodeId id, const Draft& d) {
  if (!r.allow()) return {};
  Attr steps;
  steps.name = "steps";
  steps.type = AttrType::kStrings;
  for (const ChainStep& s : d.steps) steps.strings.push_back(to_string(s));
  ValueIds in{d.x};
  for (ValueId v : d.operands) in.push_back(v);
  SDX_TRY(const ValueId y, r.add("ai.sardonyx", "Chain", in, {std::move(steps)}, r.node(id).name));
  const NodeId last = r.producer_id(d.result);
  r.replace(d.result, y);
  r.erase_if_unused(last);
  return {};
}

}  // namespace

Status pass_fuse_chains(Rewriter& r) {
  if (!r.knows("ai.sardonyx", "Chain")) return {};
  SDX_TRY(const std::vector<NodeId> order, r.graph().order());
  for (NodeId id : order) {
    const Node& n = r.node(id);
    if (n.dead || n.inputs.empty() || n.outputs.empty() || n.outputs[0] == kNone) continue;
    const Draft d = chain_from(r, id);
    if (d.steps.size() > 1) SDX_RETURN_IF_ERROR(emit(r, id, d));
  }
  return {};
}

}  // namespace sardonyx
