// BroadcastPlan: element-wise work over inputs that broadcast together, cut into rows. In a row every input is either
// contiguous or one element. Plain data, so it lives in a plan.
#pragma once
#include <span>

#include "base/status.h"
#include "parallel/thread_pool.h"
#include "tensor/extents.h"

namespace sardonyx {

struct BroadcastPlan {
  static constexpr int kMaxInputs = 3, kMaxRank = 12;
  int inputs = 0, outer = 0;  // outer axes, slowest first
  int64_t n = 1;              // elements of a row
  int64_t rows = 1;
  int64_t pieces = 1, piece = 1;  // a row is cut into pieces of `piece` elements (several only if rows is small)
  bool scalar[kMaxInputs] = {};   // the input is one element within a row
  int64_t extents[kMaxRank] = {};
  int64_t strides[kMaxInputs][kMaxRank] = {};  // elements per outer axis

  int64_t tasks() const { return rows * pieces; }
  // Calls fn(offset of each input, offset of the output, count) for every piece of the tasks in r; offsets count
  // elements.
  template <class F>
  void for_each(Range r, F&& fn) const {
    int64_t index[kMaxRank] = {}, at[kMaxInputs] = {};
    int64_t row = r.begin / pieces, part = r.begin % pieces;
    locate(row, index, at);
    for (int64_t t = r.begin; t < r.end; ++t) {
      const int64_t from = part * piece, count = from + piece < n ? piece : n - from;
      int64_t in[kMaxInputs];
      for (int i = 0; i < inputs; ++i) in[i] = at[i] + (scalar[i] ? 0 : from);
      fn(in, row * n + from, count);
      if (++part < pieces) continue;
      part = 0;
      ++row;
      advance(index, at);
    }
  }

 private:
  void locate(int64_t row, int64_t* index, int64_t* at) const;
  void advance(int64_t* index, int64_t* at) const;
};

// dims[i] are the extents of input i; out the broadcast extents. kShape if more axes remain after merging than a plan
// holds.
Status plan_broadcast(BroadcastPlan& p, std::span<const std::span<const int64_t>> dims, std::span<const int64_t> out);

}  // namespace sardonyx
