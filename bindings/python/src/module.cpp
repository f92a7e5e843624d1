// The extension module sardonyx._native.
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "devices.h"
#include "interrupt.h"
#include "options.h"
#include "session.h"
#include "sparse.h"
#include "tools.h"
#include "values.h"

namespace sardonyx::python {
namespace {

template <class E>
void bind_enum(nb::module_& m, const char* name, std::initializer_list<std::pair<const char*, E>> values) {
  nb::enum_<E> type(m, name, nb::is_arithmetic());
  for (const auto& [label, value] : values) type.value(label, value);
}

void bind_enums(nb::module_& m) {
  bind_enum<GraphOptimizationLevel>(m, "GraphOptimizationLevel",
                                    {{"ORT_DISABLE_ALL", ORT_DISABLE_ALL},
                                     {"ORT_ENABLE_BASIC", ORT_ENABLE_BASIC},
                                     {"ORT_ENABLE_EXTENDED", ORT_ENABLE_EXTENDED},
                                     {"ORT_ENABLE_LAYOUT", ORT_ENABLE_LAYOUT},
                                     {"ORT_ENABLE_ALL", ORT_ENABLE_ALL}});
  bind_enum<ExecutionMode>(m, "ExecutionMode", {{"ORT_SEQUENTIAL", ORT_SEQUENTIAL}, {"ORT_PARALLEL", ORT_PARALLEL}});
  bind_enum<ExecutionOrder>(m, "ExecutionOrder",
                            {{"DEFAULT", ExecutionOrder::kDefault},
                             {"PRIORITY_BASED", ExecutionOrder::kPriorityBased},
                             {"MEMORY_EFFICIENT", ExecutionOrder::kMemoryEfficient}});
  bind_enum<OrtAllocatorType>(m, "OrtAllocatorType",
                              {{"INVALID", OrtInvalidAllocator},
                               {"ORT_DEVICE_ALLOCATOR", OrtDeviceAllocator},
                               {"ORT_ARENA_ALLOCATOR", OrtArenaAllocator}});
  bind_enum<OrtMemType>(m, "OrtMemType",
                        {{"CPU_INPUT", OrtMemTypeCPUInput},
                         {"CPU_OUTPUT", OrtMemTypeCPUOutput},
                         {"CPU", OrtMemTypeCPU},
                         {"DEFAULT", OrtMemTypeDefault}});
  bind_enum<OrtDeviceMemoryType>(
      m, "OrtDeviceMemoryType",
      {{"DEFAULT", OrtDeviceMemoryType_DEFAULT}, {"HOST_ACCESSIBLE", OrtDeviceMemoryType_HOST_ACCESSIBLE}});
  bind_enum<OrtMemoryInfoDeviceType>(m, "OrtMemoryInfoDeviceType",
                                     {{"CPU", OrtMemoryInfoDeviceType_CPU},
                                      {"GPU", OrtMemoryInfoDeviceType_GPU},
                                      {"FPGA", OrtMemoryInfoDeviceType_FPGA},
                                      {"NPU", OrtMemoryInfoDeviceType_NPU}});
  bind_enum<OrtHardwareDeviceType>(
      m, "OrtHardwareDeviceType",
      {{"CPU", OrtHardwareDeviceType_CPU}, {"GPU", OrtHardwareDeviceType_GPU}, {"NPU", OrtHardwareDeviceType_NPU}});
  bind_enum<OrtSparseFormat>(m, "OrtSparseFormat",
                             {{"ORT_SPARSE_UNDEFINED", ORT_SPARSE_UNDEFINED},
                              {"ORT_SPARSE_COO", ORT_SPARSE_COO},
                              {"ORT_SPARSE_CSRC", ORT_SPARSE_CSRC},
                              {"ORT_SPARSE_BLOCK_SPARSE", ORT_SPARSE_BLOCK_SPARSE}});
  bind_enum<OrtExecutionProviderDevicePolicy>(
      m, "OrtExecutionProviderDevicePolicy",
      {{"DEFAULT", OrtExecutionProviderDevicePolicy_DEFAULT},
       {"PREFER_CPU", OrtExecutionProviderDevicePolicy_PREFER_CPU},
       {"PREFER_NPU", OrtExecutionProviderDevicePolicy_PREFER_NPU},
       {"PREFER_GPU", OrtExecutionProviderDevicePolicy_PREFER_GPU},
       {"MAX_PERFORMANCE", OrtExecutionProviderDevicePolicy_MAX_PERFORMANCE},
       {"MAX_EFFICIENCY", OrtExecutionProviderDevicePolicy_MAX_EFFICIENCY},
       {"MIN_OVERALL_POWER", OrtExecutionProviderDevicePolicy_MIN_OVERALL_POWER}});
  bind_enum<OrtCompiledModelCompatibility>(
      m, "OrtCompiledModelCompatibility",
      {{"EP_NOT_APPLICABLE", OrtCompiledModelCompatibility_EP_NOT_APPLICABLE},
       {"EP_SUPPORTED_OPTIMAL", OrtCompiledModelCompatibility_EP_SUPPORTED_OPTIMAL},
       {"EP_SUPPORTED_PREFER_RECOMPILATION", OrtCompiledModelCompatibility_EP_SUPPORTED_PREFER_RECOMPILATION},
       {"EP_UNSUPPORTED", OrtCompiledModelCompatibility_EP_UNSUPPORTED}});
}

std::vector<std::string> available_providers() {
  char** names = nullptr;
  int count = 0;
  check(g_api->GetAvailableProviders(&names, &count));
  std::vector<std::string> out(names, names + count);
  check(g_api->ReleaseAvailableProviders(names, count));
  return out;
}

// What a compiled model says about the provider it was compiled for; None if it says nothing.
nb::object taken_or_none(char* text) { return text ? nb::object(nb::cast(take_string(text))) : nb::none(); }

nb::object compatibility_of_file(const std::string& path, const std::string& provider) {
  char* text = nullptr;
  check(g_api->GetCompatibilityInfoFromModel(path.c_str(), provider.c_str(), default_allocator(), &text));
  return taken_or_none(text);
}

nb::object compatibility_of_bytes(const nb::bytes& model, const std::string& provider) {
  char* text = nullptr;
  check(g_api->GetCompatibilityInfoFromModelBytes(model.data(), model.size(), provider.c_str(), default_allocator(),
                                                  &text));
  return taken_or_none(text);
}

void set_severity(int severity) {
  if (severity < 0 || severity > 4)
    throw std::runtime_error("Invalid logging severity. 0:Verbose, 1:Info, 2:Warning, 3:Error, 4:Fatal");
  set_log_severity(severity);
}

void bind_functions(nb::module_& m) {
  m.def("get_available_providers", available_providers);
  m.def("get_build_info", [] { return g_api->GetBuildInfoString(); });
  m.def("set_default_logger_severity", set_severity);
  m.def("_set_global_pool_sizes", set_global_pool_sizes);
  m.def("enable_telemetry_events", [] { check(g_api->EnableTelemetryEvents(env())); });
  m.def("disable_telemetry_events", [] { check(g_api->DisableTelemetryEvents(env())); });
  m.def("register_execution_provider_library", [](const std::string& name, const std::string& path) {
    check(g_api->RegisterExecutionProviderLibrary(env(), name.c_str(), path.c_str()));
  });
  m.def("unregister_execution_provider_library",
        [](const std::string& name) { check(g_api->UnregisterExecutionProviderLibrary(env(), name.c_str())); });
  m.def("get_compatibility_info_from_model", compatibility_of_file);
  m.def("get_compatibility_info_from_model_bytes", compatibility_of_bytes);
  m.def("get_model_compatibility_for_ep_devices", [](const std::vector<EpDevice>& devices, const std::string& info) {
    std::vector<const OrtEpDevice*> handles;
    for (const EpDevice& d : devices) handles.push_back(d.handle);
    OrtCompiledModelCompatibility out = OrtCompiledModelCompatibility_EP_NOT_APPLICABLE;
    check(g_api->GetModelCompatibilityForEpDevices(handles.data(), handles.size(), info.c_str(), &out));
    return out;
  });
}

}  // namespace
}  // namespace sardonyx::python

NB_MODULE(_native, m) {
  using namespace sardonyx::python;
  nb::set_leak_warnings(false);  // sessions in globals outlive the interpreter
  load_library();
  note_main_thread();
  // Caches are filled now, under the import lock: filling them later could wait for the GIL inside a static's guard.
  (void)is_array(nb::none());
  (void)dtype_of(element(ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT));
  (void)cpu_memory();
  bind_errors(m);
  bind_enums(m);
  bind_devices(m);
  bind_values(m);
  bind_sparse(m);
  bind_tools(m);
  bind_options(m);
  bind_session(m);
  bind_binding(m);
  bind_metadata(m);
  bind_functions(m);
}
