// Quantised islands: float nodes between DequantizeLinear and QuantizeLinear become nodes on bytes. One walk in
// topological order. Nodes that only move data move the bytes, and the DequantizeLinear comes after them, so that the
// next node finds it.
#include <algorithm>

#include "pass/quantised.h"

namespace sardonyx {
namespace {

template <size_t N>
bool among(std::string_view op, const std::string_view (&names)[N]) {
  return std::find(std::begin(names), std::end(names), op) != std::end(names);
}

int64_t int_attr(const Node& n, std::string_view name, int64_t missing) {
  const Attr* a = n.find_attr(name);
  return a ? a->i : missing;
}
float float_attr(const Node& n, std::string_view name, float missing) {
  const Attr* a = n.find_attr(name);
  return a ? a->f : missing;
}

class Islands {
 public:
  explicit Islands(Rewriter& r) : r_(r), g_(r.graph()) {}

  Status run() {
    SDX_TRY(const std::vector<NodeId> order, g_.order());
    for (NodeId id : order) {
      const Node& n = g_.node(id);
      if (n.dead || !n.op->domain.empty() || n.outputs.empty() || n.outputs[0] == kNone || n.inputs.empty()) continue;
      SDX_RETURN_IF_ERROR(visit(id));
    }
    return {};
  }

 private:
  Status visit(NodeId id) {
    const std::string_view op = g_.node(id).op->name;
    constexpr std::string_view movers[] = {"Reshape", "Flatten", "Squeeze", "Unsqueeze",    "Transpose",    "Slice",
                                           "Gather",  "Expand",  "Tile",    "DepthToSpace", "SpaceToDepth", "MaxPool"};
    if (op == "Conv") return visit_conv(id);
    if (op == "MatMul" || op == "Gemm") return visit_matmul(id);
    if (op == "Add" || op == "Mul") return visit_binary(id);
    if (op == "GlobalAveragePool") return visit_mean(id);
    if (op == "Concat") return visit_concat(id);
    if (op == "QuantizeLinear") return visit_chain(id);
    if (among(op, movers) || (op == "Resize" && is_nearest(id))) return visit_mover(id);
    return {};
  }

  bool constant(const Quantised& v) const { return g_.is_constant(v.q); }

  // Sets the draft's activation, quantisation and result: what follows value v.
  void finish(ProductDraft& d, ValueId v) {
    d.result = v;
    d.y = quantised_after(r_, v);
    if (!d.y) {
      d.act = activation_of(r_, v);
      if (d.act && !equal_shapes(r_, d.act->result, v)) d.act.reset();
      if (!d.act) return;
      const bool clip = d.act->name == "Relu" || d.act->name == "Clip";
      if (clip) d.y = quantised_after(r_, d.act->result);
      d.result = d.act->result;
    }
    if (d.y) d.result = d.y->result;
  }

  Status visit_conv(NodeId id) {
    const Node& n = g_.node(id);
    const auto x = dequantised(r_, n.inputs[0]), w = dequantised(r_, n.inputs[1]);
    const int rank = r_.rank(n.inputs[1]);
    if (!x || !w || constant(*x) || !constant(*w) || !per_tensor(r_, *x) || !per_axis(r_, *w, 0) || rank < 3 ||
        rank > 5 || r_.rank(n.inputs[0]) != rank)
      return {};
    ProductDraft d{.op = "QConv", .x = *x, .w = *w, .attrs = n.attrs};
    if (n.inputs.size() > 2 && n.inputs[2] != kNone) {
      d.bias = column_numbers(r_, n.inputs[2], g_.fact(w->q).constant.dims()[0]);
      if (!d.bias) return {};
    }
    finish(d, n.outputs[0]);
    return emit_product(r_, d, n.name).status();
  }

  Status visit_matmul(NodeId id) {
    const Node& n = g_.node(id);
    const bool gemm = n.op->name == "Gemm", trans = gemm && int_attr(n, "transB", 0) != 0;
    const auto x = dequantised(r_, n.inputs[0]), w = dequantised(r_, n.inputs[1]);
    if (!x || !w || constant(*x) || !per_tensor(r_, *x) || r_.rank(x->q) < 1 || r_.rank(w->q) < 2) return {};
    if (!per_tensor(r_, *w) && (r_.rank(w->q) != 2 || !per_axis(r_, *w, trans ? 0 : 1))) return {};
    if (gemm && (int_attr(n, "transA", 0) != 0 || float_attr(n, "alpha", 1) != 1 || float_attr(n, "beta", 1) != 1))
      return {};
    ProductDraft d{.op = "QMatMul", .x = *x, .w = *w};
    if (trans) d.attrs.push_back(Attr::of_int("transB", 1));
    const Fact& wf = g_.fact(w->q);
    const Dim columns = wf.shape[wf.shape.size() - (trans ? 2 : 1)];
    ValueId result = n.outputs[0];
    if (gemm && n.inputs.size() > 2 && n.inputs[2] != kNone) {
      if (!columns.known() || !is_row(n.inputs[2])) return {};
      d.bias = column_numbers(r_, n.inputs[2], columns.value());
      if (!d.bias) return {};
    } else if (const auto sum = sum_with(r_, result);
               sum && columns.known() && is_row(sum->other) && equal_shapes(r_, sum->result, result)) {
      d.bias = column_numbers(r_, sum->other, columns.value());
      if (d.bias) result = sum->result;
    }
    finish(d, result);
    return emit_product(r_, d, n.name).status();
  }

  // Extents 1 but for the last.
  bool is_row(ValueId v) const {
    const Fact& f = g_.fact(v);
    if (!f.has_rank) return false;
    for (size_t a = 0; a + 1 < f.shape.size(); ++a)
      if (!f.shape[a].is(1)) return false;
    return true;
  }

  Status visit_binary(NodeId id) {
    const Node& n = g_.node(id);
    const auto a = dequantised(r_, n.inputs[0]), b = dequantised(r_, n.inputs[1]);
    if (!a || !b || !per_tensor(r_, *a) || !per_tensor(r_, *b) || (constant(*a) && constant(*b))) return {};
    const DType type = g_.fact(a->q).dtype();
    ProductDraft d;
    finish(d, n.outputs[0]);
    if (!d.y || g_.fact(b->q).dtype() != type || g_.fact(d.y->q).dtype() != type || !r_.allow()) return {};
    const ValueIds in{a->q,
                      a->scale,
                      zero_of(r_, *a, type),
                      b->q,
                      b->scale,
                      zero_of(r_, *b, type),
                      d.y->scale,
                      zero_of(r_, *d.y, type)};
    const std::string op = n.op->name == "Add" ? "QAdd" : "QMul", name = n.name;
    SDX_TRY(const ValueId y, r_.add("ai.sardonyx", op, in, with_activation({}, d.act), name));
    return take_over(d.result, y);
  }

  Status visit_mean(NodeId id) {
    const Node& n = g_.node(id);
    const auto x = dequantised(r_, n.inputs[0]);
    const auto y = quantised_after(r_, n.outputs[0]);
    if (!x || !y || !per_tensor(r_, *x) || r_.rank(x->q) < 3) return {};
    const DType type = g_.fact(x->q).dtype();
    if (g_.fact(y->q).dtype() != type || !r_.allow()) return {};
    const ValueIds in{x->q, x->scale, zero_of(r_, *x, type), y->scale, zero_of(r_, *y, type)};
    SDX_TRY(const ValueId v, r_.add("ai.sardonyx", "QGlobalAveragePool", in, {}, n.name));
    return take_over(y->result, v);
  }

  bool is_nearest(NodeId id) const {
    const Node& n = g_.node(id);
    const Attr *mode = n.find_attr("mode"), *place = n.find_attr("coordinate_transformation_mode");
    return (mode == nullptr || mode->s == "nearest") && !(place && place->s == "tf_crop_and_resize");
  }

  Status visit_mover(NodeId id) {
    const Node& n = g_.node(id);
    const auto x = dequantised(r_, n.inputs[0]);
    if (!x || constant(*x) || !per_tensor(r_, *x) || g_.fact(n.outputs[0]).dtype() != DType::kF32) return {};
    if (n.outputs.size() > 1 && !r_.unused(n.outputs[1])) return {};
    // Bytes keep the order of the numbers only if the scale is positive.
    if (n.op->name == "MaxPool" && !(r_.scalar(x->scale).value_or(0) > 0)) return {};
    if (!r_.allow()) return {};
    ValueIds in = n.inputs;
    in[0] = x->q;
    const std::string op(n.op->name), name = n.name;
    const ValueId old = n.outputs[0];
    SDX_TRY(const ValueId moved, r_.add("", op, in, n.attrs, name));
    SDX_TRY(const ValueId y, dequantise(moved, *x));
    return take_over(old, y);
  }

  // Equal parameters: the bytes are concatenated. Different ones, if a QuantizeLinear follows: each is brought to its
  // parameters first.
  Status visit_concat(NodeId id) {
    const Node& n = g_.node(id);
    std::vector<Quantised> parts;
    for (ValueId v : n.inputs) {
      const auto x = v == kNone ? std::nullopt : dequantised(r_, v);
      if (!x || !per_tensor(r_, *x)) return {};
      parts.push_back(*x);
    }
    const auto y = quantised_after(r_, n.outputs[0]);
    const bool alike =
        std::all_of(parts.begin(), parts.end(), [&](const Quantised& p) { return same_parameters(r_, p, parts[0]); });
    if (!alike && !y) return {};
    std::vector<Tensor> tables;
    for (const Quantised& p : parts) {
      Tensor table;
      if (!alike && !same_parameters(r_, p, *y)) {
        const NodeId chain[] = {p.node};
        SDX_TRY(table, requantising(chain, *y, p));
        if (!table.valid()) return {};
      }
      tables.push_back(std::move(table));
    }
    if (!r_.allow()) return {};
    const std::vector<Attr> attrs = n.attrs;
    const std::string name = n.name;
    const ValueId old = alike ? n.outputs[0] : y->result;
    ValueIds in;
    for (size_t i = 0; i < parts.size(); ++i) {
      ValueId v = parts[i].q;
      if (tables[i].valid()) {
        SDX_TRY(v, r_.add("ai.sardonyx", "Lookup", {v, g_.add_constant(tables[i])}));
      }
      in.push_back(v);
    }
    SDX_TRY(const ValueId joined, r_.add("", "Concat", in, attrs, name));
    if (!alike) return take_over(old, joined);
    SDX_TRY(const ValueId v, dequantise(joined, parts[0]));
    return take_over(old, v);
  }

  // The table from p's bytes to y's; y's node reads something else, so it is given the dequantised numbers.
  Result<Tensor> requantising(std::span<const NodeId> dequantise, const Quantised& y, const Quantised& p) {
    SDX_TRY(Tensor x, table_of(r_, dequantise, g_.fact(p.q).dtype(), 1));
    if (!x.valid() || !g_.is_constant(y.scale) || (y.zero != kNone && !g_.is_constant(y.zero))) return Tensor();
    std::vector<Value> in{Value(x), Value(g_.fact(y.scale).constant)};
    if (y.zero != kNone) in.push_back(Value(g_.fact(y.zero).constant));
    auto out = r_.eval()(g_, y.node, in);
    return out.ok() && (*out)[0].is_tensor() ? (*out)[0].tensor() : Tensor();
  }

  // DequantizeLinear, any functions of one number, QuantizeLinear: a table.
  Status visit_chain(NodeId id) {
    constexpr std::string_view functions[] = {
        "Relu",   "Sigmoid", "Tanh",     "LeakyRelu",  "HardSwish", "HardSigmoid", "Clip",
        "Gelu",   "Elu",     "Selu",     "Exp",        "Log",       "Sqrt",        "Abs",
        "Neg",    "Erf",     "Softplus", "Softsign",   "Mish",      "Swish",       "Celu",
        "Floor",  "Ceil",    "Round",    "Reciprocal", "Sin",       "Cos",         "ThresholdedRelu",
        "Shrink", "Add",     "Sub",      "Mul",        "Div",       "Pow",         "Max",
        "Min"};
    const Node& last = g_.node(id);
    if (!contains(mask_of(DType::kU8) | mask_of(DType::kI8), g_.fact(last.outputs[0]).dtype())) return {};
    std::vector<NodeId> chain{id};
    ValueId v = last.inputs[0];
    std::optional<Quantised> x;
    while (!(x = dequantised(r_, v))) {
      const NodeId p = r_.producer_id(v);
      if (p == kNone || !r_.single_use(v) || !g_.node(p).op->domain.empty() || !among(g_.node(p).op->name, functions))
        return {};
      chain.push_back(p);
      v = running_input(p);
      if (v == kNone) return {};
    }
    if (constant(*x) || !per_tensor(r_, *x)) return {};
    Quantised y;
    y.q = last.outputs[0], y.scale = last.inputs[1], y.zero = last.inputs.size() > 2 ? last.inputs[2] : kNone;
    if (!per_tensor(r_, y)) return {};
    if (chain.size() == 1 && same_parameters(r_, *x, y)) return r_.allow() ? take_over(y.q, x->q) : Status();
    chain.push_back(x->node);
    std::reverse(chain.begin(), chain.end());
    const DType type = g_.fact(x->q).dtype();
    SDX_TRY(Tensor table, table_of(r_, chain, type, r_.rank(x->q)));
    if (!table.valid() || !r_.allow()) return {};
    SDX_TRY(const ValueId out,
            r_.add("ai.sardonyx", "Lookup", {x->q, g_.add_constant(std::move(table))}, {}, g_.node(id).name));
    return take_over(y.q, out);
  }

  // The only input of a node that is not one constant number; kNone if there is no such.
  ValueId running_input(NodeId id) const {
    ValueId found = kNone;
    for (ValueId v : g_.node(id).inputs) {
      if (v == kNone || (g_.is_constant(v) && g_.fact(v).constant.count() == 1)) continue;
      if (found != kNone) return kNone;
      found = v;
    }
    return found != kNone && equal_shapes(r_, found, g_.node(id).outputs[0]) ? found : kNone;
  }

  Result<ValueId> dequantise(ValueId q, const Quantised& like) {
    ValueIds in{q, like.scale};
    if (like.zero != kNone) in.push_back(like.zero);
    return r_.add("", "DequantizeLinear", in);
  }

  Status take_over(ValueId old, ValueId now) {
    const NodeId last = g_.value(old).producer;
    r_.replace(old, now);
    r_.erase_if_unused(last);
    return {};
  }

  Rewriter& r_;
  Graph& g_;
};

}  // namespace

Status pass_fuse_quantised(Rewriter& r) { return Islands(r).run(); }

}  // namespace sardonyx
