// Element type conversion over n contiguous elements, from any numeric or bool type to any other.
// Packed types (4- and 2-bit): a range begins at a whole byte; unused bits of the last byte written are 0. Callers that
// cut ranges cut at multiples of 4 elements. in and out must not overlap unless element sizes agree and in == out.
// Pure functions, no allocation, thread-safe.
//
// Rounding to a float format is to nearest even, once. Float to integer truncates toward zero; what does not fit wraps
// as x86 does: 8- and 16-bit through int32, uint32 through int64, where an out-of-range value or NaN becomes the
// smallest int32 (int64); uint64 covers its own range. 4- and 2-bit integers keep the low bits of the int8 result. bool
// is x != 0.
#pragma once
#include <cstdint>

#include "simd/choose.h"
#include "tensor/codec.h"
#include "tensor/dtype.h"

namespace sardonyx::simd {

struct CastParams {
  bool saturate = true;                // float8 targets, see codec.h
  ScaleRound round = ScaleRound::kUp;  // float8e8m0 target
};

using CastFn = void (*)(const void* in, void* out, int64_t n, const CastParams& params);

// The conversion for this CPU; equal types copy. nullptr for string, complex and undefined.
CastFn cast(DType from, DType to);

// The same for one target; nullptr also if the target is not compiled. For tests and benchmarks.
CastFn cast_for(Target target, DType from, DType to);

}  // namespace sardonyx::simd
