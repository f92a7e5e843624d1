// Convolutional islands work on channels-last tensors. One walk in topological order: a convolution always computes
// channels-last; element-wise nodes, pools and concatenations (of floats
// or of quantised bytes) follow when what they read is channels-last already. Each
// value has at most one twin in the other layout, made by a Transpose only where somebody asks for it; Transposes of
// the model that move channels cost nothing.
#include "ops/fused/channels_last.h"

#include <algorithm>
#include <unordered_map>

#include "pass/rewriter.h"

namespace sardonyx {
namespace {

bool elementwise_unary(std::string_view op) {
  constexpr std::string_view names[] = {
      "Relu",  "Sigmoid", "Tanh",     "LeakyRelu",  "HardSwish", "HardSigmoid", "Clip",
      "Gelu",  "Elu",     "Selu",     "Exp",        "Log",       "Sqrt",        "Abs",
      "Neg",   "Erf",     "Softplus", "Softsign",   "Mish",      "Swish",       "Celu",
      "Floor", "Ceil",    "Round",    "Reciprocal", "Sin",       "Cos",         "ThresholdedRelu",
      "Shrink"};
  return std::find(std::begin(names), std::end(names), op) != std::end(names);
}
bool elementwise_binary(std::string_view op) {
  constexpr std::string_view names[] = {"Add", "Sub", "Mul", "Div", "Pow", "PRelu", "Max", "Min"};
  return std::find(std::begin(names), std::end(names), op) != std::end(names);
}

class Layout {
 public:
  explicit Layout(Rewriter& r) : r_(r), g_(r.graph()) {}

  Status run() {
    SDX_TRY(const std::vector<NodeId> order, g_.order());
    bool any = false;
    for (NodeId n : order) any = any || wants_channels_last(n);
    if (!any) return {};
    for (NodeId n : order) {
      if (g_.node(n).dead) continue;
      SDX_RETURN_IF_ERROR(visit(n));
    }
    return {};
  }

 private:
  // Channels-first values that a convolution made channels-last: twin_[v] has v's elements, channels last.
  ValueId twin(ValueId v) const {
    const auto it = twin_.find(v);
    return it == twin_.end() ? kNone : it->second;
  }
  int rank(ValueId v) const { return r_.rank(v); }

  bool wants_channels_last(NodeId id) const {
    const Node& n = g_.node(id);
    const bool conv = r_.is(id, "Conv") || r_.is(id, "Conv", "ai.sardonyx"), bytes = r_.is(id, "QConv", "ai.sardonyx");
    if (!(bytes || (conv && g_.fact(n.outputs[0]).dtype() == DType::kF32))) return false;
    if (rank(n.inputs[0]) < 3 || rank(n.inputs[0]) > 5) return false;
    const Attr* already = n.find_attr("channels_last");
    return already == nullptr || already->i == 0;
  }

  // The channels-last form of v, transposing if there is none yet.
  Result<ValueId> last(ValueId v) {
    if (const ValueId t = twin(v); t != kNone) return t;
    const size_t rank = g_.fact(v).shape.size();
    SDX_TRY(const ValueId t, r_.add("", "Transpose", {v}, {Attr::of_ints("perm", perm_to_channels_last(rank))}));
    twin_[v] = t;
    return t;
  }

  // y's users still read it channels-first until they are visited: they read a Transpose of its channels-last form,
  // which goes when nobody is left.
  Status adopt(NodeId old, ValueId y, ValueId y_last) {
    const size_t rank = g_.fact(y).shape.size();
    SDX_TRY(const ValueId first,
            r_.add("", "Transpose", {y_last}, {Attr::of_ints("perm", perm_to_channels_first(rank))}, g_.value(y).name));
    twin_[first] = y_last;
    r_.replace(y, first);
    r_.erase_if_unused(old);
    return {};
  }

  Status visit(NodeId id) {
    if (wants_channels_last(id)) return visit_conv(id);
    const Node& n = g_.node(id);
    if (!n.bodies.empty() || n.outputs.empty() || n.outputs[0] == kNone || !g_.fact(n.outputs[0]).type.is_tensor())
      return {};
    const ValueId x = n.inputs.empty() ? kNone : n.inputs[0];
    if (n.op->domain == "ai.sardonyx") return visit_quantised(id);
    if (!n.op->domain.empty()) return {};
    if (n.op->name == "Transpose") return visit_transpose(id);
    if (n.op->name == "QuantizeLinear" || n.op->name == "DequantizeLinear")
      return twin(x) != kNone && g_.fact(n.inputs[1]).has_rank && is_number(n.inputs[1]) ? visit_unary(id) : Status();
    if (elementwise_unary(n.op->name)) return x != kNone && twin(x) != kNone ? visit_unary(id) : Status();
    if (elementwise_binary(n.op->name)) return visit_binary(id);
    if (n.op->name == "Concat") return visit_concat(id);
    if (x == kNone || twin(x) == kNone) return {};
    if (n.op->name == "MaxPool" || n.op->name == "AveragePool") return visit_pool(id);
    if (n.op->name == "GlobalAveragePool") return visit_global(id, "ReduceMean");
    if (n.op->name == "GlobalMaxPool") return visit_global(id, "ReduceMax");
    if (n.op->name == "ReduceMean" || n.op->name == "ReduceMax") return visit_reduce(id);
    return {};
  }

  Status visit_conv(NodeId id) {
    if (!r_.allow()) return {};
    ValueIds in = g_.node(id).inputs;
    SDX_TRY(in[0], last(in[0]));
    const bool bytes = r_.is(id, "QConv", "ai.sardonyx");
    if (!bytes && in.size() > 3 && in[3] != kNone) {
      SDX_TRY(in[3], last(in[3]));
    }
    std::vector<Attr> attrs = g_.node(id).attrs;
    std::erase_if(attrs, [](const Attr& a) { return a.name == "channels_last"; });
    attrs.push_back(Attr::of_int("channels_last", 1));
    SDX_TRY(const ValueId y, r_.add("ai.sardonyx", bytes ? "QConv" : "Conv", in, std::move(attrs), g_.node(id).name));
    return adopt(id, g_.node(id).outputs[0], y);
  }

  bool is_number(ValueId v) const {
    const Shape& s = g_.fact(v).shape;
    return s.empty() || (s.size() == 1 && s[0].is(1));
  }

  // Operators on quantised bytes follow like their float forms.
  Status visit_quantised(NodeId id) {
    const Node& n = g_.node(id);
    const ValueId x = n.inputs[0];
    if (n.op->name == "Lookup") return twin(x) != kNone ? visit_unary(id) : Status();
    if (n.op->name == "QGlobalAveragePool") {
      if (twin(x) == kNone || n.find_attr("channels_last") || !r_.allow()) return {};
      ValueIds in = n.inputs;
      in[0] = twin(x);
      return replace_node(id, in, {Attr::of_int("channels_last", 1)});
    }
    if (n.op->name != "QAdd" && n.op->name != "QMul") return {};
    // Both operands, at most one of which is not in the island and smaller than the result.
    const ValueId b = n.inputs[3], y = n.outputs[0];
    if (rank(y) < 3 || rank(x) != rank(y) || rank(b) != rank(y) || (twin(x) == kNone && twin(b) == kNone)) return {};
    for (ValueId v : {x, b})
      if (twin(v) == kNone && g_.fact(v).shape == g_.fact(y).shape) return {};
    if (!r_.allow()) return {};
    ValueIds in = n.inputs;
    SDX_TRY(in[0], last(x));
    SDX_TRY(in[3], last(b));
    return replace_node(id, in, g_.node(id).attrs);
  }

  // A Transpose of the model between the two layouts: its input or output is the twin.
  Status visit_transpose(NodeId id) {
    const ValueId x = g_.node(id).inputs[0], y = g_.node(id).outputs[0];
    const Attr* perm = g_.node(id).find_attr("perm");
    const size_t rank = g_.fact(x).shape.size();
    if (perm == nullptr || !g_.fact(x).has_rank || rank < 3) return {};
    if (perm->ints == perm_to_channels_last(rank) && twin(x) != kNone && twin(x) != y) {
      if (!r_.allow()) return {};
      r_.replace(y, twin(x));
      r_.erase_if_unused(id);
    } else if (perm->ints == perm_to_channels_first(rank)) {
      twin_[y] = x;
    }
    return {};
  }

  Status visit_unary(NodeId id) {
    if (!r_.allow()) return {};
    ValueIds in = g_.node(id).inputs;
    SDX_TRY(in[0], last(in[0]));
    return replace_node(id, in, g_.node(id).attrs);
  }

  // Operands that have the output's rank are transposed; constants of fewer axes are moved by value.
  Status visit_binary(NodeId id) {
    const Node& n = g_.node(id);
    const ValueId y = n.outputs[0];
    if (rank(y) < 3) return {};
    bool any = false;
    for (ValueId v : n.inputs) {
      if (!equal_type(v, y)) return {};
      any = any || twin(v) != kNone;
      if (!(twin(v) != kNone || r_.constant(v) || rank(v) == rank(y))) return {};
    }
    // An operand that is not in the island yet and is as large as the output would have to be transposed: worth it only
    // if it is small.
    for (ValueId v : n.inputs)
      if (twin(v) == kNone && !r_.constant(v) && g_.fact(v).shape == g_.fact(y).shape) return {};
    if (!any || !r_.allow()) return {};
    ValueIds in = n.inputs;
    for (ValueId& v : in) {
      SDX_TRY(v, operand(v, rank(y)));
    }
    return replace_node(id, in, g_.node(id).attrs);
  }
  bool equal_type(ValueId v, ValueId y) const {
    return v != kNone && g_.fact(v).dtype() == g_.fact(y).dtype() && g_.fact(v).has_rank;
  }

  // v as an operand of a channels-last node of the given rank.
  Result<ValueId> operand(ValueId v, int out_rank) {
    const Tensor* t = r_.constant(v);
    if (t == nullptr || twin(v) != kNone) return last(v);
    if (t->count() == 1) return v;
    Extents dims(static_cast<size_t>(out_rank), 1);
    std::copy(t->dims().begin(), t->dims().end(), dims.end() - t->rank());
    const ValueId full = g_.add_constant(t->reshaped(dims));
    return last(full);
  }

  Status visit_concat(NodeId id) {
    const Node& n = g_.node(id);
    const int out_rank = rank(n.outputs[0]);
    if (out_rank < 3) return {};
    for (ValueId v : n.inputs)
      if (v == kNone || twin(v) == kNone) return {};
    if (!r_.allow()) return {};
    const int64_t axis = n.find_attr("axis")->i;
    const int64_t first = axis < 0 ? axis + out_rank : axis;
    const int64_t moved = first == 1 ? out_rank - 1 : first == 0 ? 0 : first - 1;
    ValueIds in;
    for (ValueId v : n.inputs) in.push_back(twin(v));
    return replace_node(id, in, {Attr::of_int("axis", moved)});
  }

  Status visit_pool(NodeId id) {
    const Node& n = g_.node(id);
    const DType type = g_.fact(n.outputs[0]).dtype();
    const bool fits = type == DType::kF32 || (n.op->name == "MaxPool" && (type == DType::kU8 || type == DType::kI8));
    if (n.outputs.size() > 1 || !fits || rank(n.inputs[0]) > 5 || !r_.allow()) return {};
    std::vector<Attr> attrs;
    for (const Attr& a : n.attrs)
      if (a.name != "storage_order") attrs.push_back(a);
    const std::string op(n.op->name);
    SDX_TRY(const ValueId y, r_.add("ai.sardonyx", op, {twin(n.inputs[0])}, std::move(attrs), g_.node(id).name));
    return adopt(id, g_.node(id).outputs[0], y);
  }

  Status visit_global(NodeId id, std::string_view reduce) {
    if (!r_.allow()) return {};
    const size_t rank = g_.fact(g_.node(id).inputs[0]).shape.size();
    std::vector<int64_t> axes;
    for (size_t a = 1; a + 1 < rank; ++a) axes.push_back(static_cast<int64_t>(a));
    SDX_TRY(const ValueId list, r_.constant_ints(axes));
    SDX_TRY(const ValueId y, r_.add("", reduce, {twin(g_.node(id).inputs[0]), list}, {}, g_.node(id).name));
    return adopt(id, g_.node(id).outputs[0], y);
  }

  // Reductions over spatial axes that keep them.
  Status visit_reduce(NodeId id) {
    const Node& n = g_.node(id);
    const Attr* keep = n.find_attr("keepdims");
    const Tensor* axes = n.inputs.size() > 1 ? r_.constant(n.inputs[1]) : nullptr;
    if ((keep && keep->i == 0) || axes == nullptr) return {};
    auto list = read_ints(*axes);
    if (!list.ok()) return {};
    const int64_t rank = static_cast<int64_t>(g_.fact(n.inputs[0]).shape.size());
    std::vector<int64_t> moved;
    for (int64_t a : *list) {
      const int64_t first = a < 0 ? a + rank : a;
      if (first < 2) return {};
      moved.push_back(first - 1);
    }
    if (moved.empty() || !r_.allow()) return {};
    SDX_TRY(const ValueId moved_axes, r_.constant_ints(moved));
    return replace_node(id, {twin(g_.node(id).inputs[0]), moved_axes}, g_.node(id).attrs);
  }

  // The same operator on channels-last inputs.
  Status replace_node(NodeId id, ValueIds in, std::vector<Attr> attrs) {
    const std::string_view domain = g_.node(id).op->domain, op = g_.node(id).op->name;
    SDX_TRY(const ValueId y, r_.add(domain, op, std::move(in), std::move(attrs), g_.node(id).name));
    return adopt(id, g_.node(id).outputs[0], y);
  }

  Rewriter& r_;
  Graph& g_;
  std::unordered_map<ValueId, ValueId> twin_;
};

}  // namespace

Status pass_channels_last(Rewriter& r) { return Layout(r).run(); }

}  // namespace sardonyx
