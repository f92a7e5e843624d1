#include "api.h"

#include <dlfcn.h>

#include <mutex>

namespace sardonyx_node {
namespace {

struct Library {
  std::mutex mutex;
  std::string path;
  const OrtApi* api = nullptr;
  OrtEnv* env = nullptr;
};

// Never destroyed: sessions of a process that exits without releasing them still use it.
Library& library() {
  static Library* const kLibrary = new Library;
  return *kLibrary;
}

const OrtApi* open(const std::string& path) {
  void* const handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) throw std::runtime_error(dlerror());
  using GetBase = const OrtApiBase* (*)();
  const auto get_base = reinterpret_cast<GetBase>(dlsym(handle, "OrtGetApiBase"));
  if (get_base == nullptr) throw std::runtime_error(path + " does not export OrtGetApiBase");
  const OrtApi* const table = get_base()->GetApi(ORT_API_VERSION);
  if (table == nullptr) {
    throw std::runtime_error(path + " is version " + get_base()->GetVersionString() +
                             ", which is too old: API version " + std::to_string(ORT_API_VERSION) + " is needed");
  }
  return table;
}

}  // namespace

void load(const std::string& path, int log_level) {
  Library& lib = library();
  const std::lock_guard lock(lib.mutex);
  if (lib.env != nullptr) {
    if (lib.path != path) throw std::runtime_error("this process has opened " + lib.path + " already");
    return;
  }
  lib.api = open(path);
  lib.path = path;
  check(lib.api->CreateEnv(static_cast<OrtLoggingLevel>(log_level), "sardonyx-node", &lib.env));
}

const OrtApi& api() { return *library().api; }
const OrtEnv* environment() { return library().env; }

void check(OrtStatus* status) {
  if (status == nullptr) return;
  Failure failure(api().GetErrorCode(status), api().GetErrorMessage(status));
  api().ReleaseStatus(status);
  throw failure;
}

OrtAllocator* allocator() {
  OrtAllocator* out = nullptr;
  check(api().GetAllocatorWithDefaultOptions(&out));
  return out;
}

std::string take_string(char* text) {
  std::string copy = text;
  check(api().AllocatorFree(allocator(), text));
  return copy;
}

const char* code_name(OrtErrorCode code) {
  switch (code) {
    case ORT_OK: return "OK";
    case ORT_FAIL: return "FAIL";
    case ORT_INVALID_ARGUMENT: return "INVALID_ARGUMENT";
    case ORT_NO_SUCHFILE: return "NO_SUCHFILE";
    case ORT_NO_MODEL: return "NO_MODEL";
    case ORT_ENGINE_ERROR: return "ENGINE_ERROR";
    case ORT_RUNTIME_EXCEPTION: return "RUNTIME_EXCEPTION";
    case ORT_INVALID_PROTOBUF: return "INVALID_PROTOBUF";
    case ORT_MODEL_LOADED: return "MODEL_LOADED";
    case ORT_NOT_IMPLEMENTED: return "NOT_IMPLEMENTED";
    case ORT_INVALID_GRAPH: return "INVALID_GRAPH";
    case ORT_EP_FAIL: return "EP_FAIL";
    case ORT_NOT_FOUND: return "NOT_FOUND";
    default: return "UNKNOWN";
  }
}

}  // namespace sardonyx_node
