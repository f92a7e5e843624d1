// Executor: runs one Program. Leases a RunContext, finds or makes the plans for the inputs' extents, binds pointers,
// loops over steps. With a cached plan and caller-supplied outputs a run allocates nothing. Thread-safe: any number of
// runs at once.
#pragma once
#include <atomic>
#include <mutex>
#include <unordered_map>

#include "plan/plan.h"

namespace sardonyx {

// Told about every plan that a run had to make and every step that ran; called on the running thread.
class StepObserver {
 public:
  virtual ~StepObserver() = default;
  virtual void planned(const Program&, const Plan&, int64_t /*begin_ns*/, int64_t /*end_ns*/) {}
  virtual void step(const Program& program, int32_t step, int64_t begin_ns, int64_t end_ns) = 0;
};

class Executor {
 public:
  explicit Executor(std::unique_ptr<Program> program);
  ~Executor();

  const Program& program() const { return *program_; }
  const Graph& graph() const { return *program_->graph; }
  // inputs in the graph's order. outputs in the graph's order: a valid tensor is filled in place (its type and extents
  // must fit), anything else is replaced by a new value. With `replace_misfits`, so is a tensor that does not fit.
  // Inputs are not checked here (Session does).
  Status run(std::span<const Value> inputs, std::span<Value> outputs, RunEnv& params,
             bool replace_misfits = false) const;
  // Makes the first plan now, for inputs of these extents (all values must be tensors).
  Status plan_ahead(std::span<const Extents> dims, ThreadPool* pool) const;
  // Frees the memory that runs keep for the next ones.
  void release_idle() const;
  // The plans of the latest run, one per segment; those made ahead if there was none.
  std::vector<PlanPtr> latest_plans() const;
  size_t cached_plans() const { return roots_.size(); }
  // Largest arena of the cached plans made so far, in bytes.
  size_t arena_bytes() const { return arena_peak_.load(std::memory_order_relaxed); }

 private:
  struct Context;
  class Lease;
  Status prepare_segment(Context& c, size_t depth, int32_t first_step, std::span<Value> outputs, RunEnv& params) const;
  Result<PlanPtr> find_plan(Context& c, size_t depth, int32_t first_step, const RunEnv& params) const;
  Status bind(Context& c, size_t depth, bool same, std::span<Value> outputs) const;
  void note_arena(const Plan& plan) const;
  Status run_steps(Context& c, const Plan& plan, RunEnv& params) const;
  void adopt_objects(Context& c, const Plan& plan) const;
  Status deliver(Context& c, std::span<Value> outputs) const;
  Status give_output(const Context& c, const Slot& s, Value& out, size_t k) const;
  // Makes `out` a tensor of this type and these extents, or reports that the caller's does not fit.
  Status fit_output(const Context& c, DType type, const Extents& dims, size_t k, Value& out) const;

  std::unique_ptr<Program> program_;
  PlanCache roots_;
  mutable std::atomic<size_t> arena_peak_{0};
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<Context>> idle_;
  mutable size_t contexts_ = 0;  // leased and idle; idle_ has room for all
};

// Compiles a control-flow body (a Graph whose inputs are formal inputs, then captures) to a runner.
Result<std::shared_ptr<const BodyRunner>> compile_body(std::unique_ptr<Graph> body, const LowerOptions& options);
// What runs such a body, to look at; null for runners made elsewhere.
const Executor* executor_of(const BodyRunner& body);

}  // namespace sardonyx
