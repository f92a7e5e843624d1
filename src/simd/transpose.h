// Batched 2-D transposes of 1-, 2-, 4- and 8-byte elements: dst[b][c][r] = src[b][r][c]. With rows = channels and
// cols = pixels this turns NCHW into NHWC; with the two exchanged, back. Bits are copied, whatever they mean.
// Tasks [0, transpose_tasks()) are independent; which thread runs which does not matter. src and dst do not overlap.
#pragma once
#include <cstddef>
#include <cstdint>

#include "simd/choose.h"

namespace sardonyx::simd {

struct TransposeArgs {
  int64_t batch = 1, rows = 0, cols = 0;
  size_t element_bytes = 4;  // 1, 2, 4 or 8
  const void* src = nullptr;
  void* dst = nullptr;
};

struct TransposeTable {
  Target target;
  // The block [rows, cols] at src with row distance src_ld to dst with row distance dst_ld, both in elements.
  // Indexed by log2 of the element size.
  void (*block[4])(const void* src, int64_t src_ld, int64_t rows, int64_t cols, void* dst, int64_t dst_ld);
};
const TransposeTable& transpose();
const TransposeTable* transpose_for(Target t);

int64_t transpose_tasks(const TransposeArgs& a);
void transpose_run(const TransposeTable& f, const TransposeArgs& a, int64_t task_begin, int64_t task_end);

}  // namespace sardonyx::simd
