// Unique: the distinct elements, or slices along an axis, in ascending order or in order of first appearance.
// NaN are equal to each other and greater than all numbers; complex numbers compare by real, then imaginary part.
#include <algorithm>
#include <complex>
#include <numeric>

#include "cpu/common/axis.h"
#include "cpu/common/element.h"
#include "cpu/common/give.h"

namespace sardonyx {
namespace {

template <class T>
int compare(const T& a, const T& b) {
  if (a < b) return -1;
  if (b < a) return 1;
  const bool a_nan = a != a, b_nan = b != b;
  return a_nan == b_nan ? 0 : a_nan ? 1 : -1;
}
int compare(const std::string& a, const std::string& b) { return a.compare(b); }
template <class T>
int compare(const std::complex<T>& a, const std::complex<T>& b) {
  const int real = compare(a.real(), b.real());
  return real ? real : compare(a.imag(), b.imag());
}

// The input as `slices` slices, each of outer x inner elements.
struct View {
  int64_t outer = 1, slices = 0, inner = 1;
};

struct Groups {
  std::vector<int64_t> first;    // first slice of each group, in output order
  std::vector<int64_t> inverse;  // group of each slice
  std::vector<int64_t> counts;
};

template <class T>
int compare_slices(const T* in, const View& v, int64_t a, int64_t b) {
  for (int64_t o = 0; o < v.outer; ++o) {
    const T* x = in + (o * v.slices + a) * v.inner;
    const T* y = in + (o * v.slices + b) * v.inner;
    for (int64_t i = 0; i < v.inner; ++i)
      if (const int r = compare(x[i], y[i])) return r;
  }
  return 0;
}

// Numbers the groups by first appearance instead of by value.
void in_order_of_appearance(Groups& g) {
  std::vector<int64_t> order(g.first.size()), rank(order.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(),
            [&](int64_t a, int64_t b) { return g.first[static_cast<size_t>(a)] < g.first[static_cast<size_t>(b)]; });
  Groups sorted;
  for (size_t k = 0; k < order.size(); ++k) {
    rank[static_cast<size_t>(order[k])] = static_cast<int64_t>(k);
    sorted.first.push_back(g.first[static_cast<size_t>(order[k])]);
    sorted.counts.push_back(g.counts[static_cast<size_t>(order[k])]);
  }
  for (int64_t i : g.inverse) sorted.inverse.push_back(rank[static_cast<size_t>(i)]);
  g = std::move(sorted);
}

template <class T>
Groups group(const T* in, const View& v, bool sorted) {
  std::vector<int64_t> order(static_cast<size_t>(v.slices));
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    const int r = compare_slices(in, v, a, b);
    return r ? r < 0 : a < b;
  });
  Groups g;
  g.inverse.resize(order.size());
  for (size_t k = 0; k < order.size(); ++k) {
    if (k == 0 || compare_slices(in, v, order[k - 1], order[k]) != 0) {
      g.first.push_back(order[k]);
      g.counts.push_back(0);
    }
    ++g.counts.back();
    g.inverse[static_cast<size_t>(order[k])] = static_cast<int64_t>(g.first.size()) - 1;
  }
  if (!sorted) in_order_of_appearance(g);
  return g;
}

class Unique final : public Kernel {
 public:
  explicit Unique(const KernelQuery& q)
      : flat_(!q.has_attr("axis")), sorted_(q.attr_int("sorted") != 0), axis_(q.attr_int("axis")) {}

  Status run(RunCtx& c) const override {
    const Extents& d = c.in_dims(0);
    const int rank = static_cast<int>(d.size()), axis = flat_ ? 0 : wrap_axis(axis_, rank);
    View v{1, c.in_count(0), 1};
    if (!flat_) v = {product(d, 0, axis), d[static_cast<size_t>(axis)], product(d, axis + 1, rank)};
    Groups g;
    const auto find = [&]<class T>(std::type_identity<T>) {
      g = group(c.in<T>(0), v, sorted_);
      return Status();
    };
    const DType t = c.dtype(0);
    SDX_RETURN_IF_ERROR(t == DType::kString ? find(std::type_identity<std::string>())
                        : t == DType::kC64  ? find(std::type_identity<std::complex<float>>())
                        : t == DType::kC128 ? find(std::type_identity<std::complex<double>>())
                                            : visit_number(t, find));
    const int64_t groups = static_cast<int64_t>(g.first.size());
    Extents dims = flat_ ? Extents{groups} : d;
    if (!flat_) dims[static_cast<size_t>(axis)] = groups;
    SDX_TRY(const Tensor out, open_out(c, 0, dims));
    for (int64_t o = 0; o < v.outer; ++o)
      for (int64_t k = 0; k < groups; ++k)
        copy_elements(t, c.in(0), (o * v.slices + g.first[static_cast<size_t>(k)]) * v.inner, out.data(),
                      (o * groups + k) * v.inner, v.inner);
    SDX_RETURN_IF_ERROR(put(c, 1, g.first));
    SDX_RETURN_IF_ERROR(put(c, 2, g.inverse));
    return put(c, 3, g.counts);
  }

 private:
  static Status put(RunCtx& c, int o, const std::vector<int64_t>& numbers) {
    if (!c.wants(o)) return {};
    SDX_TRY(const Tensor out, open_out(c, o, Extents{static_cast<int64_t>(numbers.size())}));
    std::copy(numbers.begin(), numbers.end(), out.as<int64_t>());
    return {};
  }
  bool flat_, sorted_;
  int64_t axis_;
};

}  // namespace

SDX_KERNEL(cpu, Unique, any) = {.make = make_kernel<Unique>};

}  // namespace sardonyx
