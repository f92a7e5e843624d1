// What one target offers to the convolution and pooling drivers. Internal to simd/.
#pragma once
#include "simd/conv.h"
#include "simd/gemm_kernel.h"

namespace sardonyx::simd {

// A run of output pixels of one row of a depthwise convolution, all of whose taps lie inside the input.
// Steps are in elements; taps are ordered depth, height, width.
struct DepthwiseRun {
  const float* x;  // first tap of the first pixel
  int64_t x_step;  // to the next output pixel
  const float* w;  // first tap
  int64_t taps[3], x_tap[3], w_tap[3];
  const float* bias;  // may be null, as may add
  const float* add;
  int64_t add_step;
  float add_scale;
  float low, high;
  float* y;
  int64_t y_step;
  int64_t pixels, channels;
};

// One output pixel of a pooling window inside the input.
struct PoolWindow {
  const float* x;
  int64_t taps[3], x_tap[3];
  float* y;
  int64_t channels;
  float scale;  // average only
};

struct ConvTable {
  Target target;
  void (*depthwise)(const DepthwiseRun& r);
  void (*pool_max)(const PoolWindow& w);  // NaN wins
  void (*pool_sum)(const PoolWindow& w);  // sum * scale
};

inline const GemmTable& gemm_of(const ConvTable& f) { return *gemm_for(f.target); }

}  // namespace sardonyx::simd
