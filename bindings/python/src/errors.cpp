// The exception classes, one per error code, under the names that programs catch.
#include "ort.h"

namespace sardonyx::python {
namespace {

struct ErrorClass {
  OrtErrorCode code;
  const char* name;
  const char* label;
};
constexpr ErrorClass kClasses[] = {
    {ORT_FAIL, "Fail", "FAIL"},
    {ORT_INVALID_ARGUMENT, "InvalidArgument", "INVALID_ARGUMENT"},
    {ORT_NO_SUCHFILE, "NoSuchFile", "NO_SUCHFILE"},
    {ORT_NO_MODEL, "NoModel", "NO_MODEL"},
    {ORT_ENGINE_ERROR, "EngineError", "ENGINE_ERROR"},
    {ORT_RUNTIME_EXCEPTION, "RuntimeException", "RUNTIME_EXCEPTION"},
    {ORT_INVALID_PROTOBUF, "InvalidProtobuf", "INVALID_PROTOBUF"},
    {ORT_MODEL_LOADED, "ModelLoaded", "MODEL_LOADED"},
    {ORT_NOT_IMPLEMENTED, "NotImplemented", "NOT_IMPLEMENTED"},
    {ORT_INVALID_GRAPH, "InvalidGraph", "INVALID_GRAPH"},
    {ORT_EP_FAIL, "EPFail", "EP_FAIL"},
    {ORT_MODEL_LOAD_CANCELED, "ModelLoadCanceled", "MODEL_LOAD_CANCELED"},
    {ORT_MODEL_REQUIRES_COMPILATION, "ModelRequiresCompilation", "MODEL_REQUIRES_COMPILATION"},
    {ORT_NOT_FOUND, "NotFound", "NOT_FOUND"},
    {ORT_DEVICE_RESET, "DeviceReset", "DEVICE_RESET"},
};
constexpr size_t kCount = sizeof kClasses / sizeof *kClasses;
PyObject* g_exceptions[kCount];

void raise(const OrtError& error) {
  for (size_t i = 0; i < kCount; ++i)
    if (kClasses[i].code == error.code) {
      const std::string text =
          "[ONNXRuntimeError] : " + std::to_string(error.code) + " : " + kClasses[i].label + " : " + error.what();
      PyErr_SetString(g_exceptions[i], text.c_str());
      return;
    }
  PyErr_SetString(PyExc_RuntimeError, error.what());
}

}  // namespace

void check(OrtStatus* status) {
  if (!status) return;
  const OrtErrorCode code = g_api->GetErrorCode(status);
  const std::string text = g_api->GetErrorMessage(status);
  g_api->ReleaseStatus(status);
  throw OrtError(code, text);
}

void check_plain(OrtStatus* status) {
  if (!status) return;
  const std::string text = g_api->GetErrorMessage(status);
  g_api->ReleaseStatus(status);
  throw std::runtime_error(text);
}

void bind_errors(nb::module_& m) {
  for (size_t i = 0; i < kCount; ++i) {
    const std::string name = std::string("sardonyx.capi.onnxruntime_pybind11_state.") + kClasses[i].name;
    g_exceptions[i] = PyErr_NewException(name.c_str(), PyExc_Exception, nullptr);
    if (!g_exceptions[i]) throw nb::python_error();
    m.attr(kClasses[i].name) = nb::borrow(g_exceptions[i]);
  }
  nb::register_exception_translator([](const std::exception_ptr& p, void*) {
    try {
      std::rethrow_exception(p);
    } catch (const OrtError& error) {
      raise(error);
    }
  });
}

}  // namespace sardonyx::python
