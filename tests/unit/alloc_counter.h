// Counts the program's calls of operator new, for tests that promise "no allocation". Thread-safe.
#pragma once
#include <cstdint>

namespace sardonyx::testing {

int64_t allocation_count();

}  // namespace sardonyx::testing
