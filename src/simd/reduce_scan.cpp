// Lookup of arg-min and arg-max with their portable forms, and running sums and products.
#include <type_traits>

#include "simd/reduce.h"
#include "simd/reduce_arg.h"
#include "tensor/codec.h"

namespace sardonyx::simd {
namespace {

constexpr int64_t kStrip = 64;

struct F16 {
  uint16_t code;
};
struct BF16 {
  uint16_t code;
};

// The value that is compared and summed.
template <class T>
T value(T v) {
  return v;
}
float value(F16 v) { return f32_from_f16(v.code); }
float value(BF16 v) { return f32_from_bf16(v.code); }

template <class T>
using Value = decltype(value(T{}));

template <bool kMax, bool kLast, class V>
bool replaces(V candidate, V best) {
  if (best != best) return kLast && candidate != candidate;
  if (candidate != candidate) return true;
  if (kLast && candidate == best) return true;
  return kMax ? candidate > best : candidate < best;
}

template <class T, bool kMax, bool kLast>
void arg_rows(const void* in, int64_t* out, int64_t rows, int64_t cols) {
  const auto* p = static_cast<const T*>(in);
  for (int64_t r = 0; r < rows; ++r, p += cols) {
    Value<T> best = value(p[0]);
    int64_t at = 0;
    for (int64_t i = 1; i < cols; ++i) {
      const Value<T> v = value(p[i]);
      if (replaces<kMax, kLast>(v, best)) best = v, at = i;
    }
    out[r] = at;
  }
}

template <class T, bool kMax, bool kLast>
void arg_cols(const void* in, int64_t* out, int64_t red, int64_t stride, int64_t n) {
  const auto* p = static_cast<const T*>(in);
  for (int64_t j = 0; j < n; j += kStrip) {
    const int64_t w = n - j < kStrip ? n - j : kStrip;
    Value<T> best[kStrip];
    int64_t* at = out + j;
    for (int64_t k = 0; k < w; ++k) best[k] = value(p[j + k]), at[k] = 0;
    for (int64_t i = 1; i < red; ++i) {
      for (int64_t k = 0; k < w; ++k) {
        const Value<T> v = value(p[i * stride + j + k]);
        const bool better = replaces<kMax, kLast>(v, best[k]);
        best[k] = better ? v : best[k];
        at[k] = better ? i : at[k];
      }
    }
  }
}

template <class T>
ArgFns arg_fns(Arg op) {
  switch (op) {
    case Arg::kMax: return {arg_rows<T, true, false>, arg_cols<T, true, false>};
    case Arg::kMaxLast: return {arg_rows<T, true, true>, arg_cols<T, true, true>};
    case Arg::kMin: return {arg_rows<T, false, false>, arg_cols<T, false, false>};
    case Arg::kMinLast: return {arg_rows<T, false, true>, arg_cols<T, false, true>};
  }
  return {};
}

ArgFns arg_for_type(Arg op, DType type, const ArgTable& table) {
  switch (type) {
    case DType::kF32: return {table.rows_f32[static_cast<int>(op)], table.cols_f32[static_cast<int>(op)]};
    case DType::kF64: return arg_fns<double>(op);
    case DType::kF16: return arg_fns<F16>(op);
    case DType::kBF16: return arg_fns<BF16>(op);
    case DType::kI8: return arg_fns<int8_t>(op);
    case DType::kU8: return arg_fns<uint8_t>(op);
    case DType::kI16: return arg_fns<int16_t>(op);
    case DType::kU16: return arg_fns<uint16_t>(op);
    case DType::kI32: return arg_fns<int32_t>(op);
    case DType::kU32: return arg_fns<uint32_t>(op);
    case DType::kI64: return arg_fns<int64_t>(op);
    case DType::kU64: return arg_fns<uint64_t>(op);
    default: return {};
  }
}

// Running values: double for floats (rounded once per element), 64 bits that wrap for integers.
template <class T>
using Running = std::conditional_t<std::is_integral_v<Value<T>>, uint64_t, double>;

void put(float& out, double v) { out = static_cast<float>(v); }
void put(double& out, double v) { out = v; }
void put(F16& out, double v) { out.code = f16_from_f64(v); }
void put(BF16& out, double v) { out.code = bf16_from_f64(v); }
template <class T>
void put(T& out, uint64_t v) {
  out = static_cast<T>(v);
}

template <class T, Scan kOp>
void scan_cols(const void* in, void* out, int64_t red, int64_t stride, int64_t n, bool exclusive, bool reverse) {
  using R = Running<T>;
  const auto* p = static_cast<const T*>(in);
  auto* q = static_cast<T*>(out);
  for (int64_t j = 0; j < n; j += kStrip) {
    const int64_t w = n - j < kStrip ? n - j : kStrip;
    R sum[kStrip];
    for (int64_t k = 0; k < w; ++k) sum[k] = kOp == Scan::kSum ? R{0} : R{1};
    for (int64_t step = 0; step < red; ++step) {
      const int64_t row = (reverse ? red - 1 - step : step) * stride + j;
      for (int64_t k = 0; k < w; ++k) {
        const R v = static_cast<R>(value(p[row + k]));
        const R next = kOp == Scan::kSum ? sum[k] + v : sum[k] * v;
        put(q[row + k], exclusive ? sum[k] : next);
        sum[k] = next;
      }
    }
  }
}

template <class T>
ScanFn scan_fn(Scan op) {
  return op == Scan::kSum ? scan_cols<T, Scan::kSum> : scan_cols<T, Scan::kProd>;
}

}  // namespace

ArgFns arg_reduce(Arg op, DType type) { return arg_for_type(op, type, arg_table()); }

ArgFns arg_reduce_for(Target target, Arg op, DType type) {
  const ArgTable* table = arg_table_for(target);
  return table != nullptr ? arg_for_type(op, type, *table) : ArgFns{};
}

ScanFn scan(Scan op, DType type) {
  switch (type) {
    case DType::kF32: return scan_fn<float>(op);
    case DType::kF64: return scan_fn<double>(op);
    case DType::kF16: return scan_fn<F16>(op);
    case DType::kBF16: return scan_fn<BF16>(op);
    case DType::kI8: return scan_fn<int8_t>(op);
    case DType::kU8: return scan_fn<uint8_t>(op);
    case DType::kI16: return scan_fn<int16_t>(op);
    case DType::kU16: return scan_fn<uint16_t>(op);
    case DType::kI32: return scan_fn<int32_t>(op);
    case DType::kU32: return scan_fn<uint32_t>(op);
    case DType::kI64: return scan_fn<int64_t>(op);
    case DType::kU64: return scan_fn<uint64_t>(op);
    default: return nullptr;
  }
}

}  // namespace sardonyx::simd
