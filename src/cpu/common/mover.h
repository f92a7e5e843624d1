// Mover: an N-D strided copy between two tensors of any one element type, planned once per shape. Plain data, so it
// lives in a plan. Ranges of its tasks write disjoint memory and may run on different threads.
#pragma once
#include "kernel/kernel.h"
#include "simd/move.h"

namespace sardonyx {

struct Mover {
  enum class Mode : uint8_t { kBlock, kBytes, kStrings, kPacked };
  Mode mode = Mode::kBlock;
  uint8_t bits = 0;                        // kPacked: width of an element
  int64_t tasks = 0;                       // 0 if nothing is to be copied
  double cost = 0;                         // elements per task
  int64_t src_offset = 0, dst_offset = 0;  // bytes; elements for kStrings and kPacked
  int64_t block_bytes = 0;                 // kBlock
  simd::MovePlan plan;                     // kStrings and kPacked use its axes only, with strides in elements
};

// Row-major strides in elements.
Extents dense_strides(std::span<const int64_t> dims);

// Plans dst[dst_at + i · dst_strides] = src[src_at + i · src_strides] for every index i in the box `extents`;
// everything counts elements. kShape if more axes remain after merging than a plan can hold.
Status plan_mover(Mover& m, DType type, std::span<const int64_t> extents, std::span<const int64_t> src_strides,
                  std::span<const int64_t> dst_strides, int64_t src_at = 0, int64_t dst_at = 0);

void run_mover(const Mover& m, const void* src, void* dst, int64_t begin, int64_t end);
inline void run_mover(const Mover& m, const void* src, void* dst) { run_mover(m, src, dst, 0, m.tasks); }

// The move of a node with one input and one output: books its tasks.
inline void book(PrepareCtx& c, const Mover& m) { c.tasks(m.tasks, m.cost); }
inline Status run_single(RunCtx& c, const Mover& m) {
  if (c.in(0) == c.out(0)) return {};
  c.parallel([&](Range r, int) { run_mover(m, c.in(0), c.out(0), r.begin, r.end); });
  return {};
}

}  // namespace sardonyx
