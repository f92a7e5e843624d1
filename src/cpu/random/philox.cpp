#include "cpu/random/philox.h"

#include <random>

namespace sardonyx {

PhiloxBlock philox(uint64_t key, uint64_t run, uint64_t index) {
  constexpr uint32_t kMul0 = 0xD2511F53u, kMul1 = 0xCD9E8D57u;
  constexpr uint32_t kStep0 = 0x9E3779B9u, kStep1 = 0xBB67AE85u;
  uint32_t k0 = static_cast<uint32_t>(key), k1 = static_cast<uint32_t>(key >> 32);
  PhiloxBlock x{static_cast<uint32_t>(index), static_cast<uint32_t>(index >> 32), static_cast<uint32_t>(run),
                static_cast<uint32_t>(run >> 32)};
  for (int round = 0; round < 10; ++round, k0 += kStep0, k1 += kStep1) {
    const uint64_t a = static_cast<uint64_t>(kMul0) * x[0], b = static_cast<uint64_t>(kMul1) * x[2];
    x = {static_cast<uint32_t>(b >> 32) ^ x[1] ^ k0, static_cast<uint32_t>(b),
         static_cast<uint32_t>(a >> 32) ^ x[3] ^ k1, static_cast<uint32_t>(a)};
  }
  return x;
}

RandomStream::RandomStream(const KernelQuery& q) {
  if (q.has_attr("seed")) {
    key_ = f32_bits(q.attr_float("seed"));
    return;
  }
  std::random_device entropy;
  key_ = static_cast<uint64_t>(entropy()) << 32 | entropy();
}

}  // namespace sardonyx
