// Arithmetic on floats.
#include "simd/eltwise_binary_parts.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/eltwise_binary_float.cpp"
// clang-format off
#include "simd/foreach-inl.h"
#include "simd/eltwise_binary_half-inl.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace sardonyx::simd {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

#define SDX_BINARY_OP(Name, expression)                      \
  struct Name {                                              \
    template <class D, class V = hn::VFromD<D>>              \
    static HWY_INLINE V Of([[maybe_unused]] D d, V a, V b) { \
      return expression;                                     \
    }                                                        \
  };
SDX_BINARY_OP(OpAdd, hn::Add(a, b))
SDX_BINARY_OP(OpSub, hn::Sub(a, b))
SDX_BINARY_OP(OpMul, hn::Mul(a, b))
SDX_BINARY_OP(OpDiv, hn::Div(a, b))
SDX_BINARY_OP(OpMin, hn::IfThenElse(hn::Or(hn::Lt(a, b), hn::IsNaN(a)), a, b))
SDX_BINARY_OP(OpMax, hn::IfThenElse(hn::Or(hn::Gt(a, b), hn::IsNaN(a)), a, b))
SDX_BINARY_OP(OpPRelu, hn::IfThenElse(hn::Lt(a, hn::Zero(d)), hn::Mul(a, b), a))
#undef SDX_BINARY_OP

template <class Op, class T, Form kForm>
void Arith(const void* a, const void* b, void* out, int64_t n) {
  const hn::ScalableTag<T> d;
  const auto* pa = static_cast<const T*>(a);
  const auto* pb = static_cast<const T*>(b);
  auto* po = static_cast<T*>(out);
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  if (n <= 0) return;
  const auto va = hn::Set(d, pa[0]), vb = hn::Set(d, pb[0]);
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const auto x = kForm == Form::kSV ? va : hn::LoadU(d, pa + i);
    const auto y = kForm == Form::kVS ? vb : hn::LoadU(d, pb + i);
    hn::StoreU(Op::Of(d, x, y), d, po + i);
  }
  if (i < n) {
    const size_t rest = static_cast<size_t>(n - i);
    const auto x = kForm == Form::kSV ? va : compat::LoadN(d, pa + i, rest);
    const auto y = kForm == Form::kVS ? vb : compat::LoadN(d, pb + i, rest);
    compat::StoreN(Op::Of(d, x, y), d, po + i, rest);
  }
}

template <class Op, Form kForm>
constexpr void PutArith(BinaryTable& t, Binary op) {
  PutHalves<Arith<Op, float, kForm>, kForm, false>(t, op);
  t.at(op, DType::kF64, kForm) = Arith<Op, double, kForm>;
}
template <class Op>
constexpr void PutArith(BinaryTable& t, Binary op) {
  PutArith<Op, Form::kVV>(t, op);
  PutArith<Op, Form::kVS>(t, op);
  PutArith<Op, Form::kSV>(t, op);
}

constexpr BinaryTable MakeTable() {
  BinaryTable t;
  PutArith<OpAdd>(t, Binary::kAdd);
  PutArith<OpSub>(t, Binary::kSub);
  PutArith<OpMul>(t, Binary::kMul);
  PutArith<OpDiv>(t, Binary::kDiv);
  PutArith<OpMin>(t, Binary::kMin);
  PutArith<OpMax>(t, Binary::kMax);
  PutArith<OpPRelu>(t, Binary::kPRelu);
  return t;
}
constexpr BinaryTable kBinaryFloat = MakeTable();

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace sardonyx::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sardonyx::simd {
SDX_SIMD_GETTERS(binary_float, BinaryTable, kBinaryFloat)
}  // namespace sardonyx::simd
#endif
