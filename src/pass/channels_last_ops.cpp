// Operators that follow the layout of their first input into a channels-last island.
#include <algorithm>

#include "ops/fused/channels_last.h"
#include "pass/absorb.h"
#include "pass/channels_last.h"

namespace sardonyx {

Status ChannelsLast::follow(NodeId id) {
  const std::string_view op = g_.node(id).op->name;
  if (op == "MaxPool" || op == "AveragePool") return visit_pool(id);
  if (op == "GlobalAveragePool") return visit_global(id, "ReduceMean");
  if (op == "GlobalMaxPool") return visit_global(id, "ReduceMax");
  if (op == "ReduceMean" || op == "ReduceMax") return visit_reduce(id);
  if (op == "ConvTranspose") return visit_conv_transpose(id);
  if (op == "InstanceNormalization" || op == "GroupNormalization") return visit_norm(id);
  if (op == "Pad") return visit_pad(id);
  if (op == "Resize") return visit_resize(id);
  return {};
}

Status ChannelsLast::visit_pool(NodeId id) {
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

Status ChannelsLast::visit_global(NodeId id, std::string_view reduce) {
  if (!r_.allow()) return {};
  const size_t rank = g_.fact(g_.node(id).inputs[0]).shape.size();
  std::vector<int64_t> axes;
  for (size_t a = 1; a + 1 < rank; ++a) axes.push_back(static_cast<int64_t>(a));
  SDX_TRY(const ValueId list, r_.constant_ints(axes));
  SDX_TRY(const ValueId y, r_.add("", reduce, {twin(g_.node(id).inputs[0]), list}, {}, g_.node(id).name));
  return adopt(id, g_.node(id).outputs[0], y);
}

// Reductions over spatial axes that keep them.
Status ChannelsLast::visit_reduce(NodeId id) {
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

bool ChannelsLast::is_number(ValueId v) const {
  const Shape& s = g_.fact(v).shape;
  return s.empty() || (s.size() == 1 && s[0].is(1));
}

Status ChannelsLast::visit_quantised(NodeId id) {
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

Status ChannelsLast::visit_conv_transpose(NodeId id) {
  ValueIds in = g_.node(id).inputs;
  if (g_.fact(g_.node(id).outputs[0]).dtype() != DType::kF32 || rank(in[0]) > 5) return {};
  if (!r_.knows("ai.sardonyx", "ConvTranspose") || !r_.allow()) return {};
  in[0] = twin(in[0]);
  SDX_TRY(const ValueId y, r_.add("ai.sardonyx", "ConvTranspose", in, g_.node(id).attrs, g_.node(id).name));
  return adopt(id, g_.node(id).outputs[0], y);
}

// Takes the activation after it along.
Status ChannelsLast::visit_norm(NodeId id) {
  const Node& n = g_.node(id);
  ValueId result = n.outputs[0];
  const Attr *stash = n.find_attr("stash_type"), *epsilon = n.find_attr("epsilon"), *groups = n.find_attr("num_groups");
  if (g_.fact(result).dtype() != DType::kF32 || (stash != nullptr && stash->i != 1)) return {};
  if (!r_.knows("ai.sardonyx", "GroupNormalization") || !r_.allow()) return {};
  auto act = activation_of(r_, result);
  if (act && equal_shapes(r_, act->result, result) && act->name != "Clip")
    result = act->result;
  else
    act.reset();
  std::vector<Attr> attrs;
  if (epsilon != nullptr) attrs.push_back(*epsilon);
  if (groups != nullptr) attrs.push_back(*groups);
  const ValueIds in{twin(n.inputs[0]), n.inputs[1], n.inputs[2]};
  SDX_TRY(const ValueId y,
          r_.add("ai.sardonyx", "GroupNormalization", in, with_activation(std::move(attrs), act), g_.node(id).name));
  return adopt(g_.value(result).producer, result, y);
}

Status ChannelsLast::visit_pad(NodeId id) {
  const Node& n = g_.node(id);
  const Tensor* pads = n.inputs.size() > 1 ? r_.constant(n.inputs[1]) : nullptr;
  if (pads == nullptr || (n.inputs.size() > 3 && n.inputs[3] != kNone)) return {};
  auto list = read_ints(*pads);
  const std::vector<int64_t> perm = perm_to_channels_last(g_.fact(n.inputs[0]).shape.size());
  if (!list.ok() || list->size() != 2 * perm.size() || !r_.allow()) return {};
  std::vector<int64_t> moved;
  for (size_t side = 0; side < 2; ++side)
    for (int64_t a : perm) moved.push_back((*list)[side * perm.size() + static_cast<size_t>(a)]);
  ValueIds in = n.inputs;
  in[0] = twin(in[0]);
  SDX_TRY(in[1], r_.constant_ints(moved));
  return replace_node(id, in, std::vector<Attr>(g_.node(id).attrs));
}

// True if something that reads v will work channels-last.
bool ChannelsLast::feeds_island(ValueId v) const {
  return std::any_of(g_.value(v).users.begin(), g_.value(v).users.end(), [&](NodeId user) {
    constexpr std::string_view follows[] = {"Add", "Concat", "ConvTranspose", "MaxPool",
                                            "Mul", "Pad",    "Relu",          "Resize"};
    const Attr* perm = r_.is(user, "Transpose") ? g_.node(user).find_attr("perm") : nullptr;
    if (perm != nullptr) return perm->ints == perm_to_channels_last(g_.fact(v).shape.size());
    return wants_channels_last(user) ||
           std::find(std::begin(follows), std::end(follows), g_.node(user).op->name) != std::end(follows);
  });
}

// An enlarged tensor costs more to transpose than what it is made from.
Status ChannelsLast::visit_resize(NodeId id) {
  ValueIds in = g_.node(id).inputs;
  if (!feeds_island(g_.node(id).outputs[0])) return {};
  const auto given = [&](size_t i) {
    const Tensor* t = i < in.size() ? r_.constant(in[i]) : nullptr;
    return i < in.size() && in[i] != kNone && !(t != nullptr && t->count() == 0);
  };
  if (given(1) || g_.node(id).find_attr("axes") != nullptr) return {};
  const std::vector<int64_t> perm = perm_to_channels_last(g_.fact(in[0]).shape.size());
  if (given(2)) {
    const Tensor* scales = r_.constant(in[2]);
    if (scales == nullptr || scales->count() != static_cast<int64_t>(perm.size()) || !r_.allow()) return {};
    SDX_TRY(Tensor moved, Tensor::make(DType::kF32, scales->dims()));
    for (size_t i = 0; i < perm.size(); ++i) moved.as<float>()[i] = scales->as<float>()[perm[i]];
    in[2] = g_.add_constant(std::move(moved));
  } else {
    if (!given(3) || !r_.allow()) return {};
    SDX_TRY(const ValueId order, r_.constant_ints(perm));
    SDX_TRY(in[3], r_.add("", "Gather", {in[3], order}));
  }
  in[0] = twin(in[0]);
  return replace_node(id, in, std::vector<Attr>(g_.node(id).attrs));
}

}  // namespace sardonyx
