// OrtSession: a native session and what the interface adds: names in the caller's reach, logging, profiling, inputs
// that replace initializers. Runs may go on at once from any number of threads.
#pragma once
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>

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
  std::string shown;                                         // for messages: the path, or ""
  std::string path;                                          // a file, or
  BufferPtr bytes;                                           // a model in memory, or
  std::function<Result<Model>(const SessionOptions&)> make;  // one that is made
};

// Subgraphs by provider, in the order in which they run.
struct EpAssignment {
  std::vector<std::shared_ptr<const OrtEpAssignedSubgraph>> subgraphs;
  std::vector<const OrtEpAssignedSubgraph*> pointers;
};
std::shared_ptr<const EpAssignment> record_assignment(const Program& program);

// Where names stand among inputs and outputs. Callers mostly name them in the model's order; tables are only looked at
// when they do not and there are many.
class PortIndex {
 public:
  PortIndex() = default;
  explicit PortIndex(const std::vector<Port>& ports);
  // npos if there is no such name. `guess` is looked at first.
  size_t find(const std::vector<Port>& ports, const char* name, size_t guess) const {
    if (guess < ports.size() && ports[guess].name == name) return guess;
    return search(ports, name);
  }
  static constexpr size_t npos = static_cast<size_t>(-1);

 private:
  size_t search(const std::vector<Port>& ports, std::string_view name) const;
  std::unordered_map<std::string_view, size_t> table_;  // empty where there are few
};

}  // namespace sardonyx::capi

struct OrtSession {
  sardonyx::capi::EnvRef env;
  OrtSessionOptions options;
  OrtLogger logger;
  sardonyx::capi::ModelSource source;
  sardonyx::SessionOptions native_options;
  std::unique_ptr<sardonyx::Session> native;
  sardonyx::capi::PortIndex input_index, output_index;
  std::unique_ptr<sardonyx::capi::Profiler> profiler;              // null unless profiling
  std::shared_ptr<const sardonyx::capi::EpAssignment> assignment;  // null unless asked for
  bool flush_denormals = false, release_arena = false;
  bool editing = false;            // the model may still be changed; it cannot be run yet
  std::atomic<int> references{1};  // the caller's, bindings, runs that nobody waits for

  // The same model with its overridable initializers as further inputs, opened when a run first needs it.
  std::mutex mutex;
  std::unique_ptr<sardonyx::Session> overridden;
};

namespace sardonyx::capi {

// Opens the model for running; every way of creating a session ends here. `container` may be null.
OrtStatus* open_session(const OrtEnv* env, ModelSource source, const OrtSessionOptions* options,
                        OrtPrepackedWeightsContainer* container, OrtSession** out);

// Opens the session's source with its options, in place of what it had open. `container` may be null.
OrtStatus* open_in_place(OrtSession& session, OrtPrepackedWeightsContainer* container);

// The status for a model that could not be opened.
OrtStatus* load_error(const Status& s, const ModelSource& source);
Result<Model> load_source(const ModelSource& source, const SessionOptions& options);
Result<std::unique_ptr<Session>> open_native(const ModelSource& source, const SessionOptions& options);

void retain(OrtSession* s);
void release(OrtSession* s);

// One run: `inputs` named, `outputs` filled where null, written in place where not.
OrtStatus* run_session(OrtSession& session, const OrtRunOptions* options, const char* const* input_names,
                       const OrtValue* const* inputs, size_t input_count, const char* const* output_names,
                       size_t output_count, OrtValue** outputs);

// Parts of a run, for its files.
OrtStatus* check_input(const Port& port, const OrtValue& value);
// The same for a value of the caller that is to be written.
OrtStatus* check_output(const Port& port, const OrtValue& value);
OrtStatus* run_error(const Status& s);
// A run in which some inputs are overridable initializers of the model.
OrtStatus* run_overridden(OrtSession& session, const std::vector<std::pair<std::string_view, const OrtValue*>>& inputs,
                          std::span<Value> outputs, const RunOptions& options);

}  // namespace sardonyx::capi
