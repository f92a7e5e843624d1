// TopK along one axis. Equal elements keep the order of their indices; NaN counts as the largest.
#include <algorithm>

#include "cpu/common/axis.h"
#include "cpu/common/element.h"
#include "kernel/kernel.h"

namespace sardonyx {
namespace {

constexpr int64_t kFew = 64;   // so many are found by insertion
constexpr int64_t kBlock = 8;  // elements that are looked at together

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
    c.scratch_per_thread(static_cast<size_t>(w.k <= kFew ? w.k : w.axis) * 16);
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
    if (largest_)
      select(in, items, w, [](T a, T b) { return before(b, a); });
    else
      select(in, items, w, [](T a, T b) { return before(a, b); });
    const int64_t at = t / w.inner * w.k * w.inner + t % w.inner;
    T* values = c.out<T>(0);
    int64_t* indices = c.out<int64_t>(1);
    for (int64_t i = 0; i < w.k; ++i) {
      if (values) values[at + i * w.inner] = items[i].value;
      if (indices) indices[at + i * w.inner] = items[i].index;
    }
  }
  // better(a, b): a comes before b by its value.
  template <class T, class Better>
  void select(const T* in, Item<T>* items, const Work& w, Better&& better) const {
    const auto less = [&](const Item<T>& a, const Item<T>& b) {
      return better(a.value, b.value) || (!better(b.value, a.value) && a.index < b.index);
    };
    if (w.k <= kFew) {
      insert_few(in, items, w, better);
    } else {
      for (int64_t i = 0; i < w.axis; ++i) items[i] = {in[i * w.inner], i};
      if (w.k < w.axis) std::nth_element(items, items + w.k, items + w.axis, less);
      if (sorted_) std::sort(items, items + w.k, less);
    }
    if (!sorted_) std::sort(items, items + w.k, [](const Item<T>& a, const Item<T>& b) { return a.index < b.index; });
  }
  // The best k so far are kept in order; most elements are worse than all of them, and most blocks have no other.
  template <class T, class Better>
  void insert_few(const T* in, Item<T>* items, const Work& w, Better&& better) const {
    const int64_t step = w.inner;
    const auto insert = [&](int64_t i) {
      const T value = in[i * step];
      int64_t at = std::min(i, w.k);
      if (at == w.k && !better(value, items[w.k - 1].value)) return;
      if (at == w.k) --at;
      for (; at > 0 && better(value, items[at - 1].value); --at) items[at] = items[at - 1];
      items[at] = {value, i};
    };
    int64_t i = 0;
    for (const int64_t first = std::min(w.k, w.axis); i < first; ++i) insert(i);
    if (std::is_arithmetic_v<T> && step == 1)
      for (; i + kBlock <= w.axis; i += kBlock) {
        if (hopeless(in + i, items[w.k - 1].value)) continue;
        for (int64_t j = 0; j < kBlock; ++j) insert(i + j);
      }
    for (; i < w.axis; ++i) insert(i);
  }
  // True if none of a block is better than the worst that is kept, or NaN.
  template <class T>
  bool hopeless(const T* in, T worst) const {
    if constexpr (std::is_arithmetic_v<T>) {
      using Count = std::conditional_t<sizeof(T) == 8, int64_t, int32_t>;
      Count not_better = 0;
      if (largest_)
        for (int64_t j = 0; j < kBlock; ++j) not_better += in[j] <= worst ? 1 : 0;
      else
        for (int64_t j = 0; j < kBlock; ++j) not_better += in[j] >= worst ? 1 : 0;
      return not_better == kBlock;
    }
    return false;
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
