// LinearRegressor and LinearClassifier. Floats go through vector code; other types are summed in double.
#include "cpu/ml/samples.h"
#include "cpu/ml/scores.h"
#include "simd/distance.h"

namespace sardonyx {
namespace {

struct Work {
  int64_t features, scores;
};

class Linear final : public Kernel {
 public:
  Linear(const KernelQuery& q, int64_t rows, bool classifies)
      : rows_(rows), transform_(transform_named(q.attr_string("post_transform"))), classifies_(classifies) {
    weights_ = q.attr_floats("coefficients");
    features_ = static_cast<int64_t>(weights_.size()) / rows;
    columns_.resize(weights_.size());
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t f = 0; f < features_; ++f) columns_[at(f * rows + r)] = weights_[at(r * features_ + f)];
    if (q.has_attr("intercepts")) bias_ = q.attr_floats("intercepts");
    if (bias_.empty()) bias_.assign(at(rows), 0.0f);
    if (classifies) labels_ = ClassLabels(q, "classlabels_ints", "classlabels_strings");
  }

  Status prepare(PrepareCtx& c) const override {
    const Samples s = samples_of(c.in_dims(0));
    if (s.features != features_)
      return fail(Code::kShape, "X ", to_string(c.in_dims(0)), " has ", s.features,
                  " features, the coefficients are for ", features_);
    c.tasks(s.rows, static_cast<double>(rows_) * (static_cast<double>(features_) / 4 + 20));
    c.scratch_per_thread(at(rows_) * (sizeof(double) + sizeof(float)) + 2 * sizeof(double));
    return {};
  }

  Status run(RunCtx& c) const override {
    c.parallel([&](Range r, int thread) {
      double* scores = reinterpret_cast<double*>(c.scratch(thread));
      float* products = reinterpret_cast<float*>(scores + rows_ + 2);
      for (int64_t row = r.begin; row < r.end; ++row) {
        if (c.dtype(0) == DType::kF32)
          score_f32(c.in<float>(0) + row * features_, scores, products);
        else
          score_any(c, row, scores);
        classifies_ ? classify(c, row, scores) : regress(c, row, scores);
      }
    });
    return {};
  }

 private:
  static size_t at(int64_t i) { return static_cast<size_t>(i); }

  void score_f32(const float* x, double* scores, float* products) const {
    if (rows_ < 4) {
      for (int64_t r = 0; r < rows_; ++r) scores[r] = table_.dot(x, weights_.data() + r * features_, features_);
    } else {
      table_.products(x, columns_.data(), rows_, features_, rows_, products);
      for (int64_t r = 0; r < rows_; ++r) scores[r] = static_cast<double>(products[r]);
    }
    for (int64_t r = 0; r < rows_; ++r) scores[r] += static_cast<double>(bias_[at(r)]);
  }
  void score_any(RunCtx& c, int64_t row, double* scores) const {
    for (int64_t r = 0; r < rows_; ++r) scores[r] = static_cast<double>(bias_[at(r)]);
    for (int64_t f = 0; f < features_; ++f) {
      double x = 0;
      (void)convert_elements(c.dtype(0), c.in(0), row * features_ + f, 1, &x);
      for (int64_t r = 0; r < rows_; ++r) scores[r] += x * static_cast<double>(columns_[at(f * rows_ + r)]);
    }
  }

  void regress(RunCtx& c, int64_t row, double* scores) const {
    apply_transform(transform_, {scores, at(rows_)});
    float* out = c.out<float>(0) + row * rows_;
    for (int64_t r = 0; r < rows_; ++r) out[r] = static_cast<float>(scores[r]);
  }
  // One row of coefficients that tells two classes apart gives two scores.
  void classify(RunCtx& c, int64_t row, double* scores) const {
    int64_t n = rows_;
    if (n == 1 && labels_.count() == 2) {
      labels_.write(c, row, scores[0] > 0);
      split_score(transform_, scores[0], true, scores);
      n = 2;
    } else {
      labels_.write(c, row, arg_max({scores, at(n)}));
      apply_transform(transform_, {scores, at(n)});
    }
    if (float* out = c.out<float>(1))
      for (int64_t k = 0; k < n; ++k) out[row * n + k] = static_cast<float>(scores[k]);
  }

  int64_t rows_, features_ = 0;
  std::vector<float> weights_, columns_, bias_;  // columns_: transposed
  Transform transform_;
  bool classifies_;
  ClassLabels labels_;
  const simd::DistanceTable& table_ = simd::distance();
};

Result<KernelPtr> make_regressor(const KernelQuery& q) {
  return KernelPtr(new Linear(q, q.attr_int("targets"), false));
}

Result<KernelPtr> make_classifier(const KernelQuery& q) {
  const int64_t labels = ClassLabels(q, "classlabels_ints", "classlabels_strings").count();
  const int64_t intercepts = q.has_attr("intercepts") ? static_cast<int64_t>(q.attr_floats("intercepts").size()) : 0;
  const int64_t rows = intercepts ? intercepts : labels;
  if (rows != labels && !(rows == 1 && labels == 2))
    return fail(Code::kAttr, "intercepts has ", intercepts, " values for ", labels, " class labels");
  return KernelPtr(new Linear(q, rows, true));
}

}  // namespace

SDX_KERNEL(cpu, ml_LinearRegressor, any) = {.priority = 10, .make = make_regressor};
SDX_KERNEL(cpu, ml_LinearClassifier, any) = {.priority = 10, .make = make_classifier};

}  // namespace sardonyx
