// Polynomials over atoms with integer coefficients, in a normal form: what SymbolTable computes with. Internal to sym/.
#pragma once
#include <algorithm>
#include <optional>
#include <vector>

#include "base/checked.h"
#include "base/small_vec.h"

namespace sardonyx {

using Monomial = SmallVec<uint32_t, 4>;  // atoms (expression ids), ascending, repeated for powers
using Bound = std::optional<int64_t>;    // none: unbounded

inline constexpr size_t kMaxTerms = 64;  // of a polynomial; larger products stay unexpanded

struct Term {
  int64_t coef;
  Monomial atoms;
};

// Descending graded lexicographic order, which multiplication preserves (long division needs that).
inline bool before(const Monomial& a, const Monomial& b) {
  if (a.size() != b.size()) return a.size() > b.size();
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end());
}

// constant + sum of coef * product of atoms; terms sorted, no zero coefficients. `bad`: a coefficient overflowed.
struct Poly {
  int64_t constant = 0;
  std::vector<Term> terms;
  bool bad = false;

  void add_constant(Bound c) {
    const Bound sum = c ? checked_add(constant, *c) : std::nullopt;
    if (sum) constant = *sum;
    bad |= !sum;
  }
  void add_term(Bound coef, const Monomial& m) {
    if (m.empty()) return add_constant(coef);
    if (!coef) bad = true;
    if (!coef || *coef == 0) return;
    const auto it = std::lower_bound(terms.begin(), terms.end(), m,
                                     [](const Term& t, const Monomial& k) { return before(t.atoms, k); });
    if (it == terms.end() || !(it->atoms == m)) {
      terms.insert(it, {*coef, m});
      return;
    }
    const Bound sum = checked_add(it->coef, *coef);
    bad |= !sum;
    it->coef = sum.value_or(0);
    if (it->coef == 0) terms.erase(it);
  }
  // Adds p * coef * m.
  void add_scaled(const Poly& p, int64_t coef, const Monomial& m = {}) {
    bad |= p.bad;
    add_term(checked_mul(p.constant, coef), m);
    for (const Term& t : p.terms) {
      Monomial product = t.atoms;
      for (uint32_t a : m) product.push_back(a);
      std::sort(product.begin(), product.end());
      add_term(checked_mul(t.coef, coef), product);
    }
  }
  bool is_constant() const { return terms.empty() && !bad; }
  bool is_zero() const { return is_constant() && constant == 0; }
};

// m / d, if d divides m.
inline std::optional<Monomial> quotient(const Monomial& m, const Monomial& d) {
  Monomial q;
  size_t j = 0;
  for (uint32_t a : m) {
    if (j < d.size() && d[j] == a) {
      ++j;
    } else {
      q.push_back(a);
    }
  }
  if (j != d.size()) return std::nullopt;
  return q;
}

inline int64_t floor_quotient(int64_t a, int64_t b) { return a / b - (a % b != 0 && (a < 0) != (b < 0)); }

// a / b if b divides a exactly, by long division.
inline std::optional<Poly> exact_quotient(Poly a, const Poly& b) {
  if (a.bad || b.bad || b.terms.empty()) return std::nullopt;
  Poly q;
  const Term lead = b.terms.front();
  for (size_t steps = 0; steps < kMaxTerms && !a.is_zero(); ++steps) {
    if (a.terms.empty() || a.bad) return std::nullopt;
    const Term top = a.terms.front();
    const auto m = quotient(top.atoms, lead.atoms);
    if (!m || lead.coef == -1 || top.coef == INT64_MIN || top.coef % lead.coef != 0) return std::nullopt;
    const int64_t c = top.coef / lead.coef;
    q.add_term(c, *m);
    a.add_scaled(b, -c, *m);
  }
  if (!a.is_zero() || q.bad) return std::nullopt;
  return q;
}

}  // namespace sardonyx
