// Weighted sums of two rows, for interpolation. out must not overlap the inputs. No allocation; thread-safe.
#pragma once
#include <cstdint>

#include "simd/choose.h"

namespace sardonyx::simd {

struct BlendTable {
  // out[i] = wa * a[i] + wb * b[i].
  void (*rows)(const float* a, const float* b, float wa, float wb, float* out, int64_t n);
  // out[i] += w * a[i].
  void (*add_row)(const float* a, float w, float* out, int64_t n);
};

const BlendTable& blend();
const BlendTable* blend_for(Target target);

}  // namespace sardonyx::simd
