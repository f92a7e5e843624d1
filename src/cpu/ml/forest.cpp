#include "cpu/ml/forest.h"

#include <algorithm>
#include <cmath>

#include "cpu/ml/forest_layout.h"
#include "simd/loops.h"

namespace sardonyx {
namespace {

// Eight bytes a node: what nearly every forest over floats fits in.
struct CompactNode {
  using Value = float;
  using Index = uint16_t;
  float threshold;
  uint16_t feature, step;  // step: how far the first child is ahead; 0 for leaves
};

enum class Leaves : uint8_t { kOne, kDense, kSparse };  // one weight each; one per target; lists

template <class Node>
class FlatForest final : public Forest {
 public:
  using T = typename Node::Value;

  FlatForest(const ForestSpec& spec, Aggregate aggregate, Flat<T>&& flat)
      : flags_(std::move(flat.flags)), payload_(std::move(flat.payload)), roots_(std::move(flat.roots)) {
    value_type_ = sizeof(T) == 8 ? DType::kF64 : DType::kF32;
    targets_ = spec.targets, trees_ = static_cast<int64_t>(roots_.size()), aggregate_ = aggregate;
    const double depth = flat.leaves ? static_cast<double>(flat.leaf_depths) / static_cast<double>(flat.leaves) : 0;
    steps_ = (depth + 2) * static_cast<double>(trees_);
    nodes_.reserve(flat.nodes.size());
    for (const WideNode<T>& n : flat.nodes) {
      nodes_.push_back(
          {n.threshold, static_cast<typename Node::Index>(n.feature), static_cast<typename Node::Index>(n.step)});
      if (n.step) features_needed_ = std::max(features_needed_, static_cast<int64_t>(n.feature) + 1);
    }
    uint8_t all = 0;
    for (uint8_t f : flags_) all |= f;
    special_ = (all & (kEqual | kMemberOf)) != 0, nan_matters_ = (all & kNanGoesSecond) != 0;
    for (const std::vector<double>& s : spec.sets) sets_.emplace_back(s.begin(), s.end());
    set_leaves(spec);
  }

  void add(const void* x, int64_t features, int64_t n, int64_t tree_begin, int64_t tree_end, double* scores,
           uint8_t* hit) const override {
    const T* rows = static_cast<const T*>(x);
    if (leaves_ != Leaves::kSparse) std::fill_n(hit, n * targets_, uint8_t{1});
    const bool full = special_ || (nan_matters_ && any_nan(rows, n * features));
    if (full)
      add_rows<true>(rows, features, n, tree_begin, tree_end, scores, hit);
    else
      add_rows<false>(rows, features, n, tree_begin, tree_end, scores, hit);
  }

 private:
  static constexpr int kLanes = 8;  // walks at a time: they wait for memory together

  static bool any_nan(const T* v, int64_t n) {
    bool any = false;
    for (int64_t i = 0; i < n; ++i) any |= v[i] != v[i];
    return any;
  }

  void set_leaves(const ForestSpec& spec) {
    const auto is_leaf = [&](size_t i) { return nodes_[i].step == 0; };
    const auto leaf = [&](size_t i) -> const ForestSpec::Node& { return spec.nodes[payload_[i]]; };
    const bool sums = aggregate_ == Aggregate::kSum || aggregate_ == Aggregate::kAverage;
    bool one = sums && targets_ == 1, dense = sums && targets_ <= 64;
    for (size_t i = 0; i < nodes_.size() && dense && !one; ++i) {
      if (!is_leaf(i)) continue;
      uint64_t mask = 0;
      for (int32_t w = 0; w < leaf(i).no; ++w) mask |= uint64_t{1} << weight(spec, leaf(i), w).target;
      dense = leaf(i).no == targets_ && mask == (targets_ == 64 ? ~uint64_t{0} : (uint64_t{1} << targets_) - 1);
    }
    leaves_ = one ? Leaves::kOne : dense ? Leaves::kDense : Leaves::kSparse;
    if (one) values_.resize(nodes_.size());
    for (size_t i = 0; i < nodes_.size(); ++i) {
      if (!is_leaf(i)) continue;
      const ForestSpec::Node& n = leaf(i);
      if (one) {
        double sum = 0;
        for (int32_t w = 0; w < n.no; ++w) sum += weight(spec, n, w).value;
        values_[i] = static_cast<T>(sum);
      } else if (dense) {
        payload_[i] = static_cast<uint32_t>(values_.size());
        values_.resize(values_.size() + static_cast<size_t>(targets_));
        for (int32_t w = 0; w < n.no; ++w)
          values_[payload_[i] + static_cast<size_t>(weight(spec, n, w).target)] =
              static_cast<T>(weight(spec, n, w).value);
      } else {
        payload_[i] = static_cast<uint32_t>(lists_.size());
        lists_.push_back({n.no, 0});
        for (int32_t w = 0; w < n.no; ++w)
          lists_.push_back({weight(spec, n, w).target, static_cast<T>(weight(spec, n, w).value)});
      }
    }
  }
  static const ForestSpec::Weight& weight(const ForestSpec& spec, const ForestSpec::Node& leaf, int32_t w) {
    return spec.weights[static_cast<size_t>(leaf.yes + w)];
  }

  bool second(const Node* n, T v) const {
    const size_t at = static_cast<size_t>(n - nodes_.data());
    const uint8_t f = flags_[at];
    if (v != v) return (f & kNanGoesSecond) != 0;
    if (f & kEqual) return v == n->threshold;
    if (f & kMemberOf) return std::binary_search(sets_[payload_[at]].begin(), sets_[payload_[at]].end(), v);
    return v <= n->threshold;
  }

  // Takes every walk to its leaf.
  template <bool kFull, int L>
  void walk(const Node** at, const T* const* row) const {
    const Node* here[L];
    SDX_UNROLLED
    for (int k = 0; k < L; ++k) here[k] = at[k];
    size_t moved;
    do {
      moved = 0;
      SDX_UNROLLED
      for (int k = 0; k < L; ++k) {
        const Node& n = *here[k];
        const T v = row[k][n.feature];
        const size_t step = n.step + static_cast<size_t>(kFull ? second(&n, v) : v <= n.threshold);
        here[k] += step;
        moved |= step;
      }
    } while (moved);
    SDX_UNROLLED
    for (int k = 0; k < L; ++k) at[k] = here[k];
  }

  void take(const Node* n, double* scores, uint8_t* hit) const {
    const size_t at = static_cast<size_t>(n - nodes_.data());
    if (leaves_ == Leaves::kOne) {
      *scores += static_cast<double>(values_[at]);
    } else if (leaves_ == Leaves::kDense) {
      const T* v = values_.data() + payload_[at];
      for (int64_t t = 0; t < targets_; ++t) scores[t] += static_cast<double>(v[t]);
    } else {
      const Entry* e = lists_.data() + payload_[at];
      for (int32_t i = 1; i <= e->target; ++i)
        join(scores[e[i].target], hit[e[i].target], static_cast<double>(e[i].value));
    }
  }
  void join(double& score, uint8_t& hit, double v) const {
    const bool first = hit == 0;
    hit = 1;
    switch (aggregate_) {
      case Aggregate::kMin: score = first || v < score ? v : score; return;
      case Aggregate::kMax: score = first || v > score ? v : score; return;
      default: score += v;
    }
  }

  template <bool kFull>
  void add_rows(const T* rows, int64_t features, int64_t n, int64_t tree_begin, int64_t tree_end, double* scores,
                uint8_t* hit) const {
    const int64_t grouped = n / kLanes * kLanes;
    const Node* at[kLanes];
    const T* row[kLanes];
    for (int64_t tree = tree_begin; tree < tree_end; ++tree) {
      const Node* root = nodes_.data() + roots_[static_cast<size_t>(tree)];
      for (int64_t r = 0; r < grouped; r += kLanes) {
        for (int k = 0; k < kLanes; ++k) at[k] = root, row[k] = rows + (r + k) * features;
        walk<kFull, kLanes>(at, row);
        for (int k = 0; k < kLanes; ++k) take(at[k], scores + (r + k) * targets_, hit + (r + k) * targets_);
      }
    }
    for (int64_t r = grouped; r < n; ++r)
      add_one<kFull>(rows + r * features, tree_begin, tree_end, scores + r * targets_, hit + r * targets_);
  }

  // One row takes several trees at a time.
  template <bool kFull>
  void add_one(const T* x, int64_t tree_begin, int64_t tree_end, double* scores, uint8_t* hit) const {
    const Node* at[kLanes];
    const T* row[kLanes];
    std::fill_n(row, kLanes, x);
    int64_t tree = tree_begin;
    for (; tree + kLanes <= tree_end; tree += kLanes) {
      for (int k = 0; k < kLanes; ++k) at[k] = nodes_.data() + roots_[static_cast<size_t>(tree + k)];
      walk<kFull, kLanes>(at, row);
      for (int k = 0; k < kLanes; ++k) take(at[k], scores, hit);
    }
    for (; tree < tree_end; ++tree) {
      at[0] = nodes_.data() + roots_[static_cast<size_t>(tree)];
      walk<kFull, 1>(at, row);
      take(at[0], scores, hit);
    }
  }

  struct Entry {
    int32_t target;  // of a list's first entry: how many follow
    T value;
  };
  std::vector<Node> nodes_;
  std::vector<uint8_t> flags_;
  std::vector<uint32_t> payload_, roots_;
  std::vector<T> values_;
  std::vector<Entry> lists_;
  std::vector<std::vector<T>> sets_;
  Leaves leaves_ = Leaves::kOne;
  bool special_ = false, nan_matters_ = false;
};

bool is_f32(double v) { return std::isnan(v) || static_cast<double>(static_cast<float>(v)) == v; }

bool fits_f32(const ForestSpec& spec) {
  for (const ForestSpec::Node& n : spec.nodes)
    if (!is_f32(n.threshold)) return false;
  for (const ForestSpec::Weight& w : spec.weights)
    if (!is_f32(w.value)) return false;
  for (const std::vector<double>& s : spec.sets)
    if (!std::all_of(s.begin(), s.end(), is_f32)) return false;
  return true;
}

template <class Node>
Result<std::unique_ptr<const Forest>> finish(const ForestSpec& spec, Aggregate aggregate,
                                             Flat<typename Node::Value>&& flat) {
  return std::unique_ptr<const Forest>(new FlatForest<Node>(spec, aggregate, std::move(flat)));
}

}  // namespace

Result<std::unique_ptr<const Forest>> Forest::make(const ForestSpec& spec, Aggregate aggregate, bool exact_f32) {
  if (!exact_f32 || !fits_f32(spec)) {
    Flat<double> flat;
    SDX_RETURN_IF_ERROR(flatten(spec, flat));
    return finish<WideNode<double>>(spec, aggregate, std::move(flat));
  }
  Flat<float> flat;
  SDX_RETURN_IF_ERROR(flatten(spec, flat));
  const bool compact = std::all_of(flat.nodes.begin(), flat.nodes.end(),
                                   [](const WideNode<float>& n) { return n.feature <= 0xFFFF && n.step <= 0xFFFF; });
  return compact ? finish<CompactNode>(spec, aggregate, std::move(flat))
                 : finish<WideNode<float>>(spec, aggregate, std::move(flat));
}

void Forest::merge(double* scores, uint8_t* hit, const double* more, const uint8_t* more_hit, int64_t n) const {
  for (int64_t i = 0; i < n; ++i) {
    if (!more_hit[i]) continue;
    const bool first = hit[i] == 0;
    hit[i] = 1;
    if (aggregate_ == Aggregate::kMin)
      scores[i] = first || more[i] < scores[i] ? more[i] : scores[i];
    else if (aggregate_ == Aggregate::kMax)
      scores[i] = first || more[i] > scores[i] ? more[i] : scores[i];
    else
      scores[i] += more[i];
  }
}

}  // namespace sardonyx
