// Option objects of providers that are not here. Those of CUDA and TensorRT can be made and hold pointers; what needs
// the provider itself is refused where ONNX Runtime refuses it: reading options as text, and appending the provider.
#include "capi/allocator.h"
#include "capi/status.h"

struct OrtCUDAProviderOptionsV2 {
  std::map<std::string, void*> pointers;
};
struct OrtTensorRTProviderOptionsV2 {
  std::map<std::string, void*> pointers;
};

namespace sardonyx::capi {

namespace {

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
OrtStatus* UpdateCUDAProviderOptions(OrtCUDAProviderOptionsV2*, const char* const*, const char* const*, size_t) {
  return missing("CUDA");
}
OrtStatus* GetCUDAProviderOptionsAsString(const OrtCUDAProviderOptionsV2*, OrtAllocator*, char**) {
  return missing("CUDA");
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
OrtStatus* UpdateTensorRTProviderOptions(OrtTensorRTProviderOptionsV2*, const char* const*, const char* const*,
                                         size_t) {
  return missing("TensorRT");
}
OrtStatus* GetTensorRTProviderOptionsAsString(const OrtTensorRTProviderOptionsV2*, OrtAllocator*, char**) {
  return missing("TensorRT");
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
