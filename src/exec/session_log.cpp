#include "exec/session_log.h"

#include <chrono>

namespace sardonyx {

namespace {

int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

double milliseconds(int64_t begin_ns, int64_t end_ns) { return static_cast<double>(end_ns - begin_ns) / 1e6; }

}  // namespace

void log_opening(const Log& log, const Session& session) {
  if (!log.wants(Severity::kInfo)) return;
  const Program& p = session.executor().program();
  const OpenTimes& t = session.open_times();
  log.write(Severity::kInfo, "Session::open",
            cat("Session successfully initialized: ", p.steps.size(), " steps; load ", t.load, " ms, optimise ",
                t.optimise, " ms, lower ", t.lower, " ms, plan ", t.plan, " ms"));
  if (!log.wants(Severity::kVerbose)) return;
  for (const Step& step : p.steps) {
    const Node& n = p.graph->node(step.node);
    log.write(Severity::kVerbose, "Session::open",
              cat(n.op->name, " ", p.graph->origin(step.node), " runs as ", step.kernel ? step.provider : "view",
                  step.kernel ? " " : "", step.variant));
  }
}

LoggedRun::LoggedRun(const Log& log, StepObserver* next) : log_(log), next_(next), begin_ns_(now_ns()) {}

void LoggedRun::planned(const Program& program, const Plan& plan, int64_t begin_ns, int64_t end_ns) {
  log_.write(Severity::kVerbose, "Session::run",
             cat("steps ", plan.first_step, " to ", plan.end_step, " of graph ", quoted(program.graph->name),
                 " planned for new extents in ", milliseconds(begin_ns, end_ns), " ms; arena of ", plan.arena_bytes,
                 " bytes"));
  if (next_) next_->planned(program, plan, begin_ns, end_ns);
}

void LoggedRun::step(const Program& program, int32_t step, int64_t begin_ns, int64_t end_ns) {
  if (next_) next_->step(program, step, begin_ns, end_ns);
}

Status LoggedRun::finish(Status status) {
  log_.write(Severity::kInfo, "Session::run",
             cat(status.ok() ? "run took " : "run failed after ", milliseconds(begin_ns_, now_ns()), " ms"));
  return status;
}

}  // namespace sardonyx
