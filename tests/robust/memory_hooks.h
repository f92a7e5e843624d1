// Watches and fails the program's allocations: operator new, and malloc, calloc, realloc, aligned_alloc and
// posix_memalign as called by our own code (the linker wraps them; those inside shared libraries are not seen).
// Counters are for the whole process; thread-safe.
#pragma once
#include <cstddef>
#include <cstdint>

namespace sardonyx::testing {

int64_t allocations();     // made so far
int64_t live_objects();    // operator new minus operator delete
size_t largest_request();  // since the last reset_largest_request()
void reset_largest_request();
int64_t failures();  // allocations failed on purpose so far

// While it lives, the allocations number `nth` (from 1) to `nth + how_many - 1` fail.
class FailAllocations {
 public:
  explicit FailAllocations(int64_t nth, int64_t how_many = 1);
  ~FailAllocations();
  FailAllocations(const FailAllocations&) = delete;
};

// While it lives, requests of more bytes than this fail.
class LimitRequests {
 public:
  explicit LimitRequests(size_t bytes);
  ~LimitRequests();
  LimitRequests(const LimitRequests&) = delete;
};

}  // namespace sardonyx::testing
