// Trees flattened for evaluation, before nodes take their final size. T is the type of thresholds: float or double.
#pragma once
#include "cpu/ml/forest.h"

namespace sardonyx {

template <class T>
struct WideNode {
  using Value = T;
  using Index = uint32_t;
  T threshold;
  uint32_t feature, step;
};

enum Flag : uint8_t { kNanGoesSecond = 1, kEqual = 2, kMemberOf = 4 };

template <class T>
struct Flat {
  std::vector<WideNode<T>> nodes;
  std::vector<uint8_t> flags;
  std::vector<uint32_t> payload;  // leaves: spec node; membership tests: the set
  std::vector<uint32_t> roots;
  uint64_t leaf_depths = 0, leaves = 0;
};

// Lays the trees out one after another, each in depth-first order. A branch that is reached twice is an error: what it
// leads to would be copied, or never end.
template <class T>
Status flatten(const ForestSpec& spec, Flat<T>& flat);

}  // namespace sardonyx
