// The C ABI table that everything here is written on, and owners for its handles.
// The table is that of the libonnxruntime.so.1 beside this module; SARDONYX_LIBRARY names another one, which the tests
// use. The environment of the process is made at first use and never released, so exit order does not matter.
#pragma once
#include <nanobind/nanobind.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "onnxruntime/onnxruntime_c_api.h"

namespace sardonyx::python {

namespace nb = nanobind;

extern const OrtApi* g_api;

// Loads the library; throws ImportError. Called once, before anything else.
void load_library();
OrtEnv* env();
// The sizes of the thread pools that sessions share; false once the environment exists.
bool set_global_pool_sizes(int intra, int inter);
void set_log_severity(int severity);

// A failed call, thrown as the exception class of its code, with ONNX Runtime's prefix.
struct OrtError : std::runtime_error {
  OrtError(OrtErrorCode c, const std::string& text) : std::runtime_error(text), code(c) {}
  OrtErrorCode code;
};
// Throws OrtError, or RuntimeError with the bare text, if the call failed; releases the status.
void check(OrtStatus* status);
void check_plain(OrtStatus* status);
void bind_errors(nb::module_& m);

template <class T, void (*OrtApi::*release)(T*)>
struct Releaser {
  void operator()(T* p) const { (g_api->*release)(p); }
};
template <class T, void (*OrtApi::*release)(T*)>
using Owned = std::unique_ptr<T, Releaser<T, release>>;

using OwnedValue = Owned<OrtValue, &OrtApi::ReleaseValue>;
using OwnedSession = Owned<OrtSession, &OrtApi::ReleaseSession>;
using OwnedSessionOptions = Owned<OrtSessionOptions, &OrtApi::ReleaseSessionOptions>;
using OwnedRunOptions = Owned<OrtRunOptions, &OrtApi::ReleaseRunOptions>;
using OwnedTypeInfo = Owned<OrtTypeInfo, &OrtApi::ReleaseTypeInfo>;
using OwnedTensorInfo = Owned<OrtTensorTypeAndShapeInfo, &OrtApi::ReleaseTensorTypeAndShapeInfo>;
using OwnedMemoryInfo = Owned<OrtMemoryInfo, &OrtApi::ReleaseMemoryInfo>;
using OwnedBinding = Owned<OrtIoBinding, &OrtApi::ReleaseIoBinding>;
using OwnedMetadata = Owned<OrtModelMetadata, &OrtApi::ReleaseModelMetadata>;
using OwnedPairs = Owned<OrtKeyValuePairs, &OrtApi::ReleaseKeyValuePairs>;

OrtAllocator* default_allocator();
const OrtMemoryInfo* cpu_memory();
// A string that the library allocated with the default allocator: copied, then freed.
std::string take_string(char* text);
std::string text_of(nb::handle str);
nb::dict dict_of(const OrtKeyValuePairs* pairs);

// The C++ object inside an instance; a TypeError if it is of another class.
template <class T>
T& as(nb::handle object) {
  T* out = nullptr;
  if (!nb::try_cast<T*>(object, out) || !out)
    throw nb::type_error(("a " + text_of(nb::object(nb::type<T>().attr("__name__"))) + " is needed, not " +
                          text_of(nb::str(object.type())))
                             .c_str());
  return *out;
}

}  // namespace sardonyx::python
