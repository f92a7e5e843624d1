// Philox4x32-10: random numbers as a pure function of a key and a position, so that any number of threads can draw them
// in any order. A RandomStream gives every run of a node its own positions.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>

#include "kernel/kernel.h"
#include "tensor/codec.h"

namespace sardonyx {

using PhiloxBlock = std::array<uint32_t, 4>;

// Block number `index` of run number `run` under `key`.
PhiloxBlock philox(uint64_t key, uint64_t run, uint64_t index);

// [0,1) with 24 bits; [0,1) with 53 bits.
inline float unit_float(uint32_t word) { return static_cast<float>(word >> 8) * 0x1p-24f; }
inline double unit_double(uint32_t high, uint32_t low) {
  return static_cast<double>((static_cast<uint64_t>(high) << 32 | low) >> 11) * 0x1p-53;
}

// The seed of one node: its attribute, else entropy drawn when the kernel is made. Thread-safe.
class RandomStream {
 public:
  explicit RandomStream(const KernelQuery& q);
  uint64_t key() const { return key_; }
  uint64_t next_run() const { return runs_.fetch_add(1, std::memory_order_relaxed); }

 private:
  uint64_t key_;
  mutable std::atomic<uint64_t> runs_{0};
};

}  // namespace sardonyx
