#include "pass/channels_last.h"

#include <algorithm>

#include "ops/fused/channels_last.h"
#include "ops/fused/conv_layout.h"

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

}  // namespace

Status ChannelsLast::run() {
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

bool ChannelsLast::wants_channels_last(NodeId id) const {
  const Node& n = g_.node(id);
  const bool conv = r_.is(id, "Conv") || r_.is(id, "Conv", "ai.sardonyx"), bytes = r_.is(id, "QConv", "ai.sardonyx");
  if (!(bytes || (conv && g_.fact(n.outputs[0]).dtype() == DType::kF32))) return false;
  if (rank(n.inputs[0]) < 3 || rank(n.inputs[0]) > 5) return false;
  const Attr* already = n.find_attr("channels_last");
  return already == nullptr || already->i == 0;
}

Result<ValueId> ChannelsLast::last(ValueId v) {
  if (const ValueId t = twin(v); t != kNone) return t;
  const size_t rank = g_.fact(v).shape.size();
  SDX_TRY(const ValueId t, r_.add("", "Transpose", {v}, {Attr::of_ints("perm", perm_to_channels_last(rank))}));
  twin_[v] = t;
  return t;
}

Status ChannelsLast::adopt(NodeId old, ValueId y, ValueId y_last) {
  const size_t rank = g_.fact(y).shape.size();
  SDX_TRY(const ValueId first,
          r_.add("", "Transpose", {y_last}, {Attr::of_ints("perm", perm_to_channels_first(rank))}, g_.value(y).name));
  twin_[first] = y_last;
  r_.replace(y, first);
  r_.erase_if_unused(old);
  return {};
}

Status ChannelsLast::visit(NodeId id) {
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
  return x != kNone && twin(x) != kNone ? follow(id) : Status();
}

ChannelsLast::ConvForm ChannelsLast::form_of(NodeId id) const {
  const Node& n = g_.node(id);
  const Tensor* w = r_.constant(n.inputs[1]);
  if (r_.is(id, "QConv", "ai.sardonyx") || w == nullptr || w->count() == 0 || w->rank() > 4) return ConvForm::kLast;
  const Extents& k = w->dims();
  const Attr* group = n.find_attr("group");
  ConvSizes s{.groups = group ? group->i : 1, .kernel_w = k.back()};
  s.out_channels = k[0], s.in_channels = k[1] * s.groups;
  for (size_t a = 2; a < k.size(); ++a) s.taps *= k[a];
  const Shape& y = g_.fact(n.outputs[0]).shape;
  if (!y.empty() && y.back().known()) s.out_width = y.back().value();
  const bool has_twin = twin(n.inputs[0]) != kNone;
  if (s.groups == 1 && suits_planes(s) && (s.out_channels <= 4 || !feeds_island(n.outputs[0])))
    return has_twin ? ConvForm::kLastToFirst : ConvForm::kFirst;
  return !has_twin && suits_first_layer(s) ? ConvForm::kFirstToLast : ConvForm::kLast;
}

Status ChannelsLast::visit_conv(NodeId id) {
  const ConvForm form = form_of(id);
  if (form == ConvForm::kFirst || !r_.allow()) return {};
  ValueIds in = g_.node(id).inputs;
  const bool bytes = r_.is(id, "QConv", "ai.sardonyx"), y_last = form != ConvForm::kLastToFirst;
  if (form != ConvForm::kFirstToLast) {
    SDX_TRY(in[0], last(in[0]));
  }
  if (y_last && !bytes && in.size() > 3 && in[3] != kNone) {
    SDX_TRY(in[3], last(in[3]));
  }
  std::vector<Attr> attrs = g_.node(id).attrs;
  std::erase_if(attrs, [](const Attr& a) {
    return a.name == "channels_last" || a.name == "input_first" || a.name == "output_first";
  });
  attrs.push_back(Attr::of_int("channels_last", 1));
  if (form == ConvForm::kFirstToLast) attrs.push_back(Attr::of_int("input_first", 1));
  if (!y_last) attrs.push_back(Attr::of_int("output_first", 1));
  SDX_TRY(const ValueId y, r_.add("ai.sardonyx", bytes ? "QConv" : "Conv", in, std::move(attrs), g_.node(id).name));
  const ValueId old = g_.node(id).outputs[0];
  if (y_last) return adopt(id, old, y);
  r_.replace(old, y);
  r_.erase_if_unused(id);
  return {};
}

// A Transpose of the model between the two layouts: its input or output is the twin.
Status ChannelsLast::visit_transpose(NodeId id) {
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

Status ChannelsLast::visit_unary(NodeId id) {
  if (!r_.allow()) return {};
  ValueIds in = g_.node(id).inputs;
  SDX_TRY(in[0], last(in[0]));
  return replace_node(id, in, g_.node(id).attrs);
}

// Operands that have the output's rank are transposed; constants of fewer axes are moved by value.
Status ChannelsLast::visit_binary(NodeId id) {
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

Result<ValueId> ChannelsLast::operand(ValueId v, int out_rank) {
  const Tensor* t = r_.constant(v);
  if (t == nullptr || twin(v) != kNone) return last(v);
  if (t->count() == 1) return v;
  Extents dims(static_cast<size_t>(out_rank), 1);
  std::copy(t->dims().begin(), t->dims().end(), dims.end() - t->rank());
  const ValueId full = g_.add_constant(t->reshaped(dims));
  return last(full);
}

Status ChannelsLast::visit_concat(NodeId id) {
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

Status ChannelsLast::replace_node(NodeId id, ValueIds in, std::vector<Attr> attrs) {
  const std::string_view domain = g_.node(id).op->domain, op = g_.node(id).op->name;
  SDX_TRY(const ValueId y, r_.add(domain, op, std::move(in), std::move(attrs), g_.node(id).name));
  return adopt(id, g_.node(id).outputs[0], y);
}

Status pass_channels_last(Rewriter& r) { return ChannelsLast(r).run(); }

}  // namespace sardonyx
