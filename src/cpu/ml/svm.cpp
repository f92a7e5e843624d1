// SVMRegressor and SVMClassifier. Kernel values are f32, their weighted sums double.
#include <cmath>

#include "cpu/ml/samples.h"
#include "cpu/ml/scores.h"
#include "cpu/ml/support_vectors.h"

namespace sardonyx {

namespace {

class Svm : public Kernel {
 public:
  Svm(const KernelQuery& q, SupportVectors vectors, std::vector<float> coefficients, std::vector<float> rho)
      : vectors_(std::move(vectors)),
        coefficients_(std::move(coefficients)),
        rho_(std::move(rho)),
        transform_(transform_named(q.attr_string("post_transform"))) {}

  Status prepare(PrepareCtx& c) const override {
    const Samples s = samples_of(c.in_dims(0));
    if (s.features != vectors_.features())
      return fail(Code::kShape, "X ", to_string(c.in_dims(0)), " has ", s.features, " features, the model is for ",
                  vectors_.features());
    const double n = static_cast<double>(vectors_.count());
    c.tasks(s.rows, n * (static_cast<double>(s.features) / 4 + 4) + static_cast<double>(coefficients_.size()) / 2 + 50);
    c.scratch_per_thread((doubles() + 2) * sizeof(double) +
                         static_cast<size_t>(vectors_.count() + s.features) * sizeof(float));
    return {};
  }
  Status run(RunCtx& c) const override {
    const int64_t features = vectors_.features();
    c.parallel([&](Range r, int thread) {
      double* scores = reinterpret_cast<double*>(c.scratch(thread));
      float* kernels = reinterpret_cast<float*>(scores + doubles() + 2);
      float* converted = kernels + vectors_.count();
      for (int64_t row = r.begin; row < r.end; ++row) {
        const float* x = converted;
        if (c.dtype(0) == DType::kF32)
          x = c.in<float>(0) + row * features;
        else
          (void)convert_elements(c.dtype(0), c.in(0), row * features, features, converted);
        if (vectors_.count()) vectors_.compare(x, kernels);
        decide(c, row, x, kernels, scores);
      }
    });
    return {};
  }

 protected:
  // Writes a row's outputs. x: the sample; kernels: one value per support vector; scores: doubles() to work with.
  virtual void decide(RunCtx& c, int64_t row, const float* x, const float* kernels, double* scores) const = 0;
  virtual size_t doubles() const = 0;

  SupportVectors vectors_;
  std::vector<float> coefficients_, rho_;
  Transform transform_;
  const simd::DistanceTable& table_ = simd::distance();
};

class Regressor final : public Svm {
 public:
  Regressor(const KernelQuery& q, SupportVectors v, std::vector<float> coefficients, std::vector<float> rho)
      : Svm(q, std::move(v), std::move(coefficients), std::move(rho)), one_class_(q.attr_int("one_class") != 0) {}

 private:
  size_t doubles() const override { return 1; }
  void decide(RunCtx& c, int64_t row, const float* x, const float* kernels, double* scores) const override {
    const bool linear = vectors_.count() == 0;
    scores[0] =
        table_.dot(linear ? x : kernels, coefficients_.data(), linear ? vectors_.features() : vectors_.count()) +
        static_cast<double>(rho_[0]);
    if (one_class_)
      scores[0] = scores[0] > 0 ? 1 : -1;
    else
      apply_transform(transform_, {scores, 1});
    c.out<float>(0)[row] = static_cast<float>(scores[0]);
  }

  bool one_class_;
};

// Couples pairwise probabilities [n, n] into one per class (Wu, Lin and Weng, 2004: their second method).
void couple(const double* pairs, int64_t n, double* q, double* qp, double* p) {
  for (int64_t i = 0; i < n; ++i) {
    p[i] = 1.0 / static_cast<double>(n);
    q[i * n + i] = 0;
    for (int64_t j = 0; j < n; ++j) {
      if (j == i) continue;
      q[i * n + i] += pairs[j * n + i] * pairs[j * n + i];
      q[i * n + j] = -pairs[j * n + i] * pairs[i * n + j];
    }
  }
  const double enough = 0.005 / static_cast<double>(n);
  for (int round = 0; round < 100; ++round) {
    double total = 0, worst = 0;
    for (int64_t i = 0; i < n; ++i) {
      qp[i] = 0;
      for (int64_t j = 0; j < n; ++j) qp[i] += q[i * n + j] * p[j];
      total += p[i] * qp[i];
    }
    for (int64_t i = 0; i < n; ++i) worst = std::max(worst, std::fabs(qp[i] - total));
    if (worst < enough) return;
    for (int64_t i = 0; i < n; ++i) {
      const double diagonal = q[i * n + i], change = (total - qp[i]) / diagonal, scale = 1 / (1 + change);
      p[i] += change;
      total = (total + change * (change * diagonal + 2 * qp[i])) * scale * scale;
      for (int64_t j = 0; j < n; ++j) {
        qp[j] = (qp[j] + change * q[i * n + j]) * scale;
        p[j] *= scale;
      }
    }
  }
}

class Classifier final : public Svm {
 public:
  Classifier(const KernelQuery& q, SupportVectors v, std::vector<float> coefficients, std::vector<float> rho,
             std::vector<int64_t> per_class)
      : Svm(q, std::move(v), std::move(coefficients), std::move(rho)),
        labels_(q, "classlabels_ints", "classlabels_strings"),
        classes_(labels_.count()),
        pairs_(classes_ * (classes_ - 1) / 2),
        per_class_(std::move(per_class)) {
    if (q.has_attr("prob_a")) prob_a_ = q.attr_floats("prob_a"), prob_b_ = q.attr_floats("prob_b");
  }

 private:
  // [class scores], or [pair scores | votes], and for probabilities [class scores | pairwise | q | qp].
  size_t doubles() const override {
    const int64_t coupled = prob_a_.empty() ? 0 : 2 * classes_ + 2 * classes_ * classes_;
    return static_cast<size_t>(classes_ + (vectors_.count() ? pairs_ + coupled : 0));
  }

  void decide(RunCtx& c, int64_t row, const float* x, const float* kernels, double* scores) const override {
    if (vectors_.count() == 0) {
      for (int64_t k = 0; k < classes_; ++k)
        scores[k] = table_.dot(x, coefficients_.data() + k * vectors_.features(), vectors_.features()) +
                    static_cast<double>(rho_[0]);
      labels_.write(c, row, arg_max({scores, static_cast<size_t>(classes_)}));
      return write_scores(c, row, transform_, {scores, static_cast<size_t>(classes_)});
    }
    double* votes = scores + pairs_;
    score_pairs(kernels, scores, votes);
    labels_.write(c, row, arg_max({votes, static_cast<size_t>(classes_)}));
    if (!prob_a_.empty()) {
      double* p = votes + classes_;
      to_probabilities(scores, p);
      return write_scores(c, row, transform_, {p, static_cast<size_t>(classes_)});
    }
    if (classes_ > 2) return write_scores(c, row, transform_, {scores, static_cast<size_t>(pairs_)});
    double two[2] = {0, 0};
    if (pairs_ == 1) split_score(transform_, scores[0], transform_ != Transform::kNone, two);
    write_scores(c, row, Transform::kNone, two);
  }

  // Row j - 1 of the coefficients holds, over the vectors of class i, what they weigh against class j if j > i; row i,
  // over those of class j, what these weigh against class i.
  void score_pairs(const float* kernels, double* scores, double* votes) const {
    std::fill_n(votes, classes_, 0.0);
    const auto sum = [&](int64_t row, int64_t begin, int64_t n) {
      return table_.dot(coefficients_.data() + row * vectors_.count() + begin, kernels + begin, n);
    };
    int64_t pair = 0, start_i = 0;
    for (int64_t i = 0; i < classes_; start_i += per_class_[static_cast<size_t>(i++)]) {
      int64_t start_j = start_i + per_class_[static_cast<size_t>(i)];
      for (int64_t j = i + 1; j < classes_; start_j += per_class_[static_cast<size_t>(j++)], ++pair) {
        scores[pair] = sum(j - 1, start_i, per_class_[static_cast<size_t>(i)]) +
                       sum(i, start_j, per_class_[static_cast<size_t>(j)]) +
                       static_cast<double>(rho_[static_cast<size_t>(pair)]);
        ++votes[scores[pair] > 0 ? i : j];
      }
    }
  }

  void to_probabilities(const double* scores, double* p) const {
    constexpr double kLeast = 1e-7;
    double* pairs = p + classes_;
    double *q = pairs + classes_ * classes_, *qp = q + classes_ * classes_;
    size_t pair = 0;
    for (int64_t i = 0; i < classes_; ++i)
      for (int64_t j = i + 1; j < classes_; ++j, ++pair) {
        const double a = static_cast<double>(prob_a_[pair]), b = static_cast<double>(prob_b_[pair]);
        const double first = std::clamp(logistic(-(scores[pair] * a + b)), kLeast, 1 - kLeast);
        pairs[i * classes_ + j] = first;
        pairs[j * classes_ + i] = 1 - first;
      }
    couple(pairs, classes_, q, qp, p);
  }

  ClassLabels labels_;
  int64_t classes_, pairs_;
  std::vector<int64_t> per_class_;
  std::vector<float> prob_a_, prob_b_;
};

std::vector<float> floats(const KernelQuery& q, std::string_view name) {
  return q.has_attr(name) ? q.attr_floats(name) : std::vector<float>();
}

Status check_at_least(std::string_view name, size_t n, int64_t wanted) {
  if (static_cast<int64_t>(n) >= wanted) return {};
  return fail(Code::kAttr, name, " has ", n, " values, expected ", wanted);
}

Result<KernelPtr> make_regressor(const KernelQuery& q) {
  std::vector<float> coefficients = floats(q, "coefficients"), rho = floats(q, "rho");
  const int64_t n = q.attr_int("n_supports");
  SDX_RETURN_IF_ERROR(check_at_least("coefficients", coefficients.size(), std::max<int64_t>(n, 1)));
  SDX_RETURN_IF_ERROR(check_at_least("rho", rho.size(), 1));
  SDX_TRY(SupportVectors v, SupportVectors::make(q, n, static_cast<int64_t>(coefficients.size())));
  return KernelPtr(new Regressor(q, std::move(v), std::move(coefficients), std::move(rho)));
}

Result<KernelPtr> make_classifier(const KernelQuery& q) {
  std::vector<float> coefficients = floats(q, "coefficients"), rho = floats(q, "rho");
  const int64_t classes = ClassLabels(q, "classlabels_ints", "classlabels_strings").count();
  if (classes > 65535) return fail(Code::kAttr, "there are ", classes, " classes, at most 65535");
  const std::vector<int64_t> per_class =
      q.has_attr("vectors_per_class") ? q.attr_ints("vectors_per_class") : std::vector<int64_t>();
  const int64_t limit = static_cast<int64_t>(coefficients.size() + floats(q, "support_vectors").size());
  int64_t count = 0;
  for (int64_t v : per_class) {
    if (v > limit - count) return fail(Code::kAttr, "vectors_per_class counts more vectors than there are");
    count += v;
  }
  const int64_t pairs = classes * (classes - 1) / 2;
  if (count > 0) {
    if (static_cast<int64_t>(per_class.size()) != classes)
      return fail(Code::kAttr, "vectors_per_class has ", per_class.size(), " entries for ", classes, " classes");
    SDX_RETURN_IF_ERROR(check_at_least("coefficients", coefficients.size(), (classes - 1) * count));
    SDX_RETURN_IF_ERROR(check_at_least("rho", rho.size(), pairs));
    if (!floats(q, "prob_a").empty()) SDX_RETURN_IF_ERROR(check_at_least("prob_a", floats(q, "prob_a").size(), pairs));
  } else {
    SDX_RETURN_IF_ERROR(check_at_least("coefficients", coefficients.size(), classes));
    SDX_RETURN_IF_ERROR(check_at_least("rho", rho.size(), 1));
  }
  SDX_TRY(SupportVectors v, SupportVectors::make(q, count, static_cast<int64_t>(coefficients.size()) / classes));
  return KernelPtr(new Classifier(q, std::move(v), std::move(coefficients), std::move(rho), per_class));
}

}  // namespace

SDX_KERNEL(cpu, ml_SVMRegressor, any) = {.priority = 10, .make = make_regressor};
SDX_KERNEL(cpu, ml_SVMClassifier, any) = {.priority = 10, .make = make_classifier};

}  // namespace sardonyx
