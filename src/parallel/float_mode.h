// How the calling thread treats subnormal numbers. With flushing on, they count as zero where read and never result.
// Each thread has its own mode; FlushDenormals sets it for a scope.
#pragma once
#include <cstdint>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace sardonyx {

#if defined(__x86_64__)
inline constexpr uint64_t kFlushBits = 0x8040;
inline uint64_t float_mode() { return _mm_getcsr(); }
inline void set_float_mode(uint64_t mode) { _mm_setcsr(static_cast<uint32_t>(mode)); }
#elif defined(__aarch64__)
inline constexpr uint64_t kFlushBits = uint64_t{1} << 24;
inline uint64_t float_mode() {
  uint64_t mode;
  asm volatile("mrs %0, fpcr" : "=r"(mode));
  return mode;
}
inline void set_float_mode(uint64_t mode) { asm volatile("msr fpcr, %0" ::"r"(mode)); }
#else
inline constexpr uint64_t kFlushBits = 0;
inline uint64_t float_mode() { return 0; }
inline void set_float_mode(uint64_t) {}
#endif

inline void flush_denormals() { set_float_mode(float_mode() | kFlushBits); }

class FlushDenormals {
 public:
  explicit FlushDenormals(bool on) : before_(float_mode()), on_(on) {
    if (on_) flush_denormals();
  }
  ~FlushDenormals() {
    if (on_) set_float_mode(before_);
  }
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
  uint64_t before_;
  bool on_;
};

}  // namespace sardonyx
