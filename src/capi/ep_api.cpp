// The table for providers in libraries of their own, as far as it has a meaning before such libraries can be loaded:
// devices, memory, streams. The rest says that it is not built.
#include "capi/devices.h"
#include "capi/kernel_info.h"
#include "capi/value.h"

namespace sardonyx::capi {

// A memory device is the memory info that it was asked of, seen as a device.
namespace {
const OrtMemoryDevice* device_of(const OrtMemoryInfo* info) { return reinterpret_cast<const OrtMemoryDevice*>(info); }
const OrtMemoryInfo& info_of(const OrtMemoryDevice* device) { return *reinterpret_cast<const OrtMemoryInfo*>(device); }
}  // namespace

namespace ep {

const OrtMemoryDevice* MemoryInfo_GetMemoryDevice(const OrtMemoryInfo* memory_info) { return device_of(memory_info); }
const OrtMemoryDevice* Value_GetMemoryDevice(const OrtValue* value) {
  return device_of(value->memory != nullptr ? value->memory : &cpu_memory_info());
}
bool MemoryDevice_AreEqual(const OrtMemoryDevice* a, const OrtMemoryDevice* b) {
  const OrtMemoryInfo &x = info_of(a), &y = info_of(b);
  return x.device_type == y.device_type && x.device_mem_type == y.device_mem_type && x.vendor_id == y.vendor_id &&
         x.device_id == y.device_id;
}
OrtMemoryInfoDeviceType MemoryDevice_GetDeviceType(const OrtMemoryDevice* memory_device) {
  return info_of(memory_device).device_type;
}
OrtDeviceMemoryType MemoryDevice_GetMemoryType(const OrtMemoryDevice* memory_device) {
  return info_of(memory_device).device_mem_type;
}
uint32_t MemoryDevice_GetVendorId(const OrtMemoryDevice* memory_device) { return info_of(memory_device).vendor_id; }
uint32_t MemoryDevice_GetDeviceId(const OrtMemoryDevice* memory_device) {
  return static_cast<uint32_t>(info_of(memory_device).device_id);
}

const OrtSyncStreamImpl* SyncStream_GetImpl(const OrtSyncStream*) { return nullptr; }
uint64_t SyncStream_GetSyncId(const OrtSyncStream*) { return 0; }
uint64_t GetSyncIdForLastWaitOnSyncStream(const OrtSyncStream*, const OrtSyncStream*) { return 0; }

OrtStatus* CreateHardwareDevice(OrtHardwareDeviceType type, uint32_t vendor_id, uint32_t device_id,
                                const char* vendor_name, const OrtKeyValuePairs* metadata,
                                OrtHardwareDevice** hardware_device) {
  auto d = std::make_unique<OrtHardwareDevice>();
  d->type = type, d->vendor_id = vendor_id, d->device_id = device_id, d->vendor = vendor_name;
  if (metadata != nullptr) d->metadata.entries = metadata->entries;
  d->metadata.sync();
  *hardware_device = d.release();
  return nullptr;
}
void ReleaseHardwareDevice(OrtHardwareDevice* input) {
  if (input != &cpu_device()) delete input;
}

// The kernels that ask are of custom operators, which run on no provider of a library.
OrtStatus* KernelInfo_GetEp(const OrtKernelInfo*, const OrtEp** ep) {
  *ep = nullptr;
  return nullptr;
}

}  // namespace ep

}  // namespace sardonyx::capi
