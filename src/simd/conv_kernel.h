// What one target offers to the convolution and pooling drivers. Internal to simd/.
#pragma once
#include "simd/conv.h"
#include "simd/gemm_kernel.h"

namespace sardonyx::simd {

// A run of output pixels of one row of a convolution by lanes (see conv_phase.h), all of whose taps lie inside the
// input. Steps are in elements; taps are ordered depth, height, width. The weights of a tap are [group][all channels].
struct LaneRun {
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
  int64_t group, w_member;  // channels per group, and the distance between the weights of two members of a group
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
  void (*depthwise)(const LaneRun& r);    // group == 1
  void (*grouped)(const LaneRun& r);      // group == 2, 4, 8, less than the lanes of a vector
  void (*pool_max)(const PoolWindow& w);  // NaN wins
  void (*pool_sum)(const PoolWindow& w);  // sum * scale
};

inline const GemmTable& gemm_of(const ConvTable& f) { return *gemm_for(f.target); }

}  // namespace sardonyx::simd
