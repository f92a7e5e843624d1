// TopK along one axis. Equal elements keep the order of their indices; NaN counts as the largest.
#include <algorithm>

#include "cpu/common/axis.h"
#include "cpu/common/element.h"
#include "kernel/kernel.h"

namespace sardonyx {
namespace {

struct Work {
  int64_t outer, axis, inner, k;
};

template <class T>
struct Item {
  T value;
  int64_t index;
};

class TopK final : public Kernel {
 public:
  explicit TopK(const KernelQuery& q)
      : type_(q.dtype(0)),
        axis_(q.attr_int("axis")),
        largest_(q.attr_int("largest") != 0),
        sorted_(q.attr_int("sorted") != 0) {}

  Status prepare(PrepareCtx& c) const override {
    Work& w = c.work<Work>();
    const Extents& d = c.in_dims(0);
    const int axis = wrap_axis(axis_, c.rank(0));
    w.outer = product(d, 0, axis), w.axis = d[static_cast<size_t>(axis)], w.inner = product(d, axis + 1, c.rank(0));
    w.k = c.out_dims(0)[static_cast<size_t>(axis)];
    c.tasks(c.out_count(0) ? w.outer * w.inner : 0, static_cast<double>(w.axis) * 8);
    c.scratch_per_thread(static_cast<size_t>(w.axis) * 16);
    return {};
  }
  Status run(RunCtx& c) const override {
    return visit_number(type_, [&]<class T>(std::type_identity<T>) {
      c.parallel([&](Range r, int thread) {
        Item<T>* items = reinterpret_cast<Item<T>*>(c.scratch(thread));
        for (int64_t t = r.begin; t < r.end; ++t) one<T>(c, t, items);
      });
      return Status();
    });
  }

 private:
  template <class T>
  void one(RunCtx& c, int64_t t, Item<T>* items) const {
    const Work& w = c.work<Work>();
    const T* in = c.in<T>(0) + t / w.inner * w.axis * w.inner + t % w.inner;
    for (int64_t i = 0; i < w.axis; ++i) items[i] = {in[i * w.inner], i};
    if (largest_)
      select(items, w, [](const Item<T>& a, const Item<T>& b) {
        return before(b.value, a.value) || (!before(a.value, b.value) && a.index < b.index);
      });
    else
      select(items, w, [](const Item<T>& a, const Item<T>& b) {
        return before(a.value, b.value) || (!before(b.value, a.value) && a.index < b.index);
      });
    const int64_t at = t / w.inner * w.k * w.inner + t % w.inner;
    T* values = c.out<T>(0);
    int64_t* indices = c.out<int64_t>(1);
    for (int64_t i = 0; i < w.k; ++i) {
      if (values) values[at + i * w.inner] = items[i].value;
      if (indices) indices[at + i * w.inner] = items[i].index;
    }
  }
  template <class T, class Before>
  void select(Item<T>* items, const Work& w, Before&& less) const {
    if (w.k < w.axis) std::nth_element(items, items + w.k, items + w.axis, less);
    if (sorted_)
      std::sort(items, items + w.k, less);
    else
      std::sort(items, items + w.k, [](const Item<T>& a, const Item<T>& b) { return a.index < b.index; });
  }
  // Numbers ascend, NaN comes last.
  template <class T>
  static bool before(T a, T b) {
    if constexpr (std::is_integral_v<T>) {
      return a < b;
    } else {
      const auto x = static_cast<std::conditional_t<std::is_same_v<T, double>, double, float>>(a),
                 y = static_cast<decltype(x)>(b);
      return x < y || (x == x && y != y);
    }
  }

  DType type_;
  int64_t axis_;
  bool largest_, sorted_;
};

}  // namespace

SDX_KERNEL(cpu, TopK, any) = {.priority = 10, .make = make_kernel<TopK>};

}  // namespace sardonyx
