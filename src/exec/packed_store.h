// The process-wide store of packed weights: sessions that pack equal weights in an equal layout share one buffer.
// Weights that lie in a mapped file are told apart by where they lie, others by a hash of their contents. Entries live
// as long as a kernel holds them. Thread-safe.
#pragma once
#include "kernel/kernel.h"

namespace sardonyx {

PackedStore& packed_store();

}  // namespace sardonyx
