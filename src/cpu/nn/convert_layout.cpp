#include "cpu/nn/convert_layout.h"

#include <algorithm>

namespace sardonyx {

namespace {

constexpr int64_t kChunk = 32768;  // elements worth handing to another thread

LayoutMove plan(int64_t batch, int64_t rows, int64_t cols) {
  LayoutMove m;
  m.needed = rows > 1 && cols > 1;
  const int64_t dims[] = {batch, rows, cols};
  const int swap[] = {0, 2, 1};
  if (m.needed) simd::plan_transpose(m.plan, 4, 3, dims, swap);
  return m;
}

}  // namespace

LayoutMove plan_to_channels_last(int64_t batch, int64_t channels, int64_t pixels) {
  return plan(batch, channels, pixels);
}
LayoutMove plan_to_channels_first(int64_t batch, int64_t channels, int64_t pixels) {
  return plan(batch, pixels, channels);
}

void run_layout(RunCtx& c, const LayoutMove& m, const float* from, float* to) {
  const auto part = [&](Range r, int) { simd::run_move(m.plan, from, to, r.begin, r.end); };
  if (c.pool())
    c.pool()->parallel_for(m.plan.tasks, std::max<int64_t>(1, kChunk / std::max<int64_t>(1, m.plan.task_elements)),
                           part);
  else
    part({0, m.plan.tasks}, 0);
}

}  // namespace sardonyx
