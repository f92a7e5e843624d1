// The machine's devices as the interface describes them: one CPU, and this library's provider for it. Both live as long
// as the process.
#pragma once
#include <string>

#include "capi/key_values.h"
#include "capi/memory_info.h"

struct OrtHardwareDevice {
  OrtHardwareDeviceType type = OrtHardwareDeviceType_CPU;
  uint32_t vendor_id = 0, device_id = 0;
  std::string vendor;
  OrtKeyValuePairs metadata;
};

struct OrtEpDevice {
  std::string ep_name, ep_vendor;
  const OrtHardwareDevice* device = nullptr;
  OrtKeyValuePairs metadata, options;
  const OrtMemoryInfo* memory = nullptr;  // null: the CPU's
};

namespace sardonyx::capi {

const OrtHardwareDevice& cpu_device();
const OrtEpDevice& cpu_ep_device();

}  // namespace sardonyx::capi
