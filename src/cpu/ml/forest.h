// Forests of decision trees, in two forms.
//   ForestSpec  what the attributes of the three operators say, checked: every index is in range
//   Forest      flattened for evaluation; immutable, thread-safe
// The two children of a node lie side by side. A step goes to the second one if value <= threshold, so conditions are
// normalised: "less" by stepping the threshold, "greater" by swapping the children. Leaves step to themselves.
#pragma once
#include <memory>
#include <vector>

#include "kernel/kernel.h"

namespace sardonyx {

enum class Branch : uint8_t { kLeq, kLt, kGte, kGt, kEq, kNeq, kMember, kLeaf };  // numbered as in TreeEnsemble

struct ForestSpec {
  struct Node {
    double threshold = 0;
    int32_t feature = 0;
    Branch mode = Branch::kLeaf;
    bool nan_is_true = false;
    int32_t yes = 0, no = 0;  // nodes; of a leaf: its first weight and the number of them
    int32_t set = 0;          // kMember: position in sets
  };
  struct Weight {
    int32_t target;
    double value;
  };
  std::vector<Node> nodes;
  std::vector<int32_t> roots;
  std::vector<Weight> weights;
  std::vector<std::vector<double>> sets;  // ascending
  int64_t targets = 1;
  std::vector<double> base;  // empty or one per target, except for two classes, which may have one

  // From the attributes of TreeEnsembleRegressor ("target") and TreeEnsembleClassifier ("class").
  static Result<ForestSpec> of_lists(const KernelQuery& q, std::string_view kind, int64_t targets);
  // From those of TreeEnsemble.
  static Result<ForestSpec> of_ensemble(const KernelQuery& q);
};

enum class Aggregate : uint8_t { kAverage, kSum, kMin, kMax };  // numbered as in TreeEnsemble

class Forest {
 public:
  virtual ~Forest() = default;

  // Adds trees [tree_begin, tree_end) to the scores of n rows: scores [n, targets] starts as zeros, hit [n, targets]
  // says which of them any leaf has set. The average is left to the caller. x holds rows of value_type().
  virtual void add(const void* x, int64_t features, int64_t n, int64_t tree_begin, int64_t tree_end, double* scores,
                   uint8_t* hit) const = 0;

  DType value_type() const { return value_type_; }
  int64_t targets() const { return targets_; }
  int64_t trees() const { return trees_; }
  int64_t features_needed() const { return features_needed_; }
  // Steps that one row takes, roughly.
  double steps() const { return steps_; }
  Aggregate aggregate() const { return aggregate_; }

  // `exact_f32`: inputs are f32 values, so that f32 thresholds can decide; used if the model has no finer ones.
  static Result<std::unique_ptr<const Forest>> make(const ForestSpec& spec, Aggregate aggregate, bool exact_f32);

  // Joins the scores of two runs of trees.
  void merge(double* scores, uint8_t* hit, const double* more, const uint8_t* more_hit, int64_t n) const;

 protected:
  DType value_type_ = DType::kF32;
  int64_t targets_ = 1, trees_ = 0, features_needed_ = 0;
  double steps_ = 0;
  Aggregate aggregate_ = Aggregate::kSum;
};

}  // namespace sardonyx
