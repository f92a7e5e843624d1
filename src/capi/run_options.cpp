#include "capi/run_options.h"

#include "capi/config_keys.h"

namespace sardonyx::capi {

OrtStatus* CreateRunOptions(OrtRunOptions** out) {
  *out = new OrtRunOptions;
  return nullptr;
}
void ReleaseRunOptions(OrtRunOptions* input) { delete input; }

OrtStatus* RunOptionsSetRunLogVerbosityLevel(OrtRunOptions* options, int log_verbosity_level) {
  options->log_verbosity = log_verbosity_level;
  return nullptr;
}
OrtStatus* RunOptionsSetRunLogSeverityLevel(OrtRunOptions* options, int log_severity_level) {
  options->log_severity = log_severity_level;
  return nullptr;
}
OrtStatus* RunOptionsSetRunTag(OrtRunOptions* options, const char* run_tag) {
  options->tag = run_tag;
  return nullptr;
}
OrtStatus* RunOptionsGetRunLogVerbosityLevel(const OrtRunOptions* options, int* log_verbosity_level) {
  *log_verbosity_level = options->log_verbosity;
  return nullptr;
}
OrtStatus* RunOptionsGetRunLogSeverityLevel(const OrtRunOptions* options, int* log_severity_level) {
  *log_severity_level = options->log_severity;
  return nullptr;
}
OrtStatus* RunOptionsGetRunTag(const OrtRunOptions* options, const char** run_tag) {
  *run_tag = options->tag.c_str();
  return nullptr;
}
OrtStatus* RunOptionsSetTerminate(OrtRunOptions* options) {
  options->terminate = true;
  return nullptr;
}
OrtStatus* RunOptionsUnsetTerminate(OrtRunOptions* options) {
  options->terminate = false;
  return nullptr;
}
OrtStatus* AddRunConfigEntry(OrtRunOptions* options, const char* config_key, const char* config_value) {
  SDX_CAPI_RETURN_IF(check_config_entry(config_key, config_value));
  options->config.insert_or_assign(config_key, config_value);
  return nullptr;
}
const char* GetRunConfigEntry(const OrtRunOptions* options, const char* config_key) {
  const auto it = options->config.find(std::string_view(config_key));
  return it == options->config.end() ? nullptr : it->second.c_str();
}
OrtStatus* RunOptionsAddActiveLoraAdapter(OrtRunOptions* options, const OrtLoraAdapter* adapter) {
  options->adapters.push_back(adapter);
  return nullptr;
}
OrtStatus* RunOptionsEnableProfiling(OrtRunOptions* options, const ORTCHAR_T* profile_file_prefix) {
  options->profiling = true;
  options->profile_prefix = profile_file_prefix;
  return nullptr;
}
OrtStatus* RunOptionsDisableProfiling(OrtRunOptions* options) {
  options->profiling = false;
  return nullptr;
}
// The CPU has no streams; a run is done when it returns.
void RunOptionsSetSyncStream(OrtRunOptions*, OrtSyncStream*) {}

}  // namespace sardonyx::capi
