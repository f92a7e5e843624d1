// ArrayFeatureExtractor picks columns; FeatureVectorizer puts inputs side by side.
#include "cpu/common/axis.h"
#include "cpu/ml/samples.h"

namespace sardonyx {
namespace {

class Extractor final : public Kernel {
 public:
  Status prepare(PrepareCtx& c) const override {
    const int64_t features = c.in_dims(0).back();
    const int64_t rows = product(c.in_dims(0), 0, c.rank(0) - 1);
    c.work<Samples>() = {rows, features};
    c.tasks(rows, static_cast<double>(c.in_count(1)) * 2);
    return {};
  }
  Status run(RunCtx& c) const override {
    const Samples s = c.work<Samples>();
    const int64_t* picks = c.in<int64_t>(1);
    const int64_t n = c.in_count(1);
    for (int64_t i = 0; i < n; ++i)
      if (picks[i] < 0 || picks[i] >= s.features)
        return fail(Code::kRange, "Y[", i, "] is ", picks[i], ", outside the ", s.features, " features of X");
    return visit_storage(c.dtype(0), [&]<class T>(std::type_identity<T>) {
      c.parallel([&](Range r, int) {
        for (int64_t row = r.begin; row < r.end; ++row)
          for (int64_t i = 0; i < n; ++i) c.out<T>(0)[row * n + i] = c.in<T>(0)[row * s.features + picks[i]];
      });
      return Status();
    });
  }
};

// Inputs that are narrower than the columns kept for them are followed by zeros, wider ones cut.
class Vectorizer final : public Kernel {
 public:
  explicit Vectorizer(const KernelQuery& q)
      : widths_(q.has_attr("inputdimensions") ? q.attr_ints("inputdimensions") : std::vector<int64_t>()) {}
  Status prepare(PrepareCtx& c) const override {
    const Extents& out = c.out_dims(0);
    for (int i = 0; i < c.inputs(); ++i)
      if (samples_of(c.in_dims(i)).rows != out[0])
        return fail(Code::kShape, "X[", i, "] ", to_string(c.in_dims(i)), " does not have ", out[0], " rows");
    c.tasks(out[0], static_cast<double>(out[1]) * 2);
    return {};
  }
  Status run(RunCtx& c) const override {
    const int64_t columns = c.out_dims(0)[1];
    return visit_number(c.dtype(0), [&]<class T>(std::type_identity<T>) {
      c.parallel([&](Range r, int) {
        for (int64_t row = r.begin; row < r.end; ++row) {
          float* out = c.out<float>(0) + row * columns;
          for (int i = 0; i < c.inputs(); ++i) {
            const int64_t features = samples_of(c.in_dims(i)).features,
                          width = widths_.empty() ? features : widths_[static_cast<size_t>(i)],
                          kept = std::min(width, features);
            const T* in = c.in<T>(i) + row * features;
            for (int64_t f = 0; f < kept; ++f) out[f] = static_cast<float>(in[f]);
            std::fill(out + kept, out + width, 0.0f);
            out += width;
          }
        }
      });
      return Status();
    });
  }

 private:
  std::vector<int64_t> widths_;
};

}  // namespace

SDX_KERNEL(cpu, ml_ArrayFeatureExtractor, any) = {.priority = 10, .make = make_kernel<Extractor>};
SDX_KERNEL(cpu, ml_FeatureVectorizer, any) = {.priority = 10, .make = make_kernel<Vectorizer>};

}  // namespace sardonyx
