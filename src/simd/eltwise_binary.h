// Two-operand element-wise functions: out[i] = op(a[i], b[i]) over n contiguous elements, either side may be one
// scalar. out may be exactly a or b where element sizes agree; other overlap is not allowed. No allocation;
// thread-safe. Integers wrap around. Integer division or modulus by zero gives 0, and the smallest integer divided by
// -1 wraps. f16 and bf16 are computed in f32 and rounded once. Pointers are aligned to their elements.
#pragma once
#include <cstdint>

#include "simd/choose.h"
#include "tensor/dtype.h"

namespace sardonyx::simd {

enum class Binary : uint8_t {
  kAdd,
  kSub,
  kMul,
  kDiv,  // integers truncate toward zero
  kPow,  // integers: a negative exponent gives 0 unless the base is 1 or -1
  kMin,  // NaN in either operand gives NaN
  kMax,
  kMod,    // result has the sign of b, as Python's %
  kFmod,   // result has the sign of a, as C's fmod
  kPRelu,  // a < 0 ? a * b : a
  kAnd,    // bool
  kOr,
  kXor,
  kBitAnd,  // integers
  kBitOr,
  kBitXor,
  kShl,  // unsigned integers; a shift by the width or more gives 0
  kShr,
  kEqual,  // comparisons: bool out; kEqual also takes bool
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
};
inline constexpr int kBinaryCount = static_cast<int>(Binary::kGreaterEqual) + 1;

// Which operands are vectors of n elements (V) and which is a single element (S).
enum class Form : uint8_t { kVV, kVS, kSV };
inline constexpr int kFormCount = 3;

using BinaryFn = void (*)(const void* a, const void* b, void* out, int64_t n);

// The function for this CPU, or nullptr if the operation has none for operands of this type.
BinaryFn binary(Binary op, DType type, Form form);

// The same for one target; nullptr also if the target is not compiled. For tests and benchmarks.
BinaryFn binary_for(Target target, Binary op, DType type, Form form);

// True for the operations whose output elements are bool.
constexpr bool gives_bool(Binary op) { return op >= Binary::kEqual || (op >= Binary::kAnd && op <= Binary::kXor); }

}  // namespace sardonyx::simd
