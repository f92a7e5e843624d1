// A BatchNormalization with constant parameters after a Conv with constant weights moves into the weights and the bias.
// Elsewhere it becomes one multiplication and one addition per channel.
#include <cmath>

#include "pass/rewriter.h"

namespace sardonyx {
namespace {

struct Affine {
  std::vector<double> scale, shift;
};

std::optional<Affine> affine_of(const Rewriter& r, const Node& n) {
  const Tensor* p[4];
  for (size_t i = 0; i < 4; ++i) {
    p[i] = i + 1 < n.inputs.size() ? r.constant(n.inputs[i + 1]) : nullptr;
    if (p[i] == nullptr || p[i]->dtype() != DType::kF32) return std::nullopt;
  }
  const Attr *eps = n.find_attr("epsilon"), *training = n.find_attr("training_mode");
  if (training && training->i != 0) return std::nullopt;
  Affine a;
  for (int64_t c = 0; c < p[0]->count(); ++c) {
    const double s = static_cast<double>(p[0]->as<float>()[c]) /
                     std::sqrt(static_cast<double>(p[3]->as<float>()[c]) + static_cast<double>(eps ? eps->f : 1e-5f));
    a.scale.push_back(s);
    a.shift.push_back(static_cast<double>(p[1]->as<float>()[c]) - static_cast<double>(p[2]->as<float>()[c]) * s);
  }
  return a;
}

// Weights [M, ...] and bias [M] with the affine map of their outputs applied.
Status fold_into(Rewriter& r, NodeId conv, NodeId bn, const Affine& a) {
  Graph& g = r.graph();
  const Node& n = g.node(conv);
  const Tensor& w = *r.constant(n.inputs[1]);
  const Tensor* b = n.inputs.size() > 2 && n.inputs[2] != kNone ? r.constant(n.inputs[2]) : nullptr;
  const int64_t channels = w.dims()[0], each = w.count() / std::max<int64_t>(1, channels);
  SDX_TRY(Tensor weights, Tensor::make(DType::kF32, w.dims()));
  SDX_TRY(Tensor bias, Tensor::make(DType::kF32, std::span(&channels, 1)));
  for (int64_t c = 0; c < channels; ++c) {
    const double s = a.scale[static_cast<size_t>(c)];
    for (int64_t i = c * each; i < (c + 1) * each; ++i)
      weights.as<float>()[i] = static_cast<float>(static_cast<double>(w.as<float>()[i]) * s);
    bias.as<float>()[c] =
        static_cast<float>((b ? static_cast<double>(b->as<float>()[c]) : 0.0) * s + a.shift[static_cast<size_t>(c)]);
  }
  if (!r.allow()) return {};
  const ValueIds in{n.inputs[0], g.add_constant(std::move(weights)), g.add_constant(std::move(bias))};
  SDX_TRY(const ValueId y, r.add("", "Conv", in, n.attrs, g.node(conv).name));
  r.replace(g.node(bn).outputs[0], y);
  r.erase_if_unused(bn);
  return {};
}

Status rewrite_as_affine(Rewriter& r, NodeId bn, const Affine& a) {
  Graph& g = r.graph();
  const size_t rank = g.fact(g.node(bn).inputs[0]).shape.size();
  Extents dims(rank - 1, 1);
  dims[0] = static_cast<int64_t>(a.scale.size());
  SDX_TRY(Tensor scale, Tensor::make(DType::kF32, dims));
  SDX_TRY(Tensor shift, Tensor::make(DType::kF32, dims));
  for (size_t c = 0; c < a.scale.size(); ++c) {
    scale.as<float>()[c] = static_cast<float>(a.scale[c]);
    shift.as<float>()[c] = static_cast<float>(a.shift[c]);
  }
  if (!r.allow()) return {};
  SDX_TRY(const ValueId scaled, r.add("", "Mul", {g.node(bn).inputs[0], g.add_constant(std::move(scale))}));
  SDX_TRY(const ValueId y, r.add("", "Add", {scaled, g.add_constant(std::move(shift))}, {}, g.node(bn).name));
  r.replace(g.node(bn).outputs[0], y);
  r.erase_if_unused(bn);
  return {};
}

}  // namespace

Status pass_fold_batch_norm(Rewriter& r) {
  Graph& g = r.graph();
  SDX_TRY(const std::vector<NodeId> order, g.order());
  for (NodeId id : order) {
    if (g.node(id).dead || !r.is(id, "BatchNormalization") || g.node(id).outputs.size() != 1) continue;
    const ValueId x = g.node(id).inputs[0];
    if (g.fact(x).dtype() != DType::kF32 || r.rank(x) < 2) continue;
    const auto affine = affine_of(r, g.node(id));
    if (!affine) continue;
    const NodeId conv = r.producer_id(x);
    const bool foldable =
        r.is(conv, "Conv") && r.single_use(x) && r.constant(g.node(conv).inputs[1]) &&
        r.constant(g.node(conv).inputs[1])->dims()[0] == static_cast<int64_t>(affine->scale.size()) &&
        (g.node(conv).inputs.size() < 3 || g.node(conv).inputs[2] == kNone || r.constant(g.node(conv).inputs[2]));
    SDX_RETURN_IF_ERROR(foldable ? fold_into(r, conv, id, *affine) : rewrite_as_affine(r, id, *affine));
  }
  return {};
}

}  // namespace sardonyx
