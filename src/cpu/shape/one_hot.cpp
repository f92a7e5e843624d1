// OneHot: a new axis on which one element, chosen by an index, is "on". Indices outside of it leave all elements "off".
#include "cpu/common/axis.h"
#include "cpu/common/element.h"
#include "kernel/kernel.h"

namespace sardonyx {
namespace {

struct Work {
  int64_t depth, inner;  // out is [outer][depth][inner], indices are [outer][inner]
};

class OneHot final : public Kernel {
 public:
  explicit OneHot(const KernelQuery& q) : axis_(q.attr_int("axis")) {}

  Status prepare(PrepareCtx& c) const override {
    const Extents& out = c.out_dims(0);
    const int rank = static_cast<int>(out.size()), axis = wrap_axis(axis_, rank);
    Work& w = c.work<Work>();
    w = {out[static_cast<size_t>(axis)], product(out, axis + 1, rank)};
    c.tasks(product(out, 0, axis), static_cast<double>(w.depth * w.inner));
    return {};
  }

  Status run(RunCtx& c) const override {
    return visit_number(c.dtype(0), [&]<class I>(std::type_identity<I>) {
      return visit_storage(c.out_dtype(0), [&]<class T>(std::type_identity<T>) {
        c.parallel([&](Range r, int) { fill(c.work<Work>(), c.in<I>(0), c.in<T>(2), c.out<T>(0), r); });
        return Status();
      });
    });
  }

 private:
  template <class I>
  static int64_t index_of(I v, int64_t depth) {
    if constexpr (!std::is_integral_v<I>) {
      const double d = v;
      if (!(d > -1e18 && d < 1e18)) return -1;
      const int64_t i = static_cast<int64_t>(d);
      return i < 0 ? i + depth : i;
    } else {
      const int64_t i = static_cast<int64_t>(v);
      return std::is_signed_v<I> && i < 0 ? i + depth : i;  // uint64 beyond int64 stays negative: off
    }
  }

  template <class I, class T>
  static void fill(const Work& w, const I* indices, const T* values, T* out, Range r) {
    for (int64_t o = r.begin; o < r.end; ++o) {
      T* row = out + o * w.depth * w.inner;
      std::fill_n(row, w.depth * w.inner, values[0]);
      for (int64_t i = 0; i < w.inner; ++i) {
        const int64_t k = index_of(indices[o * w.inner + i], w.depth);
        if (k >= 0 && k < w.depth) row[k * w.inner + i] = values[1];
      }
    }
  }
  int64_t axis_;
};

}  // namespace

SDX_KERNEL(cpu, OneHot, any) = {.make = make_kernel<OneHot>};

}  // namespace sardonyx
