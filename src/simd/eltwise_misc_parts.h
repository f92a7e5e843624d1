// The table behind where() and clip(): one per target.
#pragma once
#include "simd/eltwise_misc.h"

namespace sardonyx::simd {

struct MiscTable {
  WhereFn where[5][2][2] = {};  // log2 of the element size, x is a scalar, y is a scalar
  ClipFn clip[kDTypeCount] = {};
};

}  // namespace sardonyx::simd
