// All that the library asks of the operating system beyond standard C++ and POSIX files: memory, processors, threads.
// One file per system implements it (platform_linux.cpp, platform_wasm.cpp); the build chooses it by name, so that no
// other file needs to know the system. Thread-safe.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace sardonyx::platform {

// Memory.
size_t memory_bytes();                         // memory and swap of the machine
size_t page_bytes();                           // unit of what follows
void drop_pages(void* begin, size_t bytes);    // whole mapped pages that need not stay in memory
const void* map_file(int file, size_t bytes);  // the file's first bytes, to be read only; null and errno if impossible
void unmap_file(const void* begin, size_t bytes);  // what map_file gave

// Processors, by number.
struct CpuMask {
  static constexpr size_t kMost = 1024;
  uint64_t words[kMost / 64] = {};
  void set(size_t cpu) {
    if (cpu < kMost) words[cpu / 64] |= uint64_t{1} << cpu % 64;
  }
  void reset(size_t cpu) {
    if (cpu < kMost) words[cpu / 64] &= ~(uint64_t{1} << cpu % 64);
  }
  bool none() const { return *this == CpuMask(); }
  bool operator==(const CpuMask&) const = default;
};
CpuMask allowed_cpus();  // of the calling thread; empty if the system does not say
int count_allowed_cpus();
int current_cpu();            // -1 if the system does not say
bool cpu_multiplies_bytes();  // ARM: sums of products of bytes (FEAT_DotProd)

// Threads. A handle is valid until the thread is joined.
using ThreadHandle = uintptr_t;
bool start_thread(ThreadHandle& handle, void* (*work)(void*), void* arg);  // allocates nothing of ours
void join_thread(ThreadHandle handle);
void keep_thread_on(ThreadHandle handle, const CpuMask& cpus);  // a wish: ignored where it cannot be granted
void keep_this_thread_on(const CpuMask& cpus);
// Threads started meanwhile receive no signals: those of the program are for its own threads.
void with_signals_blocked(const std::function<void()>& start);
// Calls in_child in every child that this process or a descendant of it forks.
void after_fork(void (*in_child)());

// Sleeps until `word` changes from `value` or somebody wakes it; may return early.
void wait_while(std::atomic<uint32_t>& word, uint32_t value);
// Wakes so many threads that sleep on `word`.
void wake(std::atomic<uint32_t>& word, int sleepers);

// Tells the core that this thread is polling.
inline void pause_briefly() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("isb");  // "yield" does nothing on most cores; this waits about as long as x86's pause
#endif
}

}  // namespace sardonyx::platform
