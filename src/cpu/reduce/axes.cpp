#include "cpu/reduce/axes.h"

#include <algorithm>

namespace sardonyx {

Status plan_reduce(ReducePlan& p, std::span<const int64_t> dims, std::span<const int> axes) {
  struct Group {
    int64_t extent;
    bool reduced;
  };
  SmallVec<Group, 16> groups;
  p = {};
  for (size_t a = 0; a < dims.size(); ++a) {
    const bool reduced = std::find(axes.begin(), axes.end(), static_cast<int>(a)) != axes.end();
    if (reduced) p.reduced *= dims[a];
    if (dims[a] == 1) continue;
    if (!groups.empty() && groups.back().reduced == reduced)
      groups.back().extent *= dims[a];
    else
      groups.push_back({dims[a], reduced});
  }
  // The last reduced group first: each pass leaves a dense tensor without it.
  for (size_t g = groups.size(); g-- > 0;) {
    if (!groups[g].reduced) continue;
    if (p.passes == kMaxReducePasses)
      return fail(Code::kShape, "reducing more than ", kMaxReducePasses, " separate groups of axes is not supported");
    ReducePass& pass = p.pass[p.passes++];
    for (size_t k = 0; k < g; ++k) pass.outer *= groups[k].extent;
    pass.red = groups[g].extent;
    for (size_t k = g + 1; k < groups.size(); ++k) pass.inner *= groups[k].extent;
    groups.erase(g);
  }
  if (p.passes == 0) {
    p.passes = 1;
    p.pass[0].outer = elements(dims);
  }
  return {};
}

}  // namespace sardonyx
