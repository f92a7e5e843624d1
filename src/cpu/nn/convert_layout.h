// Conversions between channels-first and channels-last f32 tensors, planned per shape and run over the pool's threads.
#pragma once
#include "kernel/kernel.h"
#include "simd/move.h"

namespace sardonyx {

struct LayoutMove {
  bool needed = false;  // false: both layouts are the same bytes
  simd::MovePlan plan;
};

LayoutMove plan_to_channels_last(int64_t batch, int64_t channels, int64_t pixels);
LayoutMove plan_to_channels_first(int64_t batch, int64_t channels, int64_t pixels);
void run_layout(RunCtx& c, const LayoutMove& m, const float* from, float* to);

}  // namespace sardonyx
