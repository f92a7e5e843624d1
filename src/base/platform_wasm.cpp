// WebAssembly as emscripten provides it, without threads: nobody waits, and files are read instead of mapped.
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "base/platform.h"

namespace sardonyx::platform {

size_t memory_bytes() { return SIZE_MAX / 2; }

size_t page_bytes() { return 65536; }

void drop_pages(void*, size_t) {}

const void* map_file(int file, size_t bytes) {
  char* const begin = static_cast<char*>(std::aligned_alloc(64, (bytes + 63) / 64 * 64));
  if (begin == nullptr) {
    errno = ENOMEM;
    return nullptr;
  }
  for (size_t at = 0; at < bytes;) {
    const ssize_t n = ::pread(file, begin + at, bytes - at, static_cast<off_t>(at));
    if (n > 0) {
      at += static_cast<size_t>(n);
      continue;
    }
    if (n < 0 && errno == EINTR) continue;
    if (n == 0) errno = EIO;
    const int error = errno;
    std::free(begin);
    errno = error;
    return nullptr;
  }
  return begin;
}

void unmap_file(const void* begin, size_t) { std::free(const_cast<void*>(begin)); }

CpuMask allowed_cpus() { return {}; }

int count_allowed_cpus() { return 1; }

int current_cpu() { return -1; }

bool cpu_multiplies_bytes() { return false; }

bool start_thread(ThreadHandle&, void* (*)(void*), void*) { return false; }

void join_thread(ThreadHandle) {}

void keep_thread_on(ThreadHandle, const CpuMask&) {}

void keep_this_thread_on(const CpuMask&) {}

void with_signals_blocked(const std::function<void()>& start) { start(); }

void after_fork(void (*)()) {}

void wait_while(std::atomic<uint32_t>&, uint32_t) {}

void wake(std::atomic<uint32_t>&, int) {}

}  // namespace sardonyx::platform
