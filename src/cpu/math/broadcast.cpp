#include "cpu/math/broadcast.h"

#include <algorithm>

namespace sardonyx {

namespace {

constexpr int64_t kPiece = 16384;  // elements; a multiple of every vector width and of packed types

struct Axis {
  int64_t extent;
  int64_t stride[BroadcastPlan::kMaxInputs];
};

// Axes of the output, fastest first, merged where every input walks through both in one stride.
SmallVec<Axis, 16> merged_axes(int inputs, std::span<const std::span<const int64_t>> dims,
                               std::span<const int64_t> out) {
  int64_t step[BroadcastPlan::kMaxInputs];
  std::fill(step, step + BroadcastPlan::kMaxInputs, 1);
  SmallVec<Axis, 16> axes;
  for (size_t k = 0; k < out.size(); ++k) {
    const size_t a = out.size() - 1 - k;
    Axis x{out[a], {}};
    for (int i = 0; i < inputs; ++i) {
      const auto& d = dims[static_cast<size_t>(i)];
      const int64_t extent = k < d.size() ? d[d.size() - 1 - k] : 1;
      x.stride[i] = extent == 1 ? 0 : step[i];
      step[i] *= extent;
    }
    if (x.extent == 1) continue;
    bool joins = !axes.empty();
    for (int i = 0; joins && i < inputs; ++i) {
      const Axis& last = axes.back();
      joins = x.stride[i] == last.stride[i] * last.extent && (x.stride[i] != 0 || last.stride[i] == 0);
    }
    if (joins)
      axes.back().extent *= x.extent;
    else
      axes.push_back(x);
  }
  return axes;
}

}  // namespace

Status plan_broadcast(BroadcastPlan& p, std::span<const std::span<const int64_t>> dims, std::span<const int64_t> out) {
  p = {};
  p.inputs = static_cast<int>(dims.size());
  const int64_t total = elements(out);
  SmallVec<Axis, 16> axes = merged_axes(p.inputs, dims, out);
  if (axes.empty()) axes.push_back({1, {}});
  if (axes.size() > BroadcastPlan::kMaxRank + 1)
    return fail(Code::kShape, "broadcasting over ", axes.size(), " separate axes is not supported");
  p.n = axes[0].extent;
  for (int i = 0; i < p.inputs; ++i) p.scalar[i] = axes[0].stride[i] == 0 && p.n != 1;
  p.outer = static_cast<int>(axes.size()) - 1;
  for (int k = 0; k < p.outer; ++k) {
    const Axis& x = axes[static_cast<size_t>(p.outer - k)];
    p.extents[k] = x.extent;
    p.rows *= x.extent;
    for (int i = 0; i < p.inputs; ++i) p.strides[i][k] = x.stride[i];
  }
  p.piece = std::max<int64_t>(1, p.n);
  if (p.n > 2 * kPiece) {
    p.piece = kPiece;
    p.pieces = (p.n + kPiece - 1) / kPiece;
  }
  if (total == 0) p.rows = 0;
  return {};
}

void BroadcastPlan::locate(int64_t row, int64_t* index, int64_t* at) const {
  for (int k = outer - 1; k >= 0; --k) {
    index[k] = row % extents[k];
    row /= extents[k];
    for (int i = 0; i < inputs; ++i) at[i] += index[k] * strides[i][k];
  }
}

void BroadcastPlan::advance(int64_t* index, int64_t* at) const {
  for (int k = outer - 1; k >= 0; --k) {
    for (int i = 0; i < inputs; ++i) at[i] += strides[i][k];
    if (++index[k] < extents[k]) return;
    for (int i = 0; i < inputs; ++i) at[i] -= extents[k] * strides[i][k];
    index[k] = 0;
  }
}

}  // namespace sardonyx
