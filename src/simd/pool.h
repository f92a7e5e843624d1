// Max and average pooling on channels-last f32 tensors [batch, D, H, W, channels], cut into independent tasks.
// Windows are clipped to the input; the caller gives the output extents, so ceil_mode and auto_pad need no field.
// An average divides by the taps inside the input or, with count_padding, by those inside the padded input (what
// ceil_mode adds beyond pad_end never counts). A window that holds no input gives -inf (max) or 0 (average).
// Max: any NaN in the window wins. Global pooling: kernel = in, out = 1; its tasks split the channels.
// Nothing is allocated or owned. y must not overlap x.
#pragma once
#include <cstdint>

#include "simd/conv.h"

namespace sardonyx::simd {

struct PoolArgs {
  bool average = false, count_padding = false;
  int64_t batch = 1, channels = 1;
  int64_t in[3] = {1, 1, 1};
  int64_t kernel[3] = {1, 1, 1};
  int64_t stride[3] = {1, 1, 1};
  int64_t dilation[3] = {1, 1, 1};
  int64_t pad_begin[3] = {0, 0, 0};
  int64_t pad_end[3] = {0, 0, 0};
  int64_t out[3] = {1, 1, 1};
  const float* x = nullptr;
  int64_t x_ld = 0;  // elements between pixels
  float* y = nullptr;
  int64_t y_ld = 0;
};

// Uses conv()'s table.
int64_t pool_tasks(const PoolArgs& p);
void pool_run(const ConvTable& f, const PoolArgs& p, int64_t task_begin, int64_t task_end);

}  // namespace sardonyx::simd
