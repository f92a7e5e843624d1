// What classifiers and regressors do with their scores: transforms, and the names of the classes. Pure functions; a
// ClassLabels is immutable once made.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "kernel/kernel.h"

namespace sardonyx {

enum class Transform : uint8_t { kNone, kSoftmax, kLogistic, kSoftmaxZero, kProbit };  // numbered as in TreeEnsemble

Transform transform_named(std::string_view name);

double logistic(double v);
// The quantile function of the normal distribution, by the approximation that the operators' reference code uses.
double probit(double v);

// Transforms the scores of one sample.
void apply_transform(Transform t, std::span<double> scores);

// Two scores from the one of a model that only knows how much a sample belongs to the second class. `share`: the score
// is that class's part of 1.
void split_score(Transform t, double score, bool share, double* pair);

// Writes a sample's transformed scores as row `row` of output 1, if somebody wants it.
void write_scores(RunCtx& c, int64_t row, Transform t, std::span<double> scores);

// Position of the largest; the first of equals, 0 if there is none.
int64_t arg_max(std::span<const double> scores);

class ClassLabels {
 public:
  ClassLabels() = default;
  ClassLabels(const KernelQuery& q, std::string_view ints, std::string_view strings)
      : ints_(q.has_attr(ints) ? q.attr_ints(ints) : std::vector<int64_t>()),
        strings_(q.has_attr(strings) ? q.attr(strings)->strings : std::vector<std::string>()) {}

  int64_t count() const { return static_cast<int64_t>(strings_.empty() ? ints_.size() : strings_.size()); }
  // Writes the label of class cls, which is below count(), as element `at` of output 0.
  void write(RunCtx& c, int64_t at, int64_t cls) const;

 private:
  std::vector<int64_t> ints_;
  std::vector<std::string> strings_;
};

}  // namespace sardonyx
