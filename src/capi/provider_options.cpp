// Option objects of providers that are not here. Those that programs make before they ask for the provider hold text by
// key, so that the refusal comes where ONNX Runtime's does: when the provider is appended.
#include "capi/allocator.h"
#include "capi/status.h"

struct OrtCUDAProviderOptionsV2 {
  std::map<std::string, std::string> options;
  std::map<std::string, void*> pointers;
};
struct OrtTensorRTProviderOptionsV2 {
  std::map<std::string, std::string> options;
  std::map<std::string, void*> pointers;
};

namespace sardonyx::capi {

namespace {

template <class T>
OrtStatus* update(T& o, const char* const* keys, const char* const* values, size_t count) {
  for (size_t i = 0; i < count; ++i)
    if (keys[i] == nullptr || *keys[i] == 0 || values[i] == nullptr) return invalid("key/value cannot be empty");
  for (size_t i = 0; i < count; ++i) o.options[keys[i]] = values[i];
  return nullptr;
}

// "key=value;key=value".
template <class T>
OrtStatus* as_text(const T& o, OrtAllocator* allocator, char** out) {
  std::string text;
  for (const auto& [key, value] : o.options) text += cat(text.empty() ? "" : ";", key, "=", value);
  return copy_text(allocator, text, out);
}

template <class T>
OrtStatus* pointer_of(const T& o, const char* key, void** out) {
  const auto it = o.pointers.find(key);
  *out = it == o.pointers.end() ? nullptr : it->second;
  return nullptr;
}

OrtStatus* missing(std::string_view provider) {
  return error(ORT_FAIL, provider, " execution provider is not enabled in this build.");
}

}  // namespace

OrtStatus* CreateCUDAProviderOptions(OrtCUDAProviderOptionsV2** out) {
  *out = new OrtCUDAProviderOptionsV2;
  return nullptr;
}
OrtStatus* UpdateCUDAProviderOptions(OrtCUDAProviderOptionsV2* cuda_options, const char* const* provider_options_keys,
                                     const char* const* provider_options_values, size_t num_keys) {
  return update(*cuda_options, provider_options_keys, provider_options_values, num_keys);
}
OrtStatus* GetCUDAProviderOptionsAsString(const OrtCUDAProviderOptionsV2* cuda_options, OrtAllocator* allocator,
                                          char** ptr) {
  return as_text(*cuda_options, allocator, ptr);
}
OrtStatus* UpdateCUDAProviderOptionsWithValue(OrtCUDAProviderOptionsV2* cuda_options, const char* key, void* value) {
  cuda_options->pointers[key] = value;
  return nullptr;
}
OrtStatus* GetCUDAProviderOptionsByName(const OrtCUDAProviderOptionsV2* cuda_options, const char* key, void** ptr) {
  return pointer_of(*cuda_options, key, ptr);
}
void ReleaseCUDAProviderOptions(OrtCUDAProviderOptionsV2* input) { delete input; }

OrtStatus* CreateTensorRTProviderOptions(OrtTensorRTProviderOptionsV2** out) {
  *out = new OrtTensorRTProviderOptionsV2;
  return nullptr;
}
OrtStatus* UpdateTensorRTProviderOptions(OrtTensorRTProviderOptionsV2* tensorrt_options,
                                         const char* const* provider_options_keys,
                                         const char* const* provider_options_values, size_t num_keys) {
  return update(*tensorrt_options, provider_options_keys, provider_options_values, num_keys);
}
OrtStatus* GetTensorRTProviderOptionsAsString(const OrtTensorRTProviderOptionsV2* tensorrt_options,
                                              OrtAllocator* allocator, char** ptr) {
  return as_text(*tensorrt_options, allocator, ptr);
}
OrtStatus* UpdateTensorRTProviderOptionsWithValue(OrtTensorRTProviderOptionsV2* tensorrt_options, const char* key,
                                                  void* value) {
  tensorrt_options->pointers[key] = value;
  return nullptr;
}
OrtStatus* GetTensorRTProviderOptionsByName(const OrtTensorRTProviderOptionsV2* tensorrt_options, const char* key,
                                            void** ptr) {
  return pointer_of(*tensorrt_options, key, ptr);
}
void ReleaseTensorRTProviderOptions(OrtTensorRTProviderOptionsV2* input) { delete input; }

OrtStatus* CreateCANNProviderOptions(OrtCANNProviderOptions**) { return missing("CANN"); }
OrtStatus* UpdateCANNProviderOptions(OrtCANNProviderOptions*, const char* const*, const char* const*, size_t) {
  return missing("CANN");
}
OrtStatus* GetCANNProviderOptionsAsString(const OrtCANNProviderOptions*, OrtAllocator*, char**) {
  return missing("CANN");
}
void ReleaseCANNProviderOptions(OrtCANNProviderOptions*) {}

OrtStatus* CreateDnnlProviderOptions(OrtDnnlProviderOptions**) { return missing("oneDNN"); }
OrtStatus* UpdateDnnlProviderOptions(OrtDnnlProviderOptions*, const char* const*, const char* const*, size_t) {
  return missing("oneDNN");
}
OrtStatus* GetDnnlProviderOptionsAsString(const OrtDnnlProviderOptions*, OrtAllocator*, char**) {
  return missing("oneDNN");
}
void ReleaseDnnlProviderOptions(OrtDnnlProviderOptions*) {}

OrtStatus* CreateROCMProviderOptions(OrtROCMProviderOptions**) { return missing("ROCM"); }
OrtStatus* UpdateROCMProviderOptions(OrtROCMProviderOptions*, const char* const*, const char* const*, size_t) {
  return missing("ROCM");
}
OrtStatus* GetROCMProviderOptionsAsString(const OrtROCMProviderOptions*, OrtAllocator*, char**) {
  return missing("ROCM");
}
void ReleaseROCMProviderOptions(OrtROCMProviderOptions*) {}

}  // namespace sardonyx::capi
