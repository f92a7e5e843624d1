// Scaled dot-product attention becomes Attention: no matrix of scores, no transposed copies of what was split into
// heads, no repeated key heads.
#include <cstring>

#include "pass/absorb.h"
#include "pass/attention_match.h"

namespace sardonyx {
namespace {

const std::vector<int64_t> kHeadsToFront = {0, 2, 1, 3};

// [batch, length, heads * size] that was split into heads, and how many there are.
struct Joined {
  ValueId value = kNone;
  int64_t heads = 0;
};

// What `split` [batch, length, heads, size] was reshaped from.
Joined joined_heads(const Rewriter& r, ValueId split) {
  const NodeId id = r.producer_id(split);
  const Fact& s = r.fact(split);
  if (id == kNone || !r.node(id).op->has(kView) || s.shape.size() != 4) return {};
  const ValueId x = r.node(id).inputs[0];
  const Fact& f = r.fact(x);
  if (!f.has_rank || f.shape.size() != 3 || !s.shape[2].known() || !s.shape[3].known()) return {};
  if (!(f.shape[0] == s.shape[0]) || !(f.shape[1] == s.shape[1])) return {};
  if (!f.shape[2].is(s.shape[2].value() * s.shape[3].value())) return {};
  return {x, s.shape[2].value()};
}

Joined joined_through_transpose(const Rewriter& r, ValueId v) {
  const NodeId id = r.producer_id(v);
  return transpose_perm(r, id) == kHeadsToFront ? joined_heads(r, r.node(id).inputs[0]) : Joined{};
}

// y as [batch, length, heads * size], if that is all that is made of it.
ValueId joined_result(const Rewriter& r, ValueId y) {
  if (!r.single_use(y) || transpose_perm(r, r.users(y)[0]) != kHeadsToFront) return kNone;
  const ValueId t = r.node(r.users(y)[0]).outputs[0];
  if (!r.single_use(t) || !r.node(r.users(t)[0]).op->has(kView)) return kNone;
  const ValueId joined = r.node(r.users(t)[0]).outputs[0];
  const Fact &a = r.fact(t), &b = r.fact(joined);
  if (!a.has_rank || !b.has_rank || b.shape.size() != 3 || !(a.shape[0] == b.shape[0])) return kNone;
  const bool size = a.shape[2].known() && a.shape[3].known() && b.shape[2].is(a.shape[2].value() * a.shape[3].value());
  return size && a.shape[1] == b.shape[1] ? joined : kNone;
}

// Heads that were repeated by Unsqueeze, Expand and Reshape: the value before, else v itself.
ValueId without_repeats(const Rewriter& r, ValueId v) {
  const Node* reshape = r.producer(v);
  if (reshape == nullptr || !reshape->op->has(kView) || r.rank(v) != 4) return v;
  const NodeId expand = r.producer_id(reshape->inputs[0]);
  if (!r.is(expand, "Expand")) return v;
  const Node* unsqueeze = r.producer(r.node(expand).inputs[0]);
  if (unsqueeze == nullptr || !unsqueeze->op->has(kView)) return v;
  const Fact &whole = r.fact(v), &wide = r.fact(r.node(expand).outputs[0]), &tall = r.fact(unsqueeze->outputs[0]),
             &x = r.fact(unsqueeze->inputs[0]);
  if (!wide.has_rank || wide.shape.size() != 5 || !tall.has_rank || tall.shape.size() != 5 || !x.has_rank ||
      x.shape.size() != 4 || !tall.shape[2].is(1) || !wide.shape[2].known() || !x.shape[1].known())
    return v;
  for (size_t i = 0; i < 5; ++i) {
    if (i == 2) continue;
    const Dim d = x.shape[i < 2 ? i : i - 1];
    if (!(tall.shape[i] == d) || !(wide.shape[i] == d)) return v;
  }
  const bool joined = whole.shape[0] == x.shape[0] && whole.shape[2] == x.shape[2] && whole.shape[3] == x.shape[3] &&
                      whole.shape[1].is(x.shape[1].value() * wide.shape[2].value());
  return joined ? unsqueeze->inputs[0] : v;
}

class Builder {
 public:
  explicit Builder(Rewriter& r) : r_(r) {}

  // "" if the attention was replaced, else why not.
  Result<std::string> replace(AttentionMatch m, NodeId softmax) {
    name_ = r_.node(softmax).name;
    if (r_.rank(m.q) == 4 && whole_rows(m)) return finish(m);
    if (r_.rank(m.q) == 4) {
      SDX_TRY(k_, permuted(m.k));
      q_ = m.q, v_ = m.v;
      if (const ValueId k = without_repeats(r_, k_), v = without_repeats(r_, v_); k != k_ && v != v_) k_ = k, v_ = v;
    } else {
      SDX_TRY(k_, permuted(m.k));
      for (const auto& [to, from] : {std::pair(&q_, m.q), std::pair(&k_, k_), std::pair(&v_, m.v)}) {
        SDX_TRY(const ValueId axis, r_.constant_ints(std::vector<int64_t>{0}));
        SDX_TRY(*to, r_.add("", "Unsqueeze", {from, axis}));
      }
    }
    if (std::string no = heads_differ(); !no.empty()) return no;
    return finish(m);
  }

 private:
  // Queries, keys and values as they were before they were split into heads.
  bool whole_rows(AttentionMatch& m) {
    if (m.k.perm != kHeadsToFront) return false;
    const Joined q = joined_through_transpose(r_, m.q), k = joined_heads(r_, m.k.base),
                 v = joined_through_transpose(r_, m.v);
    const ValueId result = joined_result(r_, m.result);
    if (q.value == kNone || k.value == kNone || v.value == kNone || result == kNone) return false;
    if (k.heads != v.heads || q.heads != k.heads) return false;
    q_ = strip_scale(r_, q.value, m.scale), k_ = strip_scale(r_, k.value, m.scale), v_ = v.value;
    q_heads_ = q.heads, kv_heads_ = k.heads;
    m.result = result;
    return true;
  }

  Result<ValueId> permuted(const Permuted& p) {
    if (p.identity()) return p.base;
    return r_.add("", "Transpose", {p.base}, {Attr::of_ints("perm", p.perm)});
  }

  std::string heads_differ() const {
    const Shape &q = r_.fact(q_).shape, &k = r_.fact(k_).shape, &v = r_.fact(v_).shape;
    if (!(q[0] == k[0]) || !(q[0] == v[0])) return "the batches may differ";
    if (!(k[1] == v[1])) return "keys and values may have different heads";
    if (q[1] == k[1]) return {};
    const bool groups = q[1].known() && k[1].known() && k[1].value() > 0 && q[1].value() % k[1].value() == 0;
    return groups ? "" : "queries and keys may have different heads";
  }

  Result<std::string> finish(const AttentionMatch& m) {
    ValueIds in{q_, k_, v_};
    SDX_TRY(const ValueId mask, mask_of(m));
    if (mask != kNone && (r_.rank(mask) < 1 || r_.rank(mask) > 4)) return std::string("the mask's rank is not 1 to 4");
    if (mask != kNone && r_.fact(mask).dtype() != r_.fact(q_).dtype()) return std::string("the mask has another type");
    if (mask != kNone) in.push_back(mask);
    std::vector<Attr> attrs = {Attr::of_float("scale", static_cast<float>(m.scale))};
    if (q_heads_ > 0) {
      attrs.push_back(Attr::of_int("q_num_heads", q_heads_));
      attrs.push_back(Attr::of_int("kv_num_heads", kv_heads_));
    }
    SDX_TRY(ValueId y, r_.add("", "Attention", in, std::move(attrs), name_));
    if (r_.rank(m.result) == 3 && q_heads_ == 0) {
      SDX_TRY(const ValueId axis, r_.constant_ints(std::vector<int64_t>{0}));
      SDX_TRY(y, r_.add("", "Squeeze", {y, axis}));
    }
    if (!may_be_equal(r_.fact(y), r_.fact(m.result))) {
      r_.erase_if_unused(r_.producer_id(y));
      return std::string("the extents would differ");
    }
    const NodeId last = r_.producer_id(m.result);
    r_.replace(m.result, y);
    r_.erase_if_unused(last);
    return std::string();
  }

  // A mask that could widen the scores leaves symbols of its own in the result; Attention refuses it when it is
  // planned.
  static bool may_be_equal(const Fact& a, const Fact& b) {
    if (!(a.type == b.type) || !a.has_rank || !b.has_rank || a.shape.size() != b.shape.size()) return false;
    for (size_t i = 0; i < a.shape.size(); ++i)
      if (a.shape[i].known() && b.shape[i].known() && !(a.shape[i] == b.shape[i])) return false;
    return true;
  }

  Result<ValueId> mask_of(const AttentionMatch& m) {
    ValueId sum = kNone;
    for (const ScoreMask& part : m.masks) {
      ValueId bias = part.bias;
      if (part.condition != kNone) {
        SDX_TRY(bias, hiding(part));
      }
      if (sum == kNone) {
        sum = bias;
      } else {
        SDX_TRY(sum, r_.add("", "Add", {sum, bias}));
      }
    }
    if (sum == kNone) return kNone;
    const size_t axis = q_heads_ > 0 ? 1 : 2;
    const Fact& f = r_.fact(sum);
    if (f.has_rank && !f.shape.empty() && f.shape.back() == r_.fact(k_).shape[axis]) return sum;
    // A last extent of 1 was broadcast over the keys; Attention would take it for a short mask.
    const int64_t from = static_cast<int64_t>(axis);
    SDX_TRY(const ValueId keys,
            r_.add("", "Shape", {k_}, {Attr::of_int("start", from), Attr::of_int("end", from + 1)}));
    return r_.add("", "Expand", {sum, keys});
  }

  Result<ValueId> hiding(const ScoreMask& part) {
    SDX_TRY(Tensor zero, Tensor::make(r_.fact(part.hidden).dtype(), Extents{}));
    std::memset(zero.data(), 0, zero.bytes());
    const ValueId shown = r_.graph().add_constant(std::move(zero));
    return part.inverted ? r_.add("", "Where", {part.condition, part.hidden, shown})
                         : r_.add("", "Where", {part.condition, shown, part.hidden});
  }

  Rewriter& r_;
  ValueId q_ = kNone, k_ = kNone, v_ = kNone;
  int64_t q_heads_ = 0, kv_heads_ = 0;
  std::string name_;
};

}  // namespace

Status pass_fuse_attention(Rewriter& r) {
  if (!r.knows("", "Attention")) return {};
  SDX_TRY(const std::vector<NodeId> order, r.graph().order());
  for (NodeId id : order) {
    if (r.node(id).dead || r.node(id).outputs.empty()) continue;
    std::string reason;
    const auto m = match_attention(r, id, reason);
    const std::string origin = m || !reason.empty() ? r.origin(id) : std::string();
    if (m && r.allow()) {
      auto done = Builder(r).replace(*m, id);
      reason = done.ok() ? *done : done.status().message();
    }
    if (!reason.empty()) r.note(cat("attention at ", origin, ": ", reason));
  }
  return {};
}

}  // namespace sardonyx
