// Execution providers that a caller asks for. Only the CPU's is here; all others are refused as ONNX Runtime refuses
// what a build lacks.
#include <algorithm>
#include <cstring>

#include "capi/allocator.h"
#include "capi/session_options.h"
#include "capi/status.h"

namespace sardonyx::capi {

namespace {

constexpr char kCpu[] = "CPUExecutionProvider";

// Names that SessionOptionsAppendExecutionProvider knows, in the order of its message.
struct Known {
  std::string_view name, full;
};
constexpr Known kKnown[] = {{"DML", "DmlExecutionProvider"},
                            {"QNN", "QNNExecutionProvider"},
                            {"OpenVINO", "OpenVINOExecutionProvider"},
                            {"SNPE", "SNPEExecutionProvider"},
                            {"XNNPACK", "XnnpackExecutionProvider"},
                            {"WEBNN", "WebNNExecutionProvider"},
                            {"WebGPU", "WebGpuExecutionProvider"},
                            {"AZURE", "AzureExecutionProvider"},
                            {"JS", "JsExecutionProvider"},
                            {"VitisAI", "VitisAIExecutionProvider"},
                            {"CoreML", "CoreMLExecutionProvider"},
                            {"NvTensorRtRtx", "NvTensorRTRTXExecutionProvider"},
                            {"MIGraphX", "MIGraphXExecutionProvider"},
                            {"CPU", kCpu}};

OrtStatus* unknown(std::string_view name) {
  std::string text = cat("Unknown provider name '", name, "'. Currently supported values are ");
  for (const Known& k : kKnown) {
    if (k.name != kKnown[0].name) text += k.name == "CPU" ? ", and " : ", ";
    text += cat("'", k.name, "'/'", k.full, "'");
  }
  return invalid(text, ".");
}

OrtStatus* append_cpu(OrtSessionOptions* options) {
  options->providers.push_back({kCpu, {}});
  return nullptr;
}

OrtStatus* not_enabled(std::string_view name) {
  return error(ORT_FAIL, name, " execution provider is not enabled in this build. ");
}
OrtStatus* not_loaded(std::string_view function) {
  return error(ORT_FAIL, function, ": Failed to load shared library\nthis library has the CPU provider only");
}

}  // namespace

OrtStatus* SessionOptionsAppendExecutionProvider(OrtSessionOptions* options, const char* provider_name,
                                                 const char* const* provider_options_keys,
                                                 const char* const* provider_options_values, size_t num_keys) {
  for (size_t i = 0; i < num_keys; ++i)
    if (provider_options_keys[i] == nullptr || *provider_options_keys[i] == 0 || provider_options_values[i] == nullptr)
      return invalid("Provider options key/value cannot be empty\nentry ", i);
  const std::string_view name = provider_name;
  for (const Known& k : kKnown) {
    if (name != k.name && name != k.full) continue;
    if (k.name == "CPU") return append_cpu(options);
    return invalid(k.name, " execution provider is not supported in this build. ");
  }
  return unknown(name);
}

OrtStatus* GetAvailableProviders(char*** out_ptr, int* provider_length) {
  auto names = std::make_unique<char*[]>(1);
  auto name = std::make_unique<char[]>(sizeof kCpu);
  std::memcpy(name.get(), kCpu, sizeof kCpu);
  names[0] = name.release();
  *out_ptr = names.release();
  *provider_length = 1;
  return nullptr;
}
OrtStatus* ReleaseAvailableProviders(char** ptr, int providers_length) {
  if (ptr == nullptr) return nullptr;
  for (int i = 0; i < providers_length; ++i) delete[] ptr[i];
  delete[] ptr;
  return nullptr;
}
OrtStatus* GetExecutionProviderApi(const char*, uint32_t, const void**) {
  return invalid("Specified provider is not supported.");
}

OrtStatus* SessionOptionsAppendExecutionProvider_CUDA(OrtSessionOptions*, const OrtCUDAProviderOptions*) {
  return not_loaded("OrtSessionOptionsAppendExecutionProvider_Cuda");
}
OrtStatus* SessionOptionsAppendExecutionProvider_CUDA_V2(OrtSessionOptions*, const OrtCUDAProviderOptionsV2*) {
  return not_loaded("OrtSessionOptionsAppendExecutionProvider_Cuda");
}
OrtStatus* SessionOptionsAppendExecutionProvider_TensorRT(OrtSessionOptions*, const OrtTensorRTProviderOptions*) {
  return not_loaded("OrtSessionOptionsAppendExecutionProvider_TensorRT");
}
OrtStatus* SessionOptionsAppendExecutionProvider_TensorRT_V2(OrtSessionOptions*, const OrtTensorRTProviderOptionsV2*) {
  return not_loaded("OrtSessionOptionsAppendExecutionProvider_TensorRT");
}
OrtStatus* SessionOptionsAppendExecutionProvider_OpenVINO(OrtSessionOptions*, const OrtOpenVINOProviderOptions*) {
  return not_loaded("SessionOptionsAppendExecutionProvider_OpenVINO");
}
OrtStatus* SessionOptionsAppendExecutionProvider_OpenVINO_V2(OrtSessionOptions*, const char* const*, const char* const*,
                                                             size_t) {
  return not_loaded("SessionOptionsAppendExecutionProvider_OpenVINO_V2");
}
OrtStatus* SessionOptionsAppendExecutionProvider_VitisAI(OrtSessionOptions*, const char* const*, const char* const*,
                                                         size_t) {
  return not_loaded("SessionOptionsAppendExecutionProvider_VitisAI");
}
OrtStatus* SessionOptionsAppendExecutionProvider_ROCM(OrtSessionOptions*, const OrtROCMProviderOptions*) {
  return not_enabled("ROCM");
}
OrtStatus* SessionOptionsAppendExecutionProvider_MIGraphX(OrtSessionOptions*, const OrtMIGraphXProviderOptions*) {
  return not_enabled("MIGraphX");
}
OrtStatus* SessionOptionsAppendExecutionProvider_CANN(OrtSessionOptions*, const OrtCANNProviderOptions*) {
  return error(ORT_FAIL, "CANN execution provider is not enabled in this build.");
}
OrtStatus* SessionOptionsAppendExecutionProvider_Dnnl(OrtSessionOptions*, const OrtDnnlProviderOptions*) {
  return error(ORT_FAIL, "oneDNN execution provider is not enabled in this build.");
}

OrtStatus* SetCurrentGpuDeviceId(int) {
  return error(ORT_FAIL, "CUDA execution provider is either not enabled or not available.");
}
OrtStatus* GetCurrentGpuDeviceId(int*) {
  return error(ORT_FAIL, "CUDA execution provider is either not enabled or not available.");
}

// All devices here are the CPU.
OrtStatus* SessionOptionsAppendExecutionProvider_V2(OrtSessionOptions* session_options, OrtEnv*,
                                                    const OrtEpDevice* const* ep_devices, size_t num_ep_devices,
                                                    const char* const* ep_option_keys,
                                                    const char* const* ep_option_vals, size_t num_ep_options) {
  if (num_ep_devices == 0) return invalid("Empty EP devices list");
  for (size_t i = 0; i < num_ep_devices; ++i)
    if (ep_devices[i] == nullptr) return invalid("ep_devices[", i, "] must not be null");
  for (size_t i = 0; i < num_ep_options; ++i)
    if (ep_option_keys[i] == nullptr || ep_option_vals[i] == nullptr)
      return invalid("provider option ", i, " has a null key or value");
  return append_cpu(session_options);
}
OrtStatus* SessionOptionsSetEpSelectionPolicy(OrtSessionOptions*, OrtExecutionProviderDevicePolicy) { return nullptr; }
// With one device there is nothing to select, so the delegate is never asked.
OrtStatus* SessionOptionsSetEpSelectionPolicyDelegate(OrtSessionOptions*, EpSelectionDelegate, void*) {
  return nullptr;
}

}  // namespace sardonyx::capi

namespace {
OrtStatus* null_options() { return sardonyx::capi::invalid("options must not be null"); }
}  // namespace

OrtStatus* OrtSessionOptionsAppendExecutionProvider_CPU(OrtSessionOptions* options, int use_arena) {
  if (options == nullptr) return null_options();
  options->cpu_arena = use_arena != 0;
  options->providers.push_back({"CPUExecutionProvider", {}});
  return nullptr;
}
OrtStatus* OrtSessionOptionsAppendExecutionProvider_CUDA(OrtSessionOptions* options, int) {
  if (options == nullptr) return null_options();
  return sardonyx::capi::SessionOptionsAppendExecutionProvider_CUDA(options, nullptr);
}
OrtStatus* OrtSessionOptionsAppendExecutionProvider_Tensorrt(OrtSessionOptions* options, int) {
  if (options == nullptr) return null_options();
  return sardonyx::capi::SessionOptionsAppendExecutionProvider_TensorRT(options, nullptr);
}
