// Dynamic quantisation: MatMulInteger or ConvInteger, then Cast, scale, bias and activation become one node with a
// float result. quantised_activations does the same for activations that other passes made afterwards.
#include "pass/quantised.h"

namespace sardonyx {
namespace {

bool one_element(const Fact& f) { return f.has_rank && (f.shape.empty() || (f.shape.size() == 1 && f.shape[0].is(1))); }

// The only user of v if it is this operator.
NodeId only_user(const Rewriter& r, const Graph& g, ValueId v, std::string_view op) {
  if (!r.single_use(v)) return kNone;
  const NodeId n = g.value(v).users[0];
  return r.is(n, op) ? n : kNone;
}

Result<ValueId> vector_constant(Graph& g, const Tensor& t) {
  const int64_t n = t.count();
  return g.add_constant(n == 1 ? t.reshaped({}) : t.reshaped(std::span(&n, 1)));
}

// A constant that holds one number per output column, whose other extents are 1.
const Tensor* per_column(const Rewriter& r, ValueId v, int64_t columns, bool conv, size_t rank) {
  const Tensor* t = r.constant(v);
  if (t == nullptr || t->dtype() != DType::kF32 || static_cast<size_t>(t->rank()) > rank) return nullptr;
  if (t->count() == 1) return t;
  const int64_t axis = conv ? static_cast<int64_t>(t->rank()) + 1 - static_cast<int64_t>(rank) : t->rank() - 1;
  return axis >= 0 && t->count() == columns && t->dims()[static_cast<size_t>(axis)] == columns ? t : nullptr;
}

// Splits a scale into x's and the weights': the product of a constant with something else, or one number as it is.
Status split_scale(Rewriter& r, ValueId scale, int64_t columns, bool conv, size_t rank, ProductDraft& d) {
  Graph& g = r.graph();
  d.x.scale = kNone;
  const NodeId product = r.producer_id(scale);
  if (r.is(product, "Mul")) {
    for (size_t i : {size_t{0}, size_t{1}}) {
      const ValueId w = g.node(product).inputs[i], x = g.node(product).inputs[1 - i];
      const Tensor* t = per_column(r, w, columns, conv, rank);
      if (t == nullptr || !one_element(g.fact(x)) || g.fact(x).dtype() != DType::kF32) continue;
      d.x.scale = x;
      SDX_TRY(d.w.scale, vector_constant(g, *t));
      return {};
    }
  }
  if (!one_element(g.fact(scale))) return {};
  d.x.scale = scale;
  SDX_TRY(Tensor one, Tensor::make(DType::kF32, {}));
  *one.as<float>() = 1;
  d.w.scale = g.add_constant(std::move(one));
  return {};
}

Status visit(Rewriter& r, NodeId id, bool conv) {
  Graph& g = r.graph();
  const ValueIds in = g.node(id).inputs;
  if (in.size() < 2) return {};
  const Fact& w = g.fact(in[1]);
  if (!w.has_rank || w.shape.size() < 2 || !g.fact(in[0]).has_rank) return {};
  const Dim columns = conv ? w.shape[0] : w.shape[w.shape.size() - 1];
  const size_t rank = g.fact(g.node(id).outputs[0]).shape.size();
  if (!columns.known() || (conv && (w.shape.size() < 3 || w.shape.size() > 5))) return {};
  ProductDraft d{.op = conv ? "QConv" : "QMatMul", .attrs = g.node(id).attrs};
  d.x.q = in[0], d.w.q = in[1];
  if (in.size() > 2) d.x.zero = in[2];
  if (in.size() > 3) d.w.zero = in[3];
  if (d.x.zero != kNone && !one_element(g.fact(d.x.zero))) return {};
  if (d.w.zero != kNone && r.rank(d.w.zero) > 1) return {};
  const NodeId cast = only_user(r, g, g.node(id).outputs[0], "Cast");
  if (cast == kNone || g.fact(g.node(cast).outputs[0]).dtype() != DType::kF32) return {};
  const ValueId sums = g.node(cast).outputs[0];
  const NodeId mul = only_user(r, g, sums, "Mul");
  if (mul == kNone) return {};
  const ValueId scale = g.node(mul).inputs[g.node(mul).inputs[0] == sums ? 1 : 0];
  d.result = g.node(mul).outputs[0];
  if (scale == sums || !equal_shapes(r, d.result, sums)) return {};
  SDX_RETURN_IF_ERROR(split_scale(r, scale, columns.value(), conv, rank, d));
  if (d.x.scale == kNone) return {};
  if (const auto sum = sum_with(r, d.result); sum && equal_shapes(r, sum->result, d.result)) {
    if (per_column(r, sum->other, columns.value(), conv, rank)) {
      d.bias = column_numbers(r, sum->other, columns.value());
      if (d.bias) d.result = sum->result;
    }
  }
  d.act = activation_of(r, d.result);
  if (d.act && equal_shapes(r, d.act->result, d.result))
    d.result = d.act->result;
  else
    d.act.reset();
  return emit_product(r, d, g.node(id).name).status();
}

}  // namespace

Status pass_fuse_dynamic(Rewriter& r) {
  Graph& g = r.graph();
  SDX_TRY(const std::vector<NodeId> order, g.order());
  for (NodeId id : order) {
    if (g.node(id).dead) continue;
    const bool conv = r.is(id, "ConvInteger");
    if (conv || r.is(id, "MatMulInteger")) SDX_RETURN_IF_ERROR(visit(r, id, conv));
  }
  return {};
}

Status pass_quantised_activations(Rewriter& r) {
  Graph& g = r.graph();
  SDX_TRY(const std::vector<NodeId> order, g.order());
  for (NodeId id : order) {
    if (g.node(id).dead || !(r.is(id, "QMatMul", "ai.sardonyx") || r.is(id, "QConv", "ai.sardonyx"))) continue;
    const ValueId y = g.node(id).outputs[0];
    if (g.fact(y).dtype() != DType::kF32 || g.node(id).find_attr("activation")) continue;
    const auto act = activation_of(r, y);
    if (!act || !equal_shapes(r, act->result, y) || !r.allow()) continue;
    const std::string op(g.node(id).op->name);
    SDX_TRY(const ValueId v,
            r.add("ai.sardonyx", op, g.node(id).inputs, with_activation(g.node(id).attrs, act), g.node(id).name));
    const NodeId last = g.value(act->result).producer;
    r.replace(act->result, v);
    r.erase_if_unused(last);
  }
  return {};
}

}  // namespace sardonyx
