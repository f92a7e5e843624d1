// What support vector machines share: the kernel function between a sample and every support vector. Immutable.
#pragma once
#include <vector>

#include "kernel/kernel.h"
#include "simd/distance.h"
#include "simd/eltwise_unary.h"

namespace sardonyx {

class SupportVectors {
 public:
  // `count` vectors of the attribute "support_vectors"; none: the model is linear, and `features` wide.
  static Result<SupportVectors> make(const KernelQuery& q, int64_t count, int64_t linear_features);

  int64_t count() const { return count_; }
  int64_t features() const { return features_; }
  // out[j] = kernel(x, vector j).
  void compare(const float* x, float* out) const;

 private:
  enum class Kind : uint8_t { kLinear, kPoly, kRbf, kSigmoid } kind_ = Kind::kLinear;
  int64_t count_ = 0, features_ = 0;
  float gamma_ = 0, coef0_ = 0, degree_ = 0;
  std::vector<float> columns_;  // [features, count]
  const simd::DistanceTable* table_ = &simd::distance();
  simd::UnaryFn exp_ = simd::unary(simd::Unary::kExp, DType::kF32),
                tanh_ = simd::unary(simd::Unary::kTanh, DType::kF32);
};

}  // namespace sardonyx
