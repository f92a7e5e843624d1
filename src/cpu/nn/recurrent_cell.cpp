#include "cpu/nn/recurrent_cell.h"

#include <algorithm>
#include <cctype>

namespace sardonyx {

void CellActivation::operator()(float* x, int64_t n) const {
  const float a = static_cast<float>(params.a), b = static_cast<float>(params.b);
  if (kind == Kind::kAffine) {
    for (int64_t i = 0; i < n; ++i) x[i] = a * x[i] + b;
    return;
  }
  if (kind == Kind::kScaledTanh)
    for (int64_t i = 0; i < n; ++i) x[i] *= b;
  fn(x, x, n, params);
  if (kind == Kind::kScaledTanh)
    for (int64_t i = 0; i < n; ++i) x[i] *= a;
}

bool find_cell_activation(const std::string& name, const float* alpha, const float* beta, CellActivation& out) {
  struct Row {
    std::string_view name;
    simd::Unary op;
    double a, b;
    CellActivation::Kind kind = CellActivation::Kind::kUnary;
  };
  using Kind = CellActivation::Kind;
  constexpr Row rows[] = {{"relu", simd::Unary::kRelu, 0, 0},
                          {"tanh", simd::Unary::kTanh, 0, 0},
                          {"sigmoid", simd::Unary::kSigmoid, 0, 0},
                          {"affine", simd::Unary::kAbs, 1, 0, Kind::kAffine},
                          {"leakyrelu", simd::Unary::kLeakyRelu, 0.01, 0},
                          {"thresholdedrelu", simd::Unary::kThresholdedRelu, 1, 0},
                          {"scaledtanh", simd::Unary::kTanh, 1, 1, Kind::kScaledTanh},
                          {"hardsigmoid", simd::Unary::kHardSigmoid, 0.2, 0.5},
                          {"elu", simd::Unary::kElu, 1, 0},
                          {"softsign", simd::Unary::kSoftsign, 0, 0},
                          {"softplus", simd::Unary::kSoftplus, 0, 0}};
  std::string lower = name;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char ch) { return static_cast<char>(std::tolower(ch)); });
  for (const Row& r : rows) {
    if (r.name != lower) continue;
    out.kind = r.kind;
    out.fn = simd::unary(r.op, DType::kF32);
    out.params = {alpha ? static_cast<double>(*alpha) : r.a, beta ? static_cast<double>(*beta) : r.b};
    return true;
  }
  return false;
}

void clip_cell(const CellRule& r, float* x, int64_t n) {
  if (r.clip <= 0) return;
  for (int64_t i = 0; i < n; ++i) x[i] = std::clamp(x[i], -r.clip, r.clip);
}

void lstm_cell(const CellRule& r, float* gates, const float* p, float* h, float* c, float* spare) {
  const int64_t n = r.hidden;
  float *gi = gates, *go = gates + n, *gf = gates + 2 * n, *gc = gates + 3 * n;
  if (p)
    for (int64_t k = 0; k < n; ++k) gi[k] += p[k] * c[k], gf[k] += p[2 * n + k] * c[k];
  clip_cell(r, gi, n);
  clip_cell(r, gc, n);
  r.activations[0](gi, n);
  if (r.input_forget) {
    for (int64_t k = 0; k < n; ++k) gf[k] = 1 - gi[k];
  } else {
    clip_cell(r, gf, n);
    r.activations[0](gf, n);
  }
  r.activations[1](gc, n);
  for (int64_t k = 0; k < n; ++k) c[k] = gf[k] * c[k] + gi[k] * gc[k];
  if (p)
    for (int64_t k = 0; k < n; ++k) go[k] += p[n + k] * c[k];
  clip_cell(r, go, n);
  r.activations[0](go, n);
  std::copy(c, c + n, spare);
  r.activations[2](spare, n);
  for (int64_t k = 0; k < n; ++k) h[k] = go[k] * spare[k];
}

void rnn_cell(const CellRule& r, float* gates, float* h) {
  clip_cell(r, gates, r.hidden);
  r.activations[0](gates, r.hidden);
  std::copy(gates, gates + r.hidden, h);
}

void gru_gates(const CellRule& r, float* gates) {
  clip_cell(r, gates, 2 * r.hidden);
  r.activations[0](gates, 2 * r.hidden);
}

void gru_finish(const CellRule& r, const float* z, float* candidate, float* h) {
  clip_cell(r, candidate, r.hidden);
  r.activations[1](candidate, r.hidden);
  for (int64_t k = 0; k < r.hidden; ++k) h[k] = candidate[k] + z[k] * (h[k] - candidate[k]);
}

}  // namespace sardonyx
