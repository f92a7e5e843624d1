// PoolF32: f32 max and average pools over simd/pool, which is channels-last; channels-first tensors are converted on
// the way.
#pragma once
#include "kernel/kernel.h"

namespace sardonyx {

Reason refuse_pool_f32(const KernelQuery& q);
Result<KernelPtr> make_pool_f32(const KernelQuery& q, bool average, bool channels_last);

}  // namespace sardonyx
