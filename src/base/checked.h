// Arithmetic on sizes that reports overflow instead of wrapping. Every byte count that comes from a model goes through
// here.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace sardonyx {

inline std::optional<int64_t> checked_mul(int64_t a, int64_t b) {
  int64_t r;
  if (__builtin_mul_overflow(a, b, &r)) return std::nullopt;
  return r;
}
inline std::optional<int64_t> checked_add(int64_t a, int64_t b) {
  int64_t r;
  if (__builtin_add_overflow(a, b, &r)) return std::nullopt;
  return r;
}
// Product of extents; nullopt if one is negative or the product overflows. A zero extent gives zero whatever the others
// are.
inline std::optional<int64_t> checked_elements(std::span<const int64_t> dims) {
  int64_t n = 1;
  bool zero = false;
  for (int64_t d : dims) {
    if (d < 0) return std::nullopt;
    if (d == 0) {
      zero = true;
      continue;
    }
    auto m = checked_mul(n, d);
    if (!m) return std::nullopt;
    n = *m;
  }
  return zero ? 0 : n;
}
inline size_t round_up(size_t n, size_t to) { return (n + to - 1) / to * to; }

}  // namespace sardonyx
