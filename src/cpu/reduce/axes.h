// Reductions over any set of axes, as one or more passes of the two layouts of simd/reduce. Plain data, so it lives in
// a plan.
#pragma once
#include "kernel/kernel.h"

namespace sardonyx {

// One pass: [outer, red, inner] → [outer, inner].
struct ReducePass {
  int64_t outer = 1, red = 1, inner = 1;
};

inline constexpr int kMaxReducePasses = 6;

struct ReducePlan {
  int passes = 0;
  ReducePass pass[kMaxReducePasses];  // innermost axes first
  int64_t reduced = 1;                // elements that make one output
};

// `axes` ascending and non-negative. Adjacent axes are merged; kShape if more groups remain than a plan holds.
Status plan_reduce(ReducePlan& p, std::span<const int64_t> dims, std::span<const int> axes);

}  // namespace sardonyx
