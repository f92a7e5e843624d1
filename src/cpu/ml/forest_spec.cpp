// Reads and checks the attributes that describe forests.
#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "cpu/ml/forest.h"
#include "cpu/ml/samples.h"

namespace sardonyx {
namespace {

constexpr int64_t kMost = int64_t{1} << 30;  // nodes, weights, features

std::span<const int64_t> ints(const KernelQuery& q, const std::string& name) {
  const Attr* a = q.attr(name);
  return a ? std::span<const int64_t>(a->ints) : std::span<const int64_t>();
}

Result<std::vector<double>> tensor_numbers(const KernelQuery& q, const std::string& name) {
  std::vector<double> out;
  const Attr* a = q.attr(name);
  if (a == nullptr || !a->tensor.valid()) return out;
  out.resize(static_cast<size_t>(a->tensor.count()));
  SDX_RETURN_IF_ERROR(convert_elements(a->tensor.dtype(), a->tensor.data(), 0, a->tensor.count(), out.data()));
  return out;
}

// A list of floats, or the tensor that may stand for it.
Result<std::vector<double>> numbers(const KernelQuery& q, const std::string& name) {
  if (const Attr* a = q.attr(name); a != nullptr && !a->floats.empty())
    return std::vector<double>(a->floats.begin(), a->floats.end());
  return tensor_numbers(q, cat(name, "_as_tensor"));
}

Status check_length(std::string_view name, size_t n, std::string_view of, size_t wanted, bool optional = false) {
  if (n == wanted || (optional && n == 0)) return {};
  return fail(Code::kAttr, name, " has ", n, " entries, ", of, " has ", wanted);
}

Result<Branch> branch_named(std::string_view name) {
  constexpr std::string_view names[] = {"BRANCH_LEQ", "BRANCH_LT",  "BRANCH_GTE",    "BRANCH_GT",
                                        "BRANCH_EQ",  "BRANCH_NEQ", "BRANCH_MEMBER", "LEAF"};
  if (name == names[0]) return Branch::kLeq;
  if (name == names[7]) return Branch::kLeaf;
  for (size_t i = 1; i < 6; ++i)
    if (name == names[i]) return static_cast<Branch>(i);
  return fail(Code::kAttr, "nodes_modes has ", quoted(name), ", expected BRANCH_… or LEAF");
}

Status check_feature(int64_t feature) {
  if (feature >= 0 && feature < kMost) return {};
  return fail(Code::kRange, "nodes_featureids has ", feature, ", expected 0 or more");
}

// Finds nodes by tree and number. Converters list trees one after another, numbered from 0: no table is needed then.
class NodeFinder {
 public:
  Status init(std::span<const int64_t> trees, std::span<const int64_t> numbers) {
    trees_ = trees, numbers_ = numbers;
    for (size_t i = 0; i < trees.size(); ++i) {
      if (i == 0 || trees[i] != trees[i - 1])
        ordered_ = starts_.try_emplace(trees[i], static_cast<int64_t>(i)).second && ordered_;
      ordered_ = ordered_ && numbers[i] == static_cast<int64_t>(i) - starts_.at(trees[i]);
      if (!ordered_) return build_table();
    }
    return {};
  }
  // -1 if there is none.
  int64_t find(int64_t tree, int64_t number) {
    if (!ordered_) {
      const auto it = table_.find({tree, number});
      return it == table_.end() ? -1 : it->second;
    }
    if (tree != last_tree_ || last_start_ < 0) {
      const auto it = starts_.find(tree);
      if (it == starts_.end()) return -1;
      last_tree_ = tree, last_start_ = it->second;
    }
    const int64_t size = static_cast<int64_t>(trees_.size());
    if (number < 0 || number >= size - last_start_) return -1;
    const int64_t at = last_start_ + number;
    return trees_[static_cast<size_t>(at)] == tree ? at : -1;
  }

 private:
  struct Key {
    int64_t tree, number;
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    size_t operator()(const Key& k) const {
      const uint64_t h = (static_cast<uint64_t>(k.number) ^ static_cast<uint64_t>(k.tree) << 32) * 0x9E3779B97F4A7C15u;
      return static_cast<size_t>(h ^ h >> 32);
    }
  };
  Status build_table() {
    ordered_ = false;
    table_.reserve(trees_.size());
    for (size_t i = 0; i < trees_.size(); ++i)
      if (!table_.try_emplace(Key{trees_[i], numbers_[i]}, static_cast<int64_t>(i)).second)
        return fail(Code::kAttr, "tree ", trees_[i], " has two nodes ", numbers_[i]);
    return {};
  }

  std::span<const int64_t> trees_, numbers_;
  bool ordered_ = true;
  std::unordered_map<int64_t, int64_t> starts_;
  std::unordered_map<Key, int64_t, Hash> table_;
  int64_t last_tree_ = 0, last_start_ = -1;
};

// The lists that describe nodes, all of one length.
struct NodeLists {
  std::span<const int64_t> trees, numbers, features, yes, no, missing;
  std::span<const std::string> modes;
  std::vector<double> thresholds;

  Status read(const KernelQuery& q) {
    trees = ints(q, "nodes_treeids"), numbers = ints(q, "nodes_nodeids"), features = ints(q, "nodes_featureids");
    yes = ints(q, "nodes_truenodeids"), no = ints(q, "nodes_falsenodeids");
    missing = ints(q, "nodes_missing_value_tracks_true");
    if (const Attr* a = q.attr("nodes_modes")) modes = a->strings;
    SDX_TRY(thresholds, sardonyx::numbers(q, "nodes_values"));
    const size_t n = numbers.size();
    if (static_cast<int64_t>(n) > kMost) return fail(Code::kAttr, "there are ", n, " nodes, at most ", kMost);
    constexpr std::string_view kOf = "nodes_nodeids";
    SDX_RETURN_IF_ERROR(check_length("nodes_treeids", trees.size(), kOf, n));
    SDX_RETURN_IF_ERROR(check_length("nodes_featureids", features.size(), kOf, n));
    SDX_RETURN_IF_ERROR(check_length("nodes_truenodeids", yes.size(), kOf, n));
    SDX_RETURN_IF_ERROR(check_length("nodes_falsenodeids", no.size(), kOf, n));
    SDX_RETURN_IF_ERROR(check_length("nodes_modes", modes.size(), kOf, n));
    SDX_RETURN_IF_ERROR(check_length("nodes_missing_value_tracks_true", missing.size(), kOf, n, true));
    return check_length("nodes_values", thresholds.size(), kOf, n);
  }
};

Result<int32_t> child(NodeFinder& finder, const NodeLists& l, size_t node, int64_t number) {
  const int64_t at = finder.find(l.trees[node], number);
  if (at < 0)
    return fail(Code::kRange, "node ", l.numbers[node], " of tree ", l.trees[node], " has the child ", number,
                ", which the tree does not have");
  return static_cast<int32_t>(at);
}

Status add_nodes(const NodeLists& l, NodeFinder& finder, ForestSpec& spec) {
  spec.nodes.resize(l.numbers.size());
  std::unordered_map<int64_t, bool> seen;
  for (size_t i = 0; i < spec.nodes.size(); ++i) {
    if ((i == 0 || l.trees[i] != l.trees[i - 1]) && seen.try_emplace(l.trees[i], true).second)
      spec.roots.push_back(static_cast<int32_t>(i));
    ForestSpec::Node& node = spec.nodes[i];
    SDX_TRY(node.mode, branch_named(l.modes[i]));
    if (node.mode == Branch::kLeaf) continue;
    SDX_RETURN_IF_ERROR(check_feature(l.features[i]));
    node.feature = static_cast<int32_t>(l.features[i]);
    node.threshold = l.thresholds[i];
    node.nan_is_true = !l.missing.empty() && l.missing[i] != 0;
    SDX_TRY(node.yes, child(finder, l, i, l.yes[i]));
    SDX_TRY(node.no, child(finder, l, i, l.no[i]));
  }
  return {};
}

// Hands the weights to their leaves, in the order they are listed. Some converters list weights of inner nodes, which
// do not count.
Status add_weights(const KernelQuery& q, const std::string& kind, NodeFinder& finder, ForestSpec& spec) {
  const std::span<const int64_t> trees = ints(q, kind + "_treeids"), nodes = ints(q, kind + "_nodeids"),
                                 targets = ints(q, kind + "_ids");
  SDX_TRY(const std::vector<double> values, numbers(q, kind + "_weights"));
  const size_t n = targets.size();
  if (static_cast<int64_t>(n) > kMost) return fail(Code::kAttr, "there are ", n, " weights, at most ", kMost);
  SDX_RETURN_IF_ERROR(check_length(kind + "_treeids", trees.size(), kind + "_ids", n));
  SDX_RETURN_IF_ERROR(check_length(kind + "_nodeids", nodes.size(), kind + "_ids", n));
  SDX_RETURN_IF_ERROR(check_length(kind + "_weights", values.size(), kind + "_ids", n));
  std::vector<int32_t> owner(n);
  for (size_t i = 0; i < n; ++i) {
    if (targets[i] < 0 || targets[i] >= spec.targets)
      return fail(Code::kRange, kind, "_ids has ", targets[i], ", expected 0 to ", spec.targets - 1);
    const int64_t at = finder.find(trees[i], nodes[i]);
    if (at < 0) return fail(Code::kRange, kind, "_nodeids has ", nodes[i], ", which tree ", trees[i], " does not have");
    const bool leaf = spec.nodes[static_cast<size_t>(at)].mode == Branch::kLeaf;
    owner[i] = leaf ? static_cast<int32_t>(at) : -1;
    if (leaf) ++spec.nodes[static_cast<size_t>(at)].no;
  }
  int32_t next = 0;
  for (ForestSpec::Node& node : spec.nodes)
    if (node.mode == Branch::kLeaf) node.yes = next, next += node.no, node.no = 0;
  spec.weights.resize(static_cast<size_t>(next));
  for (size_t i = 0; i < n; ++i) {
    if (owner[i] < 0) continue;
    ForestSpec::Node& leaf = spec.nodes[static_cast<size_t>(owner[i])];
    spec.weights[static_cast<size_t>(leaf.yes + leaf.no++)] = {static_cast<int32_t>(targets[i]), values[i]};
  }
  return {};
}

// Values of the sets, each ended by a NaN, in the order of the nodes that test membership.
Status add_sets(const std::vector<double>& values, ForestSpec& spec) {
  size_t at = 0;
  for (ForestSpec::Node& node : spec.nodes) {
    if (node.mode != Branch::kMember) continue;
    node.set = static_cast<int32_t>(spec.sets.size());
    std::vector<double>& set = spec.sets.emplace_back();
    for (; at < values.size() && !std::isnan(values[at]); ++at) set.push_back(values[at]);
    ++at;
    std::sort(set.begin(), set.end());
  }
  return {};
}

}  // namespace

Result<ForestSpec> ForestSpec::of_lists(const KernelQuery& q, std::string_view kind, int64_t targets) {
  ForestSpec spec;
  spec.targets = targets;
  NodeLists lists;
  SDX_RETURN_IF_ERROR(lists.read(q));
  NodeFinder finder;
  SDX_RETURN_IF_ERROR(finder.init(lists.trees, lists.numbers));
  SDX_RETURN_IF_ERROR(add_nodes(lists, finder, spec));
  SDX_RETURN_IF_ERROR(add_weights(q, std::string(kind), finder, spec));
  SDX_TRY(spec.base, numbers(q, "base_values"));
  const size_t n = spec.base.size();
  if (n != 0 && static_cast<int64_t>(n) != targets && !(n == 1 && kind == "class" && targets == 2))
    return fail(Code::kAttr, "base_values has ", n, " entries for ", targets, " scores");
  return spec;
}

Result<ForestSpec> ForestSpec::of_ensemble(const KernelQuery& q) {
  ForestSpec spec;
  spec.targets = q.has_attr("n_targets") ? q.attr_int("n_targets") : 1;
  const std::span<const int64_t> features = ints(q, "nodes_featureids"), yes = ints(q, "nodes_truenodeids"),
                                 no = ints(q, "nodes_falsenodeids"), yes_leaf = ints(q, "nodes_trueleafs"),
                                 no_leaf = ints(q, "nodes_falseleafs"), targets = ints(q, "leaf_targetids"),
                                 missing = ints(q, "nodes_missing_value_tracks_true");
  SDX_TRY(const std::vector<double> modes, tensor_numbers(q, "nodes_modes"));
  SDX_TRY(const std::vector<double> splits, tensor_numbers(q, "nodes_splits"));
  SDX_TRY(const std::vector<double> weights, tensor_numbers(q, "leaf_weights"));
  SDX_TRY(const std::vector<double> members, tensor_numbers(q, "membership_values"));
  const size_t n = features.size(), leaves = targets.size();
  if (static_cast<int64_t>(std::max(n, leaves)) > kMost) return fail(Code::kAttr, "there are too many nodes");
  constexpr std::string_view kOf = "nodes_featureids";
  SDX_RETURN_IF_ERROR(check_length("nodes_truenodeids", yes.size(), kOf, n));
  SDX_RETURN_IF_ERROR(check_length("nodes_falsenodeids", no.size(), kOf, n));
  SDX_RETURN_IF_ERROR(check_length("nodes_trueleafs", yes_leaf.size(), kOf, n));
  SDX_RETURN_IF_ERROR(check_length("nodes_falseleafs", no_leaf.size(), kOf, n));
  SDX_RETURN_IF_ERROR(check_length("nodes_modes", modes.size(), kOf, n));
  SDX_RETURN_IF_ERROR(check_length("nodes_splits", splits.size(), kOf, n));
  SDX_RETURN_IF_ERROR(check_length("nodes_missing_value_tracks_true", missing.size(), kOf, n, true));
  SDX_RETURN_IF_ERROR(check_length("leaf_weights", weights.size(), "leaf_targetids", leaves));

  const auto child_of = [&](std::string_view name, int64_t at, bool leaf) -> Result<int32_t> {
    const int64_t limit = static_cast<int64_t>(leaf ? leaves : n);
    if (at < 0 || at >= limit)
      return fail(Code::kRange, name, " has ", at, ", expected 0 to ", limit - 1, leaf ? " (a leaf)" : "");
    return static_cast<int32_t>(leaf ? static_cast<int64_t>(n) + at : at);
  };
  spec.nodes.resize(n + leaves);
  for (size_t i = 0; i < n; ++i) {
    Node& node = spec.nodes[i];
    if (!(modes[i] >= 0 && modes[i] <= 6)) return fail(Code::kAttr, "nodes_modes has ", modes[i], ", expected 0 to 6");
    SDX_RETURN_IF_ERROR(check_feature(features[i]));
    node.mode = static_cast<Branch>(modes[i]);
    node.feature = static_cast<int32_t>(features[i]);
    node.threshold = splits[i];
    node.nan_is_true = !missing.empty() && missing[i] != 0;
    SDX_TRY(node.yes, child_of("nodes_truenodeids", yes[i], yes_leaf[i] != 0));
    SDX_TRY(node.no, child_of("nodes_falsenodeids", no[i], no_leaf[i] != 0));
  }
  for (size_t i = 0; i < leaves; ++i) {
    spec.nodes[n + i].yes = static_cast<int32_t>(i), spec.nodes[n + i].no = 1;
    spec.weights.push_back({static_cast<int32_t>(targets[i]), weights[i]});
  }
  SDX_RETURN_IF_ERROR(add_sets(members, spec));
  for (int64_t root : ints(q, "tree_roots")) spec.roots.push_back(static_cast<int32_t>(root));
  return spec;
}

}  // namespace sardonyx
