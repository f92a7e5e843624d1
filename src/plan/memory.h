// Offline placement of buffers with known lifetimes in one arena: each gets an offset so that no two that live at the
// same time overlap. Pure function. Best fit in order of birth: O(n log n) in practice, peak close to the lower bound
// for networks.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

namespace sardonyx {

struct ArenaRequest {
  size_t bytes = 0;
  int32_t first = 0, last = 0;  // steps during which it lives, inclusive
  size_t offset = 0;            // the answer, a multiple of kAlignment
};

// Fills in the offsets; requests must be sorted by `first`. Returns the arena's size.
size_t place(std::span<ArenaRequest> requests);

}  // namespace sardonyx
