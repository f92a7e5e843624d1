// Input 0 of the classical models: N samples of C features, where [C] is one sample; and its rows as floats or doubles.
#pragma once

#include "cpu/common/element.h"
#include "kernel/kernel.h"

namespace sardonyx {

struct Samples {
  int64_t rows = 0, features = 0;
};

inline Samples samples_of(const Extents& d) {
  return d.size() == 1 ? Samples{1, d[0]} : Samples{d.empty() ? 1 : d[0], d.empty() ? 1 : d.back()};
}

// n elements of type `from`, starting at element `at`, converted to To. Types are those that visit_number knows.
template <class To>
Status convert_elements(DType from, const void* in, int64_t at, int64_t n, To* out) {
  return visit_number(from, [&]<class T>(std::type_identity<T>) {
    const T* p = static_cast<const T*>(in) + at;
    for (int64_t i = 0; i < n; ++i) {
      if constexpr (std::is_same_v<T, F16> || std::is_same_v<T, BF16>)
        out[i] = static_cast<To>(static_cast<float>(p[i]));
      else
        out[i] = static_cast<To>(p[i]);
    }
    return Status();
  });
}

}  // namespace sardonyx
