// Element-wise operators of one input without attributes: arithmetic, exponentials, trigonometry, predicates.
#include "ops/eltwise.h"

namespace sardonyx {
namespace {

constexpr TypeVar kSignedT[] = {{"T", kFloatTypes | kSignedTypes}};
constexpr TypeVar kIsNaNTypes[] = {{"T1", kFloatTypes | kFloat8Types}, {"T2", kBoolType}};
constexpr ParamDef kIsNaNIn[] = {{"X", "T1"}};
constexpr ParamDef kIsNaNOut[] = {{"Y", "T2"}};
constexpr AttrDef kIsInfAttrs[] = {attr_int("detect_negative", 1), attr_int("detect_positive", 1)};
constexpr Upgrade kConsumed[] = {drop_consumed_inputs()};

std::optional<Dim> dim_neg(SymbolTable& s, DType t, Dim a) { return dim_sub(s, t, Dim(0), a); }
std::optional<Dim> dim_abs(SymbolTable& s, DType t, Dim a) {
  if (s.at_least(a, 0).value_or(false)) return a;
  return a.known() ? dim_neg(s, t, a) : std::nullopt;
}
std::optional<Dim> dim_sign(SymbolTable& s, DType, Dim a) {
  if (a.known()) return Dim((a.value() > 0) - (a.value() < 0));
  return s.at_least(a, 1).value_or(false) ? std::optional<Dim>(1) : std::nullopt;
}
std::optional<Dim> dim_not(SymbolTable&, DType, Dim a) {
  return a.known() ? std::optional<Dim>(a.is(0) ? 1 : 0) : std::nullopt;
}

template <DimUnary kValue>
Status infer_carried(InferCtx& c) {
  SDX_RETURN_IF_ERROR(infer_like_first(c));
  return carry_unary(c, kValue);
}

Status infer_predicate(InferCtx& c) {
  SDX_TRY(Shape shape, c.shape(0));
  return c.set(0, DType::kBool, std::move(shape));
}

// Parameters named X and Y.
constexpr OpDef unary(std::string_view name, int since, std::span<const TypeVar> types, int first = 1,
                      Status (*infer)(InferCtx&) = infer_like_first, std::span<const Upgrade> history = {}) {
  return {.name = name,
          .since = since,
          .types = types,
          .inputs = kInX,
          .outputs = kOutY,
          .infer = infer,
          .history = history,
          .first = first};
}
// The same with a history that begins with opset 1.
constexpr OpDef unary_old(std::string_view name, int since, std::span<const TypeVar> types,
                          Status (*infer)(InferCtx&) = infer_like_first) {
  return unary(name, since, types, 1, infer, kConsumed);
}
// Parameters named input and output.
constexpr OpDef renamed(OpDef def) {
  def.inputs = kInInput;
  def.outputs = kOutOutput;
  return def;
}
constexpr OpDef predicate(std::string_view name, int since, int first, std::span<const AttrDef> attrs = {}) {
  return {.name = name,
          .since = since,
          .types = kIsNaNTypes,
          .inputs = kIsNaNIn,
          .outputs = kIsNaNOut,
          .attrs = attrs,
          .infer = infer_predicate,
          .first = first};
}

}  // namespace

#define SDX_UNARY(Name, ...) SDX_OP(Name) = unary(#Name, __VA_ARGS__)
#define SDX_UNARY_OLD(Name, ...) SDX_OP(Name) = unary_old(#Name, __VA_ARGS__)
#define SDX_UNARY_INPUT(Name, ...) SDX_OP(Name) = renamed(unary(#Name, __VA_ARGS__))
#define SDX_UNARY_INPUT_OLD(Name, ...) SDX_OP(Name) = renamed(unary_old(#Name, __VA_ARGS__))
#define SDX_UNARY_PREDICATE(Name, ...) SDX_OP(Name) = predicate(#Name, __VA_ARGS__)

SDX_UNARY_OLD(Abs, 13, kNumericT, infer_carried<dim_abs>);
SDX_UNARY_OLD(Ceil, 13, kFloatT);
SDX_UNARY_OLD(Floor, 13, kFloatT);
SDX_UNARY_OLD(Neg, 13, kSignedT, infer_carried<dim_neg>);
SDX_UNARY_OLD(Reciprocal, 13, kFloatT);
SDX_UNARY_OLD(Sigmoid, 13, kFloatT);
SDX_UNARY_OLD(Sqrt, 13, kFloatT);
SDX_UNARY(Round, 22, kFloatT, 11);
SDX_UNARY(Not, 1, kBoolT, 1, infer_carried<dim_not>);
SDX_UNARY(BitwiseNot, 18, kIntegerT, 18);
SDX_UNARY_INPUT_OLD(Exp, 13, kFloatT);
SDX_UNARY_INPUT_OLD(Log, 13, kFloatT);
SDX_UNARY_INPUT_OLD(Tanh, 13, kFloatT);
SDX_UNARY_INPUT(Erf, 13, kFloatT, 9);
SDX_UNARY_INPUT(Sign, 13, kNumericT, 9, infer_carried<dim_sign>);
SDX_UNARY_INPUT(Sin, 22, kFloatT, 7);
SDX_UNARY_INPUT(Cos, 22, kFloatT, 7);
SDX_UNARY_INPUT(Tan, 22, kFloatT, 7);
SDX_UNARY_INPUT(Asin, 22, kFloatT, 7);
SDX_UNARY_INPUT(Acos, 22, kFloatT, 7);
SDX_UNARY_INPUT(Atan, 22, kFloatT, 7);
SDX_UNARY_INPUT(Sinh, 22, kFloatT, 9);
SDX_UNARY_INPUT(Cosh, 22, kFloatT, 9);
SDX_UNARY_INPUT(Asinh, 22, kFloatT, 9);
SDX_UNARY_INPUT(Acosh, 22, kFloatT, 9);
SDX_UNARY_INPUT(Atanh, 22, kFloatT, 9);
SDX_UNARY_PREDICATE(IsNaN, 20, 9);
SDX_UNARY_PREDICATE(IsInf, 20, 10, kIsInfAttrs);

}  // namespace sardonyx
