#include "sym/dim.h"

#include <numeric>

#include "sym/symbol_table.h"

namespace sardonyx {

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

}  // namespace sardonyx
