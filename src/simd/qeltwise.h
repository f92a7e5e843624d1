// Sums and products of quantised numbers, and tables over bytes. Contiguous, pure, thread-safe; out may be a or b.
//   add:      y = round(a * a_factor + (b * b_factor + shift)), clipped;
//   multiply: y = round((a - a_zero) * (b - b_zero) * a_factor + shift), clipped.
// In f32, rounding half to even. The multiply-adds of `add` round once on targets that have them, so that a sum
// half-way between two bytes may become either of them on different targets.
#pragma once
#include <cstdint>

#include "simd/choose.h"

namespace sardonyx::simd {

struct QBinaryArgs {
  bool multiply = false;
  float a_factor = 1, b_factor = 1, shift = 0;
  int32_t a_zero = 0, b_zero = 0;  // multiply only
  int32_t low = 0, high = 255;
};

struct QEltwiseTable {
  // An operand marked as scalar is one element.
  void (*binary_u8)(const QBinaryArgs& g, const uint8_t* a, bool a_scalar, const uint8_t* b, bool b_scalar, uint8_t* y,
                    int64_t n);
  void (*binary_i8)(const QBinaryArgs& g, const int8_t* a, bool a_scalar, const int8_t* b, bool b_scalar, int8_t* y,
                    int64_t n);
  // y[i] = table[x[i]], table of 256 bytes.
  void (*lookup)(const uint8_t* table, const uint8_t* x, uint8_t* y, int64_t n);
};

const QEltwiseTable& qeltwise();
const QEltwiseTable* qeltwise_for(Target t);

}  // namespace sardonyx::simd
