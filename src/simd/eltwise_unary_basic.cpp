// Operations of a few instructions, on all floats.
#include "simd/eltwise_unary_parts.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/eltwise_unary_basic.cpp"
// clang-format off
#include "simd/foreach-inl.h"
#include "simd/eltwise_unary-inl.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace sardonyx::simd {
namespace HWY_NAMESPACE {
namespace {

// Where the definition says nothing of NaN, it takes the branch that returns it.
SDX_UNARY_OP(OpAbs, return hn::Abs(x))
SDX_UNARY_OP(OpNeg, return hn::Neg(x))
SDX_UNARY_OP(OpSqrt, return hn::Sqrt(x))
SDX_UNARY_OP(OpRsqrt, return hn::Div(hn::Set(d, 1), hn::Sqrt(x)))
SDX_UNARY_OP(OpReciprocal, return hn::Div(hn::Set(d, 1), x))
SDX_UNARY_OP(OpSquare, return hn::Mul(x, x))
SDX_UNARY_OP(OpFloor, return hn::Floor(x))
SDX_UNARY_OP(OpCeil, return hn::Ceil(x))
SDX_UNARY_OP(OpRound, return hn::Round(x))
SDX_UNARY_OP(OpTrunc, return hn::Trunc(x))
SDX_UNARY_OP(OpSign, const auto zero = hn::Zero(d); const auto one = hn::Set(d, 1);
             return hn::IfThenElse(hn::Gt(x, zero), one, hn::IfThenElse(hn::Lt(x, zero), hn::Neg(one), x)))
SDX_UNARY_OP(OpRelu, return hn::IfThenElse(hn::Lt(x, hn::Zero(d)), hn::Zero(d), x))
SDX_UNARY_OP(OpLeakyRelu, return hn::IfThenElse(hn::Lt(x, hn::Zero(d)), hn::Mul(a, x), x))
SDX_UNARY_OP(OpThresholdedRelu, return hn::IfThenElseZero(hn::Gt(x, a), x))
template <class D, class V>
HWY_INLINE V ClampToUnit(D d, V y) {
  const auto one = hn::Set(d, 1);
  y = hn::IfThenElse(hn::Lt(y, hn::Zero(d)), hn::Zero(d), y);
  return hn::IfThenElse(hn::Gt(y, one), one, y);
}
SDX_UNARY_OP(OpHardSigmoid, return ClampToUnit(d, hn::MulAdd(a, x, b)))
SDX_UNARY_OP(OpHardSwish, using T = hn::TFromD<D>; const auto sixth = hn::Set(d, static_cast<T>(1.0 / 6));
             return hn::Mul(x, ClampToUnit(d, hn::MulAdd(x, sixth, hn::Set(d, static_cast<T>(0.5))))))
SDX_UNARY_OP(OpSoftsign, return hn::Div(x, hn::Add(hn::Set(d, 1), hn::Abs(x))))
SDX_UNARY_OP(OpShrink, const auto low = hn::IfThenElseZero(hn::Lt(x, hn::Neg(a)), hn::Add(x, b));
             return hn::IfThenElse(hn::Gt(x, a), hn::Sub(x, b), low))

template <class Op>
constexpr void Put(UnaryTable& t, Unary op) {
  PutF32<Map<Op, float>>(t, op);
  t.f64[static_cast<int>(op)] = Map<Op, double>;
}

constexpr UnaryTable MakeTable() {
  UnaryTable t;
  Put<OpAbs>(t, Unary::kAbs);
  Put<OpNeg>(t, Unary::kNeg);
  Put<OpSqrt>(t, Unary::kSqrt);
  Put<OpRsqrt>(t, Unary::kRsqrt);
  Put<OpReciprocal>(t, Unary::kReciprocal);
  Put<OpSquare>(t, Unary::kSquare);
  Put<OpFloor>(t, Unary::kFloor);
  Put<OpCeil>(t, Unary::kCeil);
  Put<OpRound>(t, Unary::kRound);
  Put<OpTrunc>(t, Unary::kTrunc);
  Put<OpSign>(t, Unary::kSign);
  Put<OpRelu>(t, Unary::kRelu);
  Put<OpLeakyRelu>(t, Unary::kLeakyRelu);
  Put<OpThresholdedRelu>(t, Unary::kThresholdedRelu);
  Put<OpHardSigmoid>(t, Unary::kHardSigmoid);
  Put<OpHardSwish>(t, Unary::kHardSwish);
  Put<OpSoftsign>(t, Unary::kSoftsign);
  Put<OpShrink>(t, Unary::kShrink);
  return t;
}
constexpr UnaryTable kUnaryBasic = MakeTable();

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace sardonyx::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sardonyx::simd {
SDX_SIMD_GETTERS(unary_basic, UnaryTable, kUnaryBasic)
}  // namespace sardonyx::simd
#endif
