#include "capi/compile.h"

#include <sys/stat.h>

#include <cstring>

#include "capi/allocator.h"
#include "capi/graph_view.h"
#include "capi/model_editor.h"
#include "capi/open_options.h"
#include "kernel/custom_op.h"
#include "onnx/mapped_file.h"
#include "ops/table.h"

namespace sardonyx::capi::compile {

namespace {

using Options = OrtModelCompilationOptions;

constexpr uint32_t kKnownFlags =
    OrtCompileApiFlags_ERROR_IF_NO_NODES_COMPILED | OrtCompileApiFlags_ERROR_IF_OUTPUT_FILE_EXISTS;

bool exists(const std::string& path) {
  struct stat st {};
  return ::stat(path.c_str(), &st) == 0;
}

std::string folder_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash + 1);
}

// model.onnx becomes model_ctx.onnx, as in ONNX Runtime.
std::string default_output(const std::string& input) {
  const size_t dot = input.rfind('.');
  const bool has_extension = dot != std::string::npos && dot > folder_of(input).size();
  return cat(has_extension ? input.substr(0, dot) : input, "_ctx.onnx");
}

OrtStatus* check(const Options& o) {
  const auto* source = std::get_if<ModelSource>(&o.input);
  if (source == nullptr) return invalid("Input model to compile must be loaded from either a file or a memory buffer");
  if (o.output.index() == 0 && source->path.empty())
    return invalid(
        "Unable to generate an output model path: require an input model path if the location of the output "
        "model (e.g., file or buffer) is not specified.");
  if (o.flags & OrtCompileApiFlags_ERROR_IF_NO_NODES_COMPILED)
    return error(ORT_FAIL,
                 "Unable to compile any nodes. Check that the session EPs support compilation and can execute "
                 "at least one subgraph in the model.");
  return nullptr;
}

OrtStatus* write_file(const std::string& path, const SavedModel& saved, const std::string& external) {
  if (!saved.external.empty()) {
    SDX_CAPI_TRY(FileWriter file, FileWriter::open(external));
    for (const SavedModel::Piece& p : saved.external) {
      SDX_CAPI_RETURN_IF_ERROR(file.pad_to(p.offset));
      SDX_CAPI_RETURN_IF_ERROR(file.write({p.tensor.as<char>(), p.tensor.bytes()}));
    }
    SDX_CAPI_RETURN_IF_ERROR(file.close());
  }
  if (path.empty()) return nullptr;
  SDX_CAPI_TRY(FileWriter file, FileWriter::open(path));
  SDX_CAPI_RETURN_IF_ERROR(file.write(saved.bytes));
  return to_ort(file.close());
}

OrtStatus* give_buffer(const Options::ToBuffer& to, const std::string& bytes) {
  void* data = allocate(to.allocator, bytes.size());
  if (data == nullptr) return error(ORT_RUNTIME_EXCEPTION, "the allocator returned no memory");
  std::memcpy(data, bytes.data(), bytes.size());
  *to.data = data, *to.bytes = bytes.size();
  return nullptr;
}

OrtStatus* deliver(const Options& o, const std::string& path, const SavedModel& saved) {
  const std::string external =
      o.external_file.find('/') == std::string::npos ? folder_of(path) + o.external_file : o.external_file;
  if (const auto* to = std::get_if<Options::ToBuffer>(&o.output)) {
    SDX_CAPI_RETURN_IF(write_file("", saved, external));
    return give_buffer(*to, saved.bytes);
  }
  if (const auto* to = std::get_if<Options::ToFunction>(&o.output)) {
    SDX_CAPI_RETURN_IF(write_file("", saved, external));
    return to->write(to->state, saved.bytes.data(), saved.bytes.size());
  }
  return write_file(path, saved, external);
}

// Where the model had the bytes of an initializer, if it still is what it was.
const ExternalTensor* origin_of(const std::vector<ExternalTensor>& all, const std::string& name, const Tensor& t) {
  for (const ExternalTensor& e : all)
    if (e.name == name && e.bytes == t.bytes() &&
        std::memcmp(static_cast<const char*>(e.file->data()) + e.offset, t.data(), e.bytes) == 0)
      return &e;
  return nullptr;
}

// Asks the caller's function for each initializer; `refusal` keeps what it returned instead of an answer.
class LocationAsker {
 public:
  LocationAsker(Options::Locations locations, const std::vector<ExternalTensor>& origins)
      : locations_(locations), origins_(origins) {}
  ~LocationAsker() { ReleaseStatus(refusal_); }
  LocationAsker(const LocationAsker&) = delete;

  Result<std::optional<SaveOptions::Place>> ask(const std::string& name, const Tensor& t) {
    OrtExternalInitializerInfo origin;
    const ExternalTensor* from = origin_of(origins_, name, t);
    if (from != nullptr) origin = {from->location, static_cast<int64_t>(from->offset), from->bytes};
    const OrtValue value{Value(t)};
    OrtExternalInitializerInfo* answer = nullptr;
    refusal_ = locations_.ask(locations_.state, name.c_str(), &value, from != nullptr ? &origin : nullptr, &answer);
    const std::unique_ptr<OrtExternalInitializerInfo> owner(answer);
    if (refusal_ != nullptr) return fail(Code::kCancelled, "the function for the places of initializers failed");
    if (answer == nullptr) return std::optional<SaveOptions::Place>();
    if (answer->offset < 0)
      return fail(Code::kOption, "initializer ", quoted(name), ": a place at offset ", answer->offset);
    return std::optional<SaveOptions::Place>({answer->path, answer->offset, answer->bytes});
  }
  OrtStatus* take_refusal() { return std::exchange(refusal_, nullptr); }

 private:
  const Options::Locations locations_;
  const std::vector<ExternalTensor>& origins_;
  OrtStatus* refusal_ = nullptr;
};

OrtStatus* set_output(Options* o, decltype(Options::output) output) {
  o->output = std::move(output);
  return nullptr;
}

}  // namespace

OrtStatus* CreateModelCompilationOptionsFromSessionOptions(const OrtEnv*, const OrtSessionOptions* session_options,
                                                           OrtModelCompilationOptions** out) {
  auto o = std::make_unique<OrtModelCompilationOptions>();
  o->session = *session_options;
  o->session.optimized_model_path.clear();
  *out = o.release();
  return nullptr;
}
void ReleaseModelCompilationOptions(OrtModelCompilationOptions* input) { delete input; }

OrtStatus* ModelCompilationOptions_SetInputModelPath(OrtModelCompilationOptions* model_compile_options,
                                                     const ORTCHAR_T* input_model_path) {
  if (*input_model_path == 0) return invalid("Invalid input model: path is empty");
  ModelSource source;
  source.shown = source.path = input_model_path;
  model_compile_options->input = std::move(source);
  return nullptr;
}
// The caller keeps the bytes until the model has been compiled.
OrtStatus* ModelCompilationOptions_SetInputModelFromBuffer(OrtModelCompilationOptions* model_compile_options,
                                                           const void* input_model_data, size_t input_model_data_size) {
  if (input_model_data_size == 0) return invalid("Invalid input model: data size is 0");
  ModelSource source;
  source.bytes = Buffer::wrap(const_cast<void*>(input_model_data), input_model_data_size);
  model_compile_options->input = std::move(source);
  return nullptr;
}
OrtStatus* ModelCompilationOptions_SetInputModel(OrtModelCompilationOptions* model_compile_options,
                                                 const OrtModel* model) {
  if (!model->graph) return invalid("Invalid input model: it has no graph");
  ModelSource source;
  source.make = [draft = draft_of(*model)](const SessionOptions& o) {
    return build_model(draft, CustomOpLookup(ops(), o.custom_ops), o.load);
  };
  model_compile_options->input = std::move(source);
  return nullptr;
}

OrtStatus* ModelCompilationOptions_SetOutputModelPath(OrtModelCompilationOptions* model_compile_options,
                                                      const ORTCHAR_T* output_model_path) {
  if (*output_model_path == 0) return invalid("Invalid output model path: path is empty");
  return set_output(model_compile_options, std::string(output_model_path));
}
OrtStatus* ModelCompilationOptions_SetOutputModelBuffer(OrtModelCompilationOptions* model_compile_options,
                                                        OrtAllocator* allocator, void** output_model_buffer_ptr,
                                                        size_t* output_model_buffer_size_ptr) {
  return set_output(model_compile_options, OrtModelCompilationOptions::ToBuffer{allocator, output_model_buffer_ptr,
                                                                                output_model_buffer_size_ptr});
}
OrtStatus* ModelCompilationOptions_SetOutputModelWriteFunc(OrtModelCompilationOptions* model_compile_options,
                                                           OrtWriteBufferFunc write_func, void* state) {
  return set_output(model_compile_options, OrtModelCompilationOptions::ToFunction{write_func, state});
}
OrtStatus* ModelCompilationOptions_SetOutputModelExternalInitializersFile(
    OrtModelCompilationOptions* model_compile_options, const ORTCHAR_T* external_initializers_file_path,
    size_t external_initializers_size_threshold) {
  model_compile_options->external_file = external_initializers_file_path;
  model_compile_options->external_min_bytes = external_initializers_size_threshold;
  model_compile_options->locations = {};
  return nullptr;
}
OrtStatus* ModelCompilationOptions_SetOutputModelGetInitializerLocationFunc(
    OrtModelCompilationOptions* model_compile_options, OrtGetInitializerLocationFunc get_initializer_location_func,
    void* state) {
  model_compile_options->locations = {get_initializer_location_func, state};
  model_compile_options->external_file.clear();
  return nullptr;
}
OrtStatus* ModelCompilationOptions_SetFlags(OrtModelCompilationOptions* model_compile_options, uint32_t flags) {
  if ((flags & ~kKnownFlags) != 0) return invalid("unknown bits among the flags ", flags);
  model_compile_options->flags = flags;
  return nullptr;
}
OrtStatus* ModelCompilationOptions_SetGraphOptimizationLevel(OrtModelCompilationOptions* model_compile_options,
                                                             GraphOptimizationLevel graph_optimization_level) {
  model_compile_options->level = graph_optimization_level;
  return nullptr;
}

// About nodes that a provider compiled. The CPU's provider compiles none, so these are taken note of by doing nothing.
OrtStatus* ModelCompilationOptions_SetEpContextEmbedMode(OrtModelCompilationOptions*, bool) { return nullptr; }
OrtStatus* ModelCompilationOptions_SetEpContextBinaryInformation(OrtModelCompilationOptions*, const ORTCHAR_T*,
                                                                 const ORTCHAR_T*) {
  return nullptr;
}
OrtStatus* ModelCompilationOptions_SetWeightlessEnabled(OrtModelCompilationOptions*, bool) { return nullptr; }

OrtStatus* CompileModel(const OrtEnv* env, const OrtModelCompilationOptions* model_options) {
  const Options& o = *model_options;
  SDX_CAPI_RETURN_IF(check(o));
  const auto& source = std::get<ModelSource>(o.input);
  const auto* given = std::get_if<std::string>(&o.output);
  const std::string path = given != nullptr ? *given : o.output.index() == 0 ? default_output(source.path) : "";
  if ((o.flags & OrtCompileApiFlags_ERROR_IF_OUTPUT_FILE_EXISTS) && !path.empty() && exists(path))
    return error(ORT_FAIL, "Failed to compile: the file ", path, " exists already");
  OrtSession s;  // only its options are used
  s.env = EnvRef(env);
  s.options = o.session;
  s.options.level = o.level;
  SDX_CAPI_RETURN_IF(fill_native_options(s));
  std::vector<ExternalTensor> origins;
  if (o.locations.ask != nullptr) s.native_options.load.external_tensors = &origins;
  auto model = load_source(source, s.native_options);
  if (!model.ok()) return load_error(model.status(), source);
  SDX_CAPI_RETURN_IF_ERROR(optimise(*model, s.native_options).take_status());
  SaveOptions how = save_options_of(*model);
  how.external_file = o.external_file.substr(o.external_file.rfind('/') + 1);
  how.external_min_bytes = o.external_min_bytes;
  LocationAsker asker(o.locations, origins);
  if (o.locations.ask != nullptr)
    how.place = [&](const std::string& name, const Tensor& t) { return asker.ask(name, t); };
  const auto saved = write_model(*model->graph, how);
  if (OrtStatus* refusal = asker.take_refusal()) return refusal;
  if (!saved.ok()) return to_ort(saved.status());
  return deliver(o, path, *saved);
}

}  // namespace sardonyx::capi::compile
