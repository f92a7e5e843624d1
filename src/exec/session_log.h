// What sessions say of themselves: how opening went (information), which kernel runs each node (verbose), how a run
// went (information) and the plans it had to make (verbose). Errors are not logged: whoever called gets them.
#pragma once
#include "base/log.h"
#include "exec/session.h"

namespace sardonyx {

void log_opening(const Log& log, const Session& session);

// One run that is logged; passes what it sees on to another observer.
class LoggedRun final : public StepObserver {
 public:
  explicit LoggedRun(const Log& log, StepObserver* next);
  void planned(const Program& program, const Plan& plan, int64_t begin_ns, int64_t end_ns) override;
  void step(const Program& program, int32_t step, int64_t begin_ns, int64_t end_ns) override;
  // Logs how the run ended; returns `status`.
  Status finish(Status status);

 private:
  const Log& log_;
  StepObserver* next_;
  const int64_t begin_ns_;
};

}  // namespace sardonyx
