// Reductions, arg-min/max and running sums. Two layouts cover every axis set once adjacent axes are merged:
//   rows: out[r] = reduce(in[r * cols .. + cols))            the reduced axis is innermost
//   cols: out[j] = reduce over i < red of in[i * stride + j], j < n     the reduced axis is outside; cut n at will
// One output element is computed within one call, so results do not depend on threads. f32 sums are blocked (error
// grows with log n); f16 and bf16 go through f32; integers wrap. No allocation; thread-safe; in and out must not
// overlap.
#pragma once
#include <cstdint>

#include "simd/choose.h"
#include "tensor/dtype.h"

namespace sardonyx::simd {

// Of no elements: kSum, kSumSquare, kL1, kL2 give 0, kProd 1, kMax the lowest value (-inf), kMin the highest, kLogSum
// and kLogSumExp -inf, kMean NaN (integers 0). NaN in any element makes kMax and kMin NaN.
enum class Reduce : uint8_t { kSum, kMean, kMax, kMin, kProd, kSumSquare, kL1, kL2, kLogSum, kLogSumExp };
inline constexpr int kReduceCount = 10;

struct ReduceFns {
  void (*rows)(const void* in, void* out, int64_t rows, int64_t cols) = nullptr;
  void (*cols)(const void* in, void* out, int64_t red, int64_t stride, int64_t n) = nullptr;
};

// f32, f64, f16, bf16, all whole-byte integers; bool: kMax and kMin. Null functions if the type has none.
ReduceFns reduce(Reduce op, DType type);
ReduceFns reduce_for(Target target, Reduce op, DType type);

// Index of the largest or smallest element along the reduced axis (at least one element); NaN counts as the extreme.
// Of equal elements the first, or the last if asked. Axes hold less than 2^31
// elements.
enum class Arg : uint8_t { kMax, kMaxLast, kMin, kMinLast };
struct ArgFns {
  void (*rows)(const void* in, int64_t* out, int64_t rows, int64_t cols) = nullptr;
  void (*cols)(const void* in, int64_t* out, int64_t red, int64_t stride, int64_t n) = nullptr;
};
ArgFns arg_reduce(Arg op, DType type);
ArgFns arg_reduce_for(Target target, Arg op, DType type);

// Running sum or product along the axis of the `cols` layout; out has in's layout. exclusive: element i excludes
// itself.
enum class Scan : uint8_t { kSum, kProd };
using ScanFn = void (*)(const void* in, void* out, int64_t red, int64_t stride, int64_t n, bool exclusive,
                        bool reverse);
ScanFn scan(Scan op, DType type);  // in == out is allowed

}  // namespace sardonyx::simd
