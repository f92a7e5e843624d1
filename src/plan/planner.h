// Planner: walks the steps of one segment with integer extents: infers, evaluates what is known, prepares kernels,
// decides storage. Used by make_plan only; one planner makes one plan.
#pragma once
#include <deque>

#include "ir/infer_ctx.h"
#include "plan/plan.h"

namespace sardonyx {

class Planner {
 public:
  Planner(const Program& program, int32_t first_step, const PlanInputs& inputs, ThreadPool* pool);
  Status walk();
  PlanPtr finish(std::vector<int64_t> key);

 private:
  // A value as this segment sees it.
  struct Entry {
    ValueId value = kNone;
    bool local = false;  // made in this segment
    Fact fact;
    PlanValue plan;
    Bind::Where where = Bind::Where::kArena;
    int32_t root = kNone;  // entry that owns the bytes
    size_t offset = 0;     // from the root's first byte
    // Of roots:
    size_t bytes = 0;
    int32_t first = 0, last = 0;
    int32_t output = kNone;  // graph output whose buffer it uses
  };
  enum class Outcome : uint8_t { kGoOn, kStopBefore, kStopAfter };
  class Reader;

  Entry& entry(ValueId v);
  Entry& add_entry(ValueId v);
  Result<Outcome> plan_step(int32_t s);
  Status infer(int32_t s, std::span<const Fact* const> in, std::vector<Fact>& out, bool& stop_before);
  Result<bool> evaluate(int32_t s, std::vector<Fact>& out);
  bool all_contents_known(const Node& n);
  Status prepare(int32_t s);
  void make_view(int32_t s, ValueId in, ValueId out);
  bool try_reuse(int32_t s, const Node& n, int i, int o);
  void use_output_buffers();
  void place_arena();
  void emit_binds();

  const Program& program_;
  const Graph& graph_;
  int32_t first_;
  int32_t end_;
  const PlanInputs& inputs_;
  ThreadPool* pool_;
  SymbolTable sym_;
  std::shared_ptr<Plan> plan_;
  std::vector<int32_t> index_;  // value → entry
  std::deque<Entry> entries_;
};

}  // namespace sardonyx
