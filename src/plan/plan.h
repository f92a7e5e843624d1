// Plan: how one stretch of a Program (a segment) runs for given extents: where every value lives, which steps run and
// with what prepared work. A segment ends where extents become known only by running (NonZero, NMS, If …); the next one
// is planned when they are. Plans are immutable and shared between runs and threads; the following segments hang below
// their predecessor in a small cache.
#pragma once
#include <memory>
#include <mutex>
#include <vector>

#include "plan/program.h"

namespace sardonyx {

struct PlannedStep {
  int32_t step = 0;
  const std::byte* work = nullptr;
  int64_t tasks = 1, grain = 1;
  size_t scratch = 0, thread_scratch = 0;
};

// Where a value that this segment makes lives.
struct Bind {
  enum class Where : uint8_t {
    kArena,     // offset into this segment's arena block
    kConstant,  // `constant`, known in this plan
    kShared,    // the bytes of value `other` from byte `offset` on (a graph input, a constant, an earlier segment's
                // value)
    kOutput,    // the caller's buffer of graph output `other`
    kStrings,   // a string tensor made anew each run
    kObject,    // a Value object, or a tensor whose extents only its step knows
  } where = Where::kArena;
  ValueId value = kNone;
  int32_t other = kNone;
  size_t offset = 0;
  DType dtype = DType::kUndefined;
  bool has_dims = true;
  Extents dims;
  Tensor constant;
};

class Plan;
using PlanPtr = std::shared_ptr<const Plan>;

// Values of earlier tensors that shaped a plan: it is only valid when they are the same.
struct ValueDependency {
  ValueId value;
  Tensor contents;
};

// A few plans, found by key, most recently used first. Thread-safe.
class PlanCache {
 public:
  explicit PlanCache(size_t most = 8) : most_(most) {}
  // `matches` says whether a candidate fits the current run.
  PlanPtr find(std::span<const int64_t> key, const std::function<bool(const Plan&)>& matches) const;
  void insert(PlanPtr plan) const;
  PlanPtr latest() const;  // the most recently used one; null if there is none
  size_t size() const;

 private:
  mutable std::mutex mutex_;
  mutable std::vector<PlanPtr> plans_;
  size_t most_;
};

class Plan {
 public:
  int32_t first_step = 0, end_step = 0;  // [first, end) of the program
  std::vector<int64_t> key;              // ranks and extents of what entered at first_step
  std::vector<ValueDependency> depends;
  std::vector<Bind> binds;  // in an order in which kShared sources come first
  std::vector<PlannedStep> steps;
  size_t arena_bytes = 0, scratch = 0, thread_scratch = 0;
  PlanCache next;

  std::vector<std::shared_ptr<std::byte[]>> blobs;
  std::vector<std::unique_ptr<std::byte[]>> arrays;
};

// What planning may ask about values made before the segment: they are in memory.
class PlanInputs {
 public:
  virtual ~PlanInputs() = default;
  // The slot of a value made before this segment; dims null for objects.
  virtual const Slot& slot(ValueId v) const = 0;
  // The object in it, if it is one.
  virtual const Value* object(ValueId v) const = 0;
};

// Plans from `first_step` on. `key` becomes the plan's key.
Result<PlanPtr> make_plan(const Program& program, int32_t first_step, std::vector<int64_t> key,
                          const PlanInputs& inputs, ThreadPool* pool);

// Runs one step on given values, on the heap: constant folding, plan-time evaluation and standalone operators. `kernel`
// null = view.
Result<std::vector<Value>> run_once(const Graph& graph, NodeId node, const Kernel* kernel,
                                    std::span<const Value> inputs, ThreadPool* pool);

}  // namespace sardonyx
