#include "tensor/buffer.h"

#include <cstdlib>
#include <new>
#include <string>

#include "base/checked.h"

namespace sardonyx {

Result<BufferPtr> Buffer::heap(size_t bytes) {
  if (bytes > SIZE_MAX / 2) return fail(Code::kMemory, "an allocation of ", bytes, " bytes was refused");
  void* p = std::aligned_alloc(kAlignment, round_up(bytes ? bytes : 1, kAlignment));
  if (p == nullptr) return fail(Code::kMemory, "out of memory: ", bytes, " bytes could not be allocated");
  return BufferPtr(new Buffer(p, bytes, Kind::kHeap));
}

Result<BufferPtr> Buffer::strings(size_t count) {
  if (count > SIZE_MAX / 2 / sizeof(std::string))
    return fail(Code::kMemory, "a tensor of ", count, " strings was refused");
  const size_t bytes = count * sizeof(std::string);
  void* p = std::aligned_alloc(kAlignment, round_up(bytes ? bytes : 1, kAlignment));
  if (p == nullptr) return fail(Code::kMemory, "out of memory: ", count, " strings could not be allocated");
  std::string* s = static_cast<std::string*>(p);
  for (size_t i = 0; i < count; ++i) new (s + i) std::string();
  return BufferPtr(new Buffer(p, bytes, Kind::kStrings));
}

BufferPtr Buffer::wrap(void* data, size_t bytes, std::function<void()> release) {
  BufferPtr b(new Buffer(data, bytes, Kind::kForeign));
  b->release_ = std::move(release);
  return b;
}

Buffer::~Buffer() {
  switch (kind_) {
    case Kind::kHeap: std::free(data_); break;
    case Kind::kStrings: {
      std::string* s = static_cast<std::string*>(data_);
      for (size_t i = 0; i < bytes_ / sizeof(std::string); ++i) s[i].~basic_string();
      std::free(data_);
      break;
    }
    case Kind::kForeign:
      if (release_) release_();
  }
}

}  // namespace sardonyx
