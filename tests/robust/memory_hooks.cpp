#include "robust/memory_hooks.h"

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <new>

extern "C" {
void* __real_malloc(std::size_t);
void* __real_calloc(std::size_t, std::size_t);
void* __real_realloc(void*, std::size_t);
void* __real_aligned_alloc(std::size_t, std::size_t);
int __real_posix_memalign(void**, std::size_t, std::size_t);
}

namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

constinit std::atomic<int64_t> g_count{0}, g_live{0}, g_failures{0};
constinit std::atomic<int64_t> g_first{0}, g_last{-1};  // numbers of the allocations to fail
constinit std::atomic<std::size_t> g_largest{0}, g_limit{SIZE_MAX};

// `counted`: whoever asked must do without; operators new that do not throw are asked by those who can.
bool allow(std::size_t bytes, bool counted = true) {
  const int64_t number = g_count.fetch_add(1, kRelaxed) + 1;
  for (std::size_t seen = g_largest.load(kRelaxed); bytes > seen && !g_largest.compare_exchange_weak(seen, bytes);) {
  }
  const bool fails =
      bytes > g_limit.load(kRelaxed) || (number >= g_first.load(kRelaxed) && number <= g_last.load(kRelaxed));
  if (fails && counted) g_failures.fetch_add(1, kRelaxed);
  return !fails;
}

void* allocate(std::size_t bytes, std::size_t alignment, bool counted) {
  if (!allow(bytes, counted)) return nullptr;
  if (bytes == 0) bytes = 1;
  void* p = alignment <= alignof(std::max_align_t)
                ? __real_malloc(bytes)
                : __real_aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
  if (p != nullptr) g_live.fetch_add(1, kRelaxed);
  return p;
}

void* allocate_or_throw(std::size_t bytes, std::size_t alignment) {
  void* p = allocate(bytes, alignment, true);
  if (p == nullptr) throw std::bad_alloc();
  return p;
}

void release(void* p) noexcept {
  if (p != nullptr) g_live.fetch_sub(1, kRelaxed);
  std::free(p);
}

}  // namespace

namespace sardonyx::testing {

int64_t allocations() { return g_count.load(kRelaxed); }
int64_t live_objects() { return g_live.load(kRelaxed); }
int64_t failures() { return g_failures.load(kRelaxed); }
std::size_t largest_request() { return g_largest.load(kRelaxed); }
void reset_largest_request() { g_largest.store(0, kRelaxed); }

FailAllocations::FailAllocations(int64_t nth, int64_t how_many) {
  const int64_t first = g_count.load(kRelaxed) + nth;
  g_first.store(first, kRelaxed);
  g_last.store(how_many > INT64_MAX - first ? INT64_MAX : first + how_many - 1, kRelaxed);
}
FailAllocations::~FailAllocations() { g_last.store(-1, kRelaxed); }

LimitRequests::LimitRequests(std::size_t bytes) { g_limit.store(bytes, kRelaxed); }
LimitRequests::~LimitRequests() { g_limit.store(SIZE_MAX, kRelaxed); }

}  // namespace sardonyx::testing

extern "C" {
void* __wrap_malloc(std::size_t n) { return allow(n) ? __real_malloc(n) : nullptr; }
void* __wrap_calloc(std::size_t n, std::size_t size) { return allow(n * size) ? __real_calloc(n, size) : nullptr; }
void* __wrap_realloc(void* p, std::size_t n) { return allow(n) ? __real_realloc(p, n) : nullptr; }
void* __wrap_aligned_alloc(std::size_t a, std::size_t n) { return allow(n) ? __real_aligned_alloc(a, n) : nullptr; }
int __wrap_posix_memalign(void** p, std::size_t a, std::size_t n) {
  return allow(n) ? __real_posix_memalign(p, a, n) : ENOMEM;
}
}

void* operator new(std::size_t n) { return allocate_or_throw(n, 1); }
void* operator new[](std::size_t n) { return allocate_or_throw(n, 1); }
void* operator new(std::size_t n, std::align_val_t a) { return allocate_or_throw(n, static_cast<std::size_t>(a)); }
void* operator new[](std::size_t n, std::align_val_t a) { return allocate_or_throw(n, static_cast<std::size_t>(a)); }
void* operator new(std::size_t n, const std::nothrow_t&) noexcept { return allocate(n, 1, false); }
void* operator new[](std::size_t n, const std::nothrow_t&) noexcept { return allocate(n, 1, false); }
void* operator new(std::size_t n, std::align_val_t a, const std::nothrow_t&) noexcept {
  return allocate(n, static_cast<std::size_t>(a), false);
}
void* operator new[](std::size_t n, std::align_val_t a, const std::nothrow_t&) noexcept {
  return allocate(n, static_cast<std::size_t>(a), false);
}
void operator delete(void* p) noexcept { release(p); }
void operator delete[](void* p) noexcept { release(p); }
void operator delete(void* p, std::size_t) noexcept { release(p); }
void operator delete[](void* p, std::size_t) noexcept { release(p); }
void operator delete(void* p, std::align_val_t) noexcept { release(p); }
void operator delete[](void* p, std::align_val_t) noexcept { release(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { release(p); }
void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { release(p); }
