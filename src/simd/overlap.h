// Does a box overlap one of many? Boxes lie in five arrays, one per coordinate, so that many are compared at once.
// No allocation; thread-safe.
#pragma once
#include <cstdint>

#include "simd/choose.h"

namespace sardonyx::simd {

struct Box {
  float y1, x1, y2, x2, area;  // y1 <= y2, x1 <= x2
};

// n boxes; coordinate c of box i at base[c * stride + i], in the order of Box.
struct BoxList {
  const float* base;
  int64_t stride, n;
};

struct OverlapTable {
  // True if the shared area divided by the joint one is above the threshold for some box of the list. Boxes without
  // area overlap nothing.
  bool (*any)(const BoxList& list, const Box& box, float threshold);
};

const OverlapTable& overlap();
const OverlapTable* overlap_for(Target target);

}  // namespace sardonyx::simd
