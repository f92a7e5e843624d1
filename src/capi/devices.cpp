#include "capi/devices.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstring>

#include "capi/session.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace sardonyx::capi {

namespace {

std::string cpu_vendor_code() {
#if defined(__x86_64__)
  uint32_t most = 0, part[3] = {};
  if (__get_cpuid(0, &most, &part[0], &part[2], &part[1])) {
    char text[13] = {};
    std::memcpy(text, part, 12);
    return text;
  }
#endif
  return "";
}

}  // namespace

const OrtHardwareDevice& cpu_device() {
  static const OrtHardwareDevice* const device = [] {
    auto* d = new OrtHardwareDevice;
    const std::string code = cpu_vendor_code();
    if (code == "AuthenticAMD")
      d->vendor = "AMD", d->vendor_id = 0x1022;
    else if (code == "GenuineIntel")
      d->vendor = "Intel", d->vendor_id = 0x8086;
    else
      d->vendor = code;
    return d;
  }();
  return *device;
}

const OrtEpDevice& cpu_ep_device() {
  static const OrtEpDevice* const device = [] {
    auto* d = new OrtEpDevice;
    d->ep_name = "CPUExecutionProvider", d->ep_vendor = "Sardonyx", d->device = &cpu_device();
    d->metadata.set("version", SDX_VERSION);
    return d;
  }();
  return *device;
}

OrtStatus* GetEpDevices(const OrtEnv*, const OrtEpDevice* const** ep_devices, size_t* num_ep_devices) {
  static const OrtEpDevice* const devices[] = {&cpu_ep_device()};
  *ep_devices = devices, *num_ep_devices = 1;
  return nullptr;
}
OrtStatus* GetNumHardwareDevices(const OrtEnv*, size_t* num_devices) {
  *num_devices = 1;
  return nullptr;
}
OrtStatus* GetHardwareDevices(const OrtEnv*, const OrtHardwareDevice** devices, size_t num_devices) {
  if (num_devices < 1) return invalid("the array has no place for the machine's 1 device");
  devices[0] = &cpu_device();
  return nullptr;
}

OrtHardwareDeviceType HardwareDevice_Type(const OrtHardwareDevice* device) { return device->type; }
uint32_t HardwareDevice_VendorId(const OrtHardwareDevice* device) { return device->vendor_id; }
const char* HardwareDevice_Vendor(const OrtHardwareDevice* device) { return device->vendor.c_str(); }
uint32_t HardwareDevice_DeviceId(const OrtHardwareDevice* device) { return device->device_id; }
const OrtKeyValuePairs* HardwareDevice_Metadata(const OrtHardwareDevice* device) { return &device->metadata; }
const char* EpDevice_EpName(const OrtEpDevice* ep_device) { return ep_device->ep_name.c_str(); }
const char* EpDevice_EpVendor(const OrtEpDevice* ep_device) { return ep_device->ep_vendor.c_str(); }
const OrtKeyValuePairs* EpDevice_EpMetadata(const OrtEpDevice* ep_device) { return &ep_device->metadata; }
const OrtKeyValuePairs* EpDevice_EpOptions(const OrtEpDevice* ep_device) { return &ep_device->options; }
const OrtHardwareDevice* EpDevice_Device(const OrtEpDevice* ep_device) { return ep_device->device; }
// Null: the default memory of the CPU, which needs no allocator of its own.
const OrtMemoryInfo* EpDevice_MemoryInfo(const OrtEpDevice* ep_device, OrtDeviceMemoryType) {
  return ep_device->memory;
}

OrtStatus* SessionGetEpDeviceForInputs(const OrtSession* session, const OrtEpDevice** inputs_ep_devices,
                                       size_t num_inputs) {
  const size_t count = session->native->inputs().size();
  if (num_inputs < count) return invalid("Number of inputs ", count, " exceeds the provided size of ", num_inputs);
  std::fill_n(inputs_ep_devices, count, &cpu_ep_device());
  return nullptr;
}
OrtStatus* SessionGetEpDeviceForOutputs(const OrtSession* session, const OrtEpDevice** outputs_ep_devices,
                                        size_t num_outputs) {
  const size_t count = session->native->outputs().size();
  if (num_outputs < count) return invalid("Number of outputs ", count, " exceeds the provided size of ", num_outputs);
  std::fill_n(outputs_ep_devices, count, &cpu_ep_device());
  return nullptr;
}

// A library of a provider is found or not as ONNX Runtime would; one that is there cannot be used yet.
OrtStatus* RegisterExecutionProviderLibrary(OrtEnv*, const char* registration_name, const ORTCHAR_T* path) {
  void* handle = ::dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    const char* why = ::dlerror();
    return error(ORT_FAIL, "Failed to load library ", path, " with error: ", why != nullptr ? why : "");
  }
  ::dlclose(handle);
  return make_status(ORT_NOT_IMPLEMENTED, cat("RegisterExecutionProviderLibrary: provider libraries are not supported "
                                              "in this version of Sardonyx\n",
                                              registration_name, ": ", path));
}
OrtStatus* UnregisterExecutionProviderLibrary(OrtEnv*, const char* registration_name) {
  return error(ORT_FAIL, "Execution provider library: ", registration_name, " was not registered.");
}

}  // namespace sardonyx::capi
