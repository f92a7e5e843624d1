// Arg-min and arg-max. f32 rows are searched by vector code: first the extreme, then where it stands.
#include "simd/reduce_arg.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/reduce_arg.cpp"
// clang-format off
#include "simd/foreach-inl.h"
#include "simd/compat-inl.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace sardonyx::simd {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

template <bool kMax, class V>
HWY_INLINE V Extreme(V acc, V x) {
  const auto better = kMax ? hn::Lt(acc, x) : hn::Gt(acc, x);
  return hn::IfThenElse(hn::Or(better, hn::IsNaN(x)), x, acc);
}

template <bool kMax>
float RowExtreme(const float* p, int64_t n) {
  const hn::ScalableTag<float> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  auto a = hn::Set(d, p[0]), b = a;
  int64_t i = 0;
  for (; i + 2 * lanes <= n; i += 2 * lanes) {
    a = Extreme<kMax>(a, hn::LoadU(d, p + i));
    b = Extreme<kMax>(b, hn::LoadU(d, p + i + lanes));
  }
  HWY_ALIGN float lane[HWY_LANES(float)];
  hn::Store(Extreme<kMax>(a, b), d, lane);
  float best = lane[0];
  for (int64_t k = 1; k < lanes; ++k) {
    if (lane[k] != lane[k] || (kMax ? best < lane[k] : best > lane[k])) best = lane[k];
  }
  for (; i < n; ++i) {
    if (p[i] != p[i] || (kMax ? best < p[i] : best > p[i])) best = p[i];
  }
  return best;
}

template <class D, class V>
HWY_INLINE bool Holds(D d, V x, V value, bool nan) {
  return !hn::AllFalse(d, nan ? hn::IsNaN(x) : hn::Eq(x, value));
}

HWY_INLINE bool Is(float x, float value) { return x == value || (x != x && value != value); }

int64_t FindFirst(const float* p, int64_t n, float value) {
  const hn::ScalableTag<float> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto v = hn::Set(d, value);
  int64_t i = 0;
  while (i + lanes <= n && !Holds(d, hn::LoadU(d, p + i), v, value != value)) i += lanes;
  while (i < n - 1 && !Is(p[i], value)) ++i;
  return i;
}
int64_t FindLast(const float* p, int64_t n, float value) {
  const hn::ScalableTag<float> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto v = hn::Set(d, value);
  int64_t i = n;
  while (i >= lanes && !Holds(d, hn::LoadU(d, p + i - lanes), v, value != value)) i -= lanes;
  while (i > 1 && !Is(p[i - 1], value)) --i;
  return i - 1;
}

template <bool kMax, bool kLast>
void ArgRows(const void* in, int64_t* out, int64_t rows, int64_t cols) {
  const auto* p = static_cast<const float*>(in);
  for (int64_t r = 0; r < rows; ++r, p += cols) {
    const float best = RowExtreme<kMax>(p, cols);
    out[r] = kLast ? FindLast(p, cols, best) : FindFirst(p, cols, best);
  }
}

// Where x takes the place of the best so far: NaN beats numbers, and kLast also lets equals in.
template <bool kMax, bool kLast, class V>
HWY_INLINE auto Replaces(V best, V x) {
  const auto nan = hn::IsNaN(x);
  if constexpr (kLast) {
    return hn::Or(kMax ? hn::Ge(x, best) : hn::Le(x, best), nan);
  } else {
    return hn::Or(kMax ? hn::Gt(x, best) : hn::Lt(x, best), hn::AndNot(hn::IsNaN(best), nan));
  }
}

// Positions are counted in int32 lanes; red is below 2^31.
template <bool kMax, bool kLast>
void ArgCols(const void* in, int64_t* out, int64_t red, int64_t stride, int64_t n) {
  const hn::ScalableTag<float> d;
  const hn::RebindToSigned<decltype(d)> di;
  const auto* p = static_cast<const float*>(in);
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  HWY_ALIGN int32_t at[HWY_LANES(float)];
  for (int64_t j = 0; j < n; j += lanes) {
    const int64_t w = n - j < lanes ? n - j : lanes;
    auto best = compat::LoadN(d, p + j, static_cast<size_t>(w));
    auto where = hn::Zero(di);
    for (int64_t i = 1; i < red; ++i) {
      const auto x = compat::LoadN(d, p + i * stride + j, static_cast<size_t>(w));
      const auto better = Replaces<kMax, kLast>(best, x);
      best = hn::IfThenElse(better, x, best);
      where = hn::IfThenElse(hn::RebindMask(di, better), hn::Set(di, static_cast<int32_t>(i)), where);
    }
    hn::Store(where, di, at);
    for (int64_t k = 0; k < w; ++k) out[j + k] = at[k];
  }
}

constexpr ArgTable kArgTable = {
    {ArgRows<true, false>, ArgRows<true, true>, ArgRows<false, false>, ArgRows<false, true>},
    {ArgCols<true, false>, ArgCols<true, true>, ArgCols<false, false>, ArgCols<false, true>}};

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace sardonyx::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sardonyx::simd {
SDX_SIMD_GETTERS(arg_table, ArgTable, kArgTable)
}  // namespace sardonyx::simd
#endif
