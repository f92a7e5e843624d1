// Softmax and log-softmax in f32. Rows are independent and computed within one call. in == out is allowed.
// No allocation; thread-safe. A row that is -inf throughout gives NaN, as exp(-inf - -inf) does, except in
// masked_row, where a fully masked row gives zeros (what attention wants).
#pragma once
#include <cstdint>

#include "simd/choose.h"

namespace sardonyx::simd {

struct SoftmaxTable {
  // rows x cols, contiguous.
  void (*softmax_rows)(const float* in, float* out, int64_t rows, int64_t cols);
  void (*log_softmax_rows)(const float* in, float* out, int64_t rows, int64_t cols);

  // Along an outer axis: element (i, j) is at i * stride + j, i < axis, j < n; each column j is one softmax.
  void (*softmax_cols)(const float* in, float* out, int64_t axis, int64_t stride, int64_t n);
  void (*log_softmax_cols)(const float* in, float* out, int64_t axis, int64_t stride, int64_t n);

  // One attention row: softmax(scale * in + mask); mask may be null. Returns log(sum(exp(scale * in + mask))).
  float (*masked_row)(const float* in, const float* mask, float* out, int64_t cols, float scale);

  // One piece of an attention row: s = cap * tanh(s / cap) unless cap is 0, s += mask unless null. state is {maximum,
  // sum of exp(s - maximum)} of the pieces before, and is brought up to date; s becomes exp(s - maximum). Returns what
  // sums over earlier pieces must be multiplied with. A maximum of -inf leaves zeros.
  float (*online_row)(float* s, const float* mask, int64_t cols, float cap, float* state);
  // out = in * by.
  void (*scale_row)(const float* in, float* out, int64_t n, float by);
};

const SoftmaxTable& softmax();
const SoftmaxTable* softmax_for(Target target);

}  // namespace sardonyx::simd
