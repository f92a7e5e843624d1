// Plain integer sizes of a tensor, outermost first. Rank 0 is a scalar (one element).
#pragma once
#include <cstdint>
#include <span>
#include <string>

#include "base/small_vec.h"

namespace sardonyx {

using Extents = SmallVec<int64_t, 6>;

// Product of extents that are known to be valid (checked when they were made).
inline int64_t elements(std::span<const int64_t> dims) {
  int64_t n = 1;
  for (int64_t d : dims) n *= d;
  return n;
}
// "[2,3,4]".
std::string to_string(std::span<const int64_t> dims);

}  // namespace sardonyx
