// MatMul and Gemm take over the scale, bias, residual and activation after them, a transposition of their right-hand
// side before them and the Reshapes around them, as ai.sardonyx.MatMul.
#include "pass/absorb.h"

namespace sardonyx {
namespace {

struct Draft {
  ValueId a = kNone, b = kNone, bias = kNone, residual = kNone, result = kNone;
  float alpha = 1;
  bool trans_a = false, trans_b = false;
  std::optional<Activation> act;
  int gains = 0;
};

// A constant that adds one number per column of y.
bool is_column_bias(const Rewriter& r, const Graph& g, ValueId v, ValueId y) {
  const Tensor* t = r.constant(v);
  if (t == nullptr || t->rank() < 1 || t->dtype() != DType::kF32) return false;
  const Shape& s = g.fact(y).shape;
  return t->count() == t->dims().back() && static_cast<size_t>(t->rank()) <= s.size() && s[s.size() - 1].is(t->count());
}

std::optional<Draft> start(const Rewriter& r, const Graph& g, NodeId id) {
  const Node& n = g.node(id);
  const bool matmul = r.is(id, "MatMul");
  if (!matmul && !r.is(id, "Gemm")) return std::nullopt;
  if (!g.fact(n.outputs[0]).has_rank || g.fact(n.outputs[0]).dtype() != DType::kF32) return std::nullopt;
  Draft d;
  d.a = n.inputs[0], d.b = n.inputs[1], d.result = n.outputs[0];
  if (matmul) return d;
  const auto number = [&](std::string_view name) { return n.find_attr(name) ? n.find_attr(name)->f : 1.0f; };
  const auto flag = [&](std::string_view name) { return n.find_attr(name) && n.find_attr(name)->i != 0; };
  d.alpha = number("alpha");
  d.trans_a = flag("transA"), d.trans_b = flag("transB");
  if (n.inputs.size() > 2 && n.inputs[2] != kNone) {
    if (number("beta") != 1 || !is_column_bias(r, g, n.inputs[2], d.result)) return std::nullopt;
    d.bias = n.inputs[2];
  }
  return d;
}

// Extents around a product that only gather its rows and spread them again: Reshape to [-1, K], Gemm, Reshape back.
void absorb_views(const Rewriter& r, const Graph& g, Draft& d) {
  const Node* before = r.producer(d.a);
  if (d.trans_a || before == nullptr || !before->op->has(kView) || !r.single_use(d.result)) return;
  const Node& after = g.node(g.value(d.result).users[0]);
  if (!after.op->has(kView) || after.inputs[0] != d.result) return;
  const ValueId x = before->inputs[0], y = after.outputs[0];
  const Fact &fx = g.fact(x), &fy = g.fact(y), &fa = g.fact(d.a), &fr = g.fact(d.result);
  if (!fx.has_rank || !fy.has_rank || !fa.has_rank || !fx.type.is_tensor() || !fy.type.is_tensor()) return;
  const size_t rank = fx.shape.size();
  if (rank < 2 || fy.shape.size() != rank || fa.shape.size() != 2 || fr.shape.size() != 2) return;
  if (!(fx.shape.back() == fa.shape[1]) || !(fy.shape.back() == fr.shape[1])) return;
  for (size_t i = 0; i + 1 < rank; ++i)
    if (!(fx.shape[i] == fy.shape[i])) return;
  d.a = x, d.result = y;
  ++d.gains;
}

// A right-hand side that a Transpose of the last two axes made.
void absorb_transpose(const Rewriter& r, const Graph& g, Draft& d) {
  const NodeId t = r.producer_id(d.b);
  if (!r.is(t, "Transpose") || g.is_constant(d.b)) return;
  const Attr* perm = g.node(t).find_attr("perm");
  const size_t rank = g.fact(d.b).shape.size();
  if (perm == nullptr || !g.fact(d.b).has_rank || rank < 2) return;
  for (size_t i = 0; i + 2 < rank; ++i)
    if (perm->ints[i] != static_cast<int64_t>(i)) return;
  if (perm->ints[rank - 1] != static_cast<int64_t>(rank - 2)) return;
  d.b = g.node(t).inputs[0];
  d.trans_b = !d.trans_b;
  ++d.gains;
}

bool absorb_scale(const Rewriter& r, const Graph& g, Draft& d) {
  if (d.bias != kNone || d.residual != kNone || !r.single_use(d.result)) return false;
  const NodeId user = g.value(d.result).users[0];
  const bool mul = r.is(user, "Mul"), div = r.is(user, "Div");
  if (!mul && !div) return false;
  const Node& n = g.node(user);
  if (div && n.inputs[0] != d.result) return false;
  const auto factor = r.scalar(n.inputs[0] == d.result ? n.inputs[1] : n.inputs[0]);
  if (!factor || !equal_shapes(r, n.outputs[0], d.result)) return false;
  d.alpha = static_cast<float>(mul ? static_cast<double>(d.alpha) * *factor : static_cast<double>(d.alpha) / *factor);
  d.result = n.outputs[0];
  return true;
}

bool absorb_sum(const Rewriter& r, const Graph& g, Draft& d) {
  const auto sum = sum_with(r, d.result);
  if (!sum || !equal_shapes(r, sum->result, d.result)) return false;
  if (d.bias == kNone && d.residual == kNone && is_column_bias(r, g, sum->other, d.result)) {
    d.bias = sum->other;
  } else if (d.residual == kNone && equal_shapes(r, sum->other, d.result)) {
    d.residual = sum->other;
  } else {
    return false;
  }
  d.result = sum->result;
  return true;
}

Status emit(Rewriter& r, NodeId id, const Draft& d) {
  if (!r.allow()) return {};
  Graph& g = r.graph();
  std::vector<Attr> attrs;
  if (d.alpha != 1) attrs.push_back(Attr::of_float("alpha", d.alpha));
  if (d.trans_a) attrs.push_back(Attr::of_int("transA", 1));
  if (d.trans_b) attrs.push_back(Attr::of_int("transB", 1));
  ValueIds in{d.a, d.b};
  if (d.bias != kNone || d.residual != kNone) in.push_back(d.bias);
  if (d.residual != kNone) in.push_back(d.residual);
  SDX_TRY(const ValueId y,
          r.add("ai.sardonyx", "MatMul", in, with_activation(std::move(attrs), d.act), g.node(id).name));
  const NodeId last = g.value(d.result).producer;
  r.replace(d.result, y);
  r.erase_if_unused(last);
  return {};
}

}  // namespace

Status pass_fuse_matmul(Rewriter& r) {
  Graph& g = r.graph();
  SDX_TRY(const std::vector<NodeId> order, g.order());
  for (NodeId id : order) {
    if (g.node(id).dead) continue;
    auto d = start(r, g, id);
    if (!d) continue;
    absorb_views(r, g, *d);
    absorb_transpose(r, g, *d);
    while (absorb_scale(r, g, *d)) ++d->gains;
    while (absorb_sum(r, g, *d)) ++d->gains;
    d->act = activation_of(r, d->result);
    if (d->act && equal_shapes(r, d->act->result, d->result))
      d->result = d->act->result, ++d->gains;
    else
      d->act.reset();
    if (d->gains > 0) SDX_RETURN_IF_ERROR(emit(r, id, *d));
  }
  return {};
}

}  // namespace sardonyx
