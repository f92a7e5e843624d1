// The pieces that unary() looks into: one table per target and source file, and the portable rest.
#pragma once
#include "simd/eltwise_unary.h"

namespace sardonyx::simd {

struct UnaryTable {
  UnaryFn f32[kUnaryCount] = {}, f64[kUnaryCount] = {}, f16[kUnaryCount] = {}, bf16[kUnaryCount] = {};

  constexpr UnaryFn at(Unary op, DType type) const {
    const int i = static_cast<int>(op);
    switch (type) {
      case DType::kF32: return f32[i];
      case DType::kF64: return f64[i];
      case DType::kF16: return f16[i];
      case DType::kBF16: return bf16[i];
      default: return nullptr;
    }
  }
};

// Each fills entries of its own.
#define SDX_UNARY_PARTS(X) X(unary_basic) X(unary_exp) X(unary_trig)
#define SDX_DECLARE_PART(name) \
  const UnaryTable& name();    \
  const UnaryTable* name##_for(Target target);
SDX_UNARY_PARTS(SDX_DECLARE_PART)
#undef SDX_DECLARE_PART

UnaryFn unary_scalar(Unary op, DType type);

}  // namespace sardonyx::simd
