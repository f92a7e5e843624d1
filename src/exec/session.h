// Session: a model opened for running. Opening reads, checks, optimises, lowers and (for static shapes) plans it;
// running only runs. Thread-safe after open: any number of threads may run one session at once. Shared objects (thread
// pool, packed weights) are counted.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "exec/executor.h"
#include "onnx/model.h"
#include "pass/pipeline.h"

namespace sardonyx {

struct SessionOptions {
  OptLevel level = OptLevel::kAll;
  int threads = 0;  // 0: the process's shared pool; n: a pool of its own with n threads (1 = the caller alone)
  std::vector<std::string> passes_off;     // by name
  std::vector<std::string> extra_outputs;  // further values to return, by name
  bool bodies_only = false;                // run operators by their bodies where they have one (tests)
  bool keep_graph = false;                 // keep the loaded and optimised graphs for text dumps
  LoadOptions load;                        // external data, free dimension overrides, replaced initializers
};

// A named input or output of the model.
struct Port {
  std::string name, denotation;
  Type type;
  bool has_rank = false;
  std::vector<int64_t> dims;           // -1 where symbolic
  std::vector<std::string> dim_names;  // symbol or expression where symbolic, else ""
};

struct RunOptions {
  const volatile bool* cancel = nullptr;
  StepObserver* observer = nullptr;
  bool poison =
      false;  // fill arenas and scratch with NaN bytes first, so that reading what was never written shows (tests)
};

// Milliseconds of each stage of opening.
struct OpenTimes {
  double load = 0, optimise = 0, lower = 0, plan = 0;
};

// Runs one node on constants with a kernel made for the occasion: what folding uses.
Result<std::vector<Value>> eval_node(const Graph& g, NodeId id, std::span<const Value> inputs);

class Session {
 public:
  static Result<std::unique_ptr<Session>> open(const std::string& path, const SessionOptions& options = {});
  static Result<std::unique_ptr<Session>> open(BufferPtr bytes, const SessionOptions& options = {});
  // From a graph made elsewhere (builder, tests); model information may be default.
  static Result<std::unique_ptr<Session>> open(Model model, const SessionOptions& options = {});
  ~Session();

  const std::vector<Port>& inputs() const { return inputs_; }
  const std::vector<Port>& outputs() const { return outputs_; }
  const Model& model() const { return model_; }  // its graph has moved into the program
  const Executor& executor() const { return *executor_; }
  ThreadPool* pool() const { return pool_.get(); }
  const OpenTimes& open_times() const { return times_; }
  const PassReport& passes() const { return report_; }
  // Text of the graph at stage "loaded", "decluttered" or "lowered"; the first two only with keep_graph.
  Result<std::string> dump(std::string_view stage) const;

  // inputs and outputs in the order of inputs() and outputs(). Inputs are checked against the model's declarations.
  // A valid tensor in outputs is filled in place; anything else is replaced.
  Status run(std::span<const Value> inputs, std::span<Value> outputs, const RunOptions& options = {}) const;
  // By name; outputs for the names asked for, all of them if none is named.
  Result<std::vector<Value>> run(const std::vector<std::pair<std::string, Value>>& inputs,
                                 std::span<const std::string> output_names = {}, const RunOptions& options = {}) const;

 private:
  Session() = default;
  Status build(const SessionOptions& options);
  Status check_input(size_t i, const Value& v) const;
  void describe_ports();

  Model model_;
  std::vector<Port> inputs_, outputs_;
  std::shared_ptr<ThreadPool> pool_;
  std::unique_ptr<Executor> executor_;
  std::string loaded_text_, decluttered_text_;
  PassReport report_;
  OpenTimes times_;
};

}  // namespace sardonyx
