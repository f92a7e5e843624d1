// PoolF32: f32 max and average pools over simd/pool, which is channels-last; channels-first tensors are converted on
// the way.
#pragma once
#include "kernel/kernel.h"
#include "simd/pool.h"

namespace sardonyx {

// The extents of a pooling node of at most three spatial axes.
Result<simd::PoolArgs> pool_geometry(const Node& node, bool average, bool channels_last, const Extents& x,
                                     const Extents& y);

Reason refuse_pool_f32(const KernelQuery& q);
Result<KernelPtr> make_pool_f32(const KernelQuery& q, bool average, bool channels_last);

}  // namespace sardonyx
