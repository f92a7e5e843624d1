// Bounds of expressions, and the operations that need them: division, minimum, maximum.
#include <numeric>

#include "sym/symbol_table.h"

namespace sardonyx {

Interval SymbolTable::Impl::bounds(Dim d) const {
  if (d.known()) return {d.value(), d.value()};
  const Expr& e = exprs[d.id()];
  if (e.op == Op::kSymbol) return {e.any ? Bound() : Bound(0), {}};
  if (e.op == Op::kAdd) return bounds(e.poly);
  const Interval a = bounds(e.a), b = bounds(e.b);
  const bool positive = e.b.known() && e.b.value() > 0;
  switch (e.op) {
    case Op::kMin:
      return {a.lo && b.lo ? Bound(std::min(*a.lo, *b.lo)) : Bound(), a.hi && b.hi ? Bound(std::min(*a.hi, *b.hi))
                                                                      : a.hi       ? a.hi
                                                                                   : b.hi};
    case Op::kMax:
      return {a.lo && b.lo ? Bound(std::max(*a.lo, *b.lo))
              : a.lo       ? a.lo
                           : b.lo,
              a.hi && b.hi ? Bound(std::max(*a.hi, *b.hi)) : Bound()};
    case Op::kMod: return positive ? Interval{0, e.b.value() - 1} : Interval{};
    case Op::kFloorDiv:
      if (positive)
        return {a.lo ? Bound(floor_quotient(*a.lo, e.b.value())) : Bound(),
                a.hi ? Bound(floor_quotient(*a.hi, e.b.value())) : Bound()};
      [[fallthrough]];
    case Op::kCeilDiv: return {a.lo && *a.lo >= 0 && b.lo && *b.lo >= 0 ? Bound(0) : Bound(), {}};
    default:
      return {a.lo && *a.lo >= 0 && b.lo && *b.lo >= 0 ? a.lo * b.lo : Bound(), {}};  // a product left unexpanded
  }
}

Interval SymbolTable::Impl::bounds(const Poly& p) const {
  if (p.bad) return {};
  Interval sum{p.constant, p.constant};
  for (const Term& t : p.terms) {
    Interval m = bounds(Dim::expr(t.atoms[0]));
    for (size_t i = 1; i < t.atoms.size(); ++i) {
      const Interval f = bounds(Dim::expr(t.atoms[i]));
      const bool ok = m.lo && *m.lo >= 0 && f.lo && *f.lo >= 0;
      m = ok ? Interval{m.lo * f.lo, m.hi * f.hi} : Interval{};
    }
    const Interval scaled = t.coef > 0 ? Interval{m.lo * Bound(t.coef), m.hi * Bound(t.coef)}
                                       : Interval{m.hi * Bound(t.coef), m.lo * Bound(t.coef)};
    sum = {sum.lo + scaled.lo, sum.hi + scaled.hi};
  }
  return sum;
}

// floor(a / k) for k > 0: whole multiples of k leave the fraction, then common factors cancel, then nested divisions
// join.
Dim SymbolTable::Impl::divide_by_number(const Poly& a, int64_t k) {
  if (a.bad) return unknown(true);
  Poly whole, rest;
  int64_t g = k;
  for (const Term& t : a.terms) {
    whole.add_term(t.coef / k, t.atoms);
    rest.add_term(t.coef % k, t.atoms);
    g = std::gcd(g, t.coef % k);
  }
  whole.add_constant(floor_quotient(a.constant, k));
  rest.constant = a.constant - floor_quotient(a.constant, k) * k;
  if (rest.terms.empty()) return dim(std::move(whole));
  k /= g;
  for (Term& t : rest.terms) t.coef /= g;
  rest.constant = floor_quotient(rest.constant, g);
  if (rest.terms.size() == 1 && rest.terms[0].coef == 1 && rest.terms[0].atoms.size() == 1) {
    const Expr e = exprs[rest.terms[0].atoms[0]];
    const Bound joined =
        e.op == Op::kFloorDiv && e.b.known() && e.b.value() > 0 ? checked_mul(e.b.value(), k) : std::nullopt;
    if (joined) {
      Poly inner = poly(e.a);
      inner.add_constant(checked_mul(rest.constant, e.b.value()));
      whole.add_scaled(poly(divide_by_number(inner, *joined)), 1);
      return dim(std::move(whole));
    }
  }
  whole.add_scaled(poly(atom(Op::kFloorDiv, dim(std::move(rest)), k)), 1);
  return dim(std::move(whole));
}

Dim SymbolTable::Impl::floor_div(Dim a, Dim b) {
  if (b.is(0)) return unknown(true);
  const Poly p = poly(a), d = poly(b);
  if (d.bad || p.bad) return unknown(true);
  if (d.is_constant() && b.value() > 0) return divide_by_number(p, b.value());
  if (d.is_constant()) {
    Poly negated;
    negated.add_scaled(p, -1);
    return b.value() == INT64_MIN ? unknown(true) : divide_by_number(negated, -b.value());
  }
  if (auto q = exact_quotient(p, d)) return dim(std::move(*q));
  if (d.terms.size() != 1 || d.constant != 0 || d.terms[0].coef <= 0) return atom(Op::kFloorDiv, a, b);
  // A monomial k*m: terms that m divides can be taken out; the rest stays a fraction.
  const Term by = d.terms[0];
  Poly whole, rest;
  rest.constant = p.constant;
  bool all = p.constant == 0;
  for (const Term& t : p.terms) {
    const auto m = quotient(t.atoms, by.atoms);
    all &= m.has_value();
    if (m)
      whole.add_term(t.coef, *m);
    else
      rest.add_term(t.coef, t.atoms);
  }
  if (all) return divide_by_number(whole, by.coef);
  Poly out;
  for (const Term& t : p.terms) {
    const auto m = quotient(t.atoms, by.atoms);
    if (!m) continue;
    out.add_term(t.coef / by.coef, *m);
    rest.add_term(t.coef % by.coef, t.atoms);
  }
  out.add_scaled(poly(atom(Op::kFloorDiv, dim(std::move(rest)), b)), 1);
  return dim(std::move(out));
}

Dim SymbolTable::Impl::extreme(Op op, Dim a, Dim b) {
  const Interval diff = bounds(difference(a, b));
  if (diff.lo && *diff.lo >= 0) return op == Op::kMax ? a : b;
  if (diff.hi && *diff.hi <= 0) return op == Op::kMax ? b : a;
  if (b.value() < a.value()) std::swap(a, b);  // expressions sort below numbers
  if (!a.known() && b.known()) {
    const Expr e = exprs[a.id()];
    if (e.op == op && e.b.known())
      return extreme(op, e.a, op == Op::kMax ? std::max(e.b.value(), b.value()) : std::min(e.b.value(), b.value()));
  }
  return atom(op, a, b);
}

// True for d = min(whole, k) with k >= 1: whichever of the two is 1, whole is what they broadcast to.
bool SymbolTable::Impl::is_part_of(Dim d, Dim whole) const {
  if (d.known() || exprs[d.id()].op != Op::kMin) return false;
  const Expr& e = exprs[d.id()];
  const auto at_least_one = [](Dim k) { return k.known() && k.value() >= 1; };
  return (e.a == whole && at_least_one(e.b)) || (e.b == whole && at_least_one(e.a));
}

}  // namespace sardonyx
