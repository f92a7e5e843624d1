#include "capi/allocator.h"

#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "base/checked.h"
#include "capi/env.h"
#include "capi/session.h"

namespace sardonyx::capi {

namespace {

// The heap behind the interface's allocator, with counts. Derived from the C struct so that a pointer is both.
struct HeapAllocator : OrtAllocator {
  explicit HeapAllocator(OrtAllocatorType type);
  OrtMemoryInfo info;
  std::atomic<int64_t> in_use{0}, most_in_use{0}, largest{0}, count{0}, reserves{0};
};

HeapAllocator& self_of(OrtAllocator* a) { return *static_cast<HeapAllocator*>(a); }
const HeapAllocator& self_of(const OrtAllocator* a) { return *static_cast<const HeapAllocator*>(a); }

void raise_to(std::atomic<int64_t>& most, int64_t v) {
  int64_t seen = most.load(std::memory_order_relaxed);
  while (v > seen && !most.compare_exchange_weak(seen, v, std::memory_order_relaxed)) {
  }
}

void* ORT_API_CALL heap_alloc(OrtAllocator* a, size_t size) {
  if (size == 0 || size > SIZE_MAX / 2) return nullptr;
  void* p = std::aligned_alloc(kAlignment, round_up(size, kAlignment));
  if (p == nullptr) return nullptr;
  HeapAllocator& self = self_of(a);
  const int64_t bytes = static_cast<int64_t>(malloc_usable_size(p));
  raise_to(self.most_in_use, self.in_use.fetch_add(bytes, std::memory_order_relaxed) + bytes);
  raise_to(self.largest, bytes);
  self.count.fetch_add(1, std::memory_order_relaxed);
  return p;
}
void ORT_API_CALL heap_free(OrtAllocator* a, void* p) {
  if (p == nullptr) return;
  self_of(a).in_use.fetch_sub(static_cast<int64_t>(malloc_usable_size(p)), std::memory_order_relaxed);
  std::free(p);
}
void* ORT_API_CALL heap_reserve(OrtAllocator* a, size_t size) {
  self_of(a).reserves.fetch_add(1, std::memory_order_relaxed);
  return heap_alloc(a, size);
}
const OrtMemoryInfo* ORT_API_CALL heap_info(const OrtAllocator* a) { return &self_of(a).info; }
void* ORT_API_CALL heap_alloc_on_stream(OrtAllocator* a, size_t size, OrtSyncStream*) { return heap_alloc(a, size); }
OrtStatus* ORT_API_CALL heap_shrink(OrtAllocator*) { return nullptr; }

OrtStatus* ORT_API_CALL heap_stats(const OrtAllocator* a, OrtKeyValuePairs** out) {
  const HeapAllocator& self = self_of(a);
  auto stats = std::make_unique<OrtKeyValuePairs>();
  const auto set = [&](const char* key, int64_t v) { stats->entries[key] = cat(v); };
  const int64_t in_use = self.in_use.load();
  set("InUse", in_use), set("RequestedInUse", in_use), set("TotalAllocated", in_use);
  set("MaxInUse", self.most_in_use.load()), set("MaxAllocSize", self.largest.load());
  set("NumAllocs", self.count.load()), set("NumReserves", self.reserves.load());
  set("NumArenaExtensions", 0), set("NumArenaShrinkages", 0), set("Limit", -1);
  stats->sync();
  *out = stats.release();
  return nullptr;
}

HeapAllocator::HeapAllocator(OrtAllocatorType type)
    : OrtAllocator{ORT_API_VERSION, heap_alloc,           heap_free,  heap_info, heap_reserve,
                   heap_stats,      heap_alloc_on_stream, heap_shrink} {
  info.allocator_type = type;
}

bool is_cpu(const OrtMemoryInfo& i) {
  return i.device_type == OrtMemoryInfoDeviceType_CPU && i.name == cpu_memory_info().name;
}

OrtStatus* share_allocator(OrtEnv* env, const OrtMemoryInfo& info, OrtAllocator* allocator) {
  std::lock_guard lock(env->mutex);
  for (OrtEnv::SharedAllocator& a : env->allocators)
    if (a.info == info) {
      a.allocator = allocator;
      return nullptr;
    }
  env->allocators.push_back({info, allocator});
  return nullptr;
}

OrtStatus* register_default(OrtEnv* env, const OrtMemoryInfo* info) {
  if (!is_cpu(*info)) return invalid("Only CPU devices are supported for now. ", info->name, " is not one.");
  return share_allocator(env, *info, default_allocator());
}

}  // namespace

OrtAllocator* default_allocator() {
  static HeapAllocator* const a = new HeapAllocator(OrtDeviceAllocator);
  return a;
}

void* allocate(OrtAllocator* allocator, size_t bytes) { return allocator->Alloc(allocator, bytes != 0 ? bytes : 1); }

OrtStatus* copy_text(OrtAllocator* allocator, std::string_view text, char** out) {
  char* p = static_cast<char*>(allocate(allocator, text.size() + 1));
  if (p == nullptr) return make_status(ORT_RUNTIME_EXCEPTION, "the allocator returned no memory");
  std::memcpy(p, text.data(), text.size());
  p[text.size()] = 0;
  *out = p;
  return nullptr;
}

OrtStatus* GetAllocatorWithDefaultOptions(OrtAllocator** out) {
  *out = default_allocator();
  return nullptr;
}
OrtStatus* AllocatorAlloc(OrtAllocator* ort_allocator, size_t size, void** out) {
  *out = ort_allocator->Alloc(ort_allocator, size);
  if (*out == nullptr && size != 0)
    return make_status(ORT_RUNTIME_EXCEPTION, cat("the allocator returned no memory for ", size, " bytes"));
  return nullptr;
}
OrtStatus* AllocatorFree(OrtAllocator* ort_allocator, void* p) {
  if (p != nullptr) ort_allocator->Free(ort_allocator, p);
  return nullptr;
}
OrtStatus* AllocatorGetInfo(const OrtAllocator* ort_allocator, const struct OrtMemoryInfo** out) {
  *out = ort_allocator->Info(ort_allocator);
  return nullptr;
}
OrtStatus* AllocatorGetStats(const OrtAllocator* ort_allocator, OrtKeyValuePairs** out) {
  if (ort_allocator->version >= 23 && ort_allocator->GetStats != nullptr)
    return ort_allocator->GetStats(ort_allocator, out);
  *out = new OrtKeyValuePairs;
  return nullptr;
}

// A session's allocator is one of its own, so that its counts are its own.
OrtStatus* CreateAllocator(const OrtSession*, const OrtMemoryInfo* mem_info, OrtAllocator** out) {
  if (!is_cpu(*mem_info)) return invalid("No requested allocator available");
  *out = new HeapAllocator(OrtDeviceAllocator);
  return nullptr;
}
void ReleaseAllocator(OrtAllocator* input) {
  if (input != nullptr && input != default_allocator() && input->Alloc == heap_alloc)
    delete static_cast<HeapAllocator*>(input);
}

OrtStatus* CreateArenaCfg(size_t max_mem, int arena_extend_strategy, int initial_chunk_size_bytes,
                          int max_dead_bytes_per_chunk, OrtArenaCfg** out) {
  auto cfg = std::make_unique<OrtArenaCfg>();
  cfg->values["max_mem"] = max_mem;
  const auto set = [&](const char* key, int v) {
    if (v >= 0) cfg->values[key] = static_cast<size_t>(v);
  };
  set("arena_extend_strategy", arena_extend_strategy);
  set("initial_chunk_size_bytes", initial_chunk_size_bytes);
  set("max_dead_bytes_per_chunk", max_dead_bytes_per_chunk);
  *out = cfg.release();
  return nullptr;
}
OrtStatus* CreateArenaCfgV2(const char* const* arena_config_keys, const size_t* arena_config_values, size_t num_keys,
                            OrtArenaCfg** out) {
  constexpr std::string_view kKeys[] = {"max_mem",
                                        "arena_extend_strategy",
                                        "initial_chunk_size_bytes",
                                        "max_dead_bytes_per_chunk",
                                        "initial_growth_chunk_size_bytes",
                                        "max_power_of_two_extend_bytes",
                                        "use_cuda_mempool",
                                        "cuda_mempool_release_threshold",
                                        "cuda_mempool_bytes_to_keep_on_shrink"};
  auto cfg = std::make_unique<OrtArenaCfg>();
  for (size_t i = 0; i < num_keys; ++i) {
    const char* key = arena_config_keys[i];
    if (key == nullptr) return invalid("CreateArenaCfgV2: arena_config_keys[", i, "] must not be null");
    if (std::find(std::begin(kKeys), std::end(kKeys), key) == std::end(kKeys))
      return invalid("Invalid key found: ", key);
    cfg->values[key] = arena_config_values[i];
  }
  *out = cfg.release();
  return nullptr;
}
void ReleaseArenaCfg(OrtArenaCfg* input) { delete input; }

OrtStatus* CreateAndRegisterAllocator(OrtEnv* env, const OrtMemoryInfo* mem_info, const OrtArenaCfg*) {
  return register_default(env, mem_info);
}
OrtStatus* CreateAndRegisterAllocatorV2(OrtEnv* env, const char* provider_type, const OrtMemoryInfo* mem_info,
                                        const OrtArenaCfg*, const char* const*, const char* const*, size_t) {
  if (std::string_view(provider_type) != "CPUExecutionProvider")
    return invalid(provider_type, " is not implemented in CreateAndRegisterAllocatorV2()");
  return register_default(env, mem_info);
}
OrtStatus* RegisterAllocator(OrtEnv* env, OrtAllocator* allocator) {
  if (allocator->Alloc == nullptr || allocator->Free == nullptr || allocator->Info == nullptr)
    return invalid("RegisterAllocator: the allocator lacks Alloc, Free or Info");
  const OrtMemoryInfo* info = allocator->Info(allocator);
  if (info == nullptr) return invalid("RegisterAllocator: the allocator's Info returns null");
  if (!info->on_cpu()) return invalid("RegisterAllocator: memory of ", info->name, " cannot be used here");
  return share_allocator(env, *info, allocator);
}
OrtStatus* UnregisterAllocator(OrtEnv* env, const OrtMemoryInfo* mem_info) {
  std::lock_guard lock(env->mutex);
  const size_t gone =
      std::erase_if(env->allocators, [&](const OrtEnv::SharedAllocator& a) { return a.info == *mem_info; });
  return gone != 0 ? nullptr : invalid("No allocator for this device has been registered for sharing.");
}
OrtStatus* GetSharedAllocator(OrtEnv* env, const OrtMemoryInfo* mem_info, OrtAllocator** allocator) {
  *allocator = nullptr;
  std::lock_guard lock(env->mutex);
  for (const OrtEnv::SharedAllocator& a : env->allocators)
    if (a.info == *mem_info) *allocator = a.allocator;
  if (*allocator == nullptr && is_cpu(*mem_info)) *allocator = default_allocator();
  return nullptr;
}
// Shared allocators are for devices whose memory is not the CPU's default one.
OrtStatus* CreateSharedAllocator(OrtEnv*, const OrtEpDevice*, OrtDeviceMemoryType, OrtAllocatorType,
                                 const OrtKeyValuePairs*, OrtAllocator**) {
  return invalid("Invalid memory type for OrtEpDevice.");
}
OrtStatus* ReleaseSharedAllocator(OrtEnv*, const OrtEpDevice*, OrtDeviceMemoryType) {
  return invalid("Invalid memory type for OrtEpDevice.");
}

}  // namespace sardonyx::capi
