// Nodes whose inputs are all constants are computed now, and integer contents that inference found become constants. A
// result larger than its inputs and 4 MiB stays a node: it would only make the model bigger. Dequantised weights wait
// for fold_dequantised, when integer products have taken theirs; it has no such limit, because the float kernels that
// are left would dequantise at every run.
#include "pass/rewriter.h"

namespace sardonyx {
namespace {

constexpr size_t kMostGrowth = size_t{4} << 20;

bool dequantises(const Node& n) { return n.op->domain.empty() && n.op->name == "DequantizeLinear"; }

bool foldable(const Graph& g, const Node& n) {
  if (n.dead || !n.bodies.empty() || n.op->has(kNondeterministic) || n.outputs.empty()) return false;
  bool any = n.inputs.size() > 0;
  for (ValueId v : n.inputs)
    if (v != kNone && !g.is_constant(v)) return false;
  return any;
}

size_t bytes_of(const Graph& g, std::span<const ValueId> values) {
  size_t n = 0;
  for (ValueId v : values)
    if (g.is_constant(v)) n += g.fact(v).constant.bytes();
  return n;
}

// True if the output's extents are known and within the budget.
bool small_enough(const Graph& g, const Node& n) {
  const size_t budget = std::max(kMostGrowth, bytes_of(g, n.inputs));
  for (ValueId v : n.outputs) {
    if (v == kNone) continue;
    const Fact& f = g.fact(v);
    if (!f.type.is_tensor() || !f.has_rank) continue;
    Extents dims;
    for (Dim d : f.shape) {
      if (!d.known()) break;
      dims.push_back(d.value());
    }
    if (dims.size() != f.shape.size()) continue;
    auto bytes = checked_storage_bytes(f.dtype(), dims);
    if (!bytes.ok() || *bytes > budget) return false;
  }
  return true;
}

Status fold_node(Rewriter& r, NodeId id) {
  Graph& g = r.graph();
  const Node& n = g.node(id);
  std::vector<Value> in;
  for (ValueId v : n.inputs) in.push_back(v == kNone ? Value() : Value(g.fact(v).constant));
  auto out = r.eval()(g, id, in);
  if (!out.ok()) return {};  // the run will report it, if the node is reached at all
  for (size_t o = 0; o < n.outputs.size(); ++o)
    if (n.outputs[o] != kNone && !dequantises(n) &&
        (!(*out)[o].is_tensor() || (*out)[o].tensor().bytes() > std::max(kMostGrowth, bytes_of(g, n.inputs))))
      return {};
  if (!r.allow()) return {};
  const ValueIds outputs = n.outputs;
  for (size_t o = 0; o < outputs.size(); ++o)
    if (outputs[o] != kNone) r.replace(outputs[o], g.add_constant((*out)[o].tensor(), g.value(outputs[o]).name));
  r.erase_if_unused(id);
  return {};
}

template <class T>
void store(const Dims& d, Tensor& t) {
  for (size_t i = 0; i < d.size(); ++i) t.as<T>()[i] = static_cast<T>(d[i].value());
}

// An integer output whose contents inference knows.
Status fold_known(Rewriter& r, NodeId id) {
  Graph& g = r.graph();
  const ValueIds outputs = g.node(id).outputs;
  for (ValueId v : outputs) {
    if (v == kNone || r.unused(v)) continue;
    const Fact& f = g.fact(v);
    if (!f.ints || !all_known(*f.ints) || !f.has_rank || !all_known(f.shape)) continue;
    if (f.dtype() != DType::kI64 && f.dtype() != DType::kI32 && f.dtype() != DType::kBool) continue;
    Extents dims;
    for (Dim d : f.shape) dims.push_back(d.value());
    SDX_TRY(Tensor t, Tensor::make(f.dtype(), dims));
    if (f.dtype() == DType::kI64)
      store<int64_t>(*f.ints, t);
    else if (f.dtype() == DType::kI32)
      store<int32_t>(*f.ints, t);
    else
      store<bool>(*f.ints, t);
    if (!r.allow()) return {};
    r.replace(v, g.add_constant(std::move(t), g.value(v).name));
  }
  r.erase_if_unused(id);
  return {};
}

}  // namespace

Status pass_fold_constants(Rewriter& r) {
  Graph& g = r.graph();
  SDX_TRY(const std::vector<NodeId> order, g.order());
  for (NodeId n : order) {
    if (g.node(n).dead) continue;
    // Facts may have sharpened: inputs became constants.
    bool touched = false;
    for (ValueId v : g.node(n).inputs) touched = touched || (v != kNone && g.is_constant(v));
    if (touched && g.node(n).captures == 0 && g.node(n).bodies.empty()) SDX_RETURN_IF_ERROR(g.infer(n));
    if (g.node(n).bodies.empty()) SDX_RETURN_IF_ERROR(fold_known(r, n));
    if (g.node(n).dead || dequantises(g.node(n))) continue;
    if (foldable(g, g.node(n)) && small_enough(g, g.node(n))) SDX_RETURN_IF_ERROR(fold_node(r, n));
  }
  return {};
}

Status pass_fold_dequantised(Rewriter& r) {
  Graph& g = r.graph();
  SDX_TRY(const std::vector<NodeId> order, g.order());
  bool any = false;
  for (NodeId n : order) {
    if (g.node(n).dead || !dequantises(g.node(n)) || !foldable(g, g.node(n))) continue;
    SDX_RETURN_IF_ERROR(fold_node(r, n));
    any = true;
  }
  return any ? pass_fold_constants(r) : Status();
}

}  // namespace sardonyx
