// OrtSessionOptions: what a caller asks of sessions to come. Copied into each session; sessions do not look at the
// caller's afterwards. `config` holds every entry as text, known or not; typed keys also set their member.
#pragma once
#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "capi/custom_ops.h"
#include "capi/logger.h"
#include "capi/threading.h"
#include "tensor/value.h"

struct OrtSessionOptions {
  struct Provider {
    std::string name;  // "CPUExecutionProvider"
    std::map<std::string, std::string> options;
  };

  std::string optimized_model_path;
  GraphOptimizationLevel level = ORT_ENABLE_ALL;
  ExecutionMode mode = ORT_SEQUENTIAL;
  bool profiling = false;
  std::string profile_prefix = "onnxruntime_profile_";
  bool mem_pattern = true, cpu_arena = true;
  std::string log_id;
  int log_severity = -1, log_verbosity = 0;  // -1: the environment's
  int intra_threads = 0, inter_threads = 0;  // 0: chosen from the CPUs
  bool per_session_threads = true;
  bool deterministic = false;
  SdxThreadFunctions threads;
  OrtLoggingFunction log_sink = nullptr;  // null: the environment's
  void* log_param = nullptr;
  std::map<std::string, std::string, std::less<>> config;
  std::map<std::string, int64_t, std::less<>> dims_by_name, dims_by_denotation;
  std::map<std::string, sardonyx::Tensor, std::less<>> initializers;  // take the place of the model's
  std::map<std::string, sardonyx::BufferPtr> files;                   // external data files held in memory
  std::vector<const OrtCustomOpDomain*> custom_domains;
  std::vector<std::shared_ptr<void>> libraries;  // of custom operators, kept open
  std::vector<Provider> providers;               // in order of preference; the CPU is always last
  std::string_view weightless_source;            // the caller's bytes
  std::shared_ptr<std::atomic<bool>> load_cancelled = std::make_shared<std::atomic<bool>>(false);

  // The text of an entry, or `otherwise`.
  std::string_view entry(std::string_view key, std::string_view otherwise = {}) const {
    const auto it = config.find(key);
    return it == config.end() ? otherwise : std::string_view(it->second);
  }
  bool flag(std::string_view key, bool otherwise = false) const {
    const auto it = config.find(key);
    return it == config.end() ? otherwise : it->second == "1" || it->second == "true";
  }
};
