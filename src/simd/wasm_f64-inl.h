// Vectors of f64 on WebAssembly, which Highway 1.0.3 leaves out although the instructions exist: the operations that
// our kernels use, under Highway's names. Included by foreach-inl.h.
#pragma once
#include <wasm_simd128.h>

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace hwy {
namespace HWY_NAMESPACE {

template <size_t N, HWY_IF_LE128(double, N)>
HWY_API Vec128<double, N> Set(Simd<double, N, 0>, double t) {
  return Vec128<double, N>{wasm_f64x2_splat(t)};
}

// The general one converts the bits as an integer.
template <size_t N>
HWY_API double GetLane(const Vec128<double, N> v) {
  return wasm_f64x2_extract_lane(v.raw, 0);
}

#define SDX_F64_BINARY(name, instruction)                                    \
  template <size_t N>                                                        \
  HWY_API Vec128<double, N> name(Vec128<double, N> a, Vec128<double, N> b) { \
    return Vec128<double, N>{instruction};                                   \
  }
SDX_F64_BINARY(operator+, wasm_f64x2_add(a.raw, b.raw))
SDX_F64_BINARY(operator-, wasm_f64x2_sub(a.raw, b.raw))
SDX_F64_BINARY(operator*, wasm_f64x2_mul(a.raw, b.raw))
SDX_F64_BINARY(operator/, wasm_f64x2_div(a.raw, b.raw))
SDX_F64_BINARY(Min, wasm_f64x2_pmin(b.raw, a.raw))  // of a NaN and a number, the second argument, as for f32
SDX_F64_BINARY(Max, wasm_f64x2_pmax(b.raw, a.raw))
#undef SDX_F64_BINARY

#define SDX_F64_COMPARE(name, instruction)                                             \
  template <size_t N>                                                                  \
  HWY_API Mask128<double, N> operator name(Vec128<double, N> a, Vec128<double, N> b) { \
    return Mask128<double, N>{instruction(a.raw, b.raw)};                              \
  }
SDX_F64_COMPARE(==, wasm_f64x2_eq)
SDX_F64_COMPARE(!=, wasm_f64x2_ne)
SDX_F64_COMPARE(<, wasm_f64x2_lt)
SDX_F64_COMPARE(<=, wasm_f64x2_le)
SDX_F64_COMPARE(>, wasm_f64x2_gt)
SDX_F64_COMPARE(>=, wasm_f64x2_ge)
#undef SDX_F64_COMPARE

#define SDX_F64_UNARY(name, instruction)                \
  template <size_t N>                                   \
  HWY_API Vec128<double, N> name(Vec128<double, N> v) { \
    return Vec128<double, N>{instruction(v.raw)};       \
  }
SDX_F64_UNARY(Abs, wasm_f64x2_abs)
SDX_F64_UNARY(Sqrt, wasm_f64x2_sqrt)
SDX_F64_UNARY(Floor, wasm_f64x2_floor)
SDX_F64_UNARY(Ceil, wasm_f64x2_ceil)
SDX_F64_UNARY(Trunc, wasm_f64x2_trunc)
SDX_F64_UNARY(Round, wasm_f64x2_nearest)
#undef SDX_F64_UNARY

template <size_t N>
HWY_API Vec128<double, N> MulAdd(Vec128<double, N> mul, Vec128<double, N> x, Vec128<double, N> add) {
  return mul * x + add;
}
template <size_t N>
HWY_API Vec128<double, N> NegMulAdd(Vec128<double, N> mul, Vec128<double, N> x, Vec128<double, N> add) {
  return add - mul * x;
}

template <size_t N, HWY_IF_LE128(double, N)>
HWY_API Vec128<double, N> PromoteTo(Simd<double, N, 0>, Vec128<float, N> v) {
  return Vec128<double, N>{wasm_f64x2_promote_low_f32x4(v.raw)};
}
template <size_t N, HWY_IF_LE64(float, N)>
HWY_API Vec128<float, N> DemoteTo(Simd<float, N, 0>, Vec128<double, N> v) {
  return Vec128<float, N>{wasm_f32x4_demote_f64x2_zero(v.raw)};
}

}  // namespace HWY_NAMESPACE
}  // namespace hwy
HWY_AFTER_NAMESPACE();
