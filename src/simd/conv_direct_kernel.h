// The register tiles of conv_direct.h: what one target offers to its driver. Internal to simd/.
#pragma once
#include "simd/conv_direct.h"
#include "simd/gemm_kernel.h"

namespace sardonyx::simd {

inline constexpr int kMaxSlots = 8;

// `channels` output channels times `slots` vectors of pixels. Slot i has lanes[i] pixels whose first taps start at
// x[i]. Weights lie in the order of their use: [input channel][row][column][channels].
struct PlaneTile {
  const float* x[kMaxSlots];
  float* y[kMaxSlots];          // of the first output channel; the others follow y_plane apart
  const float* add[kMaxSlots];  // may be null; as far apart
  int lanes[kMaxSlots];
  int slots, channels;
  const float* w;
  int64_t in_channels, kernel_h, kernel_w;
  int64_t x_channel, x_row;
  const int64_t* tap;  // where each column of the kernel reads
  int64_t y_plane;
  float add_scale;
  const float* bias;  // may be null
  float low, high;
};

// One or two vectors of output channels times `width` pixels, of which the first `pixels` are stored. The sum runs over
// three nested loops of count[i] steps in x, the weights being one row of vectors per innermost step.
struct PixelTile {
  const float* x;
  int64_t x_pixel;
  int64_t count[3], step[3];
  const float* w;
  float* y;
  int64_t y_pixel;
  const float* add;  // may be null; as far apart
  float add_scale;
  const float* bias;  // may be null
  int width, pixels, cols;
  float low, high;
};

struct DirectTable {
  Target target;
  int lanes;
  int max_channels;   // of a PlaneTile
  int max_slots;      // with more than one channel; kMaxSlots with one
  const int* widths;  // of a PixelTile, rising, ends with 0
  void (*planes)(const PlaneTile& t);
  void (*pixels)(const PixelTile& t);
  // dst[i] = src[2 * i] for i < n
  void (*every_second)(const float* src, int64_t n, float* dst);
};

}  // namespace sardonyx::simd
