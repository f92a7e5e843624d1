#include "capi/config_keys.h"

#include <charconv>

namespace sardonyx::capi {

namespace {

constexpr size_t kMaxKey = 1024, kMaxValue = 8192;

struct Entry {
  std::string_view key, value;
  OrtStatus* refuse(std::string_view wanted) const {
    return invalid("AddSessionConfigEntry: value for '", key, "' must be ", wanted, "; got '", value, "'");
  }
};

OrtStatus* set_int(const Entry& e, int& out) {
  int v = 0;
  const auto [end, error] = std::from_chars(e.value.data(), e.value.data() + e.value.size(), v);
  if (error != std::errc() || end != e.value.data() + e.value.size()) return e.refuse("a base-10 int32");
  out = v;
  return nullptr;
}

OrtStatus* set_bool(const Entry& e, bool& out) {
  const bool yes = e.value == "1" || e.value == "true", no = e.value == "0" || e.value == "false";
  if (!yes && !no) return e.refuse("a boolean ('0'/'1' or 'true'/'false')");
  out = yes;
  return nullptr;
}

OrtStatus* set_level(const Entry& e, GraphOptimizationLevel& out) {
  constexpr std::pair<std::string_view, GraphOptimizationLevel> kLevels[] = {{"disable_all", ORT_DISABLE_ALL},
                                                                             {"enable_basic", ORT_ENABLE_BASIC},
                                                                             {"enable_extended", ORT_ENABLE_EXTENDED},
                                                                             {"enable_layout", ORT_ENABLE_LAYOUT},
                                                                             {"enable_all", ORT_ENABLE_ALL}};
  for (const auto& [name, level] : kLevels)
    if (e.value == name) {
      out = level;
      return nullptr;
    }
  return Entry{"graph_optimization_level", e.value}.refuse(
      "one of disable_all/enable_basic/enable_extended/enable_layout/enable_all");
}

OrtStatus* set_mode(const Entry& e, ExecutionMode& out) {
  if (e.value != "sequential" && e.value != "parallel")
    return Entry{"execution_mode", e.value}.refuse("'sequential' or 'parallel'");
  out = e.value == "parallel" ? ORT_PARALLEL : ORT_SEQUENTIAL;
  return nullptr;
}

// "0" or "1", or the prefix of the file.
OrtStatus* set_profiling(const Entry& e, OrtSessionOptions& o) {
  o.profiling = e.value != "0" && e.value != "false" && !e.value.empty();
  if (o.profiling && e.value != "1" && e.value != "true") o.profile_prefix = e.value;
  return nullptr;
}

}  // namespace

OrtStatus* check_config_entry(std::string_view key, std::string_view value) {
  if (key.empty() || key.size() > kMaxKey)
    return invalid("Config key is empty or longer than maximum length ", kMaxKey);
  if (value.size() > kMaxValue) return invalid("Config value is longer than maximum length ", kMaxValue);
  return nullptr;
}

OrtStatus* set_typed_entry(OrtSessionOptions& o, std::string_view key, std::string_view value, bool& typed) {
  const Entry e{key, value};
  typed = true;
  if (key == "session.intra_op_num_threads") return set_int(e, o.intra_threads);
  if (key == "session.inter_op_num_threads") return set_int(e, o.inter_threads);
  if (key == "session.graph_optimization_level") return set_level(e, o.level);
  if (key == "session.execution_mode") return set_mode(e, o.mode);
  if (key == "session.enable_cpu_mem_arena") return set_bool(e, o.cpu_arena);
  if (key == "session.enable_mem_pattern") return set_bool(e, o.mem_pattern);
  if (key == "session.enable_profiling") return set_profiling(e, o);
  if (key == "session.log_severity_level") return set_int(e, o.log_severity);
  if (key == "session.log_verbosity_level") return set_int(e, o.log_verbosity);
  if (key == "session.use_deterministic_compute") return set_bool(e, o.deterministic);
  if (key == "session.use_per_session_threads") {
    bool own = true;
    SDX_CAPI_RETURN_IF(set_bool(e, own));
    if (!own) o.per_session_threads = false;  // there is no way back
    return nullptr;
  }
  if (key == "session.log_id") {
    o.log_id = value;
  } else if (key == "session.optimized_model_filepath") {
    o.optimized_model_path = value;
  } else {
    typed = false;
  }
  return nullptr;
}

}  // namespace sardonyx::capi
