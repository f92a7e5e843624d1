// Lookup finds keys (strings, or numbers as 64 bits) in a list and tells where. Immutable once filled.
#pragma once
#include <cmath>
#include <cstdint>
#include <string>
#include <type_traits>
#include <unordered_map>

#include "tensor/codec.h"

namespace sardonyx {

// Equal numbers of one type have equal bits: -0 is 0, and every NaN the same one.
template <class T>
uint64_t key_bits(T v) {
  if constexpr (std::is_integral_v<T>) {
    return static_cast<uint64_t>(static_cast<int64_t>(v));
  } else {
    const double d = static_cast<double>(v);
    return std::isnan(d) ? uint64_t{0x7FF8000000000000u} : f64_bits(d == 0 ? 0.0 : d);
  }
}

class Lookup {
 public:
  // `replace`: of equal keys the last one counts, else the first.
  void add(const std::string& key, int64_t position, bool replace) { put(strings_, key, position, replace); }
  void add(uint64_t bits, int64_t position, bool replace) { put(numbers_, bits, position, replace); }

  // -1 if it is not there.
  int64_t find(const std::string& key) const { return get(strings_, key); }
  int64_t find(uint64_t bits) const { return get(numbers_, bits); }

 private:
  struct Mix {
    size_t operator()(uint64_t v) const {
      v *= 0x9E3779B97F4A7C15u;
      return static_cast<size_t>(v ^ v >> 32);
    }
  };
  template <class Map, class Key>
  static void put(Map& map, const Key& key, int64_t position, bool replace) {
    const auto [it, fresh] = map.try_emplace(key, position);
    if (!fresh && replace) it->second = position;
  }
  template <class Map, class Key>
  static int64_t get(const Map& map, const Key& key) {
    const auto it = map.find(key);
    return it == map.end() ? -1 : it->second;
  }
  std::unordered_map<std::string, int64_t> strings_;
  std::unordered_map<uint64_t, int64_t, Mix> numbers_;
};

}  // namespace sardonyx
