// What element-wise operators have in common: parameter tables, extents by broadcasting, and the contents of small
// integer tensors, which element-wise arithmetic carries from Shape to Reshape. Pure functions and constants.
#pragma once
#include <optional>

#include "ir/infer_ctx.h"
#include "ir/op_def.h"
#include "ir/upgrade_ctx.h"

namespace sardonyx {

inline constexpr TypeVar kFloatT[] = {{"T", kFloatTypes}};
inline constexpr TypeVar kNumericT[] = {{"T", kNumericTypes}};
inline constexpr TypeVar kIntegerT[] = {{"T", kSignedTypes | kUnsignedTypes}};
inline constexpr TypeVar kBoolT[] = {{"T", kBoolType}};
inline constexpr ParamDef kInX[] = {{"X", "T"}};
inline constexpr ParamDef kOutY[] = {{"Y", "T"}};
inline constexpr ParamDef kInInput[] = {{"input", "T"}};
inline constexpr ParamDef kOutOutput[] = {{"output", "T"}};

// Output 0 has input 0's element type and extents, whatever the other inputs are.
Status infer_like_first(InferCtx& c);
// Output 0 has the broadcast extents of all inputs; element type of input 0, or bool.
Status infer_broadcast(InferCtx& c);
Status infer_broadcast_to_bool(InferCtx& c);
// kShape if `from` certainly does not broadcast to exactly `to` (ONNX's unidirectional broadcasting).
Status check_broadcasts_to(const InferCtx& c, const Shape& from, const Shape& to, std::string_view from_name,
                           std::string_view to_name);

// One element of a small integer (or bool, as 0 and 1) tensor from others; nullopt when it cannot be told.
using DimUnary = std::optional<Dim> (*)(SymbolTable&, DType, Dim);
using DimBinary = std::optional<Dim> (*)(SymbolTable&, DType, Dim, Dim);
std::optional<Dim> dim_add(SymbolTable& s, DType t, Dim a, Dim b);
std::optional<Dim> dim_sub(SymbolTable& s, DType t, Dim a, Dim b);
std::optional<Dim> dim_mul(SymbolTable& s, DType t, Dim a, Dim b);
std::optional<Dim> dim_div(SymbolTable& s, DType t, Dim a, Dim b);   // rounds toward zero
std::optional<Dim> dim_mod(SymbolTable& s, DType t, Dim a, Dim b);   // sign of the divisor
std::optional<Dim> dim_fmod(SymbolTable& s, DType t, Dim a, Dim b);  // sign of the dividend
std::optional<Dim> dim_min(SymbolTable& s, DType t, Dim a, Dim b);
std::optional<Dim> dim_max(SymbolTable& s, DType t, Dim a, Dim b);
std::optional<bool> dim_less(SymbolTable& s, Dim a, Dim b);

// After the output's fact is set: fills its contents when those of all inputs are known. No error if they are not.
Status carry_unary(InferCtx& c, DimUnary f);
Status carry_binary(InferCtx& c, DimBinary f);  // left to right over all inputs
// The known contents of input i (facts only, nothing is read), or null.
const Dims* known_ints(const InferCtx& c, int i);
// Element k of contents that broadcast: the only element of a one-element tensor.
inline Dim at(const Dims& v, size_t k) { return v.size() == 1 ? v[0] : v[k]; }
// How many elements output 0 has; nullopt unless it is a scalar or a vector of known size that may carry contents.
std::optional<size_t> carried_count(InferCtx& c);

}  // namespace sardonyx
