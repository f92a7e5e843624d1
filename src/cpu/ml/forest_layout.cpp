#include "cpu/ml/forest_layout.h"

#include <cmath>
#include <limits>

namespace sardonyx {
namespace {

// The condition as "value <= threshold", perhaps with the children swapped.
template <class T>
struct Condition {
  T threshold;
  uint8_t flags;
  bool swapped;
};
template <class T>
Condition<T> normalise(const ForestSpec::Node& n) {
  constexpr T kInf = std::numeric_limits<T>::infinity(), kNan = std::numeric_limits<T>::quiet_NaN();
  const T t = static_cast<T>(n.threshold), below = t == -kInf ? kNan : std::nextafter(t, -kInf);
  const auto nan_second = [&](bool swapped) -> uint8_t {
    const bool is_true = n.nan_is_true || n.mode == Branch::kNeq;
    return is_true != swapped ? kNanGoesSecond : 0;
  };
  const uint8_t straight = nan_second(false), crossed = nan_second(true);
  switch (n.mode) {
    case Branch::kLt: return {below, straight, false};
    case Branch::kGt: return {std::isnan(t) ? kInf : t, crossed, true};
    case Branch::kGte: return {std::isnan(t) ? kInf : below, crossed, true};
    case Branch::kEq: return {t, static_cast<uint8_t>(straight | kEqual), false};
    case Branch::kNeq: return {t, static_cast<uint8_t>(crossed | kEqual), true};
    case Branch::kMember: return {t, static_cast<uint8_t>(straight | kMemberOf), false};
    default: return {t, straight, false};
  }
}

}  // namespace

template <class T>
Status flatten(const ForestSpec& spec, Flat<T>& flat) {
  struct Item {
    int32_t node;
    uint32_t at, depth;
  };
  std::vector<bool> seen(spec.nodes.size());
  std::vector<Item> open;
  const auto grow = [&](size_t n) {
    flat.nodes.resize(flat.nodes.size() + n);
    flat.flags.resize(flat.nodes.size());
    flat.payload.resize(flat.nodes.size());
  };
  flat.nodes.reserve(spec.nodes.size()), flat.flags.reserve(spec.nodes.size()), flat.payload.reserve(spec.nodes.size());
  for (int32_t root : spec.roots) {
    flat.roots.push_back(static_cast<uint32_t>(flat.nodes.size()));
    open.push_back({root, flat.roots.back(), 0});
    grow(1);
    while (!open.empty()) {
      const Item item = open.back();
      open.pop_back();
      const ForestSpec::Node& n = spec.nodes[static_cast<size_t>(item.node)];
      if (n.mode == Branch::kLeaf) {
        flat.nodes[item.at] = {std::numeric_limits<T>::quiet_NaN(), 0, 0};
        flat.payload[item.at] = static_cast<uint32_t>(item.node);
        flat.leaf_depths += item.depth, ++flat.leaves;
        continue;
      }
      if (seen[static_cast<size_t>(item.node)])
        return fail(Code::kAttr, "node ", item.node, " of the lists is reached twice, so these are no trees");
      seen[static_cast<size_t>(item.node)] = true;
      const Condition<T> c = normalise<T>(n);
      const uint32_t pair = static_cast<uint32_t>(flat.nodes.size());
      flat.nodes[item.at] = {c.threshold, static_cast<uint32_t>(n.feature), pair - item.at};
      flat.flags[item.at] = c.flags;
      flat.payload[item.at] = static_cast<uint32_t>(n.set);
      grow(2);
      open.push_back({c.swapped ? n.no : n.yes, pair + 1, item.depth + 1});
      open.push_back({c.swapped ? n.yes : n.no, pair, item.depth + 1});
    }
  }
  return {};
}

template Status flatten(const ForestSpec&, Flat<float>&);
template Status flatten(const ForestSpec&, Flat<double>&);

}  // namespace sardonyx
