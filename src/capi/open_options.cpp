#include "capi/open_options.h"

#include <algorithm>
#include <charconv>

#include "capi/custom_op_adapter.h"
#include "capi/pass_names.h"

namespace sardonyx::capi {

namespace {

OptLevel level_of(GraphOptimizationLevel l) {
  switch (l) {
    case ORT_DISABLE_ALL: return OptLevel::kDisableAll;
    case ORT_ENABLE_BASIC: return OptLevel::kBasic;
    case ORT_ENABLE_EXTENDED: return OptLevel::kExtended;
    default: return OptLevel::kAll;
  }
}

// A whole number; `out` stays where the key is not set.
template <class T>
OrtStatus* read_number(const OrtSessionOptions& o, std::string_view key, std::string_view wanted, T& out) {
  const std::string_view text = o.entry(key);
  if (text.empty()) return nullptr;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error == std::errc() && end == text.data() + text.size()) return nullptr;
  return invalid(key, " is ", quoted(text), "; it must be ", wanted);
}

// A pool of the session's own where its options ask for what the process's pool does not do.
OrtStatus* choose_pool(OrtSession& s) {
  const OrtSessionOptions& o = s.options;
  if (!o.per_session_threads) {
    if (!s.env->pool)
      return error(ORT_FAIL,
                   "When the session is not configured to use per session threadpools, the env must be created with "
                   "the the CreateEnvWithGlobalThreadPools API.");
    s.native_options.pool = s.env->pool;
    s.flush_denormals |= s.env->threading.denormal_as_zero;
    return nullptr;
  }
  if (o.threads.create != nullptr && o.threads.join == nullptr)
    return invalid("custom join thread function not set\nthreads that nobody joins would outlive the session");
  OrtThreadingOptions own;
  own.intra_op = std::max(o.intra_threads, 0);
  own.spin = o.entry("session.intra_op.allow_spinning", "1") != "0";
  SDX_CAPI_RETURN_IF(read_number(o, "session.intra_op.spin_duration_us", "a number of microseconds", own.spin_us));
  own.denormal_as_zero = s.flush_denormals;
  own.affinity = o.entry("session.intra_op_thread_affinities");
  own.threads = o.threads;
  own.callbacks = [&] {
    const std::lock_guard lock(s.env->mutex);
    return s.env->callbacks;
  }();
  SDX_CAPI_TRY(const auto cpus, parse_affinity(own.affinity));
  const int threads = own.intra_op > 0 ? own.intra_op : ThreadPool::available_cpus();
  if (!cpus.empty() && static_cast<int>(cpus.size()) != threads - 1)
    return error(ORT_FAIL,
                 "Number of affinities does not equal to thread_pool_size minus one, affinities: ", cpus.size(),
                 ", thread_pool_size: ", threads);
  if (own.intra_op > 0 || !own.spin || own.spin_us >= 0 || own.denormal_as_zero || !own.affinity.empty() ||
      own.threads.create != nullptr || own.callbacks.any())
    s.native_options.pool = make_pool(own);
  return nullptr;
}

OrtStatus* set_saving(OrtSession& s) {
  const OrtSessionOptions& o = s.options;
  SessionOptions& n = s.native_options;
  n.save_optimised = o.optimized_model_path;
  n.save_external = o.entry("session.optimized_model_external_initializers_file_name");
  return read_number(o, "session.optimized_model_external_initializers_min_size_in_bytes", "a number of bytes",
                     n.save_external_min);
}

// Files of ONNX Runtime's own format are neither read nor written.
OrtStatus* check_formats(const OrtSessionOptions& o) {
  for (const std::string_view key : {"session.load_model_format", "session.save_model_format"}) {
    const std::string_view format = o.entry(key);
    if (format == "ORT")
      return error(ORT_NOT_IMPLEMENTED, key, " is ORT: models in the ORT format are not supported, only ONNX");
    if (!format.empty() && format != "ONNX") return invalid(key, " is ", quoted(format), "; it must be ONNX or ORT");
  }
  if (o.optimized_model_path.ends_with(".ort") && o.entry("session.save_model_format").empty())
    return error(ORT_NOT_IMPLEMENTED, "the optimised model is to go to ", quoted(o.optimized_model_path),
                 ": models in the ORT format are not supported, only ONNX");
  return nullptr;
}

// Passes that other keys switch off.
std::vector<std::string> passes_off(const OrtSessionOptions& o) {
  std::vector<std::string> off = passes_named(o.entry("optimization.disable_specified_optimizers"));
  if (o.flag("session.disable_quant_qdq")) off.emplace_back("fuse_quantised");
  if (o.flag("session.disable_qdq_constant_folding")) off.emplace_back("fold_dequantised");
  return off;
}

}  // namespace

OrtStatus* fill_native_options(OrtSession& s) {
  const OrtSessionOptions& o = s.options;
  SessionOptions& n = s.native_options;
  if (o.flag("session.disable_cpu_ep_fallback"))
    return error(
        ORT_FAIL,
        "This session contains graph nodes that are assigned to the default CPU EP, but fallback to CPU EP has "
        "been explicitly disabled by the user.");
  SDX_CAPI_RETURN_IF(check_formats(o));
  n.level = level_of(o.level);
  n.passes_off = passes_off(o);
  n.cancel = o.load_cancelled.get();
  n.load.folder = o.entry("session.model_external_initializers_file_folder_path");
  n.load.files = o.files;
  n.load.strict_shapes = o.flag("session.strict_shape_type_inference");
  n.load.initializers = o.initializers;
  n.load.symbol_values = o.dims_by_name;
  n.load.denotation_values = o.dims_by_denotation;
  for (const auto* dims : {&o.dims_by_name, &o.dims_by_denotation})
    for (const auto& [name, value] : *dims)
      if (value < 0) return invalid("free dimension ", quoted(name), " is overridden with ", value);
  s.flush_denormals = o.flag("session.set_denormal_as_zero");
  s.release_arena = !o.cpu_arena;
  SDX_CAPI_TRY(n.custom_ops, custom_ops_of(o, s.logger));
  SDX_CAPI_RETURN_IF(choose_pool(s));
  return set_saving(s);
}

}  // namespace sardonyx::capi
