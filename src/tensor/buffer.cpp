#include "tensor/buffer.h"

#include <sys/mman.h>

#include <cstdlib>
#include <new>
#include <string>

#include "base/checked.h"

namespace sardonyx {

namespace {
constexpr size_t kPage = 4096;
}  // namespace

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

BufferPtr Buffer::mapped(void* data, size_t bytes, std::function<void()> unmap) {
  BufferPtr b(new Buffer(data, bytes, Kind::kMapped));
  b->release_ = std::move(unmap);
  return b;
}

void Buffer::drop_pages(size_t offset, size_t bytes) const {
  if (!is_mapped() || offset > bytes_ || bytes > bytes_ - offset) return;
  const size_t at = reinterpret_cast<uintptr_t>(data_) + offset;
  const size_t begin = round_up(at, kPage), end = (at + bytes) / kPage * kPage;
  if (begin < end) ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
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
    case Kind::kMapped:
      if (release_) release_();
  }
}

}  // namespace sardonyx
