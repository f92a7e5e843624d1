// Every conversion of cast.h as portable code: elements pass through a block of the widest type that holds them
// exactly.
#pragma once
#include "simd/cast.h"

namespace sardonyx::simd {

struct CastTable {
  CastFn fn[kDTypeCount][kDTypeCount] = {};
};

CastFn cast_scalar(DType from, DType to);

}  // namespace sardonyx::simd
