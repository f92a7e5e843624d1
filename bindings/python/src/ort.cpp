#include "ort.h"

#include <dlfcn.h>

#include <cstdlib>
#include <mutex>

namespace sardonyx::python {

const OrtApi* g_api = nullptr;

namespace {

struct PoolSizes {
  int intra = 0, inter = 0;
};
struct Environment {
  std::mutex mutex;
  OrtEnv* env = nullptr;
  PoolSizes sizes;
  int severity = ORT_LOGGING_LEVEL_WARNING;
};
Environment& environment() {
  static auto* e = new Environment;
  return *e;
}

std::string library_path() {
  if (const char* other = std::getenv("SARDONYX_LIBRARY")) return other;
  Dl_info info{};
  if (!dladdr(reinterpret_cast<void*>(&library_path), &info) || !info.dli_fname) return "libonnxruntime.so.1";
  const std::string self = info.dli_fname;
  return self.substr(0, self.rfind('/') + 1) + "libonnxruntime.so.1";
}

OrtStatus* make_env(Environment& e) {
  OrtThreadingOptions* options = nullptr;
  if (OrtStatus* s = g_api->CreateThreadingOptions(&options)) return s;
  OrtStatus* s = g_api->SetGlobalIntraOpNumThreads(options, e.sizes.intra);
  if (!s) s = g_api->SetGlobalInterOpNumThreads(options, e.sizes.inter);
  if (!s)
    s = g_api->CreateEnvWithGlobalThreadPools(static_cast<OrtLoggingLevel>(e.severity), "sardonyx", options, &e.env);
  g_api->ReleaseThreadingOptions(options);
  if (!s) s = g_api->SetLanguageProjection(e.env, ORT_PROJECTION_PYTHON);
  return s;
}

}  // namespace

void load_library() {
  if (g_api) return;
  const std::string path = library_path();
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) throw nb::import_error(dlerror());
  const auto base = reinterpret_cast<const OrtApiBase* (*)()>(dlsym(library, "OrtGetApiBase"));
  if (!base) throw nb::import_error((path + " exports no OrtGetApiBase").c_str());
  g_api = base()->GetApi(30);
  if (!g_api) throw nb::import_error((path + " does not offer version 30 of the API").c_str());
}

OrtEnv* env() {
  Environment& e = environment();
  const std::lock_guard lock(e.mutex);
  if (!e.env) check(make_env(e));
  return e.env;
}

bool set_global_pool_sizes(int intra, int inter) {
  Environment& e = environment();
  const std::lock_guard lock(e.mutex);
  if (e.env) return false;
  e.sizes = {intra, inter};
  return true;
}

void set_log_severity(int severity) {
  Environment& e = environment();
  const std::lock_guard lock(e.mutex);
  e.severity = severity;
  if (e.env) check_plain(g_api->UpdateEnvWithCustomLogLevel(e.env, static_cast<OrtLoggingLevel>(severity)));
}

OrtAllocator* default_allocator() {
  OrtAllocator* allocator = nullptr;
  check(g_api->GetAllocatorWithDefaultOptions(&allocator));
  return allocator;
}

const OrtMemoryInfo* cpu_memory() {
  static const OrtMemoryInfo* info = [] {
    OrtMemoryInfo* made = nullptr;
    check(g_api->CreateCpuMemoryInfo(OrtArenaAllocator, OrtMemTypeDefault, &made));
    return made;
  }();
  return info;
}

std::string take_string(char* text) {
  std::string copy = text ? text : "";
  if (text) check(g_api->AllocatorFree(default_allocator(), text));
  return copy;
}

std::string text_of(nb::handle str) {
  Py_ssize_t size = 0;
  const char* data = PyUnicode_AsUTF8AndSize(str.ptr(), &size);
  if (!data) throw nb::python_error();
  return {data, static_cast<size_t>(size)};
}

nb::dict dict_of(const OrtKeyValuePairs* pairs) {
  const char* const* keys = nullptr;
  const char* const* values = nullptr;
  size_t count = 0;
  nb::dict out;
  if (!pairs) return out;
  g_api->GetKeyValuePairs(pairs, &keys, &values, &count);
  for (size_t i = 0; i < count; ++i) out[keys[i]] = nb::str(values[i]);
  return out;
}

}  // namespace sardonyx::python
