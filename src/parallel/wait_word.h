// Sleeping until a 32-bit word changes. Linux uses the futex directly, because the caller keeps its own count of
// sleepers and wants to wake an exact number of them; elsewhere the standard library's wait does.
// Thread-safe. wait_while() may return early: callers look at the word again.
#pragma once
#include <atomic>
#include <climits>
#include <cstdint>
#ifdef __linux__
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace sardonyx {

inline constexpr int kWakeAll = INT_MAX;

inline void wait_while(std::atomic<uint32_t>& word, uint32_t value) {
#ifdef __linux__
  syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, value, nullptr, nullptr, 0);
#else
  word.wait(value);
#endif
}

inline void wake(std::atomic<uint32_t>& word, int sleepers) {
#ifdef __linux__
  syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, sleepers, nullptr, nullptr, 0);
#else
  (void)sleepers;
  word.notify_all();
#endif
}

// Tells the core that this thread is polling.
inline void pause_briefly() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace sardonyx
