#include "exec/packed_store.h"

#include <cstring>
#include <mutex>
#include <unordered_map>

namespace sardonyx {

namespace {

// Four independent multiply-xor lanes: memory speed, and good enough to tell weights apart together with sizes and
// layout.
uint64_t hash_bytes(const void* data, size_t n) {
  constexpr uint64_t k = 0x9e3779b97f4a7c15u;
  uint64_t lane[4] = {n, n ^ k, ~n, n * k};
  const unsigned char* p = static_cast<const unsigned char*>(data);
  for (; n >= 32; n -= 32, p += 32) {
    uint64_t w[4];
    std::memcpy(w, p, 32);
    for (int i = 0; i < 4; ++i) lane[i] = (lane[i] ^ w[i]) * k, lane[i] ^= lane[i] >> 29;
  }
  uint64_t h = lane[0] ^ (lane[1] * 3) ^ (lane[2] * 5) ^ (lane[3] * 7);
  for (; n > 0; --n, ++p) h = (h ^ *p) * k;
  return h ^ (h >> 32);
}

class Store final : public PackedStore {
 public:
  Result<BufferPtr> get(const Tensor& weights, std::string_view layout, size_t bytes,
                        const std::function<void(void*)>& pack) override {
    const uint64_t h = hash_bytes(weights.data(), weights.bytes());
    const std::string key =
        cat(layout, ":", dtype_name(weights.dtype()), to_string(weights.dims()), ":", bytes, ":", h);
    {
      std::lock_guard lock(mutex_);
      if (BufferPtr b = find(key)) return b;
    }
    SDX_TRY(BufferPtr made, Buffer::heap(bytes));
    pack(made->data());
    std::lock_guard lock(mutex_);
    if (BufferPtr b = find(key)) return b;
    if (++since_sweep_ > 1024) sweep();
    entries_[key] = made;
    return made;
  }

 private:
  BufferPtr find(const std::string& key) {
    const auto it = entries_.find(key);
    return it == entries_.end() ? nullptr : it->second.lock();
  }
  void sweep() {
    std::erase_if(entries_, [](const auto& e) { return e.second.expired(); });
    since_sweep_ = 0;
  }
  std::mutex mutex_;
  std::unordered_map<std::string, std::weak_ptr<Buffer>> entries_;
  int since_sweep_ = 0;
};

}  // namespace

PackedStore& packed_store() {
  static Store* store = new Store;  // never destroyed: sessions may outlive static destruction
  return *store;
}

}  // namespace sardonyx
