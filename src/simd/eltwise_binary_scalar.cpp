// Operations without vector instructions: division of integers, powers, remainders, shifts, and logic on bool.
#include <cmath>
#include <limits>
#include <type_traits>

#include "simd/eltwise_binary_parts.h"
#include "simd/loops.h"
#include "tensor/codec.h"

namespace sardonyx::simd {
namespace {

template <class T>
using Unsigned = std::make_unsigned_t<T>;

template <class T>
T negated(T v) {
  return static_cast<T>(Unsigned<T>{0} - static_cast<Unsigned<T>>(v));
}

struct Div {
  template <class T>
  static T of(T a, T b) {
    if (b == 0) return 0;
    if (std::is_signed_v<T> && b == static_cast<T>(-1)) return negated(a);
    return static_cast<T>(a / b);
  }
};
struct Fmod {
  static float of(float a, float b) { return std::fmod(a, b); }
  static double of(double a, double b) { return std::fmod(a, b); }
  template <class T>
  static T of(T a, T b) {
    if (b == 0 || (std::is_signed_v<T> && b == static_cast<T>(-1))) return 0;
    return static_cast<T>(a % b);
  }
};
struct Mod {
  template <class T>
  static T of(T a, T b) {
    T r = Fmod::of(a, b);
    if constexpr (std::is_floating_point_v<T>) {
      if (r == 0) return std::copysign(T{0}, b);
    }
    if (r != 0 && (r < 0) != (b < 0)) r = static_cast<T>(r + b);
    return r;
  }
};
struct Pow {
  static float of(float a, float b) { return std::pow(a, b); }
  static double of(double a, double b) { return std::pow(a, b); }
  template <class T>
  static T of(T a, T b) {
    if (b < 0) {
      if (a == 1) return 1;
      return a == static_cast<T>(-1) ? (b % 2 == 0 ? T{1} : static_cast<T>(-1)) : T{0};
    }
    uint64_t base = static_cast<uint64_t>(a), result = 1;
    for (auto e = static_cast<Unsigned<T>>(b); e != 0; e = static_cast<Unsigned<T>>(e >> 1)) {
      if ((e & 1) != 0) result *= base;
      base *= base;
    }
    return static_cast<T>(result);
  }
};
struct PRelu {
  template <class T>
  static T of(T a, T b) {
    return a < 0 ? static_cast<T>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b)) : a;
  }
};
struct Shl {
  template <class T>
  static T of(T a, T b) {
    return b >= sizeof(T) * 8 ? T{0} : static_cast<T>(static_cast<uint64_t>(a) << b);
  }
};
struct Shr {
  template <class T>
  static T of(T a, T b) {
    return b >= sizeof(T) * 8 ? T{0} : static_cast<T>(a >> b);
  }
};
struct And {
  static uint8_t of(uint8_t a, uint8_t b) { return a != 0 && b != 0; }
};
struct Or {
  static uint8_t of(uint8_t a, uint8_t b) { return a != 0 || b != 0; }
};
struct Xor {
  static uint8_t of(uint8_t a, uint8_t b) { return (a != 0) != (b != 0); }
};

template <class Op, class T, Form kForm>
void loop(const void* a, const void* b, void* out, int64_t n) {
  const auto* pa = static_cast<const T*>(a);
  const auto* pb = static_cast<const T*>(b);
  auto* po = static_cast<T*>(out);
  if (n <= 0) return;
  const T sa = pa[0], sb = pb[0];
  for (int64_t i = 0; i < n; ++i) po[i] = Op::of(kForm == Form::kSV ? sa : pa[i], kForm == Form::kVS ? sb : pb[i]);
}

template <class Op, bool kHalf, Form kForm>
void half_loop(const void* a, const void* b, void* out, int64_t n) {
  const auto decode = [](uint16_t c) { return kHalf ? f32_from_f16(c) : f32_from_bf16(c); };
  const auto* pa = static_cast<const uint16_t*>(a);
  const auto* pb = static_cast<const uint16_t*>(b);
  auto* po = static_cast<uint16_t*>(out);
  if (n <= 0) return;
  const float sa = decode(pa[0]), sb = decode(pb[0]);
  for (int64_t i = 0; i < n; ++i) {
    const float v = Op::of(kForm == Form::kSV ? sa : decode(pa[i]), kForm == Form::kVS ? sb : decode(pb[i]));
    po[i] = kHalf ? f16_from_f32(v) : bf16_from_f32(v);
  }
}

// x to one power: the exponents that models use are products, quotients or roots.
template <class T>
void pow_by_scalar(const void* a, const void* b, void* out, int64_t n) {
  const auto* x = static_cast<const T*>(a);
  auto* y = static_cast<T*>(out);
  if (n <= 0) return;
  const T e = *static_cast<const T*>(b);
  const auto each = [&](auto f) {
    SDX_IVDEP
    for (int64_t i = 0; i < n; ++i) y[i] = f(x[i]);
  };
  if (e == 1) return each([](T v) { return v; });
  if (e == 2) return each([](T v) { return v * v; });
  if (e == 3) return each([](T v) { return v * v * v; });
  if (e == -1) return each([](T v) { return 1 / v; });
  // pow differs from sqrt at -0 and -infinity.
  if (e == T(0.5)) return each([](T v) { return v == -std::numeric_limits<T>::infinity() ? -v : std::sqrt(v + T{0}); });
  each([e](T v) { return std::pow(v, e); });
}

template <class Op, class T>
constexpr void put(BinaryTable& t, Binary op, DType type) {
  t.at(op, type, Form::kVV) = loop<Op, T, Form::kVV>;
  t.at(op, type, Form::kVS) = loop<Op, T, Form::kVS>;
  t.at(op, type, Form::kSV) = loop<Op, T, Form::kSV>;
}
template <class Op>
constexpr void put_unsigned(BinaryTable& t, Binary op) {
  put<Op, uint8_t>(t, op, DType::kU8);
  put<Op, uint16_t>(t, op, DType::kU16);
  put<Op, uint32_t>(t, op, DType::kU32);
  put<Op, uint64_t>(t, op, DType::kU64);
}
template <class Op>
constexpr void put_ints(BinaryTable& t, Binary op) {
  put_unsigned<Op>(t, op);
  put<Op, int8_t>(t, op, DType::kI8);
  put<Op, int16_t>(t, op, DType::kI16);
  put<Op, int32_t>(t, op, DType::kI32);
  put<Op, int64_t>(t, op, DType::kI64);
}
template <class Op, bool kHalf>
constexpr void put_half(BinaryTable& t, Binary op, DType type) {
  t.at(op, type, Form::kVV) = half_loop<Op, kHalf, Form::kVV>;
  t.at(op, type, Form::kVS) = half_loop<Op, kHalf, Form::kVS>;
  t.at(op, type, Form::kSV) = half_loop<Op, kHalf, Form::kSV>;
}
template <class Op>
constexpr void put_numbers(BinaryTable& t, Binary op) {
  put_ints<Op>(t, op);
  put<Op, float>(t, op, DType::kF32);
  put<Op, double>(t, op, DType::kF64);
  put_half<Op, true>(t, op, DType::kF16);
  put_half<Op, false>(t, op, DType::kBF16);
}

constexpr BinaryTable make_table() {
  BinaryTable t;
  put_ints<Div>(t, Binary::kDiv);
  put_numbers<Pow>(t, Binary::kPow);
  t.at(Binary::kPow, DType::kF32, Form::kVS) = pow_by_scalar<float>;
  t.at(Binary::kPow, DType::kF64, Form::kVS) = pow_by_scalar<double>;
  put_ints<PRelu>(t, Binary::kPRelu);
  put_numbers<Mod>(t, Binary::kMod);
  put_numbers<Fmod>(t, Binary::kFmod);
  put_unsigned<Shl>(t, Binary::kShl);
  put_unsigned<Shr>(t, Binary::kShr);
  put<And, uint8_t>(t, Binary::kAnd, DType::kBool);
  put<Or, uint8_t>(t, Binary::kOr, DType::kBool);
  put<Xor, uint8_t>(t, Binary::kXor, DType::kBool);
  return t;
}
constexpr BinaryTable kTable = make_table();

}  // namespace

BinaryFn binary_scalar(Binary op, DType type, Form form) { return kTable.at(op, type, form); }

}  // namespace sardonyx::simd
