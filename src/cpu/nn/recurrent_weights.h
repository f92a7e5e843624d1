// The weights of RNN, LSTM and GRU, packed for matrix products in f32. Functions are pure; packed weights are shared.
#pragma once
#include "kernel/kernel.h"

namespace sardonyx {

enum class RecurrentCell : uint8_t { kRnn, kLstm, kGru };
constexpr int64_t gate_count(RecurrentCell c) {
  return c == RecurrentCell::kRnn ? 1 : c == RecurrentCell::kLstm ? 4 : 3;
}

// Bytes of one direction's packed weights. Within the recurrent ones, those of GRU's candidate stand apart, from byte
// `candidate` on, because they may multiply another state.
struct RecurrentSizes {
  size_t input, recurrent, candidate;
};
RecurrentSizes recurrent_sizes(RecurrentCell cell, int64_t input, int64_t hidden);

// One direction.
void pack_input_weights(RecurrentCell cell, int64_t input, int64_t hidden, const float* weights, void* dst);
void pack_recurrent_weights(RecurrentCell cell, int64_t hidden, const float* weights, void* dst);

// Weights of all directions, packed one after the other; null if they are not constant.
struct RecurrentWeights {
  BufferPtr input, recurrent;
};
Result<RecurrentWeights> pack_constant_weights(const KernelQuery& q, RecurrentCell cell);

}  // namespace sardonyx
