#include "cpu/ml/scores.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace sardonyx {
namespace {

void softmax(std::span<double> v) {
  const double top = *std::max_element(v.begin(), v.end());
  double sum = 0;
  for (double& x : v) sum += x = std::exp(x - top);
  for (double& x : v) x /= sum;
}

// Scores of zero stay zero.
void softmax_zero(std::span<double> v) {
  constexpr double kZero = 1e-7;
  const double top = *std::max_element(v.begin(), v.end()), scale = std::exp(-top);
  double sum = 0;
  for (double& x : v) {
    if (x > kZero || x < -kZero) {
      sum += x = std::exp(x - top);
    } else {
      x *= scale;
    }
  }
  if (sum == 0) return;
  for (double& x : v) x /= sum;
}

double inverse_erf(double x) {
  constexpr double kA = 0.147;
  const double log = std::log((1 - x) * (1 + x)), half = 2 / (std::numbers::pi * kA) + 0.5 * log;
  return std::copysign(std::sqrt(std::sqrt(half * half - log / kA) - half), x);
}

}  // namespace

Transform transform_named(std::string_view name) {
  return name == "SOFTMAX"        ? Transform::kSoftmax
         : name == "LOGISTIC"     ? Transform::kLogistic
         : name == "SOFTMAX_ZERO" ? Transform::kSoftmaxZero
         : name == "PROBIT"       ? Transform::kProbit
                                  : Transform::kNone;
}

double logistic(double v) { return 1 / (1 + std::exp(-v)); }

double probit(double v) { return std::numbers::sqrt2 * inverse_erf(2 * v - 1); }

void apply_transform(Transform t, std::span<double> scores) {
  if (scores.empty()) return;
  switch (t) {
    case Transform::kNone: return;
    case Transform::kSoftmax: return softmax(scores);
    case Transform::kSoftmaxZero: return softmax_zero(scores);
    case Transform::kLogistic:
      for (double& s : scores) s = logistic(s);
      return;
    case Transform::kProbit:
      for (double& s : scores) s = probit(s);
      return;
  }
}

void write_scores(RunCtx& c, int64_t row, Transform t, std::span<double> scores) {
  apply_transform(t, scores);
  float* out = c.out<float>(1);
  if (out == nullptr) return;
  out += row * static_cast<int64_t>(scores.size());
  for (size_t k = 0; k < scores.size(); ++k) out[k] = static_cast<float>(scores[k]);
}

void split_score(Transform t, double score, bool share, double* pair) {
  pair[0] = share ? 1 - score : -score;
  pair[1] = score;
  if (t == Transform::kLogistic) {
    pair[0] = logistic(-score);
    pair[1] = logistic(score);
  } else if (t == Transform::kProbit) {
    pair[1] = probit(score);
    pair[0] = -pair[1];
  }
}

int64_t arg_max(std::span<const double> scores) {
  int64_t best = 0;
  for (size_t i = 1; i < scores.size(); ++i)
    if (scores[i] > scores[static_cast<size_t>(best)]) best = static_cast<int64_t>(i);
  return best;
}

void ClassLabels::write(RunCtx& c, int64_t at, int64_t cls) const {
  const size_t i = static_cast<size_t>(cls);
  if (!strings_.empty()) {
    if (std::string* out = c.out<std::string>(0)) out[at] = strings_[i];
  } else if (int64_t* out = c.out<int64_t>(0)) {
    out[at] = ints_[i];
  }
}

}  // namespace sardonyx
