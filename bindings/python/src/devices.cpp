#include "devices.h"

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

namespace sardonyx::python {
namespace {

ArenaConfig arena_from(const nb::dict& entries) {
  ArenaConfig c;
  for (auto [key, value] : entries) {
    const std::string name = text_of(key);
    const int64_t number = nb::cast<int64_t>(nb::int_(value));
    if (name == "max_mem")
      c.max_mem = static_cast<size_t>(number);
    else if (name == "arena_extend_strategy")
      c.strategy = number;
    else if (name == "initial_chunk_size_bytes")
      c.initial_chunk = number;
    else if (name == "max_dead_bytes_per_chunk")
      c.max_dead = number;
    else if (name == "initial_growth_chunk_size_bytes")
      c.initial_growth = number;
    else if (name == "max_power_of_two_extend_bytes")
      c.max_power_of_two = number;
    else
      throw std::runtime_error("Invalid OrtArenaCfg option: " + name);
  }
  return c;
}

MemoryInfo memory_info(const std::string& name, OrtAllocatorType allocator, int id, OrtMemType type) {
  OrtMemoryInfo* made = nullptr;
  check_plain(g_api->CreateMemoryInfo(name.c_str(), allocator, id, type, &made));
  return {OwnedMemoryInfo(made), made, {}};
}

MemoryInfo memory_info_v2(const std::string& name, OrtMemoryInfoDeviceType type, uint32_t vendor, int32_t id,
                          OrtDeviceMemoryType memory, size_t alignment, OrtAllocatorType allocator) {
  OrtMemoryInfo* made = nullptr;
  check_plain(g_api->CreateMemoryInfo_V2(name.c_str(), type, vendor, id, memory, alignment, allocator, &made));
  return {OwnedMemoryInfo(made), made, {}};
}

template <class T>
T read(const MemoryInfo& info, OrtStatus* (ORT_API_CALL* OrtApi::*get)(const OrtMemoryInfo*, T*)) {
  T out{};
  check((g_api->*get)(info.handle, &out));
  return out;
}

void bind_memory(nb::module_& m) {
  nb::class_<MemoryInfo>(m, "OrtMemoryInfo")
      .def("__init__", [](MemoryInfo* self, const std::string& name, OrtAllocatorType allocator, int id,
                          OrtMemType type) { new (self) MemoryInfo(memory_info(name, allocator, id, type)); })
      .def_static("create_v2", memory_info_v2)
      .def_prop_ro("name", [](const MemoryInfo& i) { return read<const char*>(i, &OrtApi::MemoryInfoGetName); })
      .def_prop_ro("device_id", [](const MemoryInfo& i) { return read<int>(i, &OrtApi::MemoryInfoGetId); })
      .def_prop_ro("mem_type", [](const MemoryInfo& i) { return read<OrtMemType>(i, &OrtApi::MemoryInfoGetMemType); })
      .def_prop_ro("allocator_type",
                   [](const MemoryInfo& i) { return read<OrtAllocatorType>(i, &OrtApi::MemoryInfoGetType); })
      .def_prop_ro("device_mem_type", [](const MemoryInfo& i) { return g_api->MemoryInfoGetDeviceMemType(i.handle); })
      .def_prop_ro("device_vendor_id", [](const MemoryInfo& i) { return g_api->MemoryInfoGetVendorId(i.handle); });
  nb::class_<ArenaConfig>(m, "OrtArenaCfg")
      .def("__init__", [](ArenaConfig* self, size_t max, int strategy, int initial,
                          int dead) { new (self) ArenaConfig{max, strategy, initial, dead, -1, -1}; })
      .def("__init__", [](ArenaConfig* self, const nb::dict& entries) { new (self) ArenaConfig(arena_from(entries)); })
      .def_rw("max_mem", &ArenaConfig::max_mem)
      .def_rw("arena_extend_strategy", &ArenaConfig::strategy)
      .def_rw("initial_chunk_size_bytes", &ArenaConfig::initial_chunk)
      .def_rw("max_dead_bytes_per_chunk", &ArenaConfig::max_dead)
      .def_rw("initial_growth_chunk_size_bytes", &ArenaConfig::initial_growth)
      .def_rw("max_power_of_two_extend_bytes", &ArenaConfig::max_power_of_two);
}

void bind_provider_devices(nb::module_& m) {
  nb::class_<HardwareDevice>(m, "OrtHardwareDevice")
      .def_prop_ro("type", [](const HardwareDevice& d) { return g_api->HardwareDevice_Type(d.handle); })
      .def_prop_ro("vendor_id", [](const HardwareDevice& d) { return g_api->HardwareDevice_VendorId(d.handle); })
      .def_prop_ro("vendor", [](const HardwareDevice& d) { return g_api->HardwareDevice_Vendor(d.handle); })
      .def_prop_ro("device_id", [](const HardwareDevice& d) { return g_api->HardwareDevice_DeviceId(d.handle); })
      .def_prop_ro("metadata",
                   [](const HardwareDevice& d) { return dict_of(g_api->HardwareDevice_Metadata(d.handle)); });
  nb::class_<EpDevice>(m, "OrtEpDevice")
      .def_prop_ro("ep_name", [](const EpDevice& d) { return g_api->EpDevice_EpName(d.handle); })
      .def_prop_ro("ep_vendor", [](const EpDevice& d) { return g_api->EpDevice_EpVendor(d.handle); })
      .def_prop_ro("ep_metadata", [](const EpDevice& d) { return dict_of(g_api->EpDevice_EpMetadata(d.handle)); })
      .def_prop_ro("ep_options", [](const EpDevice& d) { return dict_of(g_api->EpDevice_EpOptions(d.handle)); })
      .def_prop_ro("device", [](const EpDevice& d) { return HardwareDevice{g_api->EpDevice_Device(d.handle)}; })
      .def("memory_info",
           [](const EpDevice& d, OrtDeviceMemoryType type) -> nb::object {
             const OrtMemoryInfo* info = g_api->EpDevice_MemoryInfo(d.handle, type);
             return info ? nb::cast(MemoryInfo{nullptr, info, {}}) : nb::none();
           })
      .def("create_sync_stream", [](const EpDevice&) -> nb::object {
        throw std::runtime_error("the device computes on the CPU and has no streams");
      });
}

nb::list ep_devices() {
  const OrtEpDevice* const* devices = nullptr;
  size_t count = 0;
  check(g_api->GetEpDevices(env(), &devices, &count));
  nb::list out;
  for (size_t i = 0; i < count; ++i) out.append(EpDevice{devices[i]});
  return out;
}

nb::list hardware_devices() {
  size_t count = 0;
  check(g_api->GetNumHardwareDevices(env(), &count));
  std::vector<const OrtHardwareDevice*> devices(count);
  if (count) check(g_api->GetHardwareDevices(env(), devices.data(), count));
  nb::list out;
  for (const OrtHardwareDevice* d : devices) out.append(HardwareDevice{d});
  return out;
}

nb::dict incompatibility(const std::string& provider, const HardwareDevice& device) {
  OrtDeviceEpIncompatibilityDetails* made = nullptr;
  check(g_api->GetHardwareDeviceEpIncompatibilityDetails(env(), provider.c_str(), device.handle, &made));
  const Owned<OrtDeviceEpIncompatibilityDetails, &OrtApi::ReleaseDeviceEpIncompatibilityDetails> details(made);
  uint32_t reasons = 0;
  int32_t code = 0;
  const char* notes = nullptr;
  check(g_api->DeviceEpIncompatibilityDetails_GetReasonsBitmask(made, &reasons));
  check(g_api->DeviceEpIncompatibilityDetails_GetErrorCode(made, &code));
  check(g_api->DeviceEpIncompatibilityDetails_GetNotes(made, &notes));
  nb::dict out;
  out["reasons_bitmask"] = reasons;
  out["notes"] = notes && *notes ? nb::object(nb::str(notes)) : nb::none();
  out["error_code"] = code;
  return out;
}

void register_allocator(const MemoryInfo& memory, const ArenaConfig* arena) {
  const auto config = arena ? arena->build() : nullptr;
  check_plain(g_api->CreateAndRegisterAllocator(env(), memory.handle, config.get()));
}

void register_allocator_v2(const std::string& provider, const MemoryInfo& memory, const nb::dict& options,
                           const ArenaConfig* arena) {
  std::vector<std::string> texts;
  for (auto [k, v] : options) {
    texts.push_back(text_of(k));
    texts.push_back(text_of(v));
  }
  std::vector<const char*> keys, values;
  for (size_t i = 0; i < texts.size(); i += 2) {
    keys.push_back(texts[i].c_str());
    values.push_back(texts[i + 1].c_str());
  }
  const auto config = arena ? arena->build() : nullptr;
  check_plain(g_api->CreateAndRegisterAllocatorV2(env(), provider.c_str(), memory.handle, config.get(), keys.data(),
                                                  values.data(), keys.size()));
}

}  // namespace

Owned<OrtArenaCfg, &OrtApi::ReleaseArenaCfg> ArenaConfig::build() const {
  std::vector<const char*> keys{"max_mem"};
  std::vector<size_t> values{max_mem};
  const auto add = [&](const char* key, int64_t value) {
    if (value == -1) return;
    keys.push_back(key);
    values.push_back(static_cast<size_t>(value));
  };
  add("arena_extend_strategy", strategy);
  add("initial_chunk_size_bytes", initial_chunk);
  add("max_dead_bytes_per_chunk", max_dead);
  add("initial_growth_chunk_size_bytes", initial_growth);
  add("max_power_of_two_extend_bytes", max_power_of_two);
  OrtArenaCfg* made = nullptr;
  check_plain(g_api->CreateArenaCfgV2(keys.data(), values.data(), keys.size(), &made));
  return Owned<OrtArenaCfg, &OrtApi::ReleaseArenaCfg>(made);
}

void require_cpu(const Device& device, const char* what) {
  if (device.type != 0)
    throw std::runtime_error(std::string(what) + ": device type " + std::to_string(device.type) +
                             " is not available in this build, only the CPU is");
}

const char* device_name(const OrtMemoryInfo* info) {
  OrtMemoryInfoDeviceType type = OrtMemoryInfoDeviceType_CPU;
  g_api->MemoryInfoGetDeviceType(info, &type);
  return type == OrtMemoryInfoDeviceType_CPU ? "cpu" : type == OrtMemoryInfoDeviceType_GPU ? "gpu" : "npu";
}

void bind_devices(nb::module_& m) {
  nb::class_<Device> device(m, "OrtDevice", "A kind of device, its memory, its vendor and its number.");
  device
      .def("__init__",
           [](Device* self, int type, int memory, int vendor, int id) {
             new (self) Device{type, memory, vendor, id};
           })
      .def("__init__",
           [](Device* self, int type, int memory, int id) {
             new (self) Device{type, memory, 0, id};
           })
      .def("device_id", [](const Device& d) { return d.id; })
      .def("device_type", [](const Device& d) { return d.type; })
      .def("vendor_id", [](const Device& d) { return d.vendor; })
      .def("mem_type", [](const Device& d) { return d.memory; })
      .def_static("default_memory", [] { return 0; });
  constexpr std::pair<const char*, int> kKinds[] = {{"cpu", 0},    {"gpu", 1},  {"cuda", 1}, {"dml", 1},
                                                    {"webgpu", 1}, {"fpga", 2}, {"npu", 3},  {"cann", 3}};
  for (const auto& [name, number] : kKinds) device.def_static(name, [number = number] { return number; });
  bind_memory(m);
  bind_provider_devices(m);
  m.def("get_ep_devices", ep_devices);
  m.def("get_hardware_devices", hardware_devices);
  m.def("get_hardware_device_ep_incompatibility_details", incompatibility);
  m.def("create_and_register_allocator", register_allocator, nb::arg(), nb::arg().none());
  m.def("create_and_register_allocator_v2", register_allocator_v2, nb::arg(), nb::arg(), nb::arg(), nb::arg().none());
}

}  // namespace sardonyx::python
