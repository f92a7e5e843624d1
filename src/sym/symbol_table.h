// The inside of SymbolTable: expressions, hash-consed. Internal to sym/.
#pragma once
#include <map>

#include "base/str.h"
#include "sym/dim.h"
#include "sym/poly.h"

namespace sardonyx {

inline constexpr uint32_t kMaxSize = 10000;  // of an expression as a tree; a larger one is replaced by an unknown

inline Bound operator+(Bound a, Bound b) { return a && b ? checked_add(*a, *b) : std::nullopt; }
inline Bound operator*(Bound a, Bound b) { return a && b ? checked_mul(*a, *b) : std::nullopt; }

struct Interval {
  Bound lo, hi;
};

struct SymbolTable::Impl {
  struct Expr {
    Op op = Op::kSymbol;
    Dim a, b;               // operands; unused by symbols and sums
    Poly poly;              // kAdd: a sum in normal form (products are sums of one term)
    std::string name;       // kSymbol
    bool any = false;       // kSymbol: may be negative
    bool overflow = false;  // kSymbol: a number beyond 64 bits
    uint32_t size = 1;
  };
  std::vector<Expr> exprs;
  std::map<std::string, uint32_t, std::less<>> by_name;
  std::map<std::vector<int64_t>, uint32_t> interned;
  std::map<std::vector<int64_t>, Dim> broadcasts;         // by operands, ascending
  std::map<uint32_t, std::vector<int64_t>> broadcast_of;  // their operands, by symbol
  uint32_t fresh_count = 0;

  Dim append(Expr e) {
    exprs.push_back(std::move(e));
    return Dim::expr(static_cast<uint32_t>(exprs.size() - 1));
  }
  Dim unknown(bool any) {
    Expr e;
    do e.name = cat("_", ++fresh_count);
    while (by_name.contains(e.name));
    e.any = any;
    return append(std::move(e));
  }
  bool overflowed(Dim d) const { return !d.known() && exprs[d.id()].overflow; }
  uint32_t size_of(Dim d) const { return d.known() ? 1 : exprs[d.id()].size; }

  Dim intern(const std::vector<int64_t>& key, Expr e) {
    if (e.size > kMaxSize) return unknown(true);
    const auto [it, is_new] = interned.try_emplace(key, static_cast<uint32_t>(exprs.size()));
    if (is_new) append(std::move(e));
    return Dim::expr(it->second);
  }
  Dim atom(Op op, Dim a, Dim b) {
    Expr e;
    e.op = op, e.a = a, e.b = b, e.size = 1 + size_of(a) + size_of(b);
    return intern({static_cast<int64_t>(op), a.value(), b.value()}, std::move(e));
  }
  Poly poly(Dim d) const {
    Poly p;
    if (d.known()) {
      p.constant = d.value();
    } else if (exprs[d.id()].op == Op::kAdd) {
      p = exprs[d.id()].poly;
    } else {
      p.terms.push_back({1, Monomial{d.id()}});
    }
    return p;
  }
  Dim dim(Poly p) {
    if (p.bad || (p.is_constant() && !Dim(p.constant).known())) {
      const Dim d = unknown(true);
      exprs[d.id()].overflow = p.terms.empty();
      return d;
    }
    if (p.is_constant()) return p.constant;
    if (p.constant == 0 && p.terms.size() == 1 && p.terms[0].coef == 1 && p.terms[0].atoms.size() == 1)
      return Dim::expr(p.terms[0].atoms[0]);
    Expr e;
    std::vector<int64_t> key = {static_cast<int64_t>(Op::kAdd), p.constant};
    for (const Term& t : p.terms) {
      key.insert(key.end(), {t.coef, static_cast<int64_t>(t.atoms.size())});
      for (uint32_t a : t.atoms) {
        key.push_back(a);
        e.size += exprs[a].size;
      }
    }
    e.op = Op::kAdd, e.poly = std::move(p);
    return intern(key, std::move(e));
  }

  bool is_part_of(Dim d, Dim whole) const;
  Interval bounds(Dim d) const;
  Interval bounds(const Poly& p) const;
  Poly difference(Dim a, Dim b) const {
    Poly p = poly(a);
    p.add_scaled(poly(b), -1);
    return p;
  }

  Dim divide_by_number(const Poly& a, int64_t k);
  Dim floor_div(Dim a, Dim b);
  Dim extreme(Op op, Dim a, Dim b);
  std::string text(Dim d, bool as_factor) const;
  std::string text(const Poly& p) const;
  template <class F>
  Bound eval(Dim d, const F& value_of) const;
};

}  // namespace sardonyx
