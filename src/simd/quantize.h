// Linear quantisation of contiguous blocks that share one scale and zero point, in f32. Pure, thread-safe; no overlap.
// quantize: q = saturate(round_half_even(x / scale) + zero); NaN becomes the zero point's type's lowest value.
// dequantize: x = (q - zero) * scale, the difference taken in int32 (which wraps for an int32 q).
// The forms named _each take one scale and zero point per element: a row whose columns are quantised apart.
#pragma once
#include <cstdint>

#include "simd/choose.h"

namespace sardonyx::simd {

struct QuantizeTable {
  void (*to_u8)(const float* in, uint8_t* out, int64_t n, float scale, int32_t zero);
  void (*to_i8)(const float* in, int8_t* out, int64_t n, float scale, int32_t zero);
  void (*to_u16)(const float* in, uint16_t* out, int64_t n, float scale, int32_t zero);
  void (*to_i16)(const float* in, int16_t* out, int64_t n, float scale, int32_t zero);

  void (*from_u8)(const uint8_t* in, float* out, int64_t n, float scale, int32_t zero);
  void (*from_i8)(const int8_t* in, float* out, int64_t n, float scale, int32_t zero);
  void (*from_u16)(const uint16_t* in, float* out, int64_t n, float scale, int32_t zero);
  void (*from_i16)(const int16_t* in, float* out, int64_t n, float scale, int32_t zero);
  void (*from_i32)(const int32_t* in, float* out, int64_t n, float scale, int32_t zero);

  // Smallest and largest element of n >= 1; NaNs are ignored (both are 0 if all are NaN).
  void (*range)(const float* in, int64_t n, float* lo, float* hi);

  void (*to_u8_each)(const float* in, uint8_t* out, int64_t n, const float* scale, const int32_t* zero);
  void (*to_i8_each)(const float* in, int8_t* out, int64_t n, const float* scale, const int32_t* zero);
  void (*to_u16_each)(const float* in, uint16_t* out, int64_t n, const float* scale, const int32_t* zero);
  void (*to_i16_each)(const float* in, int16_t* out, int64_t n, const float* scale, const int32_t* zero);

  void (*from_u8_each)(const uint8_t* in, float* out, int64_t n, const float* scale, const int32_t* zero);
  void (*from_i8_each)(const int8_t* in, float* out, int64_t n, const float* scale, const int32_t* zero);
  void (*from_u16_each)(const uint16_t* in, float* out, int64_t n, const float* scale, const int32_t* zero);
  void (*from_i16_each)(const int16_t* in, float* out, int64_t n, const float* scale, const int32_t* zero);
  void (*from_i32_each)(const int32_t* in, float* out, int64_t n, const float* scale, const int32_t* zero);
};

const QuantizeTable& quantize();
const QuantizeTable* quantize_for(Target target);

}  // namespace sardonyx::simd
