// Outputs that are made as Values: put into planned memory where the plan has some, handed over otherwise.
#pragma once
#include "kernel/kernel.h"

namespace sardonyx {

// Output o's planned memory as a tensor to compute into; none if its extents were not known to the plan.
Value target_of(RunCtx& c, int o);

// Makes v output o. Tensors that already lie in the planned memory are left alone; others are copied there.
Status give(RunCtx& c, int o, Value v);

// Output o with extents that running has found: its planned memory, which must have them, or a new tensor.
Result<Tensor> open_out(RunCtx& c, int o, std::span<const int64_t> dims);

}  // namespace sardonyx
