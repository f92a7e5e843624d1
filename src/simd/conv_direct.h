// 2-D f32 convolutions of few channels, directly over rows that are copied with their padding: channels-first output
// with pixels in the lanes of a vector, or channels-last output with output channels in the lanes; both from either
// layout.
//
//   DirectPlan p = plan_direct(conv_direct(), c, x_last, y_last);      // depends on shapes and target only
//   direct_pack(conv_direct(), c, x_last, y_last, weights, w);         // once, direct_packed_bytes()
//   direct_run(conv_direct(), c, p, begin, end, scratch);              // any split of [0, p.tasks) gives the same bits
//
// ConvArgs as in conv.h, dense (x_ld and y_ld are not read), depth 1, not transposed; groups with y_last = false only.
// The residual has y's layout. Rows outside the input count as zeros.
// Nothing is owned or allocated; scratch is per thread, 64-byte aligned.
#pragma once
#include "simd/conv.h"

namespace sardonyx::simd {

struct DirectTable;  // conv_direct_kernel.h
const DirectTable& conv_direct();
const DirectTable* conv_direct_for(Target t);

struct DirectPlan {
  bool x_last, y_last;
  int64_t tasks, row_tasks, rows;      // output rows per task
  int64_t pitch, row_step, x_channel;  // of the copied rows, in elements; row_step: rows of one channel
  int64_t copied_rows;
  int width;  // pixels per tile, channels-last only
  size_t scratch_bytes;
};

DirectPlan plan_direct(const DirectTable& f, const ConvArgs& c, bool x_last, bool y_last);
size_t direct_packed_bytes(const DirectTable& f, const ConvArgs& c, bool y_last);
void direct_pack(const DirectTable& f, const ConvArgs& c, bool x_last, bool y_last, const float* w, float* dst);
void direct_run(const DirectTable& f, const ConvArgs& c, const DirectPlan& p, int64_t begin, int64_t end,
                void* scratch);

}  // namespace sardonyx::simd
