// One-operand element-wise functions: out[i] = op(in[i]) over n contiguous elements.
// in == out is allowed where element sizes agree; other overlap is not. No allocation; thread-safe. The result of an
// element does not depend on n or on its position, so callers may cut ranges anywhere.
// f32 transcendental functions stay within 3 ulp; f16 and bf16 are computed in f32 and rounded once. Pointers are
// aligned to their elements.
#pragma once
#include <cstdint>

#include "simd/choose.h"
#include "tensor/dtype.h"

namespace sardonyx::simd {

// a and b are the fields of UnaryParams that an operation reads.
enum class Unary : uint8_t {
  kAbs,
  kNeg,
  kSqrt,
  kRsqrt,
  kReciprocal,
  kSquare,
  kFloor,
  kCeil,
  kRound,  // half to even
  kTrunc,
  kSign,  // NaN gives NaN
  kRelu,
  kLeakyRelu,        // x < 0 ? a * x : x
  kThresholdedRelu,  // x > a ? x : 0
  kHardSigmoid,      // max(0, min(1, a * x + b))
  kHardSwish,        // x * max(0, min(1, x / 6 + 0.5))
  kSoftsign,
  kShrink,  // a = lambd, b = bias
  kExp,
  kLog,
  kSigmoid,
  kSwish,  // x * sigmoid(a * x)
  kTanh,
  kErf,
  kGeluErf,
  kGeluTanh,
  kSoftplus,
  kMish,
  kElu,   // a = alpha
  kSelu,  // a = alpha, b = gamma
  kCelu,  // a = alpha
  kSin,
  kCos,
  kTan,
  kAsin,
  kAcos,
  kAtan,
  kSinh,
  kCosh,
  kAsinh,
  kAcosh,
  kAtanh,
  kIsNaN,       // bool out
  kIsInf,       // bool out; a != 0: +inf counts, b != 0: -inf counts
  kNot,         // bool in and out
  kBitwiseNot,  // integers
};
inline constexpr int kUnaryCount = static_cast<int>(Unary::kBitwiseNot) + 1;

struct UnaryParams {
  double a = 0, b = 0;
};

using UnaryFn = void (*)(const void* in, void* out, int64_t n, const UnaryParams& params);

// The function for this CPU, or nullptr if the operation has none for elements of this type.
// Floats (f32, f64, f16, bf16): all but the last two. Integers: kAbs, kNeg, kSign, kRelu, kSquare, kBitwiseNot.
// bool: kNot. float8: kIsNaN and kIsInf.
UnaryFn unary(Unary op, DType type);

// The same for one target; nullptr also if the target is not compiled. For tests and benchmarks.
UnaryFn unary_for(Target target, Unary op, DType type);

}  // namespace sardonyx::simd
