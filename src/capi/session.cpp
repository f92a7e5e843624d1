#include "capi/session.h"

#include <sys/stat.h>

#include <cstring>

#include "capi/open_options.h"
#include "capi/prepacked.h"
#include "kernel/custom_op.h"
#include "ops/table.h"

namespace sardonyx::capi {

namespace {

bool is_directory(const std::string& path) {
  struct stat st {};
  return ::stat(path.c_str(), &st) == 0 && S_ISDIR(st.st_mode);
}
bool exists(const std::string& path) {
  struct stat st {};
  return ::stat(path.c_str(), &st) == 0;
}

}  // namespace

// ONNX Runtime's code and first line for what went wrong while opening; our text follows.
OrtStatus* load_error(const Status& s, const ModelSource& source) {
  const std::string from = source.path.empty() ? "" : cat("Load model from ", source.path, " failed:");
  const auto make = [&](OrtErrorCode code, std::string_view first) {
    return make_status(code, cat(from, first, "\n", s.to_string()));
  };
  switch (s.code()) {
    case Code::kFile:
      if (source.path.empty() || exists(source.path)) return make(ORT_FAIL, "A file of the model cannot be read.");
      return make(ORT_NO_SUCHFILE, cat("Load model ", source.path, " failed. File doesn't exist"));
    case Code::kProto:
      if (source.make) return make(ORT_INVALID_ARGUMENT, "Invalid model.");
      if (source.path.empty())
        return make(ORT_INVALID_PROTOBUF, "Failed to load model because protobuf parsing failed.");
      return make(ORT_INVALID_PROTOBUF, "Protobuf parsing failed.");
    case Code::kOpUnknown: return make(ORT_INVALID_GRAPH, "This is an invalid model. Error No Op registered.");
    case Code::kAttr:
    case Code::kInputName: return make(ORT_INVALID_GRAPH, "This is an invalid model.");
    case Code::kType: return make(ORT_FAIL, "Type Error");
    case Code::kShape:
    case Code::kRange: return make(ORT_FAIL, "Node shape inference failed");
    case Code::kNoKernel:
      return make_status(ORT_NOT_IMPLEMENTED, cat("Could not find an implementation\n", s.to_string()));
    case Code::kCancelled:
      return make_status(ORT_MODEL_LOAD_CANCELED,
                         cat("Session initialization canceled due to user request.\n", s.to_string()));
    default: return make(code_of(s.code()), s.message());
  }
}

namespace {

OrtLogger logger_of(const OrtEnv& env, const OrtSessionOptions& o) {
  OrtLogger l(env.logger);
  if (o.log_sink != nullptr) l.sink = o.log_sink, l.param = o.log_param;
  if (o.log_severity >= ORT_LOGGING_LEVEL_VERBOSE && o.log_severity <= ORT_LOGGING_LEVEL_FATAL)
    l.severity = static_cast<OrtLoggingLevel>(o.log_severity);
  if (!o.log_id.empty()) l.id = o.log_id;
  return l;
}

// Refuses before anything is read what cannot end well.
OrtStatus* check_source(const ModelSource& source) {
  if (!source.path.empty() && is_directory(source.path))
    return invalid("The model path is a directory. Loading a model package from a directory path is not supported.\n",
                   quoted(source.path), " is a directory");
  if (source.bytes && source.bytes->bytes() == 0) return invalid("No graph was found in the protobuf.");
  return nullptr;
}

ModelSource source_of(const ORTCHAR_T* path) {
  ModelSource s;
  s.shown = s.path = path;
  return s;
}

OrtStatus* source_of(const void* data, size_t length, ModelSource* out) {
  SDX_CAPI_TRY(out->bytes, Buffer::heap(length));
  if (length != 0) std::memcpy(out->bytes->data(), data, length);
  return nullptr;
}

}  // namespace

Result<Model> load_source(const ModelSource& source, const SessionOptions& options) {
  if (source.make) return source.make(options);
  const CustomOpLookup lookup(ops(), options.custom_ops);
  return source.bytes ? load_model_buffer(source.bytes, lookup, options.load)
                      : load_model(source.path, lookup, options.load);
}

Result<std::unique_ptr<Session>> open_native(const ModelSource& source, const SessionOptions& options) {
  if (source.make) {
    SDX_TRY(Model model, source.make(options));
    return Session::open(std::move(model), options);
  }
  return source.bytes ? Session::open(source.bytes, options) : Session::open(source.path, options);
}

OrtStatus* open_in_place(OrtSession& s, OrtPrepackedWeightsContainer* container) {
  s.logger = OrtLogger(logger_of(*s.env.get(), s.options));
  s.native_options = {};
  s.native_options.log = std::shared_ptr<const Log>(std::shared_ptr<void>(), &s.logger);  // it outlives s.native
  SDX_CAPI_RETURN_IF(fill_native_options(s));
  s.native_options.store = container;
  const int64_t begin = Profiler::now_ns();
  if (s.options.profiling && !s.profiler) s.profiler = std::make_unique<Profiler>(s.options.profile_prefix);
  auto native = open_native(s.source, s.native_options);
  if (!native.ok()) {
    OrtStatus* status = load_error(native.status(), s.source);
    s.logger.log(ORT_LOGGING_LEVEL_ERROR, "Session::open", status->message);
    return status;
  }
  s.native_options.store = nullptr;  // the container may go before the session
  s.native = std::move(*native);
  s.input_index = PortIndex(s.native->inputs());
  s.output_index = PortIndex(s.native->outputs());
  if (s.options.flag("session.record_ep_graph_assignment_info"))
    s.assignment = record_assignment(s.native->executor().program());
  if (s.profiler) {
    const int64_t loaded = begin + static_cast<int64_t>(s.native->open_times().load * 1e6);
    s.profiler->session_event(s.source.path.empty() ? "model_loading_array" : "model_loading_uri", begin, loaded);
    s.profiler->session_event("session_initialization", loaded, Profiler::now_ns());
  }
  return nullptr;
}

OrtStatus* open_session(const OrtEnv* env, ModelSource source, const OrtSessionOptions* options,
                        OrtPrepackedWeightsContainer* container, OrtSession** out) {
  SDX_CAPI_RETURN_IF(check_source(source));
  auto s = std::make_unique<OrtSession>();
  s->env = EnvRef(env);
  if (options != nullptr) s->options = *options;
  s->source = std::move(source);
  SDX_CAPI_RETURN_IF(open_in_place(*s, container));
  *out = s.release();
  return nullptr;
}

void retain(OrtSession* s) { s->references.fetch_add(1, std::memory_order_relaxed); }
void release(OrtSession* s) {
  if (s == nullptr || s->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  if (s->profiler) (void)s->profiler->finish().ok();
  delete s;
}

OrtStatus* CreateSession(const OrtEnv* env, const ORTCHAR_T* model_path, const OrtSessionOptions* options,
                         OrtSession** out) {
  return open_session(env, source_of(model_path), options, nullptr, out);
}
OrtStatus* CreateSessionFromArray(const OrtEnv* env, const void* model_data, size_t model_data_length,
                                  const OrtSessionOptions* options, OrtSession** out) {
  ModelSource source;
  SDX_CAPI_RETURN_IF(source_of(model_data, model_data_length, &source));
  return open_session(env, std::move(source), options, nullptr, out);
}
OrtStatus* CreateSessionWithPrepackedWeightsContainer(const OrtEnv* env, const ORTCHAR_T* model_path,
                                                      const OrtSessionOptions* options,
                                                      OrtPrepackedWeightsContainer* prepacked_weights_container,
                                                      OrtSession** out) {
  return open_session(env, source_of(model_path), options, prepacked_weights_container, out);
}
OrtStatus* CreateSessionFromArrayWithPrepackedWeightsContainer(
    const OrtEnv* env, const void* model_data, size_t model_data_length, const OrtSessionOptions* options,
    OrtPrepackedWeightsContainer* prepacked_weights_container, OrtSession** out) {
  ModelSource source;
  SDX_CAPI_RETURN_IF(source_of(model_data, model_data_length, &source));
  return open_session(env, std::move(source), options, prepacked_weights_container, out);
}
void ReleaseSession(OrtSession* input) { release(input); }

OrtStatus* SessionEndProfiling(OrtSession* session, OrtAllocator* allocator, char** out) {
  std::string name;
  if (session->profiler) {
    SDX_CAPI_TRY(name, session->profiler->finish());
  }
  return copy_text(allocator, name, out);
}
OrtStatus* SessionGetProfilingStartTimeNs(const OrtSession* session, uint64_t* out) {
  *out = session->profiler ? session->profiler->start_ns() : 0;
  return nullptr;
}

// Options of providers that change while a session lives; the CPU has none.
OrtStatus* SetEpDynamicOptions(OrtSession*, const char* const* keys, const char* const* values, size_t kv_len) {
  if (kv_len == 0) return invalid("no inputs were passed");
  for (size_t i = 0; i < kv_len; ++i)
    if (keys[i] == nullptr || *keys[i] == 0 || values[i] == nullptr)
      return invalid("SetEpDynamicOptions: key or value ", i, " is null or empty");
  return nullptr;
}
OrtStatus* SessionReleaseCapturedGraph(OrtSession*, int) { return nullptr; }

}  // namespace sardonyx::capi
