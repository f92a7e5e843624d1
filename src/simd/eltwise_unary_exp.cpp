// Exponentials, logarithm, error function and the activations made of them, in f32.
#include "simd/eltwise_unary_parts.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/eltwise_unary_exp.cpp"
// clang-format off
#include "simd/foreach-inl.h"
#include "simd/eltwise_unary-inl.h"
#include "simd/math-inl.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace sardonyx::simd {
namespace HWY_NAMESPACE {
namespace {

SDX_UNARY_OP(OpExp, return math::Exp(d, x))
SDX_UNARY_OP(OpLog, return math::Log(d, x))
SDX_UNARY_OP(OpSigmoid, return math::Sigmoid(d, x))
SDX_UNARY_OP(OpSwish, return hn::Mul(x, math::Sigmoid(d, hn::Mul(a, x))))
SDX_UNARY_OP(OpTanh, return math::Tanh(d, x))
SDX_UNARY_OP(OpErf, return math::Erf(d, x))
SDX_UNARY_OP(OpGeluErf, return math::GeluErf(d, x))
SDX_UNARY_OP(OpGeluTanh, return math::GeluTanh(d, x))
SDX_UNARY_OP(OpSoftplus, return math::Softplus(d, x))
SDX_UNARY_OP(OpMish, return math::Mish(d, x))
template <class D, class V>
HWY_INLINE V ExpM1OfNegative(D d, V x) {
  return math::ExpM1(d, hn::IfThenElse(hn::Gt(x, hn::Zero(d)), hn::Zero(d), x));
}
SDX_UNARY_OP(OpElu, return hn::IfThenElse(hn::Gt(x, hn::Zero(d)), x, hn::Mul(a, ExpM1OfNegative(d, x))))
SDX_UNARY_OP(OpSelu, const auto low = hn::Mul(a, ExpM1OfNegative(d, x));
             return hn::Mul(b, hn::IfThenElse(hn::Gt(x, hn::Zero(d)), x, low)))
SDX_UNARY_OP(OpCelu, const auto low = hn::Mul(a, ExpM1OfNegative(d, hn::Div(x, a)));
             return hn::IfThenElse(hn::Gt(x, hn::Zero(d)), x, low))

constexpr UnaryTable MakeTable() {
  UnaryTable t;
  PutF32<Map<OpExp, float>>(t, Unary::kExp);
  PutF32<Map<OpLog, float>>(t, Unary::kLog);
  PutF32<Map<OpSigmoid, float>>(t, Unary::kSigmoid);
  PutF32<Map<OpSwish, float>>(t, Unary::kSwish);
  PutF32<Map<OpTanh, float>>(t, Unary::kTanh);
  PutF32<Map<OpErf, float>>(t, Unary::kErf);
  PutF32<Map<OpGeluErf, float>>(t, Unary::kGeluErf);
  PutF32<Map<OpGeluTanh, float>>(t, Unary::kGeluTanh);
  PutF32<Map<OpSoftplus, float>>(t, Unary::kSoftplus);
  PutF32<Map<OpMish, float>>(t, Unary::kMish);
  PutF32<Map<OpElu, float>>(t, Unary::kElu);
  PutF32<Map<OpSelu, float>>(t, Unary::kSelu);
  PutF32<Map<OpCelu, float>>(t, Unary::kCelu);
  return t;
}
constexpr UnaryTable kUnaryExp = MakeTable();

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace sardonyx::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sardonyx::simd {
SDX_SIMD_GETTERS(unary_exp, UnaryTable, kUnaryExp)
}  // namespace sardonyx::simd
#endif
