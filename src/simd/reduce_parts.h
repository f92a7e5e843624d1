// The pieces that reduce() looks into: tables per target, and the portable rest.
#pragma once
#include "simd/reduce.h"

namespace sardonyx::simd {

// One element type's reductions, in the order of Reduce.
struct ReduceTable {
  ReduceFns fn[kReduceCount];
};

const ReduceTable& reduce_f32();
const ReduceTable* reduce_f32_for(Target target);
const ReduceTable& reduce_f64();
const ReduceTable* reduce_f64_for(Target target);
const ReduceTable& reduce_f16();
const ReduceTable* reduce_f16_for(Target target);
const ReduceTable& reduce_bf16();
const ReduceTable* reduce_bf16_for(Target target);

// Integers and bool.
ReduceFns reduce_scalar(Reduce op, DType type);

}  // namespace sardonyx::simd
