// What scattering does with an element that is already there: replace it, or combine it with the update.
#pragma once
#include <algorithm>
#include <complex>
#include <cstring>

#include "cpu/common/element.h"
#include "kernel/kernel.h"

namespace sardonyx {

enum class Reduction : uint8_t { kNone, kAdd, kMul, kMax, kMin };

inline Reduction reduction_of(const KernelQuery& q) {
  const std::string s = q.attr_string("reduction");
  return s == "add"   ? Reduction::kAdd
         : s == "mul" ? Reduction::kMul
         : s == "max" ? Reduction::kMax
         : s == "min" ? Reduction::kMin
                      : Reduction::kNone;
}

inline Reason refuse_reduction(const KernelQuery& q) {
  const Reduction r = reduction_of(q);
  if (r == Reduction::kNone)
    return q.attr_string("reduction") == "none" ? kAccept : Reason("reduction must be none, add, mul, max or min");
  if (q.dtype(0) == DType::kString) return "strings can be replaced but not reduced";
  if (is_complex(q.dtype(0)) && r != Reduction::kAdd && r != Reduction::kMul)
    return "complex numbers have no order for max and min";
  return kAccept;
}

// apply(old, update). Integers wrap; max and min pass NaN on.
template <class T, Reduction R>
struct Reducer {
  static T apply(T old, T update) {
    if constexpr (R == Reduction::kNone) {
      return update;
    } else if constexpr (std::is_integral_v<T> && (R == Reduction::kAdd || R == Reduction::kMul)) {
      const uint64_t a = static_cast<uint64_t>(old), b = static_cast<uint64_t>(update);
      return static_cast<T>(R == Reduction::kAdd ? a + b : a * b);
    } else if constexpr (R == Reduction::kAdd) {
      return static_cast<T>(old + update);
    } else if constexpr (R == Reduction::kMul) {
      return static_cast<T>(old * update);
    } else {
      if (old != old) return old;
      return update != update || (R == Reduction::kMax ? old < update : update < old) ? update : old;
    }
  }
};

// fn(std::type_identity<T>, apply) with the element type and reduction at hand; returns its Status.
template <class F>
Status visit_reduction(DType t, Reduction r, F&& fn) {
  if (r == Reduction::kNone)
    return visit_storage(
        t, [&]<class T>(std::type_identity<T> id) { return fn(id, [](const T&, const T& u) { return u; }); });
  if (t == DType::kBool) r = r == Reduction::kAdd ? Reduction::kMax : r == Reduction::kMul ? Reduction::kMin : r;
  const auto each = [&]<class T>(std::type_identity<T> id) {
    if (r == Reduction::kAdd) return fn(id, Reducer<T, Reduction::kAdd>::apply);
    return fn(id, Reducer<T, Reduction::kMul>::apply);
  };
  if (t == DType::kC64) return each(std::type_identity<std::complex<float>>());
  if (t == DType::kC128) return each(std::type_identity<std::complex<double>>());
  return visit_number(t, [&]<class T>(std::type_identity<T> id) {
    if (r == Reduction::kMax) return fn(id, Reducer<T, Reduction::kMax>::apply);
    if (r == Reduction::kMin) return fn(id, Reducer<T, Reduction::kMin>::apply);
    return each(id);
  });
}

// Output 0 starts as input 0; done by all threads if it is large.
inline void copy_input(RunCtx& c) {
  if (c.in(0) == c.out(0)) return;
  constexpr int64_t kChunk = 65536;  // whole bytes of packed types
  const int64_t n = c.in_count(0);
  const auto part = [&](Range r, int) {
    const int64_t begin = r.begin * kChunk, end = std::min(r.end * kChunk, n);
    copy_elements(c.dtype(0), c.in(0), begin, c.out(0), begin, end - begin);
  };
  const int64_t chunks = (n + kChunk - 1) / kChunk;
  if (c.pool() && chunks > 1)
    c.pool()->parallel_for(chunks, 1, part);
  else
    part(Range{0, chunks}, 0);
}

}  // namespace sardonyx
