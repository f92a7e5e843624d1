// Dim: an integer or a small symbolic expression, 8 bytes. Shape: a list of Dims. SymbolTable: names the symbols and
// holds the expressions, hash-consed, so that equal expressions have equal Dims.
// The algebra is small on purpose: symbol, integer, +, *, floor-div, ceil-div, mod, min, max. When the simplifier
// cannot decide something it says "unknown", never guesses. A SymbolTable is not thread-safe: it belongs to one graph
// being built.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/small_vec.h"

namespace sardonyx {

class Dim {
 public:
  constexpr Dim() = default;
  constexpr Dim(int64_t v) : v_(v) {}
  static constexpr Dim expr(uint32_t id) { return Dim(kBase + static_cast<int64_t>(id)); }
  static constexpr int64_t kLeast = INT64_MIN + (int64_t{1} << 32);  // the values below stand for expressions
  constexpr bool known() const { return v_ >= kLeast; }
  constexpr int64_t value() const { return v_; }  // only if known()
  constexpr uint32_t id() const { return static_cast<uint32_t>(v_ - kBase); }
  constexpr bool operator==(const Dim&) const = default;
  constexpr bool is(int64_t v) const { return v_ == v; }

 private:
  static constexpr int64_t kBase = INT64_MIN;
  int64_t v_ = 0;
};

using Shape = SmallVec<Dim, 6>;
using Dims = SmallVec<Dim, 8>;  // symbolic values of a small integer tensor

class SymbolTable {
 public:
  enum class Op : uint8_t { kSymbol, kAdd, kMul, kFloorDiv, kCeilDiv, kMod, kMin, kMax };

  SymbolTable();
  ~SymbolTable();

  Dim symbol(std::string_view name);  // the same name gives the same symbol
  Dim fresh();                        // a symbol of its own, named "_1", "_2", …
  // Arithmetic on numbers that leaves 64 bits gives a symbol that overflowed() tells from others.
  bool overflowed(Dim d) const;
  Dim add(Dim a, Dim b);
  Dim sub(Dim a, Dim b);
  Dim mul(Dim a, Dim b);
  Dim floor_div(Dim a, Dim b);  // b known and 0 gives a fresh symbol
  Dim ceil_div(Dim a, Dim b);
  Dim mod(Dim a, Dim b);
  Dim min(Dim a, Dim b);
  Dim max(Dim a, Dim b);
  Dim product(std::span<const Dim> dims);
  // The extent of a broadcast axis, given that the two can be broadcast: equal, or one of them 1. The same operands in
  // any order and nesting give the same symbol.
  Dim broadcast(Dim a, Dim b);

  // Decides without solving; nullopt when it depends on the symbols. Symbols are extents, so at least 0.
  std::optional<bool> equal(Dim a, Dim b) const;
  std::optional<bool> at_least(Dim a, int64_t b) const;

  // "N", "2*N+1", "7".
  std::string to_string(Dim d) const;
  std::string to_string(std::span<const Dim> shape) const;  // "[N,3,224,224]"

  // The value of d when the symbol with id s has values(s); nullopt if a symbol has none.
  std::optional<int64_t> eval(Dim d, const std::optional<int64_t> (*value_of)(void*, uint32_t symbol), void* ctx) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

inline bool all_known(std::span<const Dim> s) {
  for (Dim d : s)
    if (!d.known()) return false;
  return true;
}
inline Shape to_shape(std::span<const int64_t> dims) { return Shape(dims.begin(), dims.end()); }

}  // namespace sardonyx
