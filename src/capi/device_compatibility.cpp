// Questions about providers and compiled models that a library with the CPU alone answers shortly.
#include <algorithm>

#include "capi/devices.h"
#include "capi/session.h"
#include "ops/table.h"

struct OrtDeviceEpIncompatibilityDetails {
  uint32_t reasons = OrtDeviceEpIncompatibility_NONE;
  int32_t code = 0;
  std::string notes;
};

namespace sardonyx::capi {

namespace {

// Text that a compiled model carries for a provider; null without any.
OrtStatus* find_info(const Model& model, std::string_view ep, OrtAllocator* allocator, char** out) {
  *out = nullptr;
  for (const auto& [key, value] : model.metadata)
    if (key == cat("ep_compatibility_info.", ep)) return copy_text(allocator, value, out);
  return nullptr;
}

}  // namespace

OrtStatus* GetCompatibilityInfoFromModel(const ORTCHAR_T* model_path, const char* ep_type, OrtAllocator* allocator,
                                         char** compatibility_info) {
  auto model = load_model(model_path, ops());
  if (model.status().code() == Code::kFile)
    return make_status(ORT_NO_SUCHFILE, cat("Load model ", model_path, " failed. File doesn't exist"));
  if (!model.ok()) return make_status(ORT_INVALID_GRAPH, cat("Protobuf parsing failed.\n", model.status().to_string()));
  return find_info(*model, ep_type, allocator, compatibility_info);
}
OrtStatus* GetCompatibilityInfoFromModelBytes(const void* model_data, size_t model_data_length, const char* ep_type,
                                              OrtAllocator* allocator, char** compatibility_info) {
  auto model = load_model_bytes({static_cast<const char*>(model_data), model_data_length}, ops());
  if (!model.ok()) return make_status(ORT_INVALID_GRAPH, cat("Protobuf parsing failed.\n", model.status().to_string()));
  return find_info(*model, ep_type, allocator, compatibility_info);
}
OrtStatus* GetModelCompatibilityForEpDevices(const OrtEpDevice* const* ep_devices, size_t num_ep_devices, const char*,
                                             OrtCompiledModelCompatibility* out_status) {
  if (num_ep_devices == 0 || std::find(ep_devices, ep_devices + num_ep_devices, nullptr) != ep_devices + num_ep_devices)
    return invalid("Invalid argument provided to GetModelCompatibilityForEpDevices.");
  *out_status = OrtCompiledModelCompatibility_EP_NOT_APPLICABLE;
  return nullptr;
}

OrtStatus* GetHardwareDeviceEpIncompatibilityDetails(const OrtEnv*, const char* ep_name, const OrtHardwareDevice*,
                                                     OrtDeviceEpIncompatibilityDetails** details) {
  if (cpu_ep_device().ep_name != ep_name)
    return invalid("No valid factory found for execution provider '", ep_name, "'.");
  *details = new OrtDeviceEpIncompatibilityDetails;
  return nullptr;
}
OrtStatus* DeviceEpIncompatibilityDetails_GetReasonsBitmask(const OrtDeviceEpIncompatibilityDetails* details,
                                                            uint32_t* reasons_bitmask) {
  *reasons_bitmask = details->reasons;
  return nullptr;
}
OrtStatus* DeviceEpIncompatibilityDetails_GetNotes(const OrtDeviceEpIncompatibilityDetails* details,
                                                   const char** notes) {
  *notes = details->notes.empty() ? nullptr : details->notes.c_str();
  return nullptr;
}
OrtStatus* DeviceEpIncompatibilityDetails_GetErrorCode(const OrtDeviceEpIncompatibilityDetails* details,
                                                       int32_t* error_code) {
  *error_code = details->code;
  return nullptr;
}
void ReleaseDeviceEpIncompatibilityDetails(OrtDeviceEpIncompatibilityDetails* input) { delete input; }

namespace ep {
OrtStatus* DeviceEpIncompatibilityDetails_SetDetails(OrtDeviceEpIncompatibilityDetails* details,
                                                     uint32_t reasons_bitmask, int32_t error_code, const char* notes) {
  details->reasons = reasons_bitmask, details->code = error_code;
  details->notes = notes != nullptr ? notes : "";
  return nullptr;
}
}  // namespace ep

// The model that a compiled one without weights was made from. The CPU runs no compiled nodes, so only providers ask
// for it (ep::SessionOptionsGetWeightlessSourceModelBuffer); the caller keeps the bytes.
OrtStatus* SessionOptionsSetWeightlessSourceModelBuffer(OrtSessionOptions* options, const void* source_model_data,
                                                        size_t source_model_data_length) {
  if (source_model_data == nullptr) return invalid("Invalid source model: data pointer is null");
  if (source_model_data_length == 0) return invalid("Invalid source model: data size is 0");
  options->weightless_source = {static_cast<const char*>(source_model_data), source_model_data_length};
  return nullptr;
}
namespace ep {
OrtStatus* SessionOptionsGetWeightlessSourceModelBuffer(const OrtSessionOptions* session_options,
                                                        const void** source_model_data,
                                                        size_t* source_model_data_length) {
  *source_model_data = session_options->weightless_source.data();
  *source_model_data_length = session_options->weightless_source.size();
  return nullptr;
}
}  // namespace ep

}  // namespace sardonyx::capi
