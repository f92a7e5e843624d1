// 3x3 convolutions with stride 1 by Winograd's minimal filtering F(2x2,3x3) and F(4x4,3x3): 2.25 and 4 times fewer
// multiplications. Arguments and tensors are those of conv.h. Every tile of the input is transformed, multiplied with
// transformed weights at each of (tile + 2)^2 frequencies, and transformed back.
//
//   int tile = choose_winograd(conv(), c).tile;                       // 0: conv_run is better, and why
//   winograd_pack_weights(conv(), c, tile, weights, 0, winograd_pack_tasks(conv(), c), packed);   // once
//   WinogradPlan p = plan_winograd(conv(), c, tile);                  // depends on shapes and target only
//   winograd_transform(conv(), c, p, begin, end, shared);             // any split of [0, p.transform_tasks), then
//   winograd_run(conv(), c, p, begin, end, shared, scratch);          // any split of [0, p.tasks): the same bits
//
// Nothing is owned or allocated; `shared` and the per-thread `scratch` are 64-byte aligned. The sums are those of a
// convolution up to rounding (within 2e-5 of the size of the sum for 4x4 tiles, 4e-6 for 2x2), except that a NaN or infinity reaches every output
// of the tiles that read it.
#pragma once
#include "simd/conv.h"

namespace sardonyx::simd {

struct WinogradChoice {
  int tile = 0;                  // outputs per side of a tile, 2 or 4; 0: not this way
  const char* reason = nullptr;  // why not
};
// Reads the geometry only. Extents of 0 or less mean unknown.
WinogradChoice choose_winograd(const ConvTable& f, const ConvArgs& c);

size_t winograd_packed_weight_bytes(const ConvTable& f, const ConvArgs& c, int tile);
int64_t winograd_pack_tasks(const ConvTable& f, const ConvArgs& c);
void winograd_pack_weights(const ConvTable& f, const ConvArgs& c, int tile, const float* w, int64_t task_begin,
                           int64_t task_end, float* dst);

// Tiles are cut into blocks. Many: a task transforms the inputs of a block into its scratch and makes all output
// channels. Few: inputs are transformed first, by tasks of their own, and a task makes one panel of output channels.
struct WinogradPlan {
  int tile;
  int64_t tiles_h, tiles_w, tiles;
  int64_t blocks, block_tiles, panels;
  int64_t transform_tasks;  // 0: each task transforms what it needs
  int64_t tasks;
  size_t shared_bytes, thread_bytes;
};
WinogradPlan plan_winograd(const ConvTable& f, const ConvArgs& c, int tile);
void winograd_transform(const ConvTable& f, const ConvArgs& c, const WinogradPlan& p, int64_t task_begin,
                        int64_t task_end, void* shared);
void winograd_run(const ConvTable& f, const ConvArgs& c, const WinogradPlan& p, int64_t task_begin, int64_t task_end,
                  const void* shared, void* scratch);

}  // namespace sardonyx::simd
