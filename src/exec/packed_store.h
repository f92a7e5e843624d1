// The process-wide store of packed weights: sessions that pack equal weights in an equal layout share one buffer.
// Entries live as long as a kernel holds them. Thread-safe.
#pragma once
#include "kernel/kernel.h"

namespace sardonyx {

PackedStore& packed_store();

}  // namespace sardonyx
