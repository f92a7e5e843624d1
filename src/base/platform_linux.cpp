#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>

#include "base/platform.h"

namespace sardonyx::platform {

size_t memory_bytes() {
  struct sysinfo info;
  if (::sysinfo(&info) != 0) return SIZE_MAX / 2;
  const uint64_t bytes = (uint64_t{info.totalram} + uint64_t{info.totalswap}) * info.mem_unit;
  return static_cast<size_t>(std::min<uint64_t>(bytes, SIZE_MAX / 2));
}

size_t page_bytes() { return static_cast<size_t>(::sysconf(_SC_PAGESIZE)); }

void drop_pages(void* begin, size_t bytes) { ::madvise(begin, bytes, MADV_DONTNEED); }

const void* map_file(int file, size_t bytes) {
  void* p = ::mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE, file, 0);
  return p == MAP_FAILED ? nullptr : p;
}

void unmap_file(const void* begin, size_t bytes) { ::munmap(const_cast<void*>(begin), bytes); }

namespace {

// Both are words of 64 bits, lowest processor first.
static_assert(sizeof(cpu_set_t) == sizeof(CpuMask));
cpu_set_t system_mask(const CpuMask& cpus) {
  cpu_set_t set;
  std::memcpy(&set, cpus.words, sizeof set);
  return set;
}

pthread_t system_thread(ThreadHandle handle) {
  static_assert(sizeof(pthread_t) == sizeof(ThreadHandle));
  return std::bit_cast<pthread_t>(handle);
}

}  // namespace

CpuMask allowed_cpus() {
  CpuMask cpus;
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return cpus;
  std::memcpy(cpus.words, &set, sizeof set);
  return cpus;
}

int count_allowed_cpus() {
  for (int capacity = 1024; capacity <= (1 << 20); capacity *= 4) {
    cpu_set_t* set = CPU_ALLOC(capacity);
    if (set == nullptr) return 1;
    const size_t bytes = CPU_ALLOC_SIZE(capacity);
    const int failed = sched_getaffinity(0, bytes, set);
    const int count = failed ? 0 : CPU_COUNT_S(bytes, set);
    CPU_FREE(set);
    if (!failed) return std::max(count, 1);
    if (errno != EINVAL) return 1;
  }
  return 1;
}

int current_cpu() { return sched_getcpu(); }

bool cpu_multiplies_bytes() {
#if defined(__aarch64__)
  return (::getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0;
#else
  return false;
#endif
}

bool start_thread(ThreadHandle& handle, void* (*work)(void*), void* arg) {
  pthread_t thread;
  if (pthread_create(&thread, nullptr, work, arg) != 0) return false;
  pthread_setname_np(thread, "sardonyx");
  handle = std::bit_cast<ThreadHandle>(thread);
  return true;
}

void join_thread(ThreadHandle handle) { pthread_join(system_thread(handle), nullptr); }

void keep_thread_on(ThreadHandle handle, const CpuMask& cpus) {
  const cpu_set_t set = system_mask(cpus);
  pthread_setaffinity_np(system_thread(handle), sizeof set, &set);
}

void keep_this_thread_on(const CpuMask& cpus) {
  const cpu_set_t set = system_mask(cpus);
  pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

void with_signals_blocked(const std::function<void()>& start) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  start();
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void after_fork(void (*in_child)()) { pthread_atfork(nullptr, nullptr, in_child); }

void wait_while(std::atomic<uint32_t>& word, uint32_t value) {
  syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, value, nullptr, nullptr, 0);
}

void wake(std::atomic<uint32_t>& word, int sleepers) {
  syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, sleepers, nullptr, nullptr, 0);
}

}  // namespace sardonyx::platform
