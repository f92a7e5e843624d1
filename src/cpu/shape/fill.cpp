// ConstantOfShape and EyeLike: outputs that do not depend on the input's contents.
#include <algorithm>

#include "cpu/common/axis.h"
#include "cpu/common/element.h"
#include "kernel/kernel.h"

namespace sardonyx {
namespace {

class ConstantOfShape final : public Kernel {
 public:
  explicit ConstantOfShape(const KernelQuery& q) {
    if (const Attr* a = q.attr("value")) value_ = a->tensor;
  }

  Status prepare(PrepareCtx& c) const override {
    const int64_t n = c.out_count(0);
    c.tasks((n + kChunk - 1) / kChunk, kChunk);
    return {};
  }
  Status run(RunCtx& c) const override {
    const int64_t n = c.out_count(0);
    const DType t = c.out_dtype(0);
    c.parallel([&](Range r, int) {
      const int64_t begin = r.begin * kChunk, end = std::min(r.end * kChunk, n);
      if (value_.valid())
        fill_elements(t, c.out(0), begin, end - begin, value_.data());
      else
        zero_elements(t, c.out(0), begin, end - begin);
    });
    return {};
  }

 private:
  static constexpr int64_t kChunk = 16384;  // whole bytes of packed types
  Tensor value_;
};

class EyeLike final : public Kernel {
 public:
  explicit EyeLike(const KernelQuery& q) : k_(q.attr_int("k")) {}

  Status run(RunCtx& c) const override {
    const int64_t rows = c.out_dims(0)[0], cols = c.out_dims(0)[1];
    const DType t = c.out_dtype(0);
    zero_elements(t, c.out(0), 0, rows * cols);
    return visit_number(t, [&]<class T>(std::type_identity<T>) {
      const int64_t begin = std::max<int64_t>(0, k_ < 0 ? (k_ < -rows ? rows : -k_) : 0);
      for (int64_t i = begin; i < rows && k_ < cols - i; ++i) c.out<T>(0)[i * cols + i + k_] = static_cast<T>(1.0f);
      return Status();
    });
  }

 private:
  int64_t k_;
};

}  // namespace

SDX_KERNEL(cpu, ConstantOfShape, any) = {.make = make_kernel<ConstantOfShape>};
SDX_KERNEL(cpu, EyeLike, any) = {.make = make_kernel<EyeLike>};

}  // namespace sardonyx
