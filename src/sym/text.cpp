// Expressions as text and as numbers.
#include "sym/symbol_table.h"

namespace sardonyx {

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
