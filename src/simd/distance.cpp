#include "simd/distance.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/distance.cpp"
// clang-format off
#include "simd/foreach-inl.h"
#include "simd/compat-inl.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace sardonyx::simd {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<float>;
using V = hn::VFromD<D>;

template <bool kSquared>
HWY_INLINE V Step(V x, V column, V sum) {
  if constexpr (kSquared) {
    const V difference = hn::Sub(x, column);
    return hn::MulAdd(difference, difference, sum);
  } else {
    return hn::MulAdd(x, column, sum);
  }
}

template <bool kSquared>
HWY_INLINE void Columns(const float* x, const float* columns, int64_t stride, int64_t k, int64_t n, float* out) {
  const D d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t j = 0;
  for (; j + 4 * lanes <= n; j += 4 * lanes) {
    V a = hn::Zero(d), b = a, c = a, e = a;
    const float* p = columns + j;
    for (int64_t i = 0; i < k; ++i, p += stride) {
      const V v = hn::Set(d, x[i]);
      a = Step<kSquared>(v, hn::LoadU(d, p), a);
      b = Step<kSquared>(v, hn::LoadU(d, p + lanes), b);
      c = Step<kSquared>(v, hn::LoadU(d, p + 2 * lanes), c);
      e = Step<kSquared>(v, hn::LoadU(d, p + 3 * lanes), e);
    }
    hn::StoreU(a, d, out + j);
    hn::StoreU(b, d, out + j + lanes);
    hn::StoreU(c, d, out + j + 2 * lanes);
    hn::StoreU(e, d, out + j + 3 * lanes);
  }
  for (; j < n; j += lanes) {
    const size_t rest = static_cast<size_t>(n - j);
    V even = hn::Zero(d), odd = even;
    const float* p = columns + j;
    int64_t i = 0;
    for (; i + 2 <= k; i += 2, p += 2 * stride) {
      even = Step<kSquared>(hn::Set(d, x[i]), compat::LoadN(d, p, rest), even);
      odd = Step<kSquared>(hn::Set(d, x[i + 1]), compat::LoadN(d, p + stride, rest), odd);
    }
    if (i < k) even = Step<kSquared>(hn::Set(d, x[i]), compat::LoadN(d, p, rest), even);
    compat::StoreN(hn::Add(even, odd), d, out + j, rest);
  }
}

void Products(const float* x, const float* columns, int64_t stride, int64_t k, int64_t n, float* out) {
  Columns<false>(x, columns, stride, k, n, out);
}
void Squared(const float* x, const float* columns, int64_t stride, int64_t k, int64_t n, float* out) {
  Columns<true>(x, columns, stride, k, n, out);
}

double Dot(const float* a, const float* b, int64_t n) {
  const hn::ScalableTag<double> d;
  const hn::Rebind<float, decltype(d)> narrow;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  auto s = hn::Zero(d), t = s, u = s, v = s;
  const auto wide = [&](const float* p) HWY_ATTR { return hn::PromoteTo(d, hn::LoadU(narrow, p)); };
  int64_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    s = hn::MulAdd(wide(a + i), wide(b + i), s);
    t = hn::MulAdd(wide(a + i + lanes), wide(b + i + lanes), t);
    u = hn::MulAdd(wide(a + i + 2 * lanes), wide(b + i + 2 * lanes), u);
    v = hn::MulAdd(wide(a + i + 3 * lanes), wide(b + i + 3 * lanes), v);
  }
  for (; i + lanes <= n; i += lanes) s = hn::MulAdd(wide(a + i), wide(b + i), s);
  double sum = compat::ReduceSum(d, hn::Add(hn::Add(s, t), hn::Add(u, v)));
  for (; i < n; ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

constexpr DistanceTable kDistanceTable = {Products, Squared, Dot};

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace sardonyx::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sardonyx::simd {
SDX_SIMD_GETTERS(distance, DistanceTable, kDistanceTable)
}  // namespace sardonyx::simd
#endif
