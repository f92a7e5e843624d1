#include "options.h"

#include <nanobind/stl/map.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "devices.h"
#include "values.h"

namespace sardonyx::python {
namespace {

void add_entry(SessionOptions& o, const std::string& key, const std::string& value) {
  check_plain(g_api->AddSessionConfigEntry(o.live.get(), key.c_str(), value.c_str()));
  for (auto& [k, v] : o.entries)
    if (k == key) {
      v = value;
      return;
    }
  o.entries.emplace_back(key, value);
}

std::string entry(const SessionOptions& o, const std::string& key) {
  for (const auto& [k, v] : o.entries)
    if (k == key) return v;
  throw std::runtime_error("SessionOptions does not have configuration with key: " + key);
}

const OrtValue* value_of(nb::handle object) {
  if (nb::hasattr(object, "_get_c_value")) object = nb::object(object.attr("_get_c_value")());
  return as<Value>(object).handle.get();
}

void add_initializer(SessionOptions& o, const std::string& name, nb::object value) {
  check_plain(g_api->AddInitializer(o.live.get(), name.c_str(), value_of(value)));
  o.kept.append(value);
  o.picklable = false;
}

void add_external_initializers(SessionOptions& o, nb::list names, nb::list values) {
  if (nb::len(names) != nb::len(values))
    throw std::runtime_error("Expecting names and ortvalues lists to have equal length");
  std::vector<std::string> texts;
  std::vector<const OrtValue*> handles;
  for (size_t i = 0; i < nb::len(names); ++i) {
    texts.push_back(text_of(nb::object(names[i])));
    handles.push_back(value_of(nb::object(values[i])));
  }
  std::vector<const char*> pointers;
  for (const std::string& t : texts) pointers.push_back(t.c_str());
  check(g_api->AddExternalInitializers(o.live.get(), pointers.data(), handles.data(), handles.size()));
  o.kept.append(values);
  o.picklable = false;
}

void add_files_in_memory(SessionOptions& o, const std::vector<std::string>& names, nb::list buffers,
                         const std::vector<size_t>& lengths) {
  if (names.size() != nb::len(buffers) || names.size() != lengths.size())
    throw std::runtime_error("Expecting names, buffers and lengths of equal number");
  std::vector<const char*> pointers;
  std::vector<char*> data;
  for (size_t i = 0; i < names.size(); ++i) {
    const nb::object buffer = nb::bytes(nb::object(buffers[i]));
    char* bytes = nullptr;
    Py_ssize_t size = 0;
    if (PyBytes_AsStringAndSize(buffer.ptr(), &bytes, &size) != 0) throw nb::python_error();
    if (static_cast<size_t>(size) < lengths[i]) throw std::runtime_error("a length exceeds its buffer: " + names[i]);
    pointers.push_back(names[i].c_str());
    data.push_back(bytes);
    o.kept.append(buffer);
  }
  check(g_api->AddExternalInitializersFromFilesInMemory(o.live.get(), pointers.data(), data.data(), lengths.data(),
                                                        names.size()));
  o.picklable = false;
}

void add_provider(SessionOptions& o, const std::string& name, const std::map<std::string, std::string>& options) {
  std::vector<const char*> keys, values;
  for (const auto& [k, v] : options) {
    keys.push_back(k.c_str());
    values.push_back(v.c_str());
  }
  check(g_api->SessionOptionsAppendExecutionProvider(o.live.get(), name.c_str(), keys.data(), values.data(),
                                                     keys.size()));
  o.has_providers = true;
  o.picklable = false;
}

void add_provider_for_devices(SessionOptions& o, const std::vector<EpDevice>& devices,
                              const std::map<std::string, std::string>& options) {
  std::vector<const char*> keys, values;
  for (const auto& [k, v] : options) {
    keys.push_back(k.c_str());
    values.push_back(v.c_str());
  }
  std::vector<const OrtEpDevice*> handles;
  for (const EpDevice& d : devices) handles.push_back(d.handle);
  check(g_api->SessionOptionsAppendExecutionProvider_V2(o.live.get(), env(), handles.data(), handles.size(),
                                                        keys.data(), values.data(), keys.size()));
  o.has_providers = true;
  o.picklable = false;
}

// The delegate runs while a session is made, which holds no GIL.
OrtStatus* select_devices(const OrtEpDevice** devices, size_t count, const OrtKeyValuePairs* model,
                          const OrtKeyValuePairs* runtime, const OrtEpDevice** selected, size_t most, size_t* chosen,
                          void* state) {
  const nb::gil_scoped_acquire gil;
  try {
    nb::list all;
    for (size_t i = 0; i < count; ++i) all.append(EpDevice{devices[i]});
    const nb::object answer = nb::borrow(static_cast<PyObject*>(state))(all, dict_of(model), dict_of(runtime), most);
    const auto picked = nb::cast<std::vector<EpDevice>>(answer);
    if (picked.size() > most) throw std::runtime_error("the delegate selected more devices than allowed");
    for (size_t i = 0; i < picked.size(); ++i) selected[i] = picked[i].handle;
    *chosen = picked.size();
    return nullptr;
  } catch (const std::exception& error) {
    return g_api->CreateStatus(ORT_FAIL, error.what());
  }
}

// Also stops what is being loaded with these options on other threads.
void set_cancellation(SessionOptions& o, bool cancel) {
  o.cancelled = cancel;
  check_plain(g_api->SessionOptionsSetLoadCancellationFlag(o.live.get(), cancel));
  for (OrtSessionOptions* handle : o.loading) check_plain(g_api->SessionOptionsSetLoadCancellationFlag(handle, cancel));
}

void set_delegate(SessionOptions& o, nb::callable delegate) {
  check(g_api->SessionOptionsSetEpSelectionPolicyDelegate(o.live.get(), select_devices, delegate.ptr()));
  o.kept.append(delegate);
  o.has_providers = true;
  o.picklable = false;
}

nb::tuple state_of(const SessionOptions& o) {
  if (!o.picklable)
    throw nb::type_error("cannot pickle SessionOptions that hold values, custom operators, providers or callbacks");
  nb::list entries, names, denotations;
  for (const auto& [k, v] : o.entries) entries.append(nb::make_tuple(k, v));
  for (const auto& [k, v] : o.by_name) names.append(nb::make_tuple(k, v));
  for (const auto& [k, v] : o.by_denotation) denotations.append(nb::make_tuple(k, v));
  return nb::make_tuple(
      nb::make_tuple(o.enable_cpu_mem_arena, o.enable_mem_pattern, o.enable_mem_reuse, o.enable_profiling,
                     o.use_per_session_threads, o.use_deterministic_compute),
      nb::make_tuple(o.profile_file_prefix, o.optimized_model_filepath, o.logid),
      nb::make_tuple(o.log_severity_level, o.log_verbosity_level, o.intra_op_num_threads, o.inter_op_num_threads,
                     static_cast<int>(o.execution_mode), static_cast<int>(o.execution_order),
                     static_cast<int>(o.graph_optimization_level)),
      entries, names, denotations);
}

void override_name(SessionOptions& o, const std::string& name, int64_t extent) {
  check_plain(g_api->AddFreeDimensionOverrideByName(o.live.get(), name.c_str(), extent));
  o.by_name.emplace_back(name, extent);
}
void override_denotation(SessionOptions& o, const std::string& name, int64_t extent) {
  check_plain(g_api->AddFreeDimensionOverride(o.live.get(), name.c_str(), extent));
  o.by_denotation.emplace_back(name, extent);
}

void restore(SessionOptions& o, const nb::tuple& state) {
  new (&o) SessionOptions();
  const nb::object flags = state[0], texts = state[1], numbers = state[2];
  bool* const bools[] = {&o.enable_cpu_mem_arena, &o.enable_mem_pattern,      &o.enable_mem_reuse,
                         &o.enable_profiling,     &o.use_per_session_threads, &o.use_deterministic_compute};
  for (size_t i = 0; i < 6; ++i) *bools[i] = nb::cast<bool>(flags[i]);
  std::string* const strings[] = {&o.profile_file_prefix, &o.optimized_model_filepath, &o.logid};
  for (size_t i = 0; i < 3; ++i) *strings[i] = nb::cast<std::string>(texts[i]);
  int* const ints[] = {&o.log_severity_level, &o.log_verbosity_level, &o.intra_op_num_threads, &o.inter_op_num_threads};
  for (size_t i = 0; i < 4; ++i) *ints[i] = nb::cast<int>(numbers[i]);
  o.execution_mode = static_cast<ExecutionMode>(nb::cast<int>(numbers[4]));
  o.execution_order = static_cast<ExecutionOrder>(nb::cast<int>(numbers[5]));
  o.graph_optimization_level = static_cast<GraphOptimizationLevel>(nb::cast<int>(numbers[6]));
  for (nb::handle e : nb::object(state[3])) add_entry(o, nb::cast<std::string>(e[0]), nb::cast<std::string>(e[1]));
  for (nb::handle e : nb::object(state[4])) override_name(o, nb::cast<std::string>(e[0]), nb::cast<int64_t>(e[1]));
  for (nb::handle e : nb::object(state[5]))
    override_denotation(o, nb::cast<std::string>(e[0]), nb::cast<int64_t>(e[1]));
}

}  // namespace

SessionOptions::SessionOptions() {
  OrtSessionOptions* made = nullptr;
  check(g_api->CreateSessionOptions(&made));
  live.reset(made);
}

OwnedSessionOptions SessionOptions::build() const {
  OrtSessionOptions* made = nullptr;
  check(g_api->CloneSessionOptions(live.get(), &made));
  OwnedSessionOptions out(made);
  check(enable_cpu_mem_arena ? g_api->EnableCpuMemArena(made) : g_api->DisableCpuMemArena(made));
  check(enable_mem_pattern ? g_api->EnableMemPattern(made) : g_api->DisableMemPattern(made));
  check(enable_profiling ? g_api->EnableProfiling(made, profile_file_prefix.c_str()) : g_api->DisableProfiling(made));
  if (!optimized_model_filepath.empty())
    check(g_api->SetOptimizedModelFilePath(made, optimized_model_filepath.c_str()));
  if (!logid.empty()) check(g_api->SetSessionLogId(made, logid.c_str()));
  if (log_severity_level != -1) check(g_api->SetSessionLogSeverityLevel(made, log_severity_level));
  check(g_api->SetSessionLogVerbosityLevel(made, log_verbosity_level));
  check(g_api->SetIntraOpNumThreads(made, intra_op_num_threads));
  check(g_api->SetInterOpNumThreads(made, inter_op_num_threads));
  if (!use_per_session_threads) check(g_api->DisablePerSessionThreads(made));
  check(g_api->SetSessionExecutionMode(made, execution_mode));
  check(g_api->SetSessionGraphOptimizationLevel(made, graph_optimization_level));
  check(g_api->SetDeterministicCompute(made, use_deterministic_compute));
  return out;
}

void bind_options(nb::module_& m) {
  using S = SessionOptions;
  nb::class_<S>(m, "SessionOptions", "Options of a session, set before it is made.")
      .def(nb::init<>())
      .def_rw("enable_cpu_mem_arena", &S::enable_cpu_mem_arena)
      .def_rw("enable_mem_pattern", &S::enable_mem_pattern)
      .def_rw("enable_mem_reuse", &S::enable_mem_reuse)
      .def_rw("enable_profiling", &S::enable_profiling)
      .def_rw("profile_file_prefix", &S::profile_file_prefix)
      .def_rw("optimized_model_filepath", &S::optimized_model_filepath)
      .def_rw("logid", &S::logid)
      .def_rw("log_severity_level", &S::log_severity_level)
      .def_rw("log_verbosity_level", &S::log_verbosity_level)
      .def_rw("use_per_session_threads", &S::use_per_session_threads)
      .def_rw("intra_op_num_threads", &S::intra_op_num_threads)
      .def_rw("inter_op_num_threads", &S::inter_op_num_threads)
      .def_rw("execution_mode", &S::execution_mode)
      .def_rw("execution_order", &S::execution_order)
      .def_rw("graph_optimization_level", &S::graph_optimization_level)
      .def_rw("use_deterministic_compute", &S::use_deterministic_compute)
      .def("add_session_config_entry", add_entry)
      .def("get_session_config_entry", entry)
      .def("add_free_dimension_override_by_name", override_name)
      .def("add_free_dimension_override_by_denotation", override_denotation)
      .def("register_custom_ops_library",
           [](S& o, const std::string& path) {
             check(g_api->RegisterCustomOpsLibrary_V2(o.live.get(), path.c_str()));
             o.picklable = false;
           })
      .def("add_initializer", add_initializer)
      .def("add_external_initializers", add_external_initializers)
      .def("add_external_initializers_from_files_in_memory", add_files_in_memory)
      .def("add_provider", add_provider)
      .def("add_provider_for_devices", add_provider_for_devices)
      .def("set_provider_selection_policy",
           [](S& o, OrtExecutionProviderDevicePolicy policy) {
             check(g_api->SessionOptionsSetEpSelectionPolicy(o.live.get(), policy));
             o.has_providers = true;
           })
      .def("set_provider_selection_policy_delegate", set_delegate)
      .def("has_providers", [](const S& o) { return o.has_providers; })
      .def("set_load_cancellation_flag", set_cancellation)
      .def("__getstate__", state_of)
      .def("__setstate__", restore);
  bind_run_options(m);
}

}  // namespace sardonyx::python
