// Lookup, and the reductions of integers and bool.
#include "simd/reduce.h"

#include <cmath>
#include <limits>
#include <type_traits>

#include "simd/reduce_parts.h"

namespace sardonyx::simd {
namespace {

// One reduction's running value: integers wrap in 64 bits, which the narrower result takes modulo its own width.
template <Reduce kOp, class T>
struct State {
  using Wide = std::conditional_t<std::is_signed_v<T>, int64_t, uint64_t>;
  static constexpr bool kReal = kOp == Reduce::kL2 || kOp == Reduce::kLogSum || kOp == Reduce::kLogSumExp;
  double real = 0;
  uint64_t bits = kOp == Reduce::kProd ? 1 : 0;
  T extreme = kOp == Reduce::kMax ? std::numeric_limits<T>::lowest() : std::numeric_limits<T>::max();

  void add(T v) {
    const auto u = static_cast<uint64_t>(v);
    const double d = static_cast<double>(v);
    if constexpr (kOp == Reduce::kSum || kOp == Reduce::kMean) bits += u;
    if constexpr (kOp == Reduce::kProd) bits *= u;
    if constexpr (kOp == Reduce::kSumSquare) bits += u * u;
    if constexpr (kOp == Reduce::kL1) bits += v < 0 ? uint64_t{0} - u : u;
    if constexpr (kOp == Reduce::kL2) real += d * d;
    if constexpr (kOp == Reduce::kLogSum) real += d;
    if constexpr (kOp == Reduce::kLogSumExp) real += std::exp(d - static_cast<double>(extreme));
    if constexpr (kOp == Reduce::kMax) extreme = v > extreme ? v : extreme;
    if constexpr (kOp == Reduce::kMin) extreme = v < extreme ? v : extreme;
  }
  T finish(int64_t count) const {
    if constexpr (kOp == Reduce::kMax || kOp == Reduce::kMin) return extreme;
    if constexpr (kOp == Reduce::kMean)
      return count == 0 ? T{0} : static_cast<T>(static_cast<Wide>(bits) / static_cast<Wide>(count));
    if constexpr (kReal) {
      double v = kOp == Reduce::kL2 ? std::sqrt(real) : std::log(real);
      if (kOp == Reduce::kLogSumExp && count != 0) v += static_cast<double>(extreme);
      const double lowest = static_cast<double>(std::numeric_limits<T>::lowest());
      const double highest = static_cast<double>(std::numeric_limits<T>::max());
      if (!(v > lowest)) return std::numeric_limits<T>::lowest();
      return v >= highest ? std::numeric_limits<T>::max() : static_cast<T>(v);
    }
    return static_cast<T>(bits);
  }
};

template <Reduce kOp, class T>
T one(const T* p, int64_t count, int64_t step) {
  State<kOp, T> s;
  if constexpr (kOp == Reduce::kLogSumExp) {
    State<Reduce::kMax, T> max;
    for (int64_t i = 0; i < count; ++i) max.add(p[i * step]);
    s.extreme = max.extreme;
  }
  for (int64_t i = 0; i < count; ++i) s.add(p[i * step]);
  return s.finish(count);
}

template <Reduce kOp, class T>
void rows(const void* in, void* out, int64_t n, int64_t cols) {
  const auto* p = static_cast<const T*>(in);
  for (int64_t r = 0; r < n; ++r) static_cast<T*>(out)[r] = one<kOp>(p + r * cols, cols, 1);
}
template <Reduce kOp, class T>
void cols(const void* in, void* out, int64_t red, int64_t stride, int64_t n) {
  const auto* p = static_cast<const T*>(in);
  auto* q = static_cast<T*>(out);
  constexpr int64_t kStrip = 32;
  if constexpr (kOp == Reduce::kLogSumExp) {
    for (int64_t j = 0; j < n; ++j) q[j] = one<kOp>(p + j, red, stride);
  } else {
    for (int64_t j = 0; j < n; j += kStrip) {
      const int64_t w = n - j < kStrip ? n - j : kStrip;
      State<kOp, T> s[kStrip];
      for (int64_t i = 0; i < red; ++i) {
        for (int64_t k = 0; k < w; ++k) s[k].add(p[i * stride + j + k]);
      }
      for (int64_t k = 0; k < w; ++k) q[j + k] = s[k].finish(red);
    }
  }
}

template <class T>
constexpr ReduceTable make_table() {
  return {{{rows<Reduce::kSum, T>, cols<Reduce::kSum, T>},
           {rows<Reduce::kMean, T>, cols<Reduce::kMean, T>},
           {rows<Reduce::kMax, T>, cols<Reduce::kMax, T>},
           {rows<Reduce::kMin, T>, cols<Reduce::kMin, T>},
           {rows<Reduce::kProd, T>, cols<Reduce::kProd, T>},
           {rows<Reduce::kSumSquare, T>, cols<Reduce::kSumSquare, T>},
           {rows<Reduce::kL1, T>, cols<Reduce::kL1, T>},
           {rows<Reduce::kL2, T>, cols<Reduce::kL2, T>},
           {rows<Reduce::kLogSum, T>, cols<Reduce::kLogSum, T>},
           {rows<Reduce::kLogSumExp, T>, cols<Reduce::kLogSumExp, T>}}};
}
template <class T>
constexpr ReduceTable kTable = make_table<T>();

}  // namespace

ReduceFns reduce_scalar(Reduce op, DType type) {
  const int i = static_cast<int>(op);
  switch (type) {
    case DType::kI8: return kTable<int8_t>.fn[i];
    case DType::kU8: return kTable<uint8_t>.fn[i];
    case DType::kI16: return kTable<int16_t>.fn[i];
    case DType::kU16: return kTable<uint16_t>.fn[i];
    case DType::kI32: return kTable<int32_t>.fn[i];
    case DType::kU32: return kTable<uint32_t>.fn[i];
    case DType::kI64: return kTable<int64_t>.fn[i];
    case DType::kU64: return kTable<uint64_t>.fn[i];
    case DType::kBool: return op == Reduce::kMax || op == Reduce::kMin ? kTable<uint8_t>.fn[i] : ReduceFns{};
    default: return {};
  }
}

ReduceFns reduce(Reduce op, DType type) {
  const int i = static_cast<int>(op);
  switch (type) {
    case DType::kF32: return reduce_f32().fn[i];
    case DType::kF64: return reduce_f64().fn[i];
    case DType::kF16: return reduce_f16().fn[i];
    case DType::kBF16: return reduce_bf16().fn[i];
    default: return reduce_scalar(op, type);
  }
}

ReduceFns reduce_for(Target target, Reduce op, DType type) {
  if (reduce_f32_for(target) == nullptr) return {};
  const int i = static_cast<int>(op);
  switch (type) {
    case DType::kF32: return reduce_f32_for(target)->fn[i];
    case DType::kF64: return reduce_f64_for(target)->fn[i];
    case DType::kF16: return reduce_f16_for(target)->fn[i];
    case DType::kBF16: return reduce_bf16_for(target)->fn[i];
    default: return reduce_scalar(op, type);
  }
}

}  // namespace sardonyx::simd
