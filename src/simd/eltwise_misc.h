// Select, clamp and fill over n contiguous elements. Pure functions, no allocation, thread-safe. Pointers are aligned
// to their elements (except in fill). out may be exactly one of the vector inputs of equal element size; other overlap
// is not allowed.
#pragma once
#include <cstdint>

#include "simd/choose.h"
#include "tensor/dtype.h"

namespace sardonyx::simd {

// out[i] = cond[i] ? x[i] : y[i], for elements of 1, 2, 4, 8 or 16 bytes; x or y may be one element. Any nonzero byte
// of cond is true. nullptr for other sizes.
using WhereFn = void (*)(const uint8_t* cond, const void* x, const void* y, void* out, int64_t n);
WhereFn where(int element_size, bool x_scalar, bool y_scalar);
WhereFn where_for(Target target, int element_size, bool x_scalar, bool y_scalar);

// out[i] = min(max(in[i], *lo), *hi) in the element type; NaN in in[i] stays, and *hi wins over *lo.
// Numeric types of whole bytes (no float8); nullptr for others.
using ClipFn = void (*)(const void* in, void* out, int64_t n, const void* lo, const void* hi);
ClipFn clip(DType type);
ClipFn clip_for(Target target, DType type);

// Writes n copies of an element of 1, 2, 4, 8 or 16 bytes.
void fill(void* out, const void* value, int element_size, int64_t n);

}  // namespace sardonyx::simd
