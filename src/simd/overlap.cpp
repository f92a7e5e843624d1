#include "simd/overlap.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/overlap.cpp"
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

// Lanes of boxes i.. that overlap; the common case, none that touches, costs no division.
HWY_INLINE bool AnyOf(const BoxList& l, int64_t i, size_t n, const V* box, V threshold) {
  const D d;
  const auto coordinate = [&](int64_t c) HWY_ATTR { return compat::LoadN(d, l.base + c * l.stride + i, n); };
  const auto zero = hn::Zero(d);
  const auto h = hn::Sub(hn::Min(coordinate(2), box[2]), hn::Max(coordinate(0), box[0]));
  const auto w = hn::Sub(hn::Min(coordinate(3), box[3]), hn::Max(coordinate(1), box[1]));
  const auto touch = hn::And(hn::And(hn::Gt(h, zero), hn::Gt(w, zero)), hn::FirstN(d, n));
  if (hn::AllFalse(d, touch)) return false;
  const auto area = coordinate(4), shared = hn::Mul(h, w);
  const auto joint = hn::Sub(hn::Add(area, box[4]), shared);
  const auto over = hn::And(hn::Gt(hn::Div(shared, joint), threshold), hn::Gt(area, zero));
  return !hn::AllFalse(d, hn::And(touch, over));
}

bool Any(const BoxList& l, const Box& b, float threshold) {
  if (!(b.area > 0)) return false;
  const D d;
  const V box[] = {hn::Set(d, b.y1), hn::Set(d, b.x1), hn::Set(d, b.y2), hn::Set(d, b.x2), hn::Set(d, b.area)};
  const auto limit = hn::Set(d, threshold);
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= l.n; i += lanes)
    if (AnyOf(l, i, static_cast<size_t>(lanes), box, limit)) return true;
  return i < l.n && AnyOf(l, i, static_cast<size_t>(l.n - i), box, limit);
}

constexpr OverlapTable kOverlapTable = {Any};

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace sardonyx::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sardonyx::simd {
SDX_SIMD_GETTERS(overlap, OverlapTable, kOverlapTable)
}  // namespace sardonyx::simd
#endif
