#include "capi/session_options.h"

#include <algorithm>

#include "capi/config_keys.h"
#include "capi/key_values.h"
#include "capi/status.h"

namespace sardonyx::capi {

OrtStatus* CreateSessionOptions(OrtSessionOptions** options) {
  *options = new OrtSessionOptions;
  return nullptr;
}
OrtStatus* CloneSessionOptions(const OrtSessionOptions* in_options, OrtSessionOptions** out_options) {
  auto copy = std::make_unique<OrtSessionOptions>(*in_options);
  copy->weightless_source = {};  // as in ONNX Runtime: lent to the original
  copy->load_cancelled = std::make_shared<std::atomic<bool>>(in_options->load_cancelled->load());
  *out_options = copy.release();
  return nullptr;
}
void ReleaseSessionOptions(OrtSessionOptions* input) { delete input; }

OrtStatus* SetOptimizedModelFilePath(OrtSessionOptions* options, const ORTCHAR_T* optimized_model_filepath) {
  options->optimized_model_path = optimized_model_filepath;
  return nullptr;
}
OrtStatus* SetSessionExecutionMode(OrtSessionOptions* options, ExecutionMode execution_mode) {
  if (execution_mode != ORT_SEQUENTIAL && execution_mode != ORT_PARALLEL)
    return invalid("execution_mode is not valid\n", static_cast<int>(execution_mode), " is neither 0 nor 1");
  options->mode = execution_mode;
  return nullptr;
}
OrtStatus* GetSessionExecutionMode(const OrtSessionOptions* options, ExecutionMode* out) {
  *out = options->mode;
  return nullptr;
}
OrtStatus* EnableProfiling(OrtSessionOptions* options, const ORTCHAR_T* profile_file_prefix) {
  options->profiling = true;
  options->profile_prefix = profile_file_prefix;
  return nullptr;
}
OrtStatus* DisableProfiling(OrtSessionOptions* options) {
  options->profiling = false;
  return nullptr;
}
OrtStatus* EnableMemPattern(OrtSessionOptions* options) {
  options->mem_pattern = true;
  return nullptr;
}
OrtStatus* DisableMemPattern(OrtSessionOptions* options) {
  options->mem_pattern = false;
  return nullptr;
}
OrtStatus* GetMemPatternEnabled(const OrtSessionOptions* options, int* out) {
  *out = options->mem_pattern;
  return nullptr;
}
OrtStatus* EnableCpuMemArena(OrtSessionOptions* options) {
  options->cpu_arena = true;
  return nullptr;
}
OrtStatus* DisableCpuMemArena(OrtSessionOptions* options) {
  options->cpu_arena = false;
  return nullptr;
}
OrtStatus* SetSessionLogId(OrtSessionOptions* options, const char* logid) {
  options->log_id = logid;
  return nullptr;
}
OrtStatus* SetSessionLogVerbosityLevel(OrtSessionOptions* options, int session_log_verbosity_level) {
  options->log_verbosity = session_log_verbosity_level;
  return nullptr;
}
OrtStatus* SetSessionLogSeverityLevel(OrtSessionOptions* options, int session_log_severity_level) {
  options->log_severity = session_log_severity_level;
  return nullptr;
}
OrtStatus* SetSessionGraphOptimizationLevel(OrtSessionOptions* options,
                                            GraphOptimizationLevel graph_optimization_level) {
  const int level = graph_optimization_level;
  if (level < ORT_DISABLE_ALL || (level > ORT_ENABLE_LAYOUT && level != ORT_ENABLE_ALL))
    return invalid("graph_optimization_level is not valid\n", level, " is none of 0, 1, 2, 3, 99");
  options->level = graph_optimization_level;
  return nullptr;
}
OrtStatus* SetIntraOpNumThreads(OrtSessionOptions* options, int intra_op_num_threads) {
  options->intra_threads = intra_op_num_threads;
  return nullptr;
}
OrtStatus* SetInterOpNumThreads(OrtSessionOptions* options, int inter_op_num_threads) {
  options->inter_threads = inter_op_num_threads;
  return nullptr;
}
OrtStatus* DisablePerSessionThreads(OrtSessionOptions* options) {
  options->per_session_threads = false;
  return nullptr;
}
OrtStatus* SetDeterministicCompute(OrtSessionOptions* options, bool value) {
  options->deterministic = value;
  return nullptr;
}
OrtStatus* SetUserLoggingFunction(OrtSessionOptions* options, OrtLoggingFunction user_logging_function,
                                  void* user_logging_param) {
  options->log_sink = user_logging_function;
  options->log_param = user_logging_param;
  return nullptr;
}
OrtStatus* SessionOptionsSetLoadCancellationFlag(OrtSessionOptions* options, bool cancel) {
  options->load_cancelled->store(cancel);
  return nullptr;
}
OrtStatus* SessionOptionsSetCustomCreateThreadFn(OrtSessionOptions* options,
                                                 OrtCustomCreateThreadFn ort_custom_create_thread_fn) {
  options->threads.create = ort_custom_create_thread_fn;
  return nullptr;
}
OrtStatus* SessionOptionsSetCustomThreadCreationOptions(OrtSessionOptions* options,
                                                        void* ort_custom_thread_creation_options) {
  options->threads.options = ort_custom_thread_creation_options;
  return nullptr;
}
OrtStatus* SessionOptionsSetCustomJoinThreadFn(OrtSessionOptions* options,
                                               OrtCustomJoinThreadFn ort_custom_join_thread_fn) {
  options->threads.join = ort_custom_join_thread_fn;
  return nullptr;
}

OrtStatus* AddFreeDimensionOverride(OrtSessionOptions* options, const char* dim_denotation, int64_t dim_value) {
  options->dims_by_denotation[dim_denotation] = dim_value;
  return nullptr;
}
OrtStatus* AddFreeDimensionOverrideByName(OrtSessionOptions* options, const char* dim_name, int64_t dim_value) {
  options->dims_by_name[dim_name] = dim_value;
  return nullptr;
}

OrtStatus* AddSessionConfigEntry(OrtSessionOptions* options, const char* config_key, const char* config_value) {
  const std::string_view key = config_key, value = config_value;
  SDX_CAPI_RETURN_IF(check_config_entry(key, value));
  bool typed = false;
  SDX_CAPI_RETURN_IF(set_typed_entry(*options, key, value, typed));
  if (!typed) options->config.insert_or_assign(std::string(key), std::string(value));
  return nullptr;
}
OrtStatus* HasSessionConfigEntry(const OrtSessionOptions* options, const char* config_key, int* out) {
  *out = options->config.contains(std::string_view(config_key));
  return nullptr;
}
OrtStatus* GetSessionConfigEntry(const OrtSessionOptions* options, const char* config_key, char* config_value,
                                 size_t* size) {
  const auto it = options->config.find(std::string_view(config_key));
  if (it == options->config.end()) return invalid("Session config entry '", config_key, "' was not found.");
  const size_t have = *size;
  *size = it->second.size() + 1;
  if (config_value == nullptr) return nullptr;
  if (have < *size) return invalid("Output buffer is not large enough for session config entry");
  std::copy_n(it->second.c_str(), *size, config_value);
  return nullptr;
}
OrtStatus* GetSessionOptionsConfigEntries(const OrtSessionOptions* options, OrtKeyValuePairs** out) {
  auto entries = std::make_unique<OrtKeyValuePairs>();
  for (const auto& [key, value] : options->config) entries->entries[key] = value;
  entries->sync();
  *out = entries.release();
  return nullptr;
}

}  // namespace sardonyx::capi
