// One number to another C++ arithmetic type, with the out-of-range rules of cast.h and no undefined behaviour.
#pragma once
#include <cstdint>

#include "tensor/codec.h"

namespace sardonyx::simd {

SDX_ALWAYS_INLINE constexpr int32_t truncate_i32(double v) {
  return v > -2147483649.0 && v < 2147483648.0 ? static_cast<int32_t>(v) : INT32_MIN;
}
SDX_ALWAYS_INLINE constexpr int64_t truncate_i64(double v) {
  return v >= -9223372036854775808.0 && v < 9223372036854775808.0 ? static_cast<int64_t>(v) : INT64_MIN;
}
SDX_ALWAYS_INLINE constexpr uint64_t truncate_u64(double v) {
  constexpr double kHalf = 9223372036854775808.0;
  if (v >= kHalf) return static_cast<uint64_t>(truncate_i64(v - kHalf)) ^ (uint64_t{1} << 63);
  return static_cast<uint64_t>(truncate_i64(v));
}

template <class T>
inline constexpr bool kIsFloating = static_cast<T>(0.5) != static_cast<T>(0);

template <class To, class From>
SDX_ALWAYS_INLINE constexpr To to_number(From v) {
  if constexpr (!kIsFloating<From> || kIsFloating<To>) {
    return static_cast<To>(v);
  } else if constexpr (sizeof(To) == 8) {
    return static_cast<To>(-1) < static_cast<To>(0) ? static_cast<To>(truncate_i64(v))
                                                    : static_cast<To>(truncate_u64(v));
  } else if constexpr (sizeof(To) == 4 && static_cast<To>(-1) > static_cast<To>(0)) {
    return static_cast<To>(truncate_i64(v));
  } else {
    return static_cast<To>(truncate_i32(v));
  }
}

}  // namespace sardonyx::simd
