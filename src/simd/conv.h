// Convolutions on channels-last f32 tensors [batch, D, H, W, channels], cut into independent tasks. One or two spatial
// dimensions are the last ones, with extents 1, kernel 1, stride 1, dilation 1, pad 0 in front.
//
//   ConvArgs c = {...};                                  // geometry
//   float* w = allocate(conv_packed_weight_bytes(conv(), c));
//   conv_pack_weights(conv(), c, weights, 0, conv_pack_tasks(conv(), c), w);    // once
//   conv_run(conv(), c, begin, end, scratch);            // any split of [0, conv_tasks()) gives the same bits
//
// Convolution: weights [out_channels, in_channels / groups, kD, kH, kW]; out = y's extents, given by the caller.
// Transposed: weights [in_channels, out_channels / groups, kD, kH, kW]; out likewise, so output_padding and
// auto_pad need no field here: only pad_begin and out matter.
// The epilogue is gemm.h's; col_bias is indexed by output channel, row_bias is not used, residual has y's pixel order
// with residual_ld elements between pixels. x and y may be channel slices of wider tensors: x_ld, y_ld are the
// distances between pixels. Nothing is allocated or owned; scratch is per thread, 64-byte aligned.
// y must not overlap x; it may be the residual itself.
#pragma once
#include <cstddef>
#include <cstdint>

#include "simd/gemm.h"

namespace sardonyx::simd {

struct ConvArgs {
  int64_t batch = 1, groups = 1;
  int64_t in_channels = 1, out_channels = 1;
  int64_t in[3] = {1, 1, 1};
  int64_t kernel[3] = {1, 1, 1};
  int64_t stride[3] = {1, 1, 1};
  int64_t dilation[3] = {1, 1, 1};
  int64_t pad_begin[3] = {0, 0, 0};
  int64_t out[3] = {1, 1, 1};
  bool transposed = false;
  const float* x = nullptr;
  int64_t x_ld = 0;
  const float* packed_w = nullptr;
  float* y = nullptr;
  int64_t y_ld = 0;
  Epilogue ep = {};
};

struct ConvTable;  // conv_kernel.h
const ConvTable& conv();
const ConvTable* conv_for(Target t);

size_t conv_packed_weight_bytes(const ConvTable& f, const ConvArgs& c);
// Packing may be shared among threads: each task writes its own part of dst.
int64_t conv_pack_tasks(const ConvTable& f, const ConvArgs& c);
void conv_pack_weights(const ConvTable& f, const ConvArgs& c, const float* w, int64_t task_begin, int64_t task_end,
                       float* dst);

int64_t conv_tasks(const ConvTable& f, const ConvArgs& c);
size_t conv_scratch_bytes(const ConvTable& f, const ConvArgs& c);
void conv_run(const ConvTable& f, const ConvArgs& c, int64_t task_begin, int64_t task_end, void* scratch);

}  // namespace sardonyx::simd
