#include "plan/plan.h"

#include <algorithm>

#include "plan/planner.h"

namespace sardonyx {

PlanPtr PlanCache::find(std::span<const int64_t> key, const std::function<bool(const Plan&)>& matches) const {
  std::lock_guard lock(mutex_);
  for (size_t i = 0; i < plans_.size(); ++i) {
    const Plan& p = *plans_[i];
    if (!std::equal(p.key.begin(), p.key.end(), key.begin(), key.end()) || !matches(p)) continue;
    std::rotate(plans_.begin(), plans_.begin() + static_cast<std::ptrdiff_t>(i),
                plans_.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    return plans_.front();
  }
  return nullptr;
}

void PlanCache::insert(PlanPtr plan) const {
  std::lock_guard lock(mutex_);
  if (plans_.size() >= most_) plans_.pop_back();
  plans_.insert(plans_.begin(), std::move(plan));
}

PlanPtr PlanCache::latest() const {
  std::lock_guard lock(mutex_);
  return plans_.empty() ? nullptr : plans_.front();
}

size_t PlanCache::size() const {
  std::lock_guard lock(mutex_);
  return plans_.size();
}

Result<PlanPtr> make_plan(const Program& program, int32_t first_step, std::vector<int64_t> key,
                          const PlanInputs& inputs, ThreadPool* pool) {
  Planner planner(program, first_step, inputs, pool);
  SDX_RETURN_IF_ERROR(planner.walk());
  return planner.finish(std::move(key));
}

}  // namespace sardonyx
