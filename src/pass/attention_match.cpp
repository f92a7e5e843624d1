#include "pass/attention_match.h"

#include <cmath>

namespace sardonyx {

namespace {

constexpr double kHides = -1e9;  // such a score leaves nothing after the softmax, whatever is added to it

struct Scores {
  NodeId product = kNone;
  std::vector<ScoreMask> masks;
  double scale = 1;
};

std::optional<Scores> scores_of(const Rewriter& r, ValueId v, int depth);

std::optional<Scores> masked_by_condition(const Rewriter& r, const Node& n, int depth) {
  for (const bool inverted : {false, true}) {
    const ValueId inner = n.inputs[inverted ? 2 : 1], hidden = n.inputs[inverted ? 1 : 2];
    const auto value = r.scalar(hidden);
    if (!value || !(*value <= kHides)) continue;
    auto s = scores_of(r, inner, depth);
    if (!s) return std::nullopt;
    s->masks.push_back({kNone, n.inputs[0], hidden, inverted});
    return s;
  }
  return std::nullopt;
}

// What computes v from a matrix product: scaling, then masks.
std::optional<Scores> scores_of(const Rewriter& r, ValueId v, int depth) {
  constexpr int kMostSteps = 6;
  const NodeId id = r.producer_id(v);
  if (id == kNone || !r.single_use(v) || depth > kMostSteps) return std::nullopt;
  const Node& n = r.node(id);
  if (r.is(id, "MatMul")) return Scores{id, {}, 1};
  if (r.is(id, "Where")) return masked_by_condition(r, n, depth + 1);
  if (r.is(id, "Mul") || r.is(id, "Div")) {
    for (size_t i = 0; i < (r.is(id, "Mul") ? 2u : 1u); ++i) {
      const auto factor = r.scalar(n.inputs[1 - i]);
      if (!factor) continue;
      auto s = scores_of(r, n.inputs[i], depth + 1);
      if (!s || !s->masks.empty()) return std::nullopt;
      s->scale = r.is(id, "Mul") ? s->scale * *factor : s->scale / *factor;
      return s;
    }
  }
  if (!r.is(id, "Add")) return std::nullopt;
  for (size_t i = 0; i < 2; ++i) {
    auto s = scores_of(r, n.inputs[i], depth + 1);
    if (!s) continue;
    s->masks.push_back({n.inputs[1 - i], kNone, kNone, false});
    return s;
  }
  return std::nullopt;
}

// The right-hand side of the scores, transposed back.
Permuted keys_of(const Rewriter& r, ValueId v, double& scale) {
  v = strip_scale(r, v, scale);
  const int rank = r.rank(v);
  Permuted k{v, transpose_perm(r, r.producer_id(v))};
  if (k.perm.empty())
    for (int i = 0; i < rank; ++i) k.perm.push_back(i);
  else
    k.base = strip_scale(r, r.node(r.producer_id(v)).inputs[0], scale);
  std::swap(k.perm[k.perm.size() - 1], k.perm[k.perm.size() - 2]);
  return k;
}

}  // namespace

bool Permuted::identity() const {
  for (size_t i = 0; i < perm.size(); ++i)
    if (perm[i] != static_cast<int64_t>(i)) return false;
  return true;
}

std::vector<int64_t> transpose_perm(const Rewriter& r, NodeId n) {
  if (!r.is(n, "Transpose") || !r.fact(r.node(n).inputs[0]).has_rank) return {};
  if (const Attr* a = r.node(n).find_attr("perm")) return a->ints;
  std::vector<int64_t> p(r.fact(r.node(n).inputs[0]).shape.size());
  for (size_t i = 0; i < p.size(); ++i) p[i] = static_cast<int64_t>(p.size() - 1 - i);
  return p;
}

ValueId strip_scale(const Rewriter& r, ValueId v, double& scale) {
  const NodeId id = r.producer_id(v);
  const bool mul = r.is(id, "Mul");
  if (!mul && !r.is(id, "Div")) return v;
  const Node& n = r.node(id);
  for (size_t i = 0; i < (mul ? 2u : 1u); ++i) {
    const auto factor = r.scalar(n.inputs[1 - i]);
    const Fact &in = r.fact(n.inputs[i]), &out = r.fact(v);
    if (!factor || !in.has_rank || !out.has_rank || !(in.shape == out.shape)) continue;
    scale = mul ? scale * *factor : scale / *factor;
    return n.inputs[i];
  }
  return v;
}

std::optional<AttentionMatch> match_attention(const Rewriter& r, NodeId softmax, std::string& reason) {
  const Node& n = r.node(softmax);
  const ValueId p = n.outputs[0];
  if (!r.is(softmax, "Softmax") || r.users(p).size() != 1) return std::nullopt;
  const NodeId product = r.users(p)[0];
  if (!r.is(product, "MatMul") || r.node(product).inputs[0] != p) return std::nullopt;
  const auto s = scores_of(r, n.inputs[0], 0);
  if (!s) return std::nullopt;
  const auto no = [&](std::string_view why) {
    reason = why;
    return std::nullopt;
  };
  if (r.is_output(p)) return no("the probabilities are an output");
  AttentionMatch m;
  m.scale = s->scale;
  m.masks = s->masks;
  m.q = strip_scale(r, r.node(s->product).inputs[0], m.scale);
  const ValueId right = r.node(s->product).inputs[1];
  m.v = r.node(product).inputs[1];
  m.result = r.node(product).outputs[0];
  const int rank = r.rank(m.q);
  if ((rank != 3 && rank != 4) || r.rank(right) != rank || r.rank(m.v) != rank) return no("the rank is not 3 or 4");
  const Attr* axis = n.find_attr("axis");
  if (axis != nullptr && axis->i != -1 && axis->i != rank - 1) return no("the softmax is not over the keys");
  m.k = keys_of(r, right, m.scale);
  if (!(m.scale > 0) || !std::isfinite(m.scale)) return no("the scale is not positive");
  return m;
}

}  // namespace sardonyx
