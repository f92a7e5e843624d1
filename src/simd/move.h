// Moving elements without computing: N-D strided copies, which serve Transpose, Slice, Expand, Pad, Concat and Split.
// A MovePlan is made once per shape (plain data, copyable into a plan) and run over any ranges of its tasks; ranges
// write disjoint elements, so they may run on different threads. No allocation; thread-safe.
#pragma once
#include <cstdint>

namespace sardonyx::simd {

inline constexpr int kMaxMoveRank = 16;

// How run_move copies its innermost block.
enum class MoveKernel : uint8_t {
  kRows,       // contiguous runs: memcpy
  kRepeat,     // source stride 0: fill
  kGather,     // any strides
  kTranspose,  // source contiguous along one axis, destination along another: blocked 2-D transpose
};

struct MovePlan {
  MoveKernel kernel = MoveKernel::kRows;
  uint8_t element_size = 0;
  int8_t rank = 0;    // outer axes, walked by task number, slowest first
  int64_t tasks = 0;  // product of the outer extents; 0 if nothing is to be copied
  int64_t task_elements = 0;
  int64_t extents[kMaxMoveRank];
  int64_t src_strides[kMaxMoveRank];  // bytes
  int64_t dst_strides[kMaxMoveRank];
  // Inner block. kTranspose: rows x cols, source contiguous along rows, destination along cols.
  int64_t rows = 1, cols = 1;
  int64_t src_row = 0, src_col = 0, dst_row = 0, dst_col = 0;  // bytes
};

// Plans dst[i · dst_strides] = src[i · src_strides] for every index i in the box `extents`. Strides count elements;
// source strides may be 0 (expand) or negative (flip); destination elements must be distinct. element_size: 1, 2, 4, 8
// or 16. False if more than kMaxMoveRank axes remain after merging those that are contiguous to each other.
bool plan_move(MovePlan& plan, int element_size, int rank, const int64_t* extents, const int64_t* src_strides,
               const int64_t* dst_strides);

// Plans out = transpose(in): output axis k is input axis perm[k] of a dense input of `extents`; out is dense.
bool plan_transpose(MovePlan& plan, int element_size, int rank, const int64_t* extents, const int* perm);

// Copies tasks [begin, end) of [0, plan.tasks). src and dst must not overlap.
void run_move(const MovePlan& plan, const void* src, void* dst, int64_t begin, int64_t end);

}  // namespace sardonyx::simd
