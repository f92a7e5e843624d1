#include "capi/custom_ops.h"

#include <dlfcn.h>

#include "capi/session_options.h"
#include "capi/status.h"

namespace sardonyx::capi {

namespace {

using RegisterFunction = OrtStatus* (*)(OrtSessionOptions*, const OrtApiBase*);

constexpr char kEntry[] = "RegisterCustomOps";

std::string dl_text() {
  const char* text = dlerror();
  return text != nullptr ? text : "unknown error";
}

OrtStatus* open_library(const char* path, void** handle) {
  *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (*handle != nullptr) return nullptr;
  return error(ORT_FAIL, "Failed to load library ", path, " with error: ", dl_text());
}

OrtStatus* find_entry(void* handle, const char* name, RegisterFunction* out) {
  void* symbol = dlsym(handle, name);
  if (symbol == nullptr) return error(ORT_FAIL, "Failed to get symbol ", name, " with error: ", dl_text());
  *out = reinterpret_cast<RegisterFunction>(symbol);
  return nullptr;
}

}  // namespace

OrtStatus* CreateCustomOpDomain(const char* domain, OrtCustomOpDomain** out) {
  *out = new OrtCustomOpDomain{domain, {}};
  return nullptr;
}
void ReleaseCustomOpDomain(OrtCustomOpDomain* input) { delete input; }

OrtStatus* CustomOpDomain_Add(OrtCustomOpDomain* custom_op_domain, const OrtCustomOp* op) {
  if (op->GetName == nullptr || op->GetInputTypeCount == nullptr || op->GetOutputTypeCount == nullptr ||
      (op->GetInputType == nullptr && op->GetInputTypeCount(op) != 0) ||
      (op->GetOutputType == nullptr && op->GetOutputTypeCount(op) != 0))
    return invalid("CustomOpDomain_Add: a function of the custom operator is null");
  if (op->GetName(op) == nullptr) return invalid("CustomOpDomain_Add: the custom operator has no name");
  custom_op_domain->ops.push_back(op);
  return nullptr;
}

OrtStatus* AddCustomOpDomain(OrtSessionOptions* options, OrtCustomOpDomain* custom_op_domain) {
  options->custom_domains.push_back(custom_op_domain);
  return nullptr;
}

// The caller closes the library: the handle is theirs.
OrtStatus* RegisterCustomOpsLibrary(OrtSessionOptions* options, const char* library_path, void** library_handle) {
  *library_handle = nullptr;
  void* handle = nullptr;
  SDX_CAPI_RETURN_IF(open_library(library_path, &handle));
  RegisterFunction entry = nullptr;
  OrtStatus* s = find_entry(handle, kEntry, &entry);
  if (s == nullptr) s = entry(options, OrtGetApiBase());
  if (s != nullptr) {
    dlclose(handle);
    return s;
  }
  *library_handle = handle;
  return nullptr;
}

// The library stays open as long as the options and the sessions made with them.
OrtStatus* RegisterCustomOpsLibrary_V2(OrtSessionOptions* options, const ORTCHAR_T* library_name) {
  void* handle = nullptr;
  SDX_CAPI_RETURN_IF(open_library(library_name, &handle));
  std::shared_ptr<void> library(handle, [](void* h) { dlclose(h); });
  RegisterFunction entry = nullptr;
  SDX_CAPI_RETURN_IF(find_entry(handle, kEntry, &entry));
  const size_t before = options->custom_domains.size();
  if (OrtStatus* s = entry(options, OrtGetApiBase())) {
    options->custom_domains.resize(before);  // they live in the library, which is closed now
    return s;
  }
  options->libraries.push_back(std::move(library));
  return nullptr;
}

OrtStatus* RegisterCustomOpsUsingFunction(OrtSessionOptions* options, const char* registration_func_name) {
  RegisterFunction entry = nullptr;
  SDX_CAPI_RETURN_IF(find_entry(RTLD_DEFAULT, registration_func_name, &entry));
  return entry(options, OrtGetApiBase());
}

OrtStatus* EnableOrtCustomOps(OrtSessionOptions*) {
  return error(ORT_FAIL,
               "EnableOrtCustomOps: Custom operators in onnxruntime-extensions are not enabled\n"
               "This library is built without onnxruntime-extensions; register that package's library with "
               "RegisterCustomOpsLibrary_V2 instead");
}

}  // namespace sardonyx::capi
