// SessionOptions and RunOptions as Python sees them. The C ABI has setters but few getters, so the fields are kept
// here; entries that the library checks at once go to a live handle too.
#pragma once
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ort.h"

namespace sardonyx::python {

enum class ExecutionOrder : int { kDefault = 0, kPriorityBased = 1, kMemoryEfficient = 2 };

struct SessionOptions {
  SessionOptions();
  bool enable_cpu_mem_arena = true, enable_mem_pattern = true, enable_mem_reuse = true, enable_profiling = false;
  bool use_per_session_threads = true, use_deterministic_compute = false;
  std::string profile_file_prefix = "onnxruntime_profile_", optimized_model_filepath, logid;
  int log_severity_level = -1, log_verbosity_level = 0, intra_op_num_threads = 0, inter_op_num_threads = 0;
  ExecutionMode execution_mode = ORT_SEQUENTIAL;
  ExecutionOrder execution_order = ExecutionOrder::kDefault;
  GraphOptimizationLevel graph_optimization_level = ORT_ENABLE_ALL;
  bool has_providers = false;
  bool cancelled = false;  // by set_load_cancellation_flag
  bool picklable = true;   // false once it holds values, libraries or callbacks

  std::vector<std::pair<std::string, std::string>> entries;
  std::vector<std::pair<std::string, int64_t>> by_name, by_denotation;
  OwnedSessionOptions live;
  std::vector<OrtSessionOptions*> loading;  // handles of sessions being made
  nb::list kept;                            // what the live handle points into

  // A handle with everything set, for one session.
  OwnedSessionOptions build() const;
};

struct RunOptions {
  RunOptions();
  OwnedRunOptions live;
  bool terminate = false, only_execute_path_to_fetches = false;
  int log_severity_level = -1, log_verbosity_level = 0;
  std::string logid;
  nb::list kept;
};

void bind_options(nb::module_& m);
void bind_run_options(nb::module_& m);

}  // namespace sardonyx::python
