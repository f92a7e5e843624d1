#include "exec/packed_store.h"

#include <cstring>
#include <mutex>
#include <unordered_map>

namespace sardonyx {

namespace {

// Independent multiply-xor lanes: memory speed, and good enough to tell weights apart together with sizes and layout.
uint64_t hash_bytes(const void* data, size_t n) {
  constexpr uint64_t k = 0x9e3779b97f4a7c15u;
  constexpr int kLanes = 8;
  uint64_t lane[kLanes] = {n, n ^ k, ~n, n * k, n + k, n - k, ~(n ^ k), ~(n * k)};
  const unsigned char* p = static_cast<const unsigned char*>(data);
  for (; n >= sizeof lane; n -= sizeof lane, p += sizeof lane) {
    uint64_t w[kLanes];
    std::memcpy(w, p, sizeof w);
    for (int i = 0; i < kLanes; ++i) lane[i] = (lane[i] ^ w[i]) * k, lane[i] ^= lane[i] >> 29;
  }
  uint64_t h = 0;
  for (int i = 0; i < kLanes; ++i) h = (h ^ lane[i]) * (2 * static_cast<uint64_t>(i) + 3), h ^= h >> 31;
  for (; n > 0; --n, ++p) h = (h ^ *p) * k;
  return h ^ (h >> 32);
}

class Store final : public PackedStore {
 public:
  Result<BufferPtr> get(const Tensor& weights, std::string_view layout, size_t bytes,
                        const std::function<void(void*)>& pack) override {
    Key key = key_of(weights, layout, bytes);
    if (BufferPtr b = find(key)) return b;
    SDX_TRY(BufferPtr made, Buffer::heap(bytes));
    pack(made->data());
    const Buffer& source = *weights.buffer();
    if (source.is_mapped())
      source.drop_pages(
          static_cast<size_t>(static_cast<std::byte*>(weights.data()) - static_cast<std::byte*>(source.data())),
          weights.bytes());
    return add(std::move(key), std::move(made));
  }

 private:
  struct Key {
    std::string text;
    std::weak_ptr<Buffer> source;  // of weights in a mapped file, whose address is part of the text
  };

  static Key key_of(const Tensor& weights, std::string_view layout, size_t bytes) {
    const BufferPtr& source = weights.buffer();
    const std::string what = cat(layout, ":", dtype_name(weights.dtype()), to_string(weights.dims()), ":", bytes);
    if (source->is_mapped()) return {cat(what, "@", reinterpret_cast<uintptr_t>(weights.data())), source};
    return {cat(what, "#", hash_bytes(weights.data(), weights.bytes())), {}};
  }

  BufferPtr find(const Key& key) {
    std::lock_guard lock(mutex_);
    return find_locked(key);
  }

  BufferPtr find_locked(const Key& key) const {
    const auto it = entries_.find(key.text);
    if (it == entries_.end()) return nullptr;
    const bool same_source = !it->second.source.owner_before(key.source) && !key.source.owner_before(it->second.source);
    return same_source ? it->second.packed.lock() : nullptr;
  }

  // What another thread has added in the meantime, else `packed`.
  BufferPtr add(Key key, BufferPtr packed) {
    std::lock_guard lock(mutex_);
    if (BufferPtr b = find_locked(key)) return b;
    if (++since_sweep_ > 1024) {
      std::erase_if(entries_, [](const auto& e) { return e.second.packed.expired(); });
      since_sweep_ = 0;
    }
    entries_[std::move(key.text)] = {std::move(key.source), packed};
    return packed;
  }

  struct Entry {
    std::weak_ptr<Buffer> source, packed;
  };
  std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;
  int since_sweep_ = 0;
};

}  // namespace

PackedStore& packed_store() {
  static Store* store = new Store;  // never destroyed: sessions may outlive static destruction
  return *store;
}

}  // namespace sardonyx
