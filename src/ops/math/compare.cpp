// Comparisons, logic and Where. Exporters write shape arithmetic with them, so small contents are carried where they
// can be decided.
#include "ops/eltwise.h"

namespace sardonyx {
namespace {

constexpr TypeVar kEqualTypes[] = {{"T", kNumericTypes | kBoolType | kStringType}, {"T1", kBoolType}};
constexpr TypeVar kOrderTypes[] = {{"T", kNumericTypes}, {"T1", kBoolType}};
constexpr TypeVar kLogicTypes[] = {{"T", kBoolType}, {"T1", kBoolType}};
constexpr TypeVar kWhereTypes[] = {{"B", kBoolType}, {"T", kNumericTypes | kComplexTypes | kBoolType | kStringType}};
constexpr ParamDef kInAB[] = {{"A", "T"}, {"B", "T"}};
constexpr ParamDef kOutC[] = {{"C", "T1"}};
constexpr ParamDef kWhereIn[] = {{"condition", "B"}, {"X", "T"}, {"Y", "T"}};
constexpr Upgrade kHistory[] = {legacy_broadcast()};

std::optional<Dim> truth(std::optional<bool> known) {
  return known ? std::optional<Dim>(*known ? 1 : 0) : std::nullopt;
}
std::optional<Dim> dim_equal(SymbolTable& s, DType, Dim a, Dim b) { return truth(s.equal(a, b)); }
std::optional<Dim> dim_is_less(SymbolTable& s, DType, Dim a, Dim b) { return truth(dim_less(s, a, b)); }
std::optional<Dim> dim_is_greater(SymbolTable& s, DType, Dim a, Dim b) { return truth(dim_less(s, b, a)); }
std::optional<Dim> dim_is_at_most(SymbolTable& s, DType, Dim a, Dim b) {
  const std::optional<bool> more = dim_less(s, b, a);
  return more ? truth(!*more) : std::nullopt;
}
std::optional<Dim> dim_is_at_least(SymbolTable& s, DType t, Dim a, Dim b) { return dim_is_at_most(s, t, b, a); }
std::optional<Dim> dim_and(SymbolTable&, DType, Dim a, Dim b) {
  if (a.is(0) || b.is(0)) return Dim(0);
  return a.known() && b.known() ? std::optional<Dim>(1) : std::nullopt;
}
std::optional<Dim> dim_or(SymbolTable&, DType, Dim a, Dim b) {
  if (a.is(1) || b.is(1)) return Dim(1);
  return a.known() && b.known() ? std::optional<Dim>(0) : std::nullopt;
}
std::optional<Dim> dim_xor(SymbolTable&, DType, Dim a, Dim b) {
  return a.known() && b.known() ? std::optional<Dim>(a == b ? 0 : 1) : std::nullopt;
}

template <DimBinary kValue>
Status infer(InferCtx& c) {
  SDX_RETURN_IF_ERROR(infer_broadcast_to_bool(c));
  return carry_binary(c, kValue);
}

Status infer_where(InferCtx& c) {
  SDX_TRY(Shape condition, c.shape(0));
  SDX_TRY(Shape x, c.shape(1));
  SDX_TRY(Shape y, c.shape(2));
  SDX_TRY(Shape both, c.broadcast(x, y));
  SDX_TRY(Shape all, c.broadcast(condition, both));
  SDX_RETURN_IF_ERROR(c.set(0, c.dtype(1), std::move(all)));
  const Dims *pick = known_ints(c, 0), *a = known_ints(c, 1), *b = known_ints(c, 2);
  const std::optional<size_t> n = carried_count(c);
  if (pick == nullptr || a == nullptr || b == nullptr || !n) return {};
  Dims out;
  for (size_t k = 0; k < *n; ++k) {
    const Dim p = at(*pick, k);
    if (!p.known()) return {};
    out.push_back(p.is(0) ? at(*b, k) : at(*a, k));
  }
  return c.set_ints(0, std::move(out));
}

constexpr OpDef comparison(std::string_view name, int since, std::span<const TypeVar> types, Status (*infer)(InferCtx&),
                           uint32_t traits = kPure) {
  return {.name = name,
          .since = since,
          .types = types,
          .inputs = kInAB,
          .outputs = kOutC,
          .infer = infer,
          .history = kHistory,
          .traits = traits};
}
constexpr OpDef or_equal(std::string_view name, Status (*infer)(InferCtx&), std::string_view body) {
  return {.name = name,
          .since = 16,
          .types = kOrderTypes,
          .inputs = kInAB,
          .outputs = kOutC,
          .infer = infer,
          .body = body,
          .first = 12};
}

}  // namespace

#define SDX_BINARY_COMPARE(Name, ...) SDX_OP(Name) = comparison(#Name, __VA_ARGS__)
#define SDX_BINARY_OR_EQUAL(Name, ...) SDX_OP(Name) = or_equal(#Name, __VA_ARGS__)

SDX_BINARY_COMPARE(Equal, 19, kEqualTypes, infer<dim_equal>, kCommutative);
SDX_BINARY_COMPARE(Less, 13, kOrderTypes, infer<dim_is_less>);
SDX_BINARY_COMPARE(Greater, 13, kOrderTypes, infer<dim_is_greater>);
SDX_BINARY_COMPARE(And, 7, kLogicTypes, infer<dim_and>, kCommutative);
SDX_BINARY_COMPARE(Or, 7, kLogicTypes, infer<dim_or>, kCommutative);
SDX_BINARY_COMPARE(Xor, 7, kLogicTypes, infer<dim_xor>, kCommutative);
SDX_BINARY_OR_EQUAL(LessOrEqual, infer<dim_is_at_most>, "C = Or(Less(A, B), Equal(A, B))");
SDX_BINARY_OR_EQUAL(GreaterOrEqual, infer<dim_is_at_least>, "C = Or(Greater(A, B), Equal(A, B))");

SDX_OP(Where) = {.name = "Where",
                 .since = 16,
                 .types = kWhereTypes,
                 .inputs = kWhereIn,
                 .outputs = kOutOutput,
                 .infer = infer_where,
                 .first = 9};

}  // namespace sardonyx
