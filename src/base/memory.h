// How much memory this process can hope for.
#pragma once
#include <cstddef>

namespace sardonyx {

// Bytes of memory and swap of the machine, or of the container's limit if that is less. A single allocation beyond it
// is refused unasked: systems that promise more than they have would kill the process when it is used. Read once.
size_t memory_limit();

}  // namespace sardonyx
