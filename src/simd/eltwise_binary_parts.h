// The pieces that binary() looks into: one table per target and source file, and the portable rest.
#pragma once
#include "simd/eltwise_binary.h"

namespace sardonyx::simd {

struct BinaryTable {
  BinaryFn fn[kBinaryCount][kDTypeCount][kFormCount] = {};

  constexpr BinaryFn& at(Binary op, DType type, Form form) {
    return fn[static_cast<int>(op)][static_cast<int>(type)][static_cast<int>(form)];
  }
  constexpr BinaryFn at(Binary op, DType type, Form form) const {
    return fn[static_cast<int>(op)][static_cast<int>(type)][static_cast<int>(form)];
  }
};

// Each fills entries of its own.
#define SDX_BINARY_PARTS(X) X(binary_float) X(binary_int) X(binary_compare) X(binary_compare64) X(binary_compare_f32)
#define SDX_DECLARE_PART(name) \
  const BinaryTable& name();   \
  const BinaryTable* name##_for(Target target);
SDX_BINARY_PARTS(SDX_DECLARE_PART)
#undef SDX_DECLARE_PART

BinaryFn binary_scalar(Binary op, DType type, Form form);

}  // namespace sardonyx::simd
