#include "sym/dim.h"

#include <map>
#include <numeric>

#include "base/str.h"
#include "sym/poly.h"

namespace sardonyx {
namespace {

constexpr uint32_t kMaxSize = 10000;  // of an expression as a tree; a larger one is replaced by an unknown

Bound operator+(Bound a, Bound b) { return a && b ? checked_add(*a, *b) : std::nullopt; }
Bound operator*(Bound a, Bound b) { return a && b ? checked_mul(*a, *b) : std::nullopt; }

struct Interval {
  Bound lo, hi;
};

}  // namespace

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
  Interval bounds(Dim d) const {
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
  Interval bounds(const Poly& p) const {
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

SymbolTable::SymbolTable() : impl_(std::make_unique<Impl>()) {}
SymbolTable::~SymbolTable() = default;

Dim SymbolTable::symbol(std::string_view name) {
  if (const auto it = impl_->by_name.find(name); it != impl_->by_name.end()) return Dim::expr(it->second);
  Impl::Expr e;
  e.name = name;
  const Dim d = impl_->append(std::move(e));
  impl_->by_name.emplace(name, d.id());
  return d;
}

Dim SymbolTable::fresh() { return impl_->unknown(false); }

bool SymbolTable::overflowed(Dim d) const { return impl_->overflowed(d); }

Dim SymbolTable::add(Dim a, Dim b) {
  if (impl_->overflowed(a) || impl_->overflowed(b)) return impl_->overflowed(a) ? a : b;
  Poly p = impl_->poly(a);
  p.add_scaled(impl_->poly(b), 1);
  return p.terms.size() > kMaxTerms ? impl_->unknown(true) : impl_->dim(std::move(p));
}

Dim SymbolTable::sub(Dim a, Dim b) {
  if (impl_->overflowed(a) || impl_->overflowed(b)) return impl_->overflowed(a) ? a : b;
  Poly p = impl_->difference(a, b);
  return p.terms.size() > kMaxTerms ? impl_->unknown(true) : impl_->dim(std::move(p));
}

Dim SymbolTable::mul(Dim a, Dim b) {
  if (impl_->overflowed(a) || impl_->overflowed(b)) return impl_->overflowed(a) ? a : b;
  const Poly x = impl_->poly(a), y = impl_->poly(b);
  if ((x.terms.size() + 1) * (y.terms.size() + 1) > kMaxTerms) {
    if (b.value() < a.value()) std::swap(a, b);
    return impl_->atom(Op::kMul, a, b);
  }
  Poly p;
  p.add_scaled(x, y.constant);
  for (const Term& t : y.terms) p.add_scaled(x, t.coef, t.atoms);
  p.bad |= y.bad;
  return impl_->dim(std::move(p));
}

Dim SymbolTable::floor_div(Dim a, Dim b) {
  if (impl_->overflowed(a) || impl_->overflowed(b)) return impl_->overflowed(a) ? a : b;
  return impl_->floor_div(a, b);
}

Dim SymbolTable::ceil_div(Dim a, Dim b) {
  if (impl_->overflowed(a) || impl_->overflowed(b)) return impl_->overflowed(a) ? a : b;
  if (b.known() && b.value() > 0) return floor_div(add(a, b.value() - 1), b);
  if (b.known()) return sub(0, floor_div(sub(0, a), b));
  if (auto q = exact_quotient(impl_->poly(a), impl_->poly(b))) return impl_->dim(std::move(*q));
  return impl_->atom(Op::kCeilDiv, a, b);
}

Dim SymbolTable::mod(Dim a, Dim b) {
  if (impl_->overflowed(a) || impl_->overflowed(b)) return impl_->overflowed(a) ? a : b;
  if (!b.known()) return exact_quotient(impl_->poly(a), impl_->poly(b)) ? Dim(0) : impl_->atom(Op::kMod, a, b);
  if (b.value() <= 0) return sub(a, mul(b, floor_div(a, b)));
  Poly rest;
  const Poly p = impl_->poly(a);
  for (const Term& t : p.terms) rest.add_term(t.coef % b.value(), t.atoms);
  rest.constant = p.constant - floor_quotient(p.constant, b.value()) * b.value();
  if (rest.is_constant()) return p.bad ? impl_->unknown(true) : Dim(rest.constant);
  const Interval range = impl_->bounds(rest);
  const Dim reduced = impl_->dim(std::move(rest));
  return range.lo && *range.lo >= 0 && range.hi && *range.hi < b.value() ? reduced : impl_->atom(Op::kMod, reduced, b);
}

Dim SymbolTable::min(Dim a, Dim b) { return impl_->extreme(Op::kMin, a, b); }
Dim SymbolTable::max(Dim a, Dim b) { return impl_->extreme(Op::kMax, a, b); }

Dim SymbolTable::product(std::span<const Dim> dims) {
  Dim p = 1;
  for (Dim d : dims)
    if (d.is(0)) return 0;
  for (Dim d : dims) p = mul(p, d);
  return p;
}

// True for d = min(whole, k) with k >= 1: whichever of the two is 1, whole is what they broadcast to.
bool SymbolTable::Impl::is_part_of(Dim d, Dim whole) const {
  if (d.known() || exprs[d.id()].op != Op::kMin) return false;
  const Expr& e = exprs[d.id()];
  const auto at_least_one = [](Dim k) { return k.known() && k.value() >= 1; };
  return (e.a == whole && at_least_one(e.b)) || (e.b == whole && at_least_one(e.a));
}

Dim SymbolTable::broadcast(Dim a, Dim b) {
  if (a == b || b.is(1)) return a;
  if (a.is(1)) return b;
  if (a.known() || b.known()) return a.known() ? a : b;
  std::vector<int64_t> operands;
  for (Dim d : {a, b}) {
    const auto it = impl_->broadcast_of.find(d.id());
    if (it == impl_->broadcast_of.end()) {
      operands.push_back(d.value());
    } else {
      operands.insert(operands.end(), it->second.begin(), it->second.end());
    }
  }
  std::sort(operands.begin(), operands.end());
  operands.erase(std::unique(operands.begin(), operands.end()), operands.end());
  const std::vector<int64_t> all = operands;
  std::erase_if(operands, [&](int64_t d) {
    return std::any_of(all.begin(), all.end(), [&](int64_t o) { return o != d && impl_->is_part_of(Dim(d), Dim(o)); });
  });
  if (operands.size() == 1) return Dim(operands[0]);
  const auto [it, is_new] = impl_->broadcasts.try_emplace(operands);
  if (is_new) {
    it->second = fresh();
    impl_->broadcast_of.emplace(it->second.id(), std::move(operands));
  }
  return it->second;
}

std::optional<bool> SymbolTable::equal(Dim a, Dim b) const {
  if (a == b) return true;
  const Poly d = impl_->difference(a, b);
  if (d.bad) return std::nullopt;
  if (d.is_constant()) return d.constant == 0;
  const Interval r = impl_->bounds(d);
  if ((r.lo && *r.lo > 0) || (r.hi && *r.hi < 0)) return false;
  int64_t g = 0;
  for (const Term& t : d.terms) g = std::gcd(g, t.coef);
  if (d.constant % g != 0) return false;
  return std::nullopt;
}

std::optional<bool> SymbolTable::at_least(Dim a, int64_t b) const {
  const Interval r = impl_->bounds(a);
  if (r.lo && *r.lo >= b) return true;
  if (r.hi && *r.hi < b) return false;
  return std::nullopt;
}

std::string SymbolTable::Impl::text(const Poly& p) const {
  std::string s;
  const auto write = [&](const Term& t) {
    s += t.coef < 0 ? "-" : s.empty() ? "" : "+";
    const uint64_t magnitude = t.coef < 0 ? uint64_t{0} - static_cast<uint64_t>(t.coef) : static_cast<uint64_t>(t.coef);
    if (magnitude != 1) s += cat(magnitude, "*");
    for (size_t i = 0; i < t.atoms.size(); ++i)
      s += cat(i ? "*" : "", text(Dim::expr(t.atoms[i]), magnitude != 1 || t.atoms.size() > 1));
  };
  for (const Term& t : p.terms)
    if (t.coef > 0) write(t);
  if (p.constant > 0) s += cat(s.empty() ? "" : "+", p.constant);
  for (const Term& t : p.terms)
    if (t.coef < 0) write(t);
  if (p.constant < 0) s += cat(p.constant);
  return s;
}

std::string SymbolTable::Impl::text(Dim d, bool as_factor) const {
  if (d.known()) return cat(d.value());
  const Expr& e = exprs[d.id()];
  if (e.op == Op::kSymbol) return is_identifier(e.name) ? e.name : quoted(e.name);
  if (e.op == Op::kAdd) return as_factor ? cat("(", text(e.poly), ")") : text(e.poly);
  if (e.op == Op::kMin || e.op == Op::kMax || e.op == Op::kCeilDiv)
    return cat(e.op == Op::kMin   ? "min("
               : e.op == Op::kMax ? "max("
                                  : "ceil_div(",
               text(e.a, false), ",", text(e.b, false), ")");
  const std::string s = cat(text(e.a, true),
                            e.op == Op::kFloorDiv ? "/"
                            : e.op == Op::kMod    ? "%"
                                                  : "*",
                            text(e.b, true));
  return as_factor ? cat("(", s, ")") : s;
}

std::string SymbolTable::to_string(Dim d) const { return impl_->text(d, false); }

std::string SymbolTable::to_string(std::span<const Dim> shape) const {
  std::string s = "[";
  for (size_t i = 0; i < shape.size(); ++i) s += cat(i ? "," : "", impl_->text(shape[i], false));
  return s += "]";
}

template <class F>
Bound SymbolTable::Impl::eval(Dim d, const F& value_of) const {
  if (d.known()) return d.value();
  const Expr& e = exprs[d.id()];
  if (e.op == Op::kSymbol) return value_of(d.id());
  if (e.op == Op::kAdd) {
    Bound sum = e.poly.constant;
    for (const Term& t : e.poly.terms) {
      Bound product = t.coef;
      for (uint32_t a : t.atoms) product = product * eval(Dim::expr(a), value_of);
      sum = sum + product;
    }
    return sum;
  }
  const Bound a = eval(e.a, value_of), b = eval(e.b, value_of);
  if (!a || !b) return std::nullopt;
  if (e.op == Op::kMin) return std::min(*a, *b);
  if (e.op == Op::kMax) return std::max(*a, *b);
  if (e.op == Op::kMul) return a * b;
  if (*b == 0 || (*a == INT64_MIN && *b == -1)) return std::nullopt;
  const int64_t q = floor_quotient(*a, *b);
  return e.op == Op::kFloorDiv ? q : e.op == Op::kCeilDiv ? q + (*a % *b != 0) : *a - q * *b;
}

std::optional<int64_t> SymbolTable::eval(Dim d, const std::optional<int64_t> (*value_of)(void*, uint32_t),
                                         void* ctx) const {
  return impl_->eval(d, [&](uint32_t symbol) -> Bound { return value_of(ctx, symbol); });
}

}  // namespace sardonyx
