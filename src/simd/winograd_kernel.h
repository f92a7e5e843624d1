// What one target offers to winograd.h: the transforms of one tile, with all channels. Internal to simd/.
// The points are 0, +-3/4, +-3/2 and infinity for tiles of 4x4 outputs, which halves the rounding error of the usual
// 0, +-1, +-2, and 0, +-1 and infinity for 2x2.
#pragma once
#include "simd/conv_kernel.h"

namespace sardonyx::simd {

inline constexpr double kWinogradA = 0.75, kWinogradB = 1.5;

// One input tile, partly outside the input, to element [frequency][channel] of v. Channels are stored in whole vectors.
struct WinogradIn {
  const float* x;  // first pixel of the tile; may lie outside
  int64_t x_row, x_step;
  int row_begin, row_end, col_begin, col_end;  // pixels of the tile inside the input
  float* v;
  int64_t v_step;  // between frequencies
  int64_t channels;
};

// Sums [frequency][channel], in whole vectors, to the pixels of one output tile.
struct WinogradOut {
  const float* m;
  int64_t m_step;
  float* y;
  int64_t y_row, y_step;
  int rows, cols;     // pixels of the tile inside the output
  const float* bias;  // may be null, as may add
  const float* add;
  int64_t add_row, add_step;
  float add_scale;
  float low, high;
  int64_t channels;
};

struct WinogradTable {
  Target target;
  void (*in2)(const WinogradIn& t);
  void (*in4)(const WinogradIn& t);
  void (*out2)(const WinogradOut& t);
  void (*out4)(const WinogradOut& t);
};
const WinogradTable& winograd();
const WinogradTable* winograd_for(Target t);

}  // namespace sardonyx::simd
