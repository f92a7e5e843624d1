// OrtMemoryInfo: names a kind of memory. All memory here is the CPU's; other kinds can be described, not allocated.
#pragma once
#include <string>

#include "capi/slots.h"

struct OrtMemoryInfo {
  std::string name = "Cpu";
  OrtAllocatorType allocator_type = OrtDeviceAllocator;
  OrtMemType mem_type = OrtMemTypeDefault;
  OrtMemoryInfoDeviceType device_type = OrtMemoryInfoDeviceType_CPU;
  OrtDeviceMemoryType device_mem_type = OrtDeviceMemoryType_DEFAULT;
  uint32_t vendor_id = 0;
  int device_id = 0;
  size_t alignment = 0;

  // Whether bytes of this kind can be read and written by the CPU.
  bool on_cpu() const {
    return device_type == OrtMemoryInfoDeviceType_CPU || device_mem_type == OrtDeviceMemoryType_HOST_ACCESSIBLE ||
           mem_type == OrtMemTypeCPUInput || mem_type == OrtMemTypeCPUOutput;
  }
  bool operator==(const OrtMemoryInfo& o) const {
    return name == o.name && allocator_type == o.allocator_type && mem_type == o.mem_type &&
           device_type == o.device_type && device_mem_type == o.device_mem_type && vendor_id == o.vendor_id &&
           device_id == o.device_id;
  }
};

namespace sardonyx::capi {

// "Cpu", device allocator, default memory; lives as long as the process.
const OrtMemoryInfo& cpu_memory_info();

}  // namespace sardonyx::capi
