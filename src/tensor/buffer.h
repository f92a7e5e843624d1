// Buffer: reference-counted bytes with one owner of the memory behind them (heap, mapped file, the user's, a slice of
// an arena). The pointer and size never change; the contents may, by agreement of the holders, but those of a mapped
// file never do. Reference counting is thread-safe.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "base/status.h"

namespace sardonyx {

class Buffer;
using BufferPtr = std::shared_ptr<Buffer>;

class Buffer {
 public:
  // Heap bytes aligned to 64, contents undefined. kMemory if refused.
  static Result<BufferPtr> heap(size_t bytes);
  // `count` empty std::string objects.
  static Result<BufferPtr> strings(size_t count);
  // Memory of somebody else; `release` (may be empty) runs when the last reference goes.
  static BufferPtr wrap(void* data, size_t bytes, std::function<void()> release = {});
  // A read-only mapping of a file.
  static BufferPtr mapped(void* data, size_t bytes, std::function<void()> unmap);

  ~Buffer();
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  void* data() const { return data_; }
  size_t bytes() const { return bytes_; }
  bool is_mapped() const { return kind_ == Kind::kMapped; }
  // Of a mapping: gives the memory of whole pages in [offset, offset + bytes) back; who reads them again reads the file
  // again. Nothing happens to other buffers.
  void drop_pages(size_t offset, size_t bytes) const;

 private:
  enum class Kind : uint8_t { kHeap, kStrings, kForeign, kMapped };
  struct Free;
  Buffer(void* data, size_t bytes, Kind kind) : data_(data), bytes_(bytes), kind_(kind) {}
  static BufferPtr foreign(void* data, size_t bytes, Kind kind, std::function<void()> release);
  static BufferPtr own(std::unique_ptr<void, Free> memory, size_t bytes, Kind kind);
  void* data_;
  size_t bytes_;
  Kind kind_;
  std::function<void()> release_;
};

inline constexpr size_t kAlignment = 64;  // of heap buffers and arena slots

}  // namespace sardonyx
