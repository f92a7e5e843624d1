// Float buffers aligned as the runtime's arenas are: 64 bytes.
#pragma once
#include <cstdint>
#include <vector>

namespace sardonyx::simd {

class AlignedFloats {
 public:
  AlignedFloats(int64_t n, float value) : storage_(n + 16, value) {}
  float* data() {
    const auto misplaced = reinterpret_cast<uintptr_t>(storage_.data()) / sizeof(float) % 16;
    return storage_.data() + (16 - misplaced) % 16;
  }

 private:
  std::vector<float> storage_;
};

}  // namespace sardonyx::simd
