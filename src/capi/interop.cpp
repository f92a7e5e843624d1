// Memory and semaphores of graphics interfaces: none of it reaches a CPU, so importers cannot be made and nothing can
// be imported. What cannot exist can still be released.
#include "capi/devices.h"
#include "capi/status.h"

namespace sardonyx::capi::interop {

namespace {
OrtStatus* no_importer(std::string_view slot) {
  return error(ORT_NOT_IMPLEMENTED, slot, ": the CPU imports no memory or semaphores of other devices");
}
}  // namespace

// As in ONNX Runtime, a device without an importer gives none and no error.
OrtStatus* CreateExternalResourceImporterForDevice(const OrtEpDevice*, OrtExternalResourceImporter** out_importer) {
  *out_importer = nullptr;
  return nullptr;
}
void ReleaseExternalResourceImporter(OrtExternalResourceImporter*) {}
OrtStatus* CanImportMemory(const OrtExternalResourceImporter*, OrtExternalMemoryHandleType, bool* out_supported) {
  *out_supported = false;
  return nullptr;
}
OrtStatus* ImportMemory(OrtExternalResourceImporter*, const OrtExternalMemoryDescriptor*, OrtExternalMemoryHandle**) {
  return no_importer("ImportMemory");
}
void ReleaseExternalMemoryHandle(OrtExternalMemoryHandle*) {}
OrtStatus* CreateTensorFromMemory(OrtExternalResourceImporter*, const OrtExternalMemoryHandle*,
                                  const OrtExternalTensorDescriptor*, OrtValue**) {
  return no_importer("CreateTensorFromMemory");
}
OrtStatus* CanImportSemaphore(const OrtExternalResourceImporter*, OrtExternalSemaphoreType, bool* out_supported) {
  *out_supported = false;
  return nullptr;
}
OrtStatus* ImportSemaphore(OrtExternalResourceImporter*, const OrtExternalSemaphoreDescriptor*,
                           OrtExternalSemaphoreHandle**) {
  return no_importer("ImportSemaphore");
}
void ReleaseExternalSemaphoreHandle(OrtExternalSemaphoreHandle*) {}
OrtStatus* WaitSemaphore(OrtExternalResourceImporter*, OrtExternalSemaphoreHandle*, OrtSyncStream*, uint64_t) {
  return no_importer("WaitSemaphore");
}
OrtStatus* SignalSemaphore(OrtExternalResourceImporter*, OrtExternalSemaphoreHandle*, OrtSyncStream*, uint64_t) {
  return no_importer("SignalSemaphore");
}
OrtStatus* InitGraphicsInteropForEpDevice(const OrtEpDevice*, const OrtGraphicsInteropConfig*) {
  return no_importer("InitGraphicsInteropForEpDevice");
}
OrtStatus* DeinitGraphicsInteropForEpDevice(const OrtEpDevice*) {
  return no_importer("DeinitGraphicsInteropForEpDevice");
}

}  // namespace sardonyx::capi::interop
