// How a move of elements is planned: axes merged, copies and tiles found (declared in simd/move.h).
#include "simd/move.h"

namespace sardonyx::simd {
namespace {

struct Axis {
  int64_t extent, src, dst;  // strides in bytes
};

int64_t magnitude(int64_t v) { return v < 0 ? -v : v; }

// Sorted so that the destination is walked in memory order, slowest axis first, then merged where two axes are one.
int collapse(Axis* axes, int rank) {
  for (int i = 1; i < rank; ++i) {
    for (int k = i; k > 0 && magnitude(axes[k - 1].dst) < magnitude(axes[k].dst); --k) {
      const Axis t = axes[k];
      axes[k] = axes[k - 1];
      axes[k - 1] = t;
    }
  }
  int kept = 0;
  for (int i = 0; i < rank; ++i) {
    const Axis& a = axes[i];
    if (kept > 0 && axes[kept - 1].src == a.src * a.extent && axes[kept - 1].dst == a.dst * a.extent) {
      axes[kept - 1] = {axes[kept - 1].extent * a.extent, a.src, a.dst};
    } else {
      axes[kept++] = a;
    }
  }
  return kept;
}

void remove(Axis* axes, int& rank, int at) {
  for (int i = at; i + 1 < rank; ++i) axes[i] = axes[i + 1];
  --rank;
}

// The axis, other than the innermost, along which the source is contiguous; -1 if none.
int source_axis(const Axis* axes, int rank, int64_t element) {
  for (int i = rank - 2; i >= 0; --i) {
    if (axes[i].src == element) return i;
  }
  return -1;
}

// Chooses the inner block and removes its axes.
void choose_kernel(MovePlan& plan, Axis* axes, int& rank) {
  const int64_t element = plan.element_size;
  if (rank == 0) return;
  const Axis inner = axes[rank - 1];
  plan.cols = inner.extent;
  plan.src_col = inner.src;
  plan.dst_col = inner.dst;
  const bool dst_dense = inner.dst == element;
  if (dst_dense && inner.src == element) {
    plan.kernel = MoveKernel::kRows;
  } else if (dst_dense && inner.src == 0) {
    plan.kernel = MoveKernel::kRepeat;
  } else {
    plan.kernel = MoveKernel::kGather;
    const int t = dst_dense ? source_axis(axes, rank, element) : -1;
    if (t >= 0) {
      plan.kernel = MoveKernel::kTranspose;
      plan.rows = axes[t].extent;
      plan.src_row = axes[t].src;
      plan.dst_row = axes[t].dst;
      --rank;
      remove(axes, rank, t);
      return;
    }
  }
  --rank;
  // One more axis inside the block keeps tasks from becoming tiny.
  if (rank > 0) {
    const Axis& next = axes[rank - 1];
    plan.rows = next.extent;
    plan.src_row = next.src;
    plan.dst_row = next.dst;
    --rank;
  }
}

constexpr int64_t kTaskBytes = 1 << 16;

// Cuts a block that is large in itself into several tasks along its rows (or columns if there is one row).
void split_block(MovePlan& plan, Axis* axes, int& rank) {
  const int64_t row_bytes = plan.cols * plan.element_size;
  int64_t keep = plan.rows, axis_src = plan.src_row, axis_dst = plan.dst_row;
  int64_t* extent = &plan.rows;
  int64_t unit = row_bytes;
  if (plan.rows == 1) {
    keep = plan.cols, axis_src = plan.src_col, axis_dst = plan.dst_col;
    extent = &plan.cols;
    unit = plan.element_size;
  }
  int64_t want = kTaskBytes / (unit > 0 ? unit : 1);
  if (want < 1) want = 1;
  if (plan.kernel == MoveKernel::kTranspose && want < 16) want = 16;
  if (keep <= want || rank >= kMaxMoveRank) return;
  // Only even cuts: tasks are all alike.
  for (int64_t parts = (keep + want - 1) / want; parts <= keep && parts <= 4 * ((keep + want - 1) / want); ++parts) {
    if (keep % parts != 0) continue;
    const int64_t size = keep / parts;
    axes[rank++] = {parts, axis_src * size, axis_dst * size};
    *extent = size;
    return;
  }
}

}  // namespace

bool plan_move(MovePlan& plan, int element_size, int rank, const int64_t* extents, const int64_t* src_strides,
               const int64_t* dst_strides) {
  plan = MovePlan{};
  plan.element_size = static_cast<uint8_t>(element_size);
  Axis axes[kMaxMoveRank + 1];
  int kept = 0;
  for (int i = 0; i < rank; ++i) {
    if (extents[i] == 0) return true;
    if (extents[i] == 1) continue;
    const Axis a = {extents[i], src_strides[i] * element_size, dst_strides[i] * element_size};
    // Merge with the previous axis at once, so that only axes which stay apart count.
    if (kept > 0 && axes[kept - 1].src == a.src * a.extent && axes[kept - 1].dst == a.dst * a.extent) {
      axes[kept - 1] = {axes[kept - 1].extent * a.extent, a.src, a.dst};
    } else if (kept == kMaxMoveRank) {
      return false;
    } else {
      axes[kept++] = a;
    }
  }
  kept = collapse(axes, kept);
  choose_kernel(plan, axes, kept);
  split_block(plan, axes, kept);
  plan.rank = static_cast<int8_t>(kept);
  plan.tasks = 1;
  for (int i = 0; i < kept; ++i) {
    plan.extents[i] = axes[i].extent;
    plan.src_strides[i] = axes[i].src;
    plan.dst_strides[i] = axes[i].dst;
    plan.tasks *= axes[i].extent;
  }
  plan.task_elements = plan.rows * plan.cols;
  return true;
}

bool plan_transpose(MovePlan& plan, int element_size, int rank, const int64_t* extents, const int* perm) {
  if (rank > 64) return false;
  int64_t in_strides[64], out_extents[64], src[64], dst[64];
  int64_t stride = 1;
  for (int i = rank - 1; i >= 0; --i) {
    in_strides[i] = stride;
    stride *= extents[i];
  }
  stride = 1;
  for (int i = rank - 1; i >= 0; --i) {
    out_extents[i] = extents[perm[i]];
    src[i] = in_strides[perm[i]];
    dst[i] = stride;
    stride *= out_extents[i];
  }
  return plan_move(plan, element_size, rank, out_extents, src, dst);
}

}  // namespace sardonyx::simd
