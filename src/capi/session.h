// OrtSession: a native session and what the interface adds: names in the caller's reach, logging, profiling, inputs
// that replace initializers. Runs may go on at once from any number of threads.
#pragma once
#include <functional>
#include <memory>
#include <mutex>

#include "capi/env.h"
#include "capi/profiler.h"
#include "capi/run_options.h"
#include "capi/session_options.h"
#include "capi/status.h"
#include "capi/type_info.h"
#include "exec/session.h"

namespace sardonyx::capi {

// Where a model comes from; asked again when a run replaces initializers.
struct ModelSource {
  std::string shown;                                      // for messages: the path, or ""
  std::string path;                                       // a file, or
  BufferPtr bytes;                                        // a model in memory, or
  std::function<Result<Model>(const LoadOptions&)> make;  // one that is made
};

}  // namespace sardonyx::capi

struct OrtSession {
  sardonyx::capi::EnvRef env;
  OrtSessionOptions options;
  OrtLogger logger;
  sardonyx::capi::ModelSource source;
  sardonyx::SessionOptions native_options;
  std::unique_ptr<sardonyx::Session> native;
  std::unique_ptr<sardonyx::capi::Profiler> profiler;  // null unless profiling
  bool flush_denormals = false, release_arena = false;

  // The same model with its overridable initializers as further inputs, opened when a run first needs it.
  std::mutex mutex;
  std::unique_ptr<sardonyx::Session> overridden;
};

namespace sardonyx::capi {

// Opens the model for running; every way of creating a session ends here. `container` may be null.
OrtStatus* open_session(const OrtEnv* env, ModelSource source, const OrtSessionOptions* options,
                        OrtPrepackedWeightsContainer* container, OrtSession** out);

// One run: `inputs` named, `outputs` filled where null, written in place where not.
OrtStatus* run_session(OrtSession& session, const OrtRunOptions* options, const char* const* input_names,
                       const OrtValue* const* inputs, size_t input_count, const char* const* output_names,
                       size_t output_count, OrtValue** outputs);

}  // namespace sardonyx::capi
