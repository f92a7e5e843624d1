#include "simd/softmax.h"

#include <math.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/softmax.cpp"
// clang-format off
#include "simd/foreach-inl.h"
#include "simd/compat-inl.h"
#include "simd/math-inl.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace sardonyx::simd {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<float>;
using V = hn::VFromD<D>;

// Loads of x, and of scale * x + mask.
struct Plain {
  HWY_INLINE V Full(D d, const float* p, int64_t i) const { return hn::LoadU(d, p + i); }
  HWY_INLINE V Part(D d, const float* p, int64_t i, size_t n) const { return compat::LoadN(d, p + i, n); }
};
struct Scaled {
  V scale;
  HWY_INLINE V Full(D d, const float* p, int64_t i) const { return hn::Mul(scale, hn::LoadU(d, p + i)); }
  HWY_INLINE V Part(D d, const float* p, int64_t i, size_t n) const {
    return hn::Mul(scale, compat::LoadN(d, p + i, n));
  }
};
struct Masked {
  V scale;
  const float* mask;
  HWY_INLINE V Full(D d, const float* p, int64_t i) const {
    return hn::MulAdd(scale, hn::LoadU(d, p + i), hn::LoadU(d, mask + i));
  }
  HWY_INLINE V Part(D d, const float* p, int64_t i, size_t n) const {
    return hn::MulAdd(scale, compat::LoadN(d, p + i, n), compat::LoadN(d, mask + i, n));
  }
};

HWY_INLINE V MaxOrNaN(V acc, V x) { return hn::IfThenElse(hn::Or(hn::Lt(acc, x), hn::IsNaN(x)), x, acc); }

// The largest element; NaN if there is one.
template <class Load>
HWY_INLINE float RowMax(D d, const float* in, int64_t cols, const Load& load) {
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto lowest = hn::Set(d, -HUGE_VALF);
  auto max0 = lowest, max1 = lowest;
  auto nan = hn::IsNaN(lowest);
  int64_t i = 0;
  for (; i + 2 * lanes <= cols; i += 2 * lanes) {
    const auto x0 = load.Full(d, in, i), x1 = load.Full(d, in, i + lanes);
    nan = hn::Or(nan, hn::Or(hn::IsNaN(x0), hn::IsNaN(x1)));
    max0 = hn::Max(max0, x0), max1 = hn::Max(max1, x1);
  }
  for (; i < cols; i += lanes) {
    const size_t rest = static_cast<size_t>(HWY_MIN(lanes, cols - i));
    const auto x = hn::IfThenElse(hn::FirstN(d, rest), load.Part(d, in, i, rest), lowest);
    nan = hn::Or(nan, hn::IsNaN(x));
    max0 = hn::Max(max0, x);
  }
  if (HWY_UNLIKELY(!hn::AllFalse(d, nan))) return NAN;
  return hn::GetLane(hn::MaxOfLanes(d, hn::Max(max0, max1)));
}

// Sums of more than this many vectors are joined in double.
constexpr int64_t kVectorsPerSum = 64;

// Sum of exp(x - max); stores the terms to out if kStore.
template <bool kStore, class Load>
HWY_INLINE double SumExp(D d, const float* in, float* out, int64_t cols, float max, const Load& load) {
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto m = hn::Set(d, max);
  double total = 0;
  int64_t i = 0;
  while (i + lanes <= cols) {
    int64_t end = i + kVectorsPerSum * lanes;
    if (end > cols) end = cols;
    auto sum = hn::Zero(d);
    for (; i + lanes <= end; i += lanes) {
      const auto e = math::ExpOfNegative(d, hn::Sub(load.Full(d, in, i), m));
      if (kStore) hn::StoreU(e, d, out + i);
      sum = hn::Add(sum, e);
    }
    total += static_cast<double>(compat::ReduceSum(d, sum));
  }
  if (i < cols) {
    const size_t rest = static_cast<size_t>(cols - i);
    const auto e = math::ExpOfNegative(d, hn::Sub(load.Part(d, in, i, rest), m));
    if (kStore) compat::StoreN(e, d, out + i, rest);
    total += static_cast<double>(compat::ReduceSum(d, hn::IfThenElseZero(hn::FirstN(d, rest), e)));
  }
  return total;
}

// out[i] = a[i] * factor + shift; the softmax scales, the log-softmax shifts.
template <bool kScale>
HWY_INLINE void Finish(D d, const float* a, float* out, int64_t n, float by) {
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto v = hn::Set(d, by);
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const auto x = hn::LoadU(d, a + i);
    hn::StoreU(kScale ? hn::Mul(x, v) : hn::Sub(x, v), d, out + i);
  }
  if (i < n) {
    const size_t rest = static_cast<size_t>(n - i);
    const auto x = compat::LoadN(d, a + i, rest);
    compat::StoreN(kScale ? hn::Mul(x, v) : hn::Sub(x, v), d, out + i, rest);
  }
}

void SoftmaxRows(const float* in, float* out, int64_t rows, int64_t cols) {
  const D d;
  const Plain load;
  for (int64_t r = 0; r < rows; ++r, in += cols, out += cols) {
    const float max = RowMax(d, in, cols, load);
    const double sum = SumExp<true>(d, in, out, cols, max, load);
    Finish<true>(d, out, out, cols, static_cast<float>(1 / sum));
  }
}

// (x - max) - log(sum): the first difference is exact for the elements near the maximum.
void LogSoftmaxRows(const float* in, float* out, int64_t rows, int64_t cols) {
  const D d;
  const Plain load;
  for (int64_t r = 0; r < rows; ++r, in += cols, out += cols) {
    const float max = RowMax(d, in, cols, load);
    const double sum = SumExp<false>(d, in, out, cols, max, load);
    Finish<false>(d, in, out, cols, max);
    Finish<false>(d, out, out, cols, static_cast<float>(::log(sum)));
  }
}

template <class Load>
HWY_INLINE float MaskedWith(const float* in, float* out, int64_t cols, const Load& load) {
  const D d;
  const float max = RowMax(d, in, cols, load);
  if (max == -HUGE_VALF) {
    for (int64_t i = 0; i < cols; ++i) out[i] = 0;
    return max;
  }
  const double sum = SumExp<true>(d, in, out, cols, max, load);
  Finish<true>(d, out, out, cols, static_cast<float>(1 / sum));
  return static_cast<float>(static_cast<double>(max) + ::log(sum));
}

float MaskedRow(const float* in, const float* mask, float* out, int64_t cols, float scale) {
  const auto s = hn::Set(D(), scale);
  return mask != nullptr ? MaskedWith(in, out, cols, Masked{s, mask}) : MaskedWith(in, out, cols, Scaled{s});
}

void Prepare(float* s, const float* mask, int64_t cols, float cap) {
  const D d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto limit = hn::Set(d, cap), inverse = hn::Set(d, cap != 0 ? 1 / cap : 0.0f);
  for (int64_t i = 0; i < cols; i += lanes) {
    const size_t n = static_cast<size_t>(cols - i < lanes ? cols - i : lanes);
    auto x = compat::LoadN(d, s + i, n);
    if (cap != 0) x = hn::Mul(limit, math::Tanh(d, hn::Mul(x, inverse)));
    if (mask != nullptr) x = hn::Add(x, compat::LoadN(d, mask + i, n));
    compat::StoreN(x, d, s + i, n);
  }
}

float OnlineRow(float* s, const float* mask, int64_t cols, float cap, float* state) {
  const D d;
  if (mask != nullptr || cap != 0) Prepare(s, mask, cols, cap);
  const float before = state[0], here = RowMax(d, s, cols, Plain());
  const float max = here > before || here != here ? here : before;
  if (max == -HUGE_VALF) {
    for (int64_t i = 0; i < cols; ++i) s[i] = 0;
    return 1;
  }
  const float sum = static_cast<float>(SumExp<true>(d, s, s, cols, max, Plain()));
  const float factor = max == before ? 1 : ::expf(before - max);
  state[0] = max;
  state[1] = state[1] * factor + sum;
  return factor;
}

void ScaleRow(const float* in, float* out, int64_t n, float by) { Finish<true>(D(), in, out, n, by); }

// One vector of columns (n of them valid) at a time.
template <bool kLog>
HWY_INLINE void Columns(D d, const float* in, float* out, int64_t axis, int64_t stride, size_t n) {
  auto max = hn::Set(d, -HUGE_VALF);
  for (int64_t i = 0; i < axis; ++i) max = MaxOrNaN(max, compat::LoadN(d, in + i * stride, n));
  auto total = hn::Zero(d), error = hn::Zero(d);
  for (int64_t i = 0; i < axis;) {
    const int64_t end = axis - i < kVectorsPerSum ? axis : i + kVectorsPerSum;
    auto sum = hn::Zero(d);
    for (; i < end; ++i) {
      const auto e = math::ExpOfNegative(d, hn::Sub(compat::LoadN(d, in + i * stride, n), max));
      if (!kLog) compat::StoreN(e, d, out + i * stride, n);
      sum = hn::Add(sum, e);
    }
    const auto next = hn::Add(total, sum);
    error = hn::Add(error, hn::Sub(sum, hn::Sub(next, total)));  // the chunk is never the larger by much
    total = next;
  }
  total = hn::Add(total, error);
  if (kLog) {
    const auto log = math::Log(d, total);
    for (int64_t i = 0; i < axis; ++i) {
      const auto x = hn::Sub(compat::LoadN(d, in + i * stride, n), max);
      compat::StoreN(hn::Sub(x, log), d, out + i * stride, n);
    }
  } else {
    const auto inverse = hn::Div(hn::Set(d, 1.0f), total);
    for (int64_t i = 0; i < axis; ++i) {
      compat::StoreN(hn::Mul(compat::LoadN(d, out + i * stride, n), inverse), d, out + i * stride, n);
    }
  }
}

template <bool kLog>
void Cols(const float* in, float* out, int64_t axis, int64_t stride, int64_t n) {
  const D d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t j = 0; j < n; j += lanes) {
    Columns<kLog>(d, in + j, out + j, axis, stride, static_cast<size_t>(n - j < lanes ? n - j : lanes));
  }
}

constexpr SoftmaxTable kSoftmaxTable = {SoftmaxRows, LogSoftmaxRows, Cols<false>, Cols<true>,
                                        MaskedRow,   OnlineRow,      ScaleRow};

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace sardonyx::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sardonyx::simd {
SDX_SIMD_GETTERS(softmax, SoftmaxTable, kSoftmaxTable)
}  // namespace sardonyx::simd
#endif
