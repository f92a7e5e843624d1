// One f32 vector against many: inner products and squared distances, for support vectors and linear models. The many
// stand as the columns of a matrix [k, n] with `stride` floats from row to row. No allocation; thread-safe.
#pragma once
#include <cstdint>

#include "simd/choose.h"

namespace sardonyx::simd {

struct DistanceTable {
  // out[j] = sum over i of x[i] * columns[i * stride + j].
  void (*products)(const float* x, const float* columns, int64_t stride, int64_t k, int64_t n, float* out);
  // out[j] = sum over i of (x[i] - columns[i * stride + j])^2: the differences themselves, so that no digits cancel.
  void (*squared)(const float* x, const float* columns, int64_t stride, int64_t k, int64_t n, float* out);
  // Sum of a[i] * b[i], products and sum in double.
  double (*dot)(const float* a, const float* b, int64_t n);
};

const DistanceTable& distance();
const DistanceTable* distance_for(Target target);

}  // namespace sardonyx::simd
