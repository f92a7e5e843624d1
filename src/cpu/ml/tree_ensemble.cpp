// TreeEnsemble, TreeEnsembleRegressor and TreeEnsembleClassifier over one forest. Many rows are cut into blocks of
// rows; a few rows under many trees into groups of trees whose scores are joined in order. Which of the two depends on
// extents alone, so results do not depend on the number of threads.
#include <algorithm>

#include "cpu/ml/forest.h"
#include "cpu/ml/samples.h"
#include "cpu/ml/scores.h"

namespace sardonyx {
namespace {

constexpr int64_t kBlockRows = 64, kFewRows = 16, kGroupTrees = 64;

struct Work {
  int64_t rows, features, block, groups;  // groups: 0 if rows are cut
};

class TreeKernel : public Kernel {
 public:
  TreeKernel(std::unique_ptr<const Forest> forest, std::vector<double> base, Transform transform)
      : forest_(std::move(forest)), base_(std::move(base)), transform_(transform) {}

  Status prepare(PrepareCtx& c) const override {
    const Samples s = samples_of(c.in_dims(0));
    if (s.features < forest_->features_needed())
      return fail(Code::kShape, "X ", to_string(c.in_dims(0)), " has ", s.features, " features, the trees use ",
                  forest_->features_needed());
    Work& w = c.work<Work>();
    const int64_t targets = forest_->targets(), groups = (forest_->trees() + kGroupTrees - 1) / kGroupTrees;
    const int64_t per_row = targets + (converts(c.dtype(0)) ? s.features : 0);
    w = {s.rows, s.features, std::clamp<int64_t>((int64_t{1} << 16) / std::max<int64_t>(1, per_row), 1, kBlockRows),
         s.rows <= kFewRows && groups >= 4 ? groups : 0};
    const double row_cost = forest_->steps() * 3 + static_cast<double>(targets) * 20;
    if (w.groups) {
      c.tasks(w.groups, row_cost * static_cast<double>(s.rows) / static_cast<double>(w.groups));
      c.scratch(area(w, w.rows, w.groups, c.dtype(0)));
    } else {
      c.tasks((s.rows + w.block - 1) / w.block, row_cost * static_cast<double>(std::min(s.rows, w.block)));
      c.scratch_per_thread(area(w, w.block, 1, c.dtype(0)));
    }
    return {};
  }

  Status run(RunCtx& c) const override {
    const Work& w = c.work<Work>();
    const int64_t targets = forest_->targets();
    if (w.groups) {
      const int64_t n = w.rows * targets;
      Area a(c.scratch(), n * w.groups, w.rows * w.features, converts(c.dtype(0)));
      const void* x = values(c, 0, w.rows, a);
      c.parallel([&](Range r, int) {
        for (int64_t g = r.begin; g < r.end; ++g) {
          clear(a, g * n, n);
          forest_->add(x, w.features, w.rows, g * kGroupTrees, std::min(forest_->trees(), (g + 1) * kGroupTrees),
                       a.scores + g * n, a.hit + g * n);
        }
      });
      for (int64_t g = 1; g < w.groups; ++g) forest_->merge(a.scores, a.hit, a.scores + g * n, a.hit + g * n, n);
      for (int64_t row = 0; row < w.rows; ++row) finish(c, row, a.scores + row * targets, a.hit + row * targets);
      return {};
    }
    c.parallel([&](Range r, int thread) {
      Area a(c.scratch(thread), w.block * targets, w.block * w.features, converts(c.dtype(0)));
      for (int64_t b = r.begin; b < r.end; ++b) {
        const int64_t begin = b * w.block, n = std::min(w.rows - begin, w.block);
        clear(a, 0, n * targets);
        forest_->add(values(c, begin, n, a), w.features, n, 0, forest_->trees(), a.scores, a.hit);
        for (int64_t i = 0; i < n; ++i) finish(c, begin + i, a.scores + i * targets, a.hit + i * targets);
      }
    });
    return {};
  }

 protected:
  // Turns a row's sums into outputs; may write to scores.
  virtual void finish(RunCtx& c, int64_t row, double* scores, const uint8_t* hit) const = 0;

  std::unique_ptr<const Forest> forest_;
  std::vector<double> base_;
  Transform transform_;

 private:
  struct Area {
    Area(std::byte* at, int64_t scores_n, int64_t values_n, bool convert)
        : scores(reinterpret_cast<double*>(at)),
          values(reinterpret_cast<double*>(at) + scores_n),
          hit(reinterpret_cast<uint8_t*>(values + (convert ? values_n : 0))) {}
    double* scores;
    double* values;  // converted rows; of Forest::value_type
    uint8_t* hit;
  };
  bool converts(DType t) const { return t != forest_->value_type(); }
  size_t area(const Work& w, int64_t rows, int64_t groups, DType t) const {
    const int64_t n = rows * forest_->targets() * groups;
    return static_cast<size_t>(n * 9 + (converts(t) ? rows * w.features * 8 : 0));
  }
  static void clear(const Area& a, int64_t at, int64_t n) {
    std::fill_n(a.scores + at, n, 0.0);
    std::fill_n(a.hit + at, n, uint8_t{0});
  }
  const void* values(RunCtx& c, int64_t row, int64_t n, const Area& a) const {
    static constexpr double kNothing = 0;  // stands for rows without features
    const Work& w = c.work<Work>();
    if (w.features == 0) return &kNothing;
    const int64_t at = row * w.features, count = n * w.features;
    if (!converts(c.dtype(0))) return c.in<std::byte>(0) + at * element_bytes(c.dtype(0));
    // The input type is one that the conversion knows: the schema says so.
    if (forest_->value_type() == DType::kF32)
      (void)convert_elements(c.dtype(0), c.in(0), at, count, reinterpret_cast<float*>(a.values));
    else
      (void)convert_elements(c.dtype(0), c.in(0), at, count, a.values);
    return a.values;
  }
};

class Regressor final : public TreeKernel {
 public:
  using TreeKernel::TreeKernel;

 private:
  void finish(RunCtx& c, int64_t row, double* scores, const uint8_t*) const override {
    const int64_t n = forest_->targets();
    if (forest_->aggregate() == Aggregate::kAverage && forest_->trees() > 0)
      for (int64_t t = 0; t < n; ++t) scores[t] /= static_cast<double>(forest_->trees());
    for (size_t t = 0; t < base_.size(); ++t) scores[t] += base_[t];
    apply_transform(transform_, {scores, static_cast<size_t>(n)});
    for (int64_t t = 0, at = row * n; t < n; ++t, ++at) {
      switch (c.out_dtype(0)) {
        case DType::kF64: c.out<double>(0)[at] = scores[t]; break;
        case DType::kF16: c.out<uint16_t>(0)[at] = f16_from_f32(f32_odd_from_f64(scores[t])); break;
        default: c.out<float>(0)[at] = static_cast<float>(scores[t]);
      }
    }
  }
};

class Classifier final : public TreeKernel {
 public:
  // one_score: there are two classes, and all weights are of one of them.
  struct Form {
    ClassLabels labels;
    bool one_score = false, all_positive = true;
    int64_t only_class = 0;
  };
  Classifier(std::unique_ptr<const Forest> forest, std::vector<double> base, Transform transform, Form form)
      : TreeKernel(std::move(forest), std::move(base), transform), form_(std::move(form)) {}

 private:
  void finish(RunCtx& c, int64_t row, double* scores, const uint8_t* hit) const override {
    const int64_t n = form_.labels.count();
    if (form_.one_score) return finish_one(c, row, scores[0]);
    // Classes that neither a leaf nor a base value names are not candidates.
    int64_t best = -1;
    for (int64_t k = 0; k < n; ++k) {
      const bool based = static_cast<size_t>(k) < base_.size();
      if (based) scores[k] += base_[static_cast<size_t>(k)];
      if ((hit[k] || based) && (best < 0 || scores[k] > scores[best])) best = k;
    }
    form_.labels.write(c, row, std::max<int64_t>(best, 0));
    write_scores(c, row, transform_, {scores, static_cast<size_t>(n)});
  }

  // Two classes, one score: which is a share of 1 if no weight is negative, else a distance from 0.
  void finish_one(RunCtx& c, int64_t row, double score) const {
    double pair[2];
    if (base_.size() == 2) {
      pair[0] = base_[0], pair[1] = base_[1];
      pair[form_.only_class] += score;
      form_.labels.write(c, row, pair[1] > pair[0]);
      return write_scores(c, row, transform_, pair);
    }
    if (!base_.empty()) score += base_[0];
    form_.labels.write(c, row, score > (form_.all_positive ? 0.5 : 0.0));
    if (form_.only_class == 1) {
      pair[0] = 0, pair[1] = score;
      return write_scores(c, row, transform_, pair);
    }
    split_score(transform_, score, form_.all_positive, pair);
    write_scores(c, row, Transform::kNone, pair);
  }

  Form form_;
};

bool exact_f32(const KernelQuery& q) { return q.dtype(0) == DType::kF32 || q.dtype(0) == DType::kF16; }

Result<KernelPtr> make_ensemble(const KernelQuery& q) {
  SDX_TRY(ForestSpec spec, ForestSpec::of_ensemble(q));
  SDX_TRY(auto forest, Forest::make(spec, static_cast<Aggregate>(q.attr_int("aggregate_function")), exact_f32(q)));
  return KernelPtr(
      new Regressor(std::move(forest), std::move(spec.base), static_cast<Transform>(q.attr_int("post_transform"))));
}

Result<KernelPtr> make_regressor(const KernelQuery& q) {
  SDX_TRY(ForestSpec spec, ForestSpec::of_lists(q, "target", q.has_attr("n_targets") ? q.attr_int("n_targets") : 1));
  const std::string name = q.attr_string("aggregate_function");
  const Aggregate aggregate = name == "AVERAGE" ? Aggregate::kAverage
                              : name == "MIN"   ? Aggregate::kMin
                              : name == "MAX"   ? Aggregate::kMax
                                                : Aggregate::kSum;
  SDX_TRY(auto forest, Forest::make(spec, aggregate, exact_f32(q)));
  return KernelPtr(
      new Regressor(std::move(forest), std::move(spec.base), transform_named(q.attr_string("post_transform"))));
}

Result<KernelPtr> make_classifier(const KernelQuery& q) {
  Classifier::Form form;
  form.labels = ClassLabels(q, "classlabels_int64s", "classlabels_strings");
  SDX_TRY(ForestSpec spec, ForestSpec::of_lists(q, "class", form.labels.count()));
  const auto same = [&](const ForestSpec::Weight& w) { return w.target == spec.weights[0].target; };
  form.one_score =
      spec.targets == 2 && !spec.weights.empty() && std::all_of(spec.weights.begin(), spec.weights.end(), same);
  if (form.one_score) {
    form.only_class = spec.weights[0].target;
    spec.targets = 1;
    for (ForestSpec::Weight& w : spec.weights) {
      w.target = 0;
      form.all_positive = form.all_positive && !(w.value < 0);
    }
  }
  SDX_TRY(auto forest, Forest::make(spec, Aggregate::kSum, exact_f32(q)));
  return KernelPtr(new Classifier(std::move(forest), std::move(spec.base),
                                  transform_named(q.attr_string("post_transform")), std::move(form)));
}

}  // namespace

SDX_KERNEL(cpu, ml_TreeEnsemble, flat) = {.priority = 10, .make = make_ensemble};
SDX_KERNEL(cpu, ml_TreeEnsembleRegressor, flat) = {.priority = 10, .make = make_regressor};
SDX_KERNEL(cpu, ml_TreeEnsembleClassifier, flat) = {.priority = 10, .make = make_classifier};

}  // namespace sardonyx
