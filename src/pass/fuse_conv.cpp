// Conv takes over the residual sum and the activation after it, as ai.sardonyx.Conv.
#include "pass/absorb.h"

namespace sardonyx {
namespace {

// One number per channel of y ([C,1,1], [1,C,1,1] …), as a vector; invalid if it is something else.
Result<Tensor> channel_bias(const Rewriter& r, const Graph& g, ValueId v, ValueId y) {
  const Tensor* t = r.constant(v);
  const size_t rank = g.fact(y).shape.size();
  if (t == nullptr || t->dtype() != DType::kF32 || static_cast<size_t>(t->rank()) > rank) return Tensor();
  const size_t axis = static_cast<size_t>(t->rank()) + 1 - rank;  // of channels, within t
  if (static_cast<size_t>(t->rank()) + 1 < rank || t->count() != t->dims()[axis] || !g.fact(y).shape[1].is(t->count()))
    return Tensor();
  const int64_t n = t->count();
  return t->reshaped(std::span(&n, 1));
}

}  // namespace

Status pass_fuse_conv(Rewriter& r) {
  Graph& g = r.graph();
  SDX_TRY(const std::vector<NodeId> order, g.order());
  for (NodeId id : order) {
    if (g.node(id).dead || !r.is(id, "Conv") || g.fact(g.node(id).outputs[0]).dtype() != DType::kF32) continue;
    if (!g.fact(g.node(id).outputs[0]).has_rank) continue;
    ValueIds in = g.node(id).inputs;
    in.resize(4, kNone);
    ValueId result = g.node(id).outputs[0];
    int gains = 0;
    while (const auto sum = sum_with(r, result)) {
      if (!equal_shapes(r, sum->result, result)) break;
      if (in[2] == kNone && in[3] == kNone) {
        SDX_TRY(Tensor bias, channel_bias(r, g, sum->other, result));
        if (bias.valid()) {
          in[2] = g.add_constant(std::move(bias));
          result = sum->result, ++gains;
          continue;
        }
      }
      if (in[3] != kNone || !equal_shapes(r, sum->other, result)) break;
      in[3] = sum->other;
      result = sum->result, ++gains;
    }
    auto act = activation_of(r, result);
    if (act && equal_shapes(r, act->result, result))
      result = act->result, ++gains;
    else
      act.reset();
    if (gains == 0 || !r.allow()) continue;
    while (in.back() == kNone) in.pop_back();
    SDX_TRY(const ValueId y, r.add("ai.sardonyx", "Conv", in, with_activation(g.node(id).attrs, act), g.node(id).name));
    const NodeId last = g.value(result).producer;
    r.replace(result, y);
    r.erase_if_unused(last);
  }
  return {};
}

}  // namespace sardonyx
