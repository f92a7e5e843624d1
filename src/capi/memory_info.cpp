#include "capi/memory_info.h"

#include <cstring>

#include "capi/status.h"

namespace sardonyx::capi {

namespace {

// Names that callers may use, and what they mean. A second name is a newer one for the same.
struct Known {
  const char *name, *also;
  OrtMemoryInfoDeviceType device;
  OrtDeviceMemoryType memory;
  uint32_t vendor;
};
constexpr Known kKnown[] = {
    {"Cpu", "", OrtMemoryInfoDeviceType_CPU, OrtDeviceMemoryType_DEFAULT, 0},
    {"Cuda", "", OrtMemoryInfoDeviceType_GPU, OrtDeviceMemoryType_DEFAULT, 0x10DE},
    {"CudaPinned", "", OrtMemoryInfoDeviceType_GPU, OrtDeviceMemoryType_HOST_ACCESSIBLE, 0x10DE},
    {"OpenVINO_GPU", "", OrtMemoryInfoDeviceType_GPU, OrtDeviceMemoryType_DEFAULT, 0x8086},
    {"Hip", "", OrtMemoryInfoDeviceType_GPU, OrtDeviceMemoryType_DEFAULT, 0x1002},
    {"HipPinned", "", OrtMemoryInfoDeviceType_GPU, OrtDeviceMemoryType_HOST_ACCESSIBLE, 0x1002},
    {"DML", "", OrtMemoryInfoDeviceType_GPU, OrtDeviceMemoryType_DEFAULT, 0x1414},
    {"WebGPU_Buf", "WebGPU_Buffer", OrtMemoryInfoDeviceType_GPU, OrtDeviceMemoryType_DEFAULT, 0},
    {"WebNN_Ten", "WebNN_Tensor", OrtMemoryInfoDeviceType_GPU, OrtDeviceMemoryType_DEFAULT, 0},
    {"QnnHtpShared", "", OrtMemoryInfoDeviceType_CPU, OrtDeviceMemoryType_HOST_ACCESSIBLE, 0x5143},
};

bool known_mem_type(int t) { return t >= OrtMemTypeCPUInput && t <= OrtMemTypeDefault; }
bool known_allocator_type(int t) { return t >= OrtInvalidAllocator && t <= OrtReadOnlyAllocator; }

}  // namespace

const OrtMemoryInfo& cpu_memory_info() {
  static const OrtMemoryInfo* const info = new OrtMemoryInfo;
  return *info;
}

OrtStatus* CreateMemoryInfo(const char* name, enum OrtAllocatorType type, int id, enum OrtMemType mem_type,
                            OrtMemoryInfo** out) {
  if (!known_allocator_type(type)) return invalid("allocator type ", static_cast<int>(type), " does not exist");
  if (!known_mem_type(mem_type)) return invalid("memory type ", static_cast<int>(mem_type), " does not exist");
  for (const Known& k : kKnown) {
    if (std::strcmp(name, k.name) != 0 && (*k.also == 0 || std::strcmp(name, k.also) != 0)) continue;
    *out = new OrtMemoryInfo{k.name, type, mem_type, k.device, k.memory, k.vendor, id, 0};
    return nullptr;
  }
  return invalid("Specified device is not supported. Try CreateMemoryInfo_V2.");
}

OrtStatus* CreateCpuMemoryInfo(enum OrtAllocatorType type, enum OrtMemType mem_type, OrtMemoryInfo** out) {
  return CreateMemoryInfo("Cpu", type, 0, mem_type, out);
}

OrtStatus* CreateMemoryInfo_V2(const char* name, enum OrtMemoryInfoDeviceType device_type, uint32_t vendor_id,
                               int32_t device_id, enum OrtDeviceMemoryType mem_type, size_t alignment,
                               enum OrtAllocatorType allocator_type, OrtMemoryInfo** out) {
  if (*name == 0) return invalid("CreateMemoryInfo_V2: name is empty");
  if (device_type < OrtMemoryInfoDeviceType_CPU || device_type > OrtMemoryInfoDeviceType_NPU)
    return invalid("device type ", static_cast<int>(device_type), " does not exist");
  if (mem_type != OrtDeviceMemoryType_DEFAULT && mem_type != OrtDeviceMemoryType_HOST_ACCESSIBLE)
    return invalid("memory type ", static_cast<int>(mem_type), " does not exist");
  if (!known_allocator_type(allocator_type))
    return invalid("allocator type ", static_cast<int>(allocator_type), " does not exist");
  const OrtMemType old =
      mem_type == OrtDeviceMemoryType_DEFAULT ? OrtMemTypeDefault : static_cast<OrtMemType>(OrtMemTypeCPU);
  *out = new OrtMemoryInfo{name, allocator_type, old, device_type, mem_type, vendor_id, device_id, alignment};
  return nullptr;
}

void ReleaseMemoryInfo(OrtMemoryInfo* input) {
  if (input != &cpu_memory_info()) delete input;
}

OrtStatus* CompareMemoryInfo(const OrtMemoryInfo* info1, const OrtMemoryInfo* info2, int* out) {
  *out = *info1 == *info2 ? 0 : -1;
  return nullptr;
}
OrtStatus* MemoryInfoGetName(const OrtMemoryInfo* ptr, const char** out) {
  *out = ptr->name.c_str();
  return nullptr;
}
OrtStatus* MemoryInfoGetId(const OrtMemoryInfo* ptr, int* out) {
  *out = ptr->device_id;
  return nullptr;
}
OrtStatus* MemoryInfoGetMemType(const OrtMemoryInfo* ptr, OrtMemType* out) {
  *out = ptr->mem_type;
  return nullptr;
}
OrtStatus* MemoryInfoGetType(const OrtMemoryInfo* ptr, OrtAllocatorType* out) {
  *out = ptr->allocator_type;
  return nullptr;
}
void MemoryInfoGetDeviceType(const OrtMemoryInfo* ptr, OrtMemoryInfoDeviceType* out) { *out = ptr->device_type; }
OrtDeviceMemoryType MemoryInfoGetDeviceMemType(const OrtMemoryInfo* ptr) { return ptr->device_mem_type; }
uint32_t MemoryInfoGetVendorId(const OrtMemoryInfo* ptr) { return ptr->vendor_id; }

}  // namespace sardonyx::capi
