// Small helpers about axes and indices shared by the kernels. infer() has already checked ranges of attributes.
#pragma once
#include <atomic>
#include <span>

#include "base/status.h"
#include "tensor/extents.h"

namespace sardonyx {

inline int wrap_axis(int64_t axis, int rank) { return static_cast<int>(axis < 0 ? axis + rank : axis); }

inline int64_t product(std::span<const int64_t> dims, int begin, int end) {
  int64_t n = 1;
  for (int i = begin; i < end; ++i) n *= dims[static_cast<size_t>(i)];
  return n;
}

// Indices as they come: int32 or int64.
struct IndexReader {
  const void* data;
  bool wide;
  int64_t operator[](int64_t i) const {
    return wide ? static_cast<const int64_t*>(data)[i] : static_cast<const int32_t*>(data)[i];
  }
};

// Remembers the first index (by position) that is out of range; threads report into it.
class BadIndex {
 public:
  void report(int64_t position) {
    int64_t seen = at_.load(std::memory_order_relaxed);
    while ((seen < 0 || position < seen) && !at_.compare_exchange_weak(seen, position, std::memory_order_relaxed)) {
    }
  }
  bool any() const { return at_.load(std::memory_order_relaxed) >= 0; }
  int64_t position() const { return at_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> at_{-1};
};

inline Status bad_index(std::string_view input, int64_t position, int64_t value, int64_t extent, int64_t axis) {
  if (extent == 0)
    return fail(Code::kRange, input, "[", position, "] is ", value, " but axis ", axis, " has no elements");
  return fail(Code::kRange, input, "[", position, "] is ", value, ", outside [", -extent, ",", extent - 1, "] of axis ",
              axis);
}

}  // namespace sardonyx
