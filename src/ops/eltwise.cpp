// Extents and integer contents of element-wise operators.
// scan: no operators
#include "ops/eltwise.h"

namespace sardonyx {
namespace {

// Whether a known result is one the element type can hold; a wrapped one is left to the kernel.
bool fits(DType t, int64_t v) {
  switch (t) {
    case DType::kI8: return v >= INT8_MIN && v <= INT8_MAX;
    case DType::kI16: return v >= INT16_MIN && v <= INT16_MAX;
    case DType::kI32: return v >= INT32_MIN && v <= INT32_MAX;
    case DType::kI64: return Dim(v).known();
    case DType::kU8: return v >= 0 && v <= UINT8_MAX;
    case DType::kU16: return v >= 0 && v <= UINT16_MAX;
    case DType::kU32: return v >= 0 && v <= int64_t{UINT32_MAX};
    case DType::kU64: return v >= 0;
    case DType::kBool: return v == 0 || v == 1;
    default: return false;
  }
}

std::optional<Dim> checked(DType t, bool overflow, int64_t v) {
  if (overflow || !fits(t, v)) return std::nullopt;
  return Dim(v);
}

bool at_least_zero(SymbolTable& s, Dim d) { return s.at_least(d, 0).value_or(false); }

Status infer_broadcast_as(InferCtx& c, DType t) {
  SDX_TRY(Shape shape, c.shape(0));
  for (int i = 1; i < c.inputs(); ++i) {
    SDX_TRY(Shape next, c.shape(i));
    SDX_TRY(shape, c.broadcast(shape, next));
  }
  return c.set(0, t, std::move(shape));
}

}  // namespace

Status infer_like_first(InferCtx& c) {
  SDX_TRY(Shape shape, c.shape(0));
  return c.set(0, c.dtype(0), std::move(shape));
}
Status infer_broadcast(InferCtx& c) { return infer_broadcast_as(c, c.dtype(0)); }
Status infer_broadcast_to_bool(InferCtx& c) { return infer_broadcast_as(c, DType::kBool); }

Status check_broadcasts_to(const InferCtx& c, const Shape& from, const Shape& to, std::string_view from_name,
                           std::string_view to_name) {
  bool fits_in = from.size() <= to.size();
  for (size_t i = 0; fits_in && i < from.size(); ++i) {
    const Dim f = from[i], t = to[to.size() - from.size() + i];
    fits_in = !f.known() || f.is(1) || c.sym().equal(f, t).value_or(true);  // a symbol may turn out to be 1
  }
  if (fits_in) return {};
  return c.shape_error(from_name, " is ", c.text(from), "; it must broadcast to ", to_name, ", which is ", c.text(to));
}

std::optional<Dim> dim_add(SymbolTable& s, DType t, Dim a, Dim b) {
  if (!a.known() || !b.known()) return s.add(a, b);
  int64_t v;
  const bool overflow = __builtin_add_overflow(a.value(), b.value(), &v);
  return checked(t, overflow, v);
}
std::optional<Dim> dim_sub(SymbolTable& s, DType t, Dim a, Dim b) {
  if (!a.known() || !b.known()) {
    const Dim d = s.sub(a, b);
    if (!is_signed_int(t) && !at_least_zero(s, d)) return std::nullopt;
    return d;
  }
  int64_t v;
  const bool overflow = __builtin_sub_overflow(a.value(), b.value(), &v);
  return checked(t, overflow, v);
}
std::optional<Dim> dim_mul(SymbolTable& s, DType t, Dim a, Dim b) {
  if (!a.known() || !b.known()) return s.mul(a, b);
  int64_t v;
  const bool overflow = __builtin_mul_overflow(a.value(), b.value(), &v);
  return checked(t, overflow, v);
}
std::optional<Dim> dim_div(SymbolTable& s, DType t, Dim a, Dim b) {
  if (b.is(0)) return std::nullopt;
  if (a.known() && b.known())
    return checked(t, b.is(-1) && a.value() == INT64_MIN, b.is(-1) ? -a.value() : a.value() / b.value());
  if (at_least_zero(s, a) && at_least_zero(s, b)) return s.floor_div(a, b);
  return std::nullopt;
}
std::optional<Dim> dim_fmod(SymbolTable& s, DType t, Dim a, Dim b) {
  if (b.is(0)) return std::nullopt;
  if (a.known() && b.known()) return checked(t, false, b.is(-1) ? 0 : a.value() % b.value());
  if (at_least_zero(s, a) && at_least_zero(s, b)) return s.mod(a, b);
  return std::nullopt;
}
std::optional<Dim> dim_mod(SymbolTable& s, DType t, Dim a, Dim b) {
  const std::optional<Dim> r = dim_fmod(s, t, a, b);
  if (!r || !r->known() || !b.known()) return r;
  const bool other_sign = r->value() != 0 && (r->value() < 0) != (b.value() < 0);
  return other_sign ? Dim(r->value() + b.value()) : *r;
}
std::optional<Dim> dim_min(SymbolTable& s, DType, Dim a, Dim b) { return s.min(a, b); }
std::optional<Dim> dim_max(SymbolTable& s, DType, Dim a, Dim b) { return s.max(a, b); }

std::optional<bool> dim_less(SymbolTable& s, Dim a, Dim b) {
  if (a.known() && b.known()) return a.value() < b.value();
  if (s.at_least(s.sub(b, a), 1).value_or(false)) return true;
  if (s.at_least(s.sub(a, b), 0).value_or(false)) return false;
  return std::nullopt;
}

const Dims* known_ints(const InferCtx& c, int i) {
  if (!c.has(i) || !c.in(i).ints) return nullptr;
  return &*c.in(i).ints;
}

std::optional<size_t> carried_count(InferCtx& c) {
  const Fact& out = c.out(0);
  if (!out.has_rank || out.shape.size() > 1) return std::nullopt;
  if (out.shape.empty()) return 1;
  const Dim n = out.shape[0];
  if (!n.known() || n.value() > static_cast<int64_t>(Fact::kMaxInts)) return std::nullopt;
  return static_cast<size_t>(n.value());
}

Status carry_unary(InferCtx& c, DimUnary f) {
  const Dims* in = known_ints(c, 0);
  if (in == nullptr) return {};
  Dims out;
  for (Dim d : *in) {
    const std::optional<Dim> r = f(c.sym(), c.dtype(0), d);
    if (!r) return {};
    out.push_back(*r);
  }
  return c.set_ints(0, std::move(out));
}

Status carry_binary(InferCtx& c, DimBinary f) {
  const std::optional<size_t> n = carried_count(c);
  const Dims* first = known_ints(c, 0);
  if (!n || first == nullptr) return {};
  Dims out;
  for (size_t k = 0; k < *n; ++k) out.push_back(at(*first, k));
  for (int i = 1; i < c.inputs(); ++i) {
    const Dims* next = known_ints(c, i);
    if (next == nullptr) return {};
    for (size_t k = 0; k < *n; ++k) {
      const std::optional<Dim> r = f(c.sym(), c.dtype(0), out[k], at(*next, k));
      if (!r) return {};
      out[k] = *r;
    }
  }
  return c.set_ints(0, std::move(out));
}

}  // namespace sardonyx
