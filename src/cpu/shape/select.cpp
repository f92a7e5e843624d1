// Compress and NonZero: outputs whose extents depend on the contents.
#include <complex>

#include "cpu/common/axis.h"
#include "cpu/common/element.h"
#include "cpu/common/give.h"

namespace sardonyx {
namespace {

class Compress final : public Kernel {
 public:
  explicit Compress(const KernelQuery& q) : flat_(!q.has_attr("axis")), axis_(q.attr_int("axis")) {}

  Status run(RunCtx& c) const override {
    const Extents& d = c.in_dims(0);
    const int rank = static_cast<int>(d.size()), axis = flat_ ? 0 : wrap_axis(axis_, rank);
    const int64_t extent = flat_ ? elements(d) : d[static_cast<size_t>(axis)];
    const int64_t outer = flat_ ? 1 : product(d, 0, axis), block = flat_ ? 1 : product(d, axis + 1, rank);
    const bool* keep = c.in<bool>(1);
    int64_t kept = 0;
    for (int64_t i = 0; i < c.in_count(1); ++i) {
      if (!keep[i]) continue;
      if (i >= extent)
        return fail(Code::kRange, "condition[", i, "] is true but there are only ", extent, " elements to choose from");
      ++kept;
    }
    Extents dims = flat_ ? Extents{kept} : d;
    if (!flat_) dims[static_cast<size_t>(axis)] = kept;
    SDX_TRY(const Tensor out, open_out(c, 0, dims));
    int64_t at = 0;
    for (int64_t o = 0; o < outer; ++o) {
      for (int64_t i = 0; i < c.in_count(1); ++i) {
        if (!keep[i]) continue;
        copy_elements(out.dtype(), c.in(0), (o * extent + i) * block, out.data(), at, block);
        at += block;
      }
    }
    return {};
  }

 private:
  bool flat_;
  int64_t axis_;
};

// fn(std::type_identity<T>) for every type that can be compared with its zero.
template <class F>
Status visit_any(DType t, F&& fn) {
  if (t == DType::kString) return fn(std::type_identity<std::string>());
  if (t == DType::kC64) return fn(std::type_identity<std::complex<float>>());
  if (t == DType::kC128) return fn(std::type_identity<std::complex<double>>());
  return visit_number(t, fn);
}

class NonZero final : public Kernel {
 public:
  Status run(RunCtx& c) const override {
    return visit_any(c.dtype(0), [&]<class T>(std::type_identity<T>) { return find(c, c.in<T>(0)); });
  }

 private:
  template <class T>
  static bool non_zero(const T& v) {
    if constexpr (std::is_same_v<T, std::string>)
      return !v.empty();
    else if constexpr (std::is_same_v<T, F16> || std::is_same_v<T, BF16>)
      return (v.bits & 0x7FFF) != 0;
    else
      return v != T{};
  }

  // A scalar has no coordinates: its output has no rows.
  template <class T>
  static Status find(RunCtx& c, const T* in) {
    const Extents& d = c.in_dims(0);
    const int64_t count = c.in_count(0), rank = static_cast<int64_t>(d.size());
    int64_t found = 0;
    for (int64_t i = 0; i < count; ++i) found += non_zero(in[i]);
    SDX_TRY(const Tensor out, open_out(c, 0, Extents{rank, found}));
    if (rank == 0) return {};
    int64_t* to = out.as<int64_t>();
    Extents at(d.size(), 0);
    const int64_t line = d.back();
    for (int64_t i = 0, k = 0; i < count && k < found; i += line) {
      for (int64_t j = 0; j < line; ++j) {
        if (!non_zero(in[i + j])) continue;
        for (int64_t a = 0; a + 1 < rank; ++a) to[a * found + k] = at[static_cast<size_t>(a)];
        to[(rank - 1) * found + k++] = j;
      }
      for (size_t a = d.size() - 1; a-- > 0;) {
        if (++at[a] < d[a]) break;
        at[a] = 0;
      }
    }
    return {};
  }
};

}  // namespace

SDX_KERNEL(cpu, Compress, any) = {.make = make_kernel<Compress>};
SDX_KERNEL(cpu, NonZero, any) = {.make = make_kernel<NonZero>};

}  // namespace sardonyx
