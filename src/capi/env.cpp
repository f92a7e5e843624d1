#include "capi/env.h"

#include <algorithm>

#include "capi/status.h"

namespace sardonyx::capi {

namespace {

struct Registry {
  std::mutex mutex;
  OrtEnv* env = nullptr;
};
Registry& registry() {
  static Registry* const r = new Registry;
  return *r;
}

void release(OrtEnv* env) {
  if (env == nullptr) return;
  Registry& r = registry();
  {
    std::lock_guard lock(r.mutex);
    if (env->references <= 0 || --env->references > 0) return;
    if (r.env == env) r.env = nullptr;
  }
  delete env;
}

struct Logging {
  OrtLoggingFunction sink;
  void* param;
  OrtLoggingLevel severity;
  const char* id;
};

OrtStatus* create(const Logging& log, const OrtThreadingOptions* threading, const OrtKeyValuePairs* config,
                  OrtEnv** out) {
  if (log.severity < ORT_LOGGING_LEVEL_VERBOSE || log.severity > ORT_LOGGING_LEVEL_FATAL)
    return invalid("log_severity_level ", static_cast<int>(log.severity), " is not a logging level");
  if (threading != nullptr && threading->threads.create != nullptr && threading->threads.join == nullptr)
    return invalid("custom join thread function not set");
  Registry& r = registry();
  std::lock_guard lock(r.mutex);
  if (r.env == nullptr) {
    auto env = std::make_unique<OrtEnv>();
    env->logger.sink = log.sink, env->logger.param = log.param, env->logger.severity = log.severity;
    env->logger.id = log.id != nullptr ? log.id : "";
    if (threading != nullptr) env->threading = *threading, env->pool = make_pool(*threading);
    if (config != nullptr) env->config.entries = config->entries, env->config.sync();
    r.env = env.release();
  }
  ++r.env->references;
  *out = r.env;
  return nullptr;
}

}  // namespace

EnvRef::EnvRef(const OrtEnv* env) : env_(const_cast<OrtEnv*>(env)) {
  if (env_ == nullptr) return;
  std::lock_guard lock(registry().mutex);
  ++env_->references;
}
EnvRef::~EnvRef() { release(env_); }

EnvRef current_env() {
  EnvRef ref;
  std::lock_guard lock(registry().mutex);
  if (OrtEnv* env = registry().env) {
    ++env->references;
    ref = EnvRef::adopt(env);
  }
  return ref;
}

OrtStatus* CreateEnv(OrtLoggingLevel log_severity_level, const char* logid, OrtEnv** out) {
  return create({nullptr, nullptr, log_severity_level, logid}, nullptr, nullptr, out);
}
OrtStatus* CreateEnvWithCustomLogger(OrtLoggingFunction logging_function, void* logger_param,
                                     OrtLoggingLevel log_severity_level, const char* logid, OrtEnv** out) {
  return create({logging_function, logger_param, log_severity_level, logid}, nullptr, nullptr, out);
}
OrtStatus* CreateEnvWithGlobalThreadPools(OrtLoggingLevel log_severity_level, const char* logid,
                                          const OrtThreadingOptions* tp_options, OrtEnv** out) {
  return create({nullptr, nullptr, log_severity_level, logid}, tp_options, nullptr, out);
}
OrtStatus* CreateEnvWithCustomLoggerAndGlobalThreadPools(OrtLoggingFunction logging_function, void* logger_param,
                                                         OrtLoggingLevel log_severity_level, const char* logid,
                                                         const struct OrtThreadingOptions* tp_options, OrtEnv** out) {
  return create({logging_function, logger_param, log_severity_level, logid}, tp_options, nullptr, out);
}
OrtStatus* CreateEnvWithOptions(const OrtEnvCreationOptions* options, OrtEnv** out) {
  if (options->version == 0 || options->version > ORT_API_VERSION)
    return invalid("OrtEnvCreationOptions: version ", options->version, " is not between 1 and ", ORT_API_VERSION);
  return create({options->custom_logging_function, options->custom_logging_param,
                 static_cast<OrtLoggingLevel>(options->logging_severity_level), options->log_id},
                options->threading_options, options->config_entries, out);
}
void ReleaseEnv(OrtEnv* input) { release(input); }

OrtStatus* UpdateEnvWithCustomLogLevel(OrtEnv* ort_env, OrtLoggingLevel log_severity_level) {
  if (log_severity_level < ORT_LOGGING_LEVEL_VERBOSE || log_severity_level > ORT_LOGGING_LEVEL_FATAL)
    return invalid("log_severity_level ", static_cast<int>(log_severity_level), " is not a logging level");
  ort_env->logger.severity = log_severity_level;
  return nullptr;
}

// Nothing is ever sent anywhere, so there is nothing to switch.
OrtStatus* EnableTelemetryEvents(const OrtEnv*) { return nullptr; }
OrtStatus* DisableTelemetryEvents(const OrtEnv*) { return nullptr; }
OrtStatus* SetLanguageProjection(const OrtEnv*, OrtLanguageProjection) { return nullptr; }

// For sessions opened from now on; all null: none.
OrtStatus* SetPerSessionThreadPoolCallbacks(OrtEnv* env, const OrtThreadPoolCallbacksConfig* config) {
  if (config->version == 0 || config->version > ORT_API_VERSION)
    return invalid("OrtThreadPoolCallbacksConfig requires version set to ORT_API_VERSION\nit is ", config->version,
                   ", not between 1 and ", ORT_API_VERSION);
  const std::lock_guard lock(env->mutex);
  env->callbacks = {config->on_enqueue, config->on_start_work, config->on_stop_work, config->on_abandon,
                    config->user_context};
  return nullptr;
}

namespace ep {
OrtStatus* GetEnvConfigEntries(OrtKeyValuePairs** config_entries) {
  auto entries = std::make_unique<OrtKeyValuePairs>();
  if (const EnvRef env = current_env(); env.get() != nullptr) entries->entries = env->config.entries;
  entries->sync();
  *config_entries = entries.release();
  return nullptr;
}
}  // namespace ep

}  // namespace sardonyx::capi
