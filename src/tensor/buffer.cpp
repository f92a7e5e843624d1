#include "tensor/buffer.h"

#include <cstdlib>
#include <new>
#include <string>

#include "base/checked.h"
#include "base/memory.h"
#include "base/platform.h"

namespace sardonyx {

struct Buffer::Free {
  void operator()(void* p) const { std::free(p); }
};

// Whatever of this fails, the bytes are freed.
BufferPtr Buffer::own(std::unique_ptr<void, Free> memory, size_t bytes, Kind kind) {
  std::unique_ptr<Buffer> b(new Buffer(memory.get(), bytes, kind));
  memory.release();
  return b;
}

namespace {

Status check_size(size_t bytes) {
  if (bytes <= memory_limit()) return {};
  return fail(Code::kMemory, bytes, " bytes are asked for, more than the ", memory_limit(), " of this machine");
}

}  // namespace

Result<BufferPtr> Buffer::heap(size_t bytes) {
  SDX_RETURN_IF_ERROR(check_size(bytes));
  void* p = std::aligned_alloc(kAlignment, round_up(bytes ? bytes : 1, kAlignment));
  if (p == nullptr) return fail(Code::kMemory, "out of memory: ", bytes, " bytes could not be allocated");
  return own(std::unique_ptr<void, Free>(p), bytes, Kind::kHeap);
}

Result<BufferPtr> Buffer::strings(size_t count) {
  if (count > SIZE_MAX / 2 / sizeof(std::string))
    return fail(Code::kMemory, "a tensor of ", count, " strings was refused");
  const size_t bytes = count * sizeof(std::string);
  SDX_RETURN_IF_ERROR(check_size(bytes));
  void* p = std::aligned_alloc(kAlignment, round_up(bytes ? bytes : 1, kAlignment));
  if (p == nullptr) return fail(Code::kMemory, "out of memory: ", count, " strings could not be allocated");
  std::unique_ptr<void, Free> memory(p);
  std::string* s = static_cast<std::string*>(p);
  for (size_t i = 0; i < count; ++i) new (s + i) std::string();
  return own(std::move(memory), bytes, Kind::kStrings);
}

BufferPtr Buffer::foreign(void* data, size_t bytes, Kind kind, std::function<void()> release) {
  std::unique_ptr<Buffer> b(new (std::nothrow) Buffer(data, bytes, kind));
  if (b == nullptr) {
    if (release) release();
    throw std::bad_alloc();
  }
  b->release_ = std::move(release);
  return b;
}

BufferPtr Buffer::wrap(void* data, size_t bytes, std::function<void()> release) {
  return foreign(data, bytes, Kind::kForeign, std::move(release));
}

BufferPtr Buffer::mapped(void* data, size_t bytes, std::function<void()> unmap) {
  return foreign(data, bytes, Kind::kMapped, std::move(unmap));
}

void Buffer::drop_pages(size_t offset, size_t bytes) const {
  if (!is_mapped() || offset > bytes_ || bytes > bytes_ - offset) return;
  const size_t at = reinterpret_cast<uintptr_t>(data_) + offset;
  const size_t page = platform::page_bytes();
  const size_t begin = round_up(at, page), end = (at + bytes) / page * page;
  if (begin < end) platform::drop_pages(reinterpret_cast<void*>(begin), end - begin);
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
