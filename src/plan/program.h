// Program: a graph made ready to run: an order of steps, each with its kernel, bodies compiled to runners. Made once
// per session, immutable, shared by all runs. Slots are the graph's value ids.
#pragma once
#include <atomic>
#include <memory>
#include <vector>

#include "provider/provider.h"

namespace sardonyx {

// A node that no kernel took as it was: steps of its body, or of its f32 form, stand in its place.
struct Replaced {
  std::string origin;  // `Op "name"`
  std::vector<Refusal> refusals;
};

struct Step {
  NodeId node = kNone;
  KernelPtr kernel;  // null for a view
  std::string_view provider, variant;
  std::vector<Refusal> refusals;  // of kernels that were asked before this one
  uint64_t packed_inputs = 0;     // bit i: the kernel has packed constant input i and reads it no more
  std::vector<std::shared_ptr<const BodyRunner>> bodies;  // that the kernel runs, in the node's order
  std::shared_ptr<const Replaced> replaced;               // null for a node of the optimised graph itself
};

// Compiles a body to something that runs it.
using BodyCompiler = std::function<Result<std::shared_ptr<const BodyRunner>>(std::unique_ptr<Graph>)>;

struct LowerOptions {
  std::span<const Provider* const> providers;
  ThreadPool* pool = nullptr;
  PackedStore* store = nullptr;
  BodyCompiler compile_body;
  const std::atomic<bool>* cancel = nullptr;  // lowering stops with kCancelled soon after it becomes true
  bool bodies_only = false;                   // prefer an operator's body to its kernel (tests)
  bool keep_weights = false;                  // keep the contents of constants that only packing needed
};

struct Program {
  std::unique_ptr<Graph> graph;
  std::vector<Step> steps;
  std::vector<int32_t> last_use;  // per value: last step that reads it; steps.size() for graph outputs; -1 if never
  std::vector<int32_t> made_by;   // per value: step that writes it, -1 for inputs and constants
  // Constants that every user has packed: their contents are given up, their extents stay.
  struct Released {
    ValueId value;
    DType dtype;
    Extents dims;
  };
  std::vector<Released> released;
};

Result<std::unique_ptr<Program>> lower(std::unique_ptr<Graph> graph, const LowerOptions& options);

}  // namespace sardonyx
