// Session: a model opened for running. Opening reads, checks, optimises, lowers and (for static shapes) plans it;
// running only runs. Thread-safe after open: any number of threads may run one session at once. Shared objects (thread
// pool, packed weights) are counted. No exception leaves open() or run(): lack of memory is kMemory.
#pragma once
#include <atomic>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/log.h"
#include "exec/executor.h"
#include "kernel/custom_op.h"
#include "onnx/model.h"
#include "onnx/model_writer.h"
#include "pass/pipeline.h"

namespace sardonyx {

struct SessionOptions {
  OptLevel level = OptLevel::kAll;
  int threads = 0;  // 0: the process's shared pool; n: a pool of its own with n threads (1 = the caller alone)
  std::shared_ptr<ThreadPool> pool;           // if given, used instead
  std::vector<std::string> passes_off;        // by name
  std::vector<std::string> extra_outputs;     // further values to return, by name
  bool bodies_only = false;                   // run operators by their bodies where they have one (tests)
  bool keep_graph = false;                    // keep the loaded and optimised graphs for text dumps
  std::string save_optimised;                 // file to write the optimised model to; "" for none
  std::string save_external;                  // its file of large weights, beside it; "" keeps all inside
  size_t save_external_min = 1024;            // bytes from which a weight goes there
  const std::atomic<bool>* cancel = nullptr;  // opening stops with kCancelled soon after it becomes true
  LoadOptions load;                           // external data, free dimension overrides, replaced initializers
  PackedStore* store = nullptr;               // of packed weights, used while opening; null: the process's
  std::shared_ptr<const Log> log;             // of opening, and of runs that name none; null: nothing is logged
  CustomOpList custom_ops;                    // operators of the caller's
};

// A named input or output of the model.
struct Port {
  std::string name, denotation;
  Type type;
  bool has_rank = false;
  std::vector<int64_t> dims;                // -1 where symbolic
  std::vector<std::string> dim_names;       // symbol or expression where symbolic, else ""
  std::vector<std::string> declared_names;  // as the model's file says, "" where it does not
};

// An initializer that the model also lists as an input.
struct Overridable {
  Port port;
  Tensor initial;
};

struct RunOptions {
  const std::atomic<bool>* cancel = nullptr;
  StepObserver* observer = nullptr;
  const Log* log = nullptr;  // null: the session's
  bool poison =
      false;  // fill arenas and scratch with NaN bytes first, so that reading what was never written shows (tests)
};

// Milliseconds of each stage of opening.
struct OpenTimes {
  double load = 0, optimise = 0, lower = 0, plan = 0;
};

// The passes of the options on a model that is not open, for saving or looking at it.
Result<PassReport> optimise(Model& model, const SessionOptions& options = {});

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
  // Empty where they were kept as inputs (LoadOptions::keep_as_inputs).
  const std::vector<Overridable>& overridable() const { return overridable_; }
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
  static Result<std::unique_ptr<Session>> load_and_open(const std::function<Result<Model>()>& load,
                                                        const SessionOptions& options);
  Status build(const SessionOptions& options);
  void describe_ports();
  Status save(const SessionOptions& options) const;

  CustomOpList custom_ops_;  // nodes refer to them
  std::shared_ptr<const Log> log_;
  Model model_;
  std::vector<Port> inputs_, outputs_;
  std::vector<Overridable> overridable_;
  std::shared_ptr<ThreadPool> pool_;
  std::unique_ptr<Executor> executor_;
  std::string loaded_text_, decluttered_text_;
  PassReport report_;
  OpenTimes times_;
};

}  // namespace sardonyx
