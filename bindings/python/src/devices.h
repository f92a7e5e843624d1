// Devices, memory and providers. Everything computes on the CPU; the other kinds exist so that programs can name them.
#pragma once
#include <string>
#include <vector>

#include "ort.h"

namespace sardonyx::python {

struct Device {
  int type = 0, memory = 0, vendor = 0, id = 0;
};
// Owned by the environment.
struct EpDevice {
  const OrtEpDevice* handle = nullptr;
};
struct HardwareDevice {
  const OrtHardwareDevice* handle = nullptr;
};
struct MemoryInfo {
  OwnedMemoryInfo owned;
  const OrtMemoryInfo* handle = nullptr;
  nb::object keep;
};
struct ArenaConfig {
  size_t max_mem = 0;
  int64_t strategy = -1, initial_chunk = -1, max_dead = -1, initial_growth = -1, max_power_of_two = -1;
  Owned<OrtArenaCfg, &OrtApi::ReleaseArenaCfg> build() const;
};

// Throws unless the device is the CPU.
void require_cpu(const Device& device, const char* what);
const char* device_name(const OrtMemoryInfo* info);
void bind_devices(nb::module_& m);

}  // namespace sardonyx::python
