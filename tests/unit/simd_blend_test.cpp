// Weighted sums of rows on every target, at lengths around the vector width.
#include <gtest/gtest.h>

#include <vector>

#include "simd/blend.h"

namespace sardonyx::simd {
namespace {

TEST(Blend, SumsRows) {
  for (Target t : compiled_targets()) {
    const BlendTable* f = blend_for(t);
    if (f == nullptr || !cpu_runs(t)) continue;
    for (size_t n = 0; n < 70; ++n) {
      std::vector<float> a(n), b(n), out(n + 1, -1.0f);
      for (size_t i = 0; i < n; ++i) a[i] = static_cast<float>(i), b[i] = static_cast<float>(2 * i + 1);
      f->rows(a.data(), b.data(), 0.5f, 0.25f, out.data(), static_cast<int64_t>(n));
      f->add_row(a.data(), 2.0f, out.data(), static_cast<int64_t>(n));
      for (size_t i = 0; i < n; ++i) EXPECT_FLOAT_EQ(out[i], 3 * static_cast<float>(i) + 0.25f) << target_name(t) << n;
      EXPECT_EQ(out[n], -1.0f);
    }
  }
}

}  // namespace
}  // namespace sardonyx::simd
