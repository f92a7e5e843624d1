// Extents of matrix products with batches and vectors, as MatMul defines them.
#pragma once
#include "kernel/kernel.h"
#include "simd/gemm.h"

namespace sardonyx {

// [.., rows, cols]; a vector counts as a matrix of one row (left) or one column (right).
struct MatmulSide {
  SmallVec<int64_t, 8> batch;
  int64_t rows = 1, cols = 1;
  bool promoted = false;
};
MatmulSide matmul_side(const Extents& dims, bool left);

// Where the matrices of each of `count` > 0 batch members begin, in elements; those of the result and of a residual lie
// one after the other. With `one_b`, all use the same B. The array belongs to the plan.
const simd::GemmOffsets* matmul_offsets(PrepareCtx& c, const MatmulSide& a, const MatmulSide& b, int64_t count,
                                        bool one_b);

}  // namespace sardonyx
