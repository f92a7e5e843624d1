// The register tile under gemm.h and conv.h: what one target offers to the drivers. Internal to simd/.
// A tile multiplies `rows` rows of A, given as segments along K, with one panel of B. Pure functions, no state.
#pragma once
#include "simd/gemm.h"

namespace sardonyx::simd {

// k consecutive elements of each row, row r starting at a + r * row_stride, times rows b_row, b_row + 1, ... of B.
struct GemmSegment {
  const float* a;
  int64_t row_stride;
  int64_t k;
  int64_t b_row;
};

// One row to copy: src[i] for begin <= i < end, zeros elsewhere. src itself may lie outside the source.
struct GatherRow {
  const float* src;
  int64_t begin, end;
};

struct GemmTile {
  const GemmSegment* segments;
  int64_t segment_count;
  const float* b;    // one row of the panel per k, b_stride apart
  int64_t b_stride;  // >= the vector width that covers cols
  float* c;
  int64_t ldc;
  int rows, cols;  // 1..mr, 1..nr
  float alpha;
  const float* add;  // added to the sum with add_scale: a residual, or the partial sums of earlier k; may be c
  int64_t add_ld;
  float add_scale;
  const float* col_bias;  // may be null
  const float* row_bias;  // may be null
  float low, high;        // clip; -inf, +inf for none
  // Weights that are needed soon: a quarter of a panel of as many k is brought closer from here on. May be null.
  const float* prefetch;
};

inline constexpr int kDotRows = 4;

struct GemmTable {
  Target target;
  int mr, nr, lanes;
  void (*tile)(const GemmTile& t);
  // The same for at most kDotRows rows, one segment and a transposed B: column j at b + j * b_stride, k contiguous.
  void (*dot_tile)(const GemmTile& t);
  // C[rows, cols] = act(C) in place; clip and relu belong to the tile.
  void (*activate)(float* c, int64_t ldc, int64_t rows, int64_t cols, Act act, float p0, float p1);
  // dst[k][width] = B[k, cols] for cols <= width, zeros beyond. trans: b is [cols][k].
  void (*pack_panel)(const float* b, int64_t ldb, bool trans, int64_t k, int64_t cols, int64_t width, float* dst);
  // dst[r * dst_stride + i] = element i < n of rows[r].
  void (*gather_rows)(const GatherRow* rows, int64_t count, int64_t n, float* dst, int64_t dst_stride);
  // dst[r * dst_stride + i] = src[i * src_stride + r]: columns of a [n][rows] matrix as rows.
  void (*transpose_rows)(const float* src, int64_t src_stride, int64_t rows, int64_t n, float* dst, int64_t dst_stride);
};

// How the register tiles of `members` equal products are grouped to tasks. Depends on its arguments only.
struct TaskGrid {
  int64_t tiles_per_task, row_tasks;
  int64_t panels_per_task, col_tasks;
};
// work: multiplications of all members together. Below `least` tiles or panels a task is cut only when nothing else
// is left to cut.
struct TaskLimits {
  int64_t most_tiles, least_tiles, least_panels;
};
TaskGrid cut_tasks(const GemmTable& f, int64_t members, int64_t tiles, int64_t panels, double work, TaskLimits limits);

inline int64_t panel_width(const GemmTable& f, int64_t cols) { return cols <= f.lanes ? f.lanes : f.nr; }

// First of `count` nearly equal parts of [0, total) numbered i; part i ends where part i + 1 begins.
inline int64_t part_begin(int64_t total, int64_t count, int64_t i) {
  const int64_t extra = total % count;
  return total / count * i + (i < extra ? i : extra);
}

// Clip bounds that the tile applies for act; false if act also needs GemmTable::activate.
bool tile_clip(Act act, float p0, float p1, float* low, float* high);

}  // namespace sardonyx::simd
