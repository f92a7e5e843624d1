// Overlap of boxes on every target against the definition, at list lengths around the vector width.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "simd/overlap.h"

namespace sardonyx::simd {
namespace {

bool plain(const Box& a, const Box& b, float threshold) {
  const float h = std::min(a.y2, b.y2) - std::max(a.y1, b.y1), w = std::min(a.x2, b.x2) - std::max(a.x1, b.x1);
  if (!(h > 0 && w > 0) || a.area <= 0 || b.area <= 0) return false;
  return h * w / (a.area + b.area - h * w) > threshold;
}

TEST(Overlap, AgreesWithTheDefinition) {
  std::mt19937 rng(7);
  std::uniform_real_distribution<float> at(0, 10), size(0, 3);
  const auto random_box = [&] {
    Box b{at(rng), at(rng), 0, 0, 0};
    b.y2 = b.y1 + size(rng), b.x2 = b.x1 + (rng() % 8 ? size(rng) : 0);
    b.area = (b.y2 - b.y1) * (b.x2 - b.x1);
    return b;
  };
  for (Target t : compiled_targets()) {
    const OverlapTable* f = overlap_for(t);
    if (f == nullptr || !cpu_runs(t)) continue;
    int found = 0;
    for (int64_t n = 0; n < 50; ++n) {
      std::vector<float> list(static_cast<size_t>(5 * n));
      std::vector<Box> boxes;
      for (int64_t i = 0; i < n; ++i) {
        boxes.push_back(random_box());
        const Box& b = boxes.back();
        const float c[] = {b.y1, b.x1, b.y2, b.x2, b.area};
        for (int64_t k = 0; k < 5; ++k) list[static_cast<size_t>(k * n + i)] = c[k];
      }
      for (int tries = 0; tries < 20; ++tries) {
        const Box b = random_box();
        const bool want = std::any_of(boxes.begin(), boxes.end(), [&](const Box& k) { return plain(k, b, 0.1f); });
        EXPECT_EQ(f->any({list.data(), n, n}, b, 0.1f), want) << target_name(t) << " " << n;
        found += want;
      }
    }
    EXPECT_GT(found, 50);
    EXPECT_LT(found, 950);
  }
}

}  // namespace
}  // namespace sardonyx::simd
