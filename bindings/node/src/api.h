// The C interface of the library, opened at run time, and what makes it pleasant: exceptions for failures, owners for
// handles. One library and one environment serve the process, all its worker threads included; both stay until it ends.
#pragma once
#include <onnxruntime/onnxruntime_c_api.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace sardonyx_node {

// A failure that the library reported.
class Failure : public std::runtime_error {
 public:
  Failure(OrtErrorCode code, const std::string& text) : std::runtime_error(text), code_(code) {}
  OrtErrorCode code() const { return code_; }

 private:
  OrtErrorCode code_;
};

// "INVALID_ARGUMENT", …: the name of a code, the part after ORT_.
const char* code_name(OrtErrorCode code);

// Opens the library at path and creates the environment with a log level of 0 (verbose) to 4 (fatal). Later calls do
// nothing if path is the same; another one is refused.
void load(const std::string& path, int log_level);

// The table, and the environment. Only after load().
const OrtApi& api();
const OrtEnv* environment();

// Throws Failure unless status is null; releases it.
void check(OrtStatus* status);

struct Release {
  void operator()(OrtSession* p) const { api().ReleaseSession(p); }
  void operator()(OrtSessionOptions* p) const { api().ReleaseSessionOptions(p); }
  void operator()(OrtRunOptions* p) const { api().ReleaseRunOptions(p); }
  void operator()(OrtTypeInfo* p) const { api().ReleaseTypeInfo(p); }
  void operator()(OrtTensorTypeAndShapeInfo* p) const { api().ReleaseTensorTypeAndShapeInfo(p); }
};
template <class T>
using Owned = std::unique_ptr<T, Release>;

// Values are shared: an output lives as long as the JavaScript array over its memory, and as runs that were fed with
// it.
using Value = std::shared_ptr<OrtValue>;
inline Value own(OrtValue* value) {
  return Value(value, [](OrtValue* p) { api().ReleaseValue(p); });
}

// The allocator of the library for CPU memory; it is never released.
OrtAllocator* allocator();

// A string that the library allocated, copied and freed.
std::string take_string(char* text);

}  // namespace sardonyx_node
