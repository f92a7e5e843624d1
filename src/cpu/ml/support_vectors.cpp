#include "cpu/ml/support_vectors.h"

#include <cmath>

namespace sardonyx {

Result<SupportVectors> SupportVectors::make(const KernelQuery& q, int64_t count, int64_t linear_features) {
  SupportVectors s;
  s.count_ = count, s.features_ = linear_features;
  if (count == 0) return s;
  const std::vector<float> vectors =
      q.has_attr("support_vectors") ? q.attr_floats("support_vectors") : std::vector<float>();
  const int64_t n = static_cast<int64_t>(vectors.size());
  if (n % count != 0)
    return fail(Code::kAttr, "support_vectors has ", n, " values, which is no multiple of ", count, " vectors");
  s.features_ = n / count;
  s.columns_.resize(vectors.size());
  for (int64_t v = 0; v < count; ++v)
    for (int64_t f = 0; f < s.features_; ++f)
      s.columns_[static_cast<size_t>(f * count + v)] = vectors[static_cast<size_t>(v * s.features_ + f)];
  const std::string kind = q.attr_string("kernel_type");
  s.kind_ = kind == "POLY"      ? Kind::kPoly
            : kind == "RBF"     ? Kind::kRbf
            : kind == "SIGMOID" ? Kind::kSigmoid
                                : Kind::kLinear;
  const std::vector<float> params = q.has_attr("kernel_params") ? q.attr_floats("kernel_params") : std::vector<float>();
  if (!params.empty() && params.size() < 3)
    return fail(Code::kAttr, "kernel_params has ", params.size(), " values, expected gamma, coef0 and degree");
  if (!params.empty()) s.gamma_ = params[0], s.coef0_ = params[1], s.degree_ = params[2];
  return s;
}

void SupportVectors::compare(const float* x, float* out) const {
  if (kind_ == Kind::kRbf) {
    table_->squared(x, columns_.data(), count_, features_, count_, out);
    for (int64_t j = 0; j < count_; ++j) out[j] *= -gamma_;
    return exp_(out, out, count_, {});
  }
  table_->products(x, columns_.data(), count_, features_, count_, out);
  if (kind_ == Kind::kLinear) return;
  for (int64_t j = 0; j < count_; ++j) out[j] = gamma_ * out[j] + coef0_;
  if (kind_ == Kind::kSigmoid) return tanh_(out, out, count_, {});
  if (degree_ == 2) {
    for (int64_t j = 0; j < count_; ++j) out[j] *= out[j];
  } else if (degree_ == 3) {
    for (int64_t j = 0; j < count_; ++j) out[j] *= out[j] * out[j];
  } else {
    for (int64_t j = 0; j < count_; ++j) out[j] = std::pow(out[j], degree_);
  }
}

}  // namespace sardonyx
