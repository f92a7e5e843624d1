// Reductions of floats, generic over where elements come from. A row is summed in chunks with several accumulators and
// the chunks in double; a column in chunks of kChunkRows with the chunks in compensated arithmetic.
#include <math.h>

#include "simd/half-inl.h"
#include "simd/math-inl.h"
#include "simd/reduce_parts.h"

#if defined(SDX_SIMD_REDUCE_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef SDX_SIMD_REDUCE_INL
#undef SDX_SIMD_REDUCE_INL
#else
#define SDX_SIMD_REDUCE_INL
#endif

HWY_BEFORE_NAMESPACE();
namespace sardonyx::simd {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

constexpr int64_t kChunk = 1024;    // elements of a row
constexpr int64_t kChunkRows = 64;  // rows of a strip
constexpr int64_t kStrip = 64;      // columns

// Elements of type T as they lie in memory, or codes that become floats in a buffer.
template <class T>
struct Direct {
  using Elem = T;
  using Value = T;
  static HWY_INLINE const T* Row(const T* p, int64_t /*n*/, T* /*buffer*/) { return p; }
  static HWY_INLINE const T* Block(const T* p, int64_t stride, int64_t /*rows*/, int64_t /*n*/, T* /*buffer*/,
                                   int64_t& step) {
    step = stride;
    return p;
  }
  static HWY_INLINE void Put(Elem* out, T v) { *out = v; }
};
template <bool kHalf>
struct Coded {
  using Elem = uint16_t;
  using Value = float;
  static HWY_INLINE const float* Row(const uint16_t* p, int64_t n, float* buffer) {
    LoadCodes<kHalf>(p, buffer, n);
    return buffer;
  }
  static HWY_INLINE const float* Block(const uint16_t* p, int64_t stride, int64_t rows, int64_t n, float* buffer,
                                       int64_t& step) {
    for (int64_t i = 0; i < rows; ++i) LoadCodes<kHalf>(p + i * stride, buffer + i * kStrip, n);
    step = kStrip;
    return buffer;
  }
  static HWY_INLINE void Put(Elem* out, float v) { StoreCodes<kHalf>(&v, out, 1); }
};

enum class Fold { kSum, kSumSquare, kSumAbs, kProd, kMax, kMin };

constexpr bool IsSum(Fold f) { return f == Fold::kSum || f == Fold::kSumSquare || f == Fold::kSumAbs; }

template <Fold kFold, class T>
HWY_INLINE T Neutral() {
  if (kFold == Fold::kMax) return -static_cast<T>(HUGE_VAL);
  if (kFold == Fold::kMin) return static_cast<T>(HUGE_VAL);
  return kFold == Fold::kProd ? T{1} : T{0};
}

// acc folded with x. NaN in x is kept by kMax and kMin.
template <Fold kFold, class D, class V = hn::VFromD<D>>
HWY_INLINE V Step(D /*d*/, V acc, V x) {
  if constexpr (kFold == Fold::kSum) return hn::Add(acc, x);
  if constexpr (kFold == Fold::kSumSquare) return hn::MulAdd(x, x, acc);
  if constexpr (kFold == Fold::kSumAbs) return hn::Add(acc, hn::Abs(x));
  if constexpr (kFold == Fold::kProd) return hn::Mul(acc, x);
  if constexpr (kFold == Fold::kMax) return hn::IfThenElse(hn::Or(hn::Lt(acc, x), hn::IsNaN(x)), x, acc);
  if constexpr (kFold == Fold::kMin) return hn::IfThenElse(hn::Or(hn::Gt(acc, x), hn::IsNaN(x)), x, acc);
}
// Two partial results joined: partial sums add.
template <Fold kFold, class D, class V = hn::VFromD<D>>
HWY_INLINE V Join(D d, V a, V b) {
  return Step < IsSum(kFold) ? Fold::kSum : kFold > (d, a, b);
}
template <Fold kFold, class T>
HWY_INLINE T JoinLane(T a, T b) {
  if (IsSum(kFold)) return a + b;
  if (kFold == Fold::kProd) return a * b;
  if (b != b) return b;
  return kFold == Fold::kMax ? (a < b ? b : a) : (a > b ? b : a);
}

template <Fold kFold, class T>
HWY_NOINLINE T FoldChunk(const T* p, int64_t n) {
  const hn::ScalableTag<T> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto neutral = hn::Set(d, Neutral<kFold, T>());
  auto a0 = neutral, a1 = neutral, a2 = neutral, a3 = neutral;
  int64_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    a0 = Step<kFold>(d, a0, hn::LoadU(d, p + i));
    a1 = Step<kFold>(d, a1, hn::LoadU(d, p + i + lanes));
    a2 = Step<kFold>(d, a2, hn::LoadU(d, p + i + 2 * lanes));
    a3 = Step<kFold>(d, a3, hn::LoadU(d, p + i + 3 * lanes));
  }
  for (; i + lanes <= n; i += lanes) a0 = Step<kFold>(d, a0, hn::LoadU(d, p + i));
  if (i < n) {
    const size_t rest = static_cast<size_t>(n - i);
    a1 = Step<kFold>(
        d, a1,
        hn::IfThenElse(hn::FirstN(d, rest), compat::LoadN(d, p + i, rest), IsSum(kFold) ? hn::Zero(d) : neutral));
  }
  const auto all = Join<kFold>(d, Join<kFold>(d, a0, a1), Join<kFold>(d, a2, a3));
  if constexpr (IsSum(kFold)) return compat::ReduceSum(d, all);
  if constexpr (kFold != Fold::kProd) {
    const auto nan = hn::IsNaN(all);
    if (HWY_UNLIKELY(!hn::AllFalse(d, nan))) return compat::ReduceSum(d, hn::IfThenElseZero(nan, all));
    return hn::GetLane(kFold == Fold::kMax ? hn::MaxOfLanes(d, all) : hn::MinOfLanes(d, all));
  }
  HWY_ALIGN T lane[HWY_LANES(T)];
  hn::Store(all, d, lane);
  T total = lane[0];
  for (int64_t k = 1; k < lanes; ++k) total *= lane[k];
  return total;
}

template <class Src, Fold kFold>
HWY_NOINLINE double FoldRow(const typename Src::Elem* p, int64_t cols) {
  using T = typename Src::Value;
  HWY_ALIGN T buffer[kChunk];
  double total = static_cast<double>(Neutral<kFold, T>());
  for (int64_t i = 0; i < cols; i += kChunk) {
    const int64_t n = cols - i < kChunk ? cols - i : kChunk;
    total = JoinLane<kFold>(total, static_cast<double>(FoldChunk<kFold>(Src::Row(p + i, n, buffer), n)));
  }
  return total;
}

HWY_INLINE float SumExpChunk(const float* p, int64_t n, float max) {
  const hn::ScalableTag<float> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto m = hn::Set(d, max);
  auto sum = hn::Zero(d);
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) sum = hn::Add(sum, math::ExpOfNegative(d, hn::Sub(hn::LoadU(d, p + i), m)));
  if (i < n) {
    const size_t rest = static_cast<size_t>(n - i);
    const auto e = math::ExpOfNegative(d, hn::Sub(compat::LoadN(d, p + i, rest), m));
    sum = hn::Add(sum, hn::IfThenElseZero(hn::FirstN(d, rest), e));
  }
  return compat::ReduceSum(d, sum);
}
HWY_INLINE double SumExpChunk(const double* p, int64_t n, double max) {
  double sum = 0;
  for (int64_t i = 0; i < n; ++i) sum += ::exp(p[i] - max);
  return sum;
}

template <class T>
HWY_INLINE bool IsFinite(T v) {
  return v - v == 0;
}

template <class Src>
HWY_NOINLINE double LogSumExpRow(const typename Src::Elem* p, int64_t cols) {
  using T = typename Src::Value;
  const T max = static_cast<T>(FoldRow<Src, Fold::kMax>(p, cols));
  if (!IsFinite(max)) return static_cast<double>(max);
  HWY_ALIGN T buffer[kChunk];
  double total = 0;
  for (int64_t i = 0; i < cols; i += kChunk) {
    const int64_t n = cols - i < kChunk ? cols - i : kChunk;
    total += static_cast<double>(SumExpChunk(Src::Row(p + i, n, buffer), n, max));
  }
  return static_cast<double>(max) + ::log(total);
}

constexpr Fold FoldOf(Reduce op) {
  switch (op) {
    case Reduce::kMax: return Fold::kMax;
    case Reduce::kMin: return Fold::kMin;
    case Reduce::kProd: return Fold::kProd;
    case Reduce::kSumSquare:
    case Reduce::kL2: return Fold::kSumSquare;
    case Reduce::kL1: return Fold::kSumAbs;
    default: return Fold::kSum;
  }
}
template <Reduce kOp>
HWY_INLINE double Finish(double total, int64_t count) {
  if (kOp == Reduce::kMean) return total / static_cast<double>(count);
  if (kOp == Reduce::kL2) return __builtin_sqrt(total);
  if (kOp == Reduce::kLogSum) return ::log(total);
  return total;
}

template <class Src, Reduce kOp>
void Rows(const void* in, void* out, int64_t rows, int64_t cols) {
  const auto* p = static_cast<const typename Src::Elem*>(in);
  auto* q = static_cast<typename Src::Elem*>(out);
  for (int64_t r = 0; r < rows; ++r, p += cols) {
    double v;
    if constexpr (kOp == Reduce::kLogSumExp) {
      v = LogSumExpRow<Src>(p, cols);
    } else {
      v = Finish<kOp>(FoldRow<Src, FoldOf(kOp)>(p, cols), cols);
    }
    Src::Put(q + r, static_cast<typename Src::Value>(v));
  }
}

// Sum and its rounding error, so far.
template <class D, class V = hn::VFromD<D>>
HWY_INLINE void AddCompensated(D /*d*/, V& sum, V& error, V x) {
  const auto t = hn::Add(sum, x);
  const auto back = hn::Sub(t, sum);
  error = hn::Add(error, hn::Add(hn::Sub(sum, hn::Sub(t, back)), hn::Sub(x, back)));
  sum = t;
}

// Folds `rows` rows of `n` columns (n <= kStrip) into sum[] and error[].
template <Fold kFold, class T>
HWY_NOINLINE void FoldBlock(const T* p, int64_t step, int64_t rows, int64_t n, T* sum, T* error) {
  const hn::ScalableTag<T> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto neutral = hn::Set(d, Neutral<kFold, T>());
  const auto finish = [&](int64_t j, hn::VFromD<decltype(d)> part) HWY_ATTR {
    auto s = hn::Load(d, sum + j);
    if constexpr (IsSum(kFold)) {
      auto e = hn::Load(d, error + j);
      AddCompensated(d, s, e, part);
      hn::Store(e, d, error + j);
    } else {
      s = Join<kFold>(d, s, part);
    }
    hn::Store(s, d, sum + j);
  };
  int64_t j = 0;
  for (; j + 4 * lanes <= n; j += 4 * lanes) {
    auto a0 = neutral, a1 = neutral, a2 = neutral, a3 = neutral;
    const T* q = p + j;
    for (int64_t i = 0; i < rows; ++i, q += step) {
      a0 = Step<kFold>(d, a0, hn::LoadU(d, q));
      a1 = Step<kFold>(d, a1, hn::LoadU(d, q + lanes));
      a2 = Step<kFold>(d, a2, hn::LoadU(d, q + 2 * lanes));
      a3 = Step<kFold>(d, a3, hn::LoadU(d, q + 3 * lanes));
    }
    finish(j, a0);
    finish(j + lanes, a1);
    finish(j + 2 * lanes, a2);
    finish(j + 3 * lanes, a3);
  }
  for (; j < n; j += lanes) {
    const size_t rest = static_cast<size_t>(n - j);
    auto a = neutral;
    for (int64_t i = 0; i < rows; ++i) a = Step<kFold>(d, a, compat::LoadN(d, p + i * step + j, rest));
    finish(j, a);
  }
}

// Adds exp(x - max) of a block.
HWY_NOINLINE HWY_MAYBE_UNUSED void SumExpBlock(const float* p, int64_t step, int64_t rows, int64_t n, const float* max,
                                               float* sum, float* error) {
  const hn::ScalableTag<float> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t j = 0; j < n; j += lanes) {
    const size_t rest = static_cast<size_t>(n - j);
    const auto m = hn::Load(d, max + j);
    auto a = hn::Zero(d);
    for (int64_t i = 0; i < rows; ++i) {
      a = hn::Add(a, math::ExpOfNegative(d, hn::Sub(compat::LoadN(d, p + i * step + j, rest), m)));
    }
    auto s = hn::Load(d, sum + j), e = hn::Load(d, error + j);
    AddCompensated(d, s, e, a);
    hn::Store(s, d, sum + j);
    hn::Store(e, d, error + j);
  }
}
HWY_NOINLINE HWY_MAYBE_UNUSED void SumExpBlock(const double* p, int64_t step, int64_t rows, int64_t n,
                                               const double* max, double* sum, double* /*error*/) {
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < n; ++j) sum[j] += ::exp(p[i * step + j] - max[j]);
  }
}

// sum[] and error[] of one strip of n columns. Fold::kSum with `max` sums exp(x - max).
template <class Src, Fold kFold>
HWY_NOINLINE void FoldStrip(const typename Src::Elem* p, int64_t red, int64_t stride, int64_t n,
                            typename Src::Value* sum, typename Src::Value* error, const typename Src::Value* max) {
  using T = typename Src::Value;
  constexpr bool kBuffered = sizeof(typename Src::Elem) != sizeof(T);
  HWY_ALIGN T buffer[kBuffered ? kChunkRows * kStrip : 1];
  for (int64_t j = 0; j < kStrip; ++j) sum[j] = Neutral<kFold, T>(), error[j] = T{0};
  for (int64_t i = 0; i < red; i += kChunkRows) {
    const int64_t rows = red - i < kChunkRows ? red - i : kChunkRows;
    int64_t step = 0;
    const T* block = Src::Block(p + i * stride, stride, rows, n, buffer, step);
    if (kFold == Fold::kSum && max != nullptr) {
      SumExpBlock(block, step, rows, n, max, sum, error);
    } else {
      FoldBlock<kFold>(block, step, rows, n, sum, error);
    }
  }
}

template <class Src, Reduce kOp>
void Cols(const void* in, void* out, int64_t red, int64_t stride, int64_t n) {
  using T = typename Src::Value;
  const auto* p = static_cast<const typename Src::Elem*>(in);
  auto* q = static_cast<typename Src::Elem*>(out);
  HWY_ALIGN T sum[kStrip], error[kStrip], max[kStrip];
  for (int64_t j = 0; j < n; j += kStrip) {
    const int64_t w = n - j < kStrip ? n - j : kStrip;
    if constexpr (kOp == Reduce::kLogSumExp) {
      FoldStrip<Src, Fold::kMax>(p + j, red, stride, w, max, error, nullptr);
      FoldStrip<Src, Fold::kSum>(p + j, red, stride, w, sum, error, max);
    } else {
      FoldStrip<Src, FoldOf(kOp)>(p + j, red, stride, w, sum, error, nullptr);
    }
    for (int64_t k = 0; k < w; ++k) {
      // An error term beside an infinite sum is NaN and means nothing.
      const double total = static_cast<double>(sum[k]) + (IsFinite(sum[k]) ? static_cast<double>(error[k]) : 0);
      double v = Finish<kOp>(total, red);
      if (kOp == Reduce::kLogSumExp)
        v = IsFinite(max[k]) ? static_cast<double>(max[k]) + ::log(total) : static_cast<double>(max[k]);
      Src::Put(q + j + k, static_cast<T>(v));
    }
  }
}

template <class Src>
constexpr ReduceTable MakeReduceTable() {
  return {{{Rows<Src, Reduce::kSum>, Cols<Src, Reduce::kSum>},
           {Rows<Src, Reduce::kMean>, Cols<Src, Reduce::kMean>},
           {Rows<Src, Reduce::kMax>, Cols<Src, Reduce::kMax>},
           {Rows<Src, Reduce::kMin>, Cols<Src, Reduce::kMin>},
           {Rows<Src, Reduce::kProd>, Cols<Src, Reduce::kProd>},
           {Rows<Src, Reduce::kSumSquare>, Cols<Src, Reduce::kSumSquare>},
           {Rows<Src, Reduce::kL1>, Cols<Src, Reduce::kL1>},
           {Rows<Src, Reduce::kL2>, Cols<Src, Reduce::kL2>},
           {Rows<Src, Reduce::kLogSum>, Cols<Src, Reduce::kLogSum>},
           {Rows<Src, Reduce::kLogSumExp>, Cols<Src, Reduce::kLogSumExp>}}};
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace sardonyx::simd
HWY_AFTER_NAMESPACE();

#endif  // SDX_SIMD_REDUCE_INL
