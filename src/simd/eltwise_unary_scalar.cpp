// Operations without vector code: the C library's functions on f64 and the rarer ones on all floats, predicates,
// integers and bool.
#include <cmath>
#include <type_traits>

#include "simd/eltwise_unary_parts.h"
#include "simd/loops.h"
#include "tensor/codec.h"

namespace sardonyx::simd {
namespace {

template <class T>
T sigmoid(T x) {
  const T e = std::exp(-std::fabs(x));
  return (x < 0 ? e : T{1}) / (1 + e);
}
template <class T>
T softplus(T x) {
  if (std::isnan(x)) return x;
  return std::log1p(std::exp(-std::fabs(x))) + (x > 0 ? x : T{0});
}

// of(op, x, params): one element, computed in T.
template <Unary kOp, class T>
T apply(T x, const UnaryParams& p) {
  const T a = static_cast<T>(p.a), b = static_cast<T>(p.b);
  (void)a, (void)b;
  if constexpr (kOp == Unary::kExp) return std::exp(x);
  if constexpr (kOp == Unary::kLog) return std::log(x);
  if constexpr (kOp == Unary::kSigmoid) return sigmoid(x);
  if constexpr (kOp == Unary::kSwish) return x * sigmoid(a * x);
  if constexpr (kOp == Unary::kTanh) return std::tanh(x);
  if constexpr (kOp == Unary::kErf) return std::erf(x);
  if constexpr (kOp == Unary::kGeluErf) return x * std::erfc(x * T(-0.70710678118654752)) * T(0.5);
  if constexpr (kOp == Unary::kGeluTanh)
    return x * sigmoid(x * (T(1.5957691216057308) + T(0.071354816272600253) * x * x));
  if constexpr (kOp == Unary::kSoftplus) return softplus(x);
  if constexpr (kOp == Unary::kMish) return x * std::tanh(softplus(x));
  if constexpr (kOp == Unary::kElu) return x > 0 ? x : a * std::expm1(x);
  if constexpr (kOp == Unary::kSelu) return b * (x > 0 ? x : a * std::expm1(x));
  if constexpr (kOp == Unary::kCelu) return x > 0 ? x : a * std::expm1(x / a);
  if constexpr (kOp == Unary::kSin) return std::sin(x);
  if constexpr (kOp == Unary::kCos) return std::cos(x);
  if constexpr (kOp == Unary::kTan) return std::tan(x);
  if constexpr (kOp == Unary::kAsin) return std::asin(x);
  if constexpr (kOp == Unary::kAcos) return std::acos(x);
  if constexpr (kOp == Unary::kAtan) return std::atan(x);
  if constexpr (kOp == Unary::kSinh) return std::sinh(x);
  if constexpr (kOp == Unary::kCosh) return std::cosh(x);
  if constexpr (kOp == Unary::kAsinh) return std::asinh(x);
  if constexpr (kOp == Unary::kAcosh) return std::acosh(x);
  if constexpr (kOp == Unary::kAtanh) return std::atanh(x);
}

template <Unary kOp, class T>
void map(const void* in, void* out, int64_t n, const UnaryParams& params) {
  const auto* x = static_cast<const T*>(in);
  auto* y = static_cast<T*>(out);
  for (int64_t i = 0; i < n; ++i) y[i] = apply<kOp, T>(x[i], params);
}

template <Unary kOp, bool kHalf>
void map_codes(const void* in, void* out, int64_t n, const UnaryParams& params) {
  const auto* x = static_cast<const uint16_t*>(in);
  auto* y = static_cast<uint16_t*>(out);
  for (int64_t i = 0; i < n; ++i) {
    const float v = apply<kOp, float>(kHalf ? f32_from_f16(x[i]) : f32_from_bf16(x[i]), params);
    y[i] = kHalf ? f16_from_f32(v) : bf16_from_f32(v);
  }
}

// Where a value's class is told by its magnitude's bits: NaN above kInf, infinity at it.
template <class Code, Code kMagnitude, Code kInf, bool kWantNan>
void classify(const void* in, void* out, int64_t n, const UnaryParams& params) {
  const auto* x = static_cast<const Code*>(in);
  auto* y = static_cast<uint8_t*>(out);
  const bool positive = params.a != 0, negative = params.b != 0;
  SDX_IVDEP
  for (int64_t i = 0; i < n; ++i) {
    const Code mag = x[i] & kMagnitude;
    if (kWantNan) {
      y[i] = mag > kInf;
    } else {
      y[i] = mag == kInf && (mag == x[i] ? positive : negative);
    }
  }
}
// Formats without infinity, whose NaN is one code (kMask removes the sign where NaN has two).
template <uint8_t kMask, uint8_t kNan>
void is_nan_code(const void* in, void* out, int64_t n, const UnaryParams&) {
  const auto* x = static_cast<const uint8_t*>(in);
  auto* y = static_cast<uint8_t*>(out);
  for (int64_t i = 0; i < n; ++i) y[i] = (x[i] & kMask) == kNan;
}
void all_false(const void*, void* out, int64_t n, const UnaryParams&) {
  auto* y = static_cast<uint8_t*>(out);
  for (int64_t i = 0; i < n; ++i) y[i] = 0;
}

template <Unary kOp, class T>
void map_int(const void* in, void* out, int64_t n, const UnaryParams&) {
  using U = std::make_unsigned_t<T>;
  const auto* x = static_cast<const T*>(in);
  auto* y = static_cast<T*>(out);
  SDX_IVDEP
  for (int64_t i = 0; i < n; ++i) {
    const T v = x[i];
    const T negated = static_cast<T>(U{0} - static_cast<U>(v));
    if constexpr (kOp == Unary::kAbs) y[i] = v < 0 ? negated : v;
    if constexpr (kOp == Unary::kNeg) y[i] = negated;
    if constexpr (kOp == Unary::kSign) y[i] = static_cast<T>((v > 0) - (v < 0));
    if constexpr (kOp == Unary::kRelu) y[i] = v < 0 ? T{0} : v;
    if constexpr (kOp == Unary::kSquare) y[i] = static_cast<T>(static_cast<uint64_t>(v) * static_cast<uint64_t>(v));
    if constexpr (kOp == Unary::kBitwiseNot) y[i] = static_cast<T>(~v);
  }
}

void logical_not(const void* in, void* out, int64_t n, const UnaryParams&) {
  const auto* x = static_cast<const uint8_t*>(in);
  auto* y = static_cast<uint8_t*>(out);
  SDX_IVDEP
  for (int64_t i = 0; i < n; ++i) y[i] = x[i] == 0;
}

struct Table {
  UnaryFn fn[kUnaryCount][kDTypeCount] = {};
  constexpr UnaryFn& at(Unary op, DType type) { return fn[static_cast<int>(op)][static_cast<int>(type)]; }
};

template <Unary kOp>
constexpr void put_libm(Table& t) {
  t.at(kOp, DType::kF32) = map<kOp, float>;
  t.at(kOp, DType::kF64) = map<kOp, double>;
  t.at(kOp, DType::kF16) = map_codes<kOp, true>;
  t.at(kOp, DType::kBF16) = map_codes<kOp, false>;
}
template <Unary kFirst, Unary kLast>
constexpr void put_f64(Table& t) {
  t.at(kFirst, DType::kF64) = map<kFirst, double>;
  if constexpr (kFirst != kLast) put_f64<static_cast<Unary>(static_cast<int>(kFirst) + 1), kLast>(t);
}
template <Unary kOp>
constexpr void put_int(Table& t) {
  t.at(kOp, DType::kI8) = map_int<kOp, int8_t>;
  t.at(kOp, DType::kI16) = map_int<kOp, int16_t>;
  t.at(kOp, DType::kI32) = map_int<kOp, int32_t>;
  t.at(kOp, DType::kI64) = map_int<kOp, int64_t>;
  t.at(kOp, DType::kU8) = map_int<kOp, uint8_t>;
  t.at(kOp, DType::kU16) = map_int<kOp, uint16_t>;
  t.at(kOp, DType::kU32) = map_int<kOp, uint32_t>;
  t.at(kOp, DType::kU64) = map_int<kOp, uint64_t>;
}
template <Unary kOp>
constexpr void put_classes(Table& t) {
  constexpr bool kNan = kOp == Unary::kIsNaN;
  t.at(kOp, DType::kF32) = classify<uint32_t, 0x7FFFFFFF, 0x7F800000, kNan>;
  t.at(kOp, DType::kF64) = classify<uint64_t, 0x7FFFFFFFFFFFFFFF, 0x7FF0000000000000, kNan>;
  t.at(kOp, DType::kF16) = classify<uint16_t, 0x7FFF, 0x7C00, kNan>;
  t.at(kOp, DType::kBF16) = classify<uint16_t, 0x7FFF, 0x7F80, kNan>;
  t.at(kOp, DType::kF8E5M2) = classify<uint8_t, 0x7F, 0x7C, kNan>;
  t.at(kOp, DType::kF8E4M3FN) = kNan ? is_nan_code<0x7F, 0x7F> : all_false;
  t.at(kOp, DType::kF8E4M3FNUZ) = kNan ? is_nan_code<0xFF, 0x80> : all_false;
  t.at(kOp, DType::kF8E5M2FNUZ) = kNan ? is_nan_code<0xFF, 0x80> : all_false;
  t.at(kOp, DType::kF8E8M0) = kNan ? is_nan_code<0xFF, 0xFF> : all_false;
}

constexpr Table make_table() {
  Table t;
  put_f64<Unary::kExp, Unary::kTan>(t);
  put_libm<Unary::kAsin>(t);
  put_libm<Unary::kAcos>(t);
  put_libm<Unary::kAtan>(t);
  put_libm<Unary::kSinh>(t);
  put_libm<Unary::kCosh>(t);
  put_libm<Unary::kAsinh>(t);
  put_libm<Unary::kAcosh>(t);
  put_libm<Unary::kAtanh>(t);
  put_classes<Unary::kIsNaN>(t);
  put_classes<Unary::kIsInf>(t);
  put_int<Unary::kAbs>(t);
  put_int<Unary::kNeg>(t);
  put_int<Unary::kSign>(t);
  put_int<Unary::kRelu>(t);
  put_int<Unary::kSquare>(t);
  put_int<Unary::kBitwiseNot>(t);
  t.at(Unary::kNot, DType::kBool) = logical_not;
  return t;
}
constexpr Table kTable = make_table();

}  // namespace

UnaryFn unary_scalar(Unary op, DType type) { return kTable.fn[static_cast<int>(op)][static_cast<int>(type)]; }

}  // namespace sardonyx::simd
