// Trilu and ReverseSequence: copies decided row by row.
#include "cpu/common/axis.h"
#include "cpu/common/element.h"
#include "kernel/kernel.h"

namespace sardonyx {
namespace {

class Trilu final : public Kernel {
 public:
  explicit Trilu(const KernelQuery& q) : upper_(q.attr_int("upper") != 0) {}

  Status prepare(PrepareCtx& c) const override {
    const int64_t cols = c.in_dims(0).back();
    c.may_reuse(0, 0);
    c.tasks(cols ? c.in_count(0) / cols : 0, static_cast<double>(cols));
    return {};
  }

  Status run(RunCtx& c) const override {
    const Extents& d = c.in_dims(0);
    const int64_t rows = d[d.size() - 2], cols = d.back();
    const int64_t k = std::clamp(c.has(1) ? *c.in<int64_t>(1) : 0, -rows - 1, cols + 1);
    const DType t = c.dtype(0);
    c.parallel([&](Range r, int) {
      for (int64_t row = r.begin; row < r.end; ++row) {
        const int64_t edge = row % rows + k;  // column of the diagonal
        const int64_t begin = upper_ ? std::clamp<int64_t>(edge, 0, cols) : 0;
        const int64_t end = upper_ ? cols : std::clamp<int64_t>(edge + 1, 0, cols);
        zero_elements(t, c.out(0), row * cols, begin);
        if (c.in(0) != c.out(0))
          copy_elements(t, c.in(0), row * cols + begin, c.out(0), row * cols + begin, end - begin);
        zero_elements(t, c.out(0), row * cols + end, cols - end);
      }
    });
    return {};
  }

 private:
  bool upper_;
};

class ReverseSequence final : public Kernel {
 public:
  explicit ReverseSequence(const KernelQuery& q) : time_first_(q.attr_int("time_axis") == 0) {}

  Status prepare(PrepareCtx& c) const override {
    const Extents& d = c.in_dims(0);
    c.tasks(d[0] * d[1], static_cast<double>(product(d, 2, c.rank(0))));
    return {};
  }

  Status run(RunCtx& c) const override {
    const Extents& d = c.in_dims(0);
    const int64_t times = d[time_first_ ? 0 : 1], batches = d[time_first_ ? 1 : 0];
    const int64_t block = product(d, 2, static_cast<int>(d.size()));
    const int64_t* lengths = c.in<int64_t>(1);
    for (int64_t b = 0; b < batches; ++b)
      if (lengths[b] < 0 || lengths[b] > times)
        return fail(Code::kRange, "sequence_lens[", b, "] is ", lengths[b], ", outside [0,", times, "]");
    c.parallel([&](Range r, int) {
      for (int64_t t = r.begin; t < r.end; ++t) {
        const int64_t time = time_first_ ? t / batches : t % times, batch = time_first_ ? t % batches : t / times;
        const int64_t from = time < lengths[batch] ? lengths[batch] - 1 - time : time;
        copy_elements(c.dtype(0), c.in(0), (time_first_ ? from * batches + batch : batch * times + from) * block,
                      c.out(0), t * block, block);
      }
    });
    return {};
  }

 private:
  bool time_first_;
};

}  // namespace

SDX_KERNEL(cpu, Trilu, any) = {.make = make_kernel<Trilu>};
SDX_KERNEL(cpu, ReverseSequence, any) = {.make = make_kernel<ReverseSequence>};

}  // namespace sardonyx
