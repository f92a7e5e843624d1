#include "simd/blend.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/blend.cpp"
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

void Rows(const float* a, const float* b, float wa, float wb, float* out, int64_t n) {
  const D d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto va = hn::Set(d, wa), vb = hn::Set(d, wb);
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes)
    hn::StoreU(hn::MulAdd(hn::LoadU(d, a + i), va, hn::Mul(hn::LoadU(d, b + i), vb)), d, out + i);
  if (i < n) {
    const size_t rest = static_cast<size_t>(n - i);
    const auto x = compat::LoadN(d, a + i, rest), y = compat::LoadN(d, b + i, rest);
    compat::StoreN(hn::MulAdd(x, va, hn::Mul(y, vb)), d, out + i, rest);
  }
}

void AddRow(const float* a, float w, float* out, int64_t n) {
  const D d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto by = hn::Set(d, w);
  for (int64_t i = 0; i < n; i += lanes) {
    const size_t m = static_cast<size_t>(n - i < lanes ? n - i : lanes);
    compat::StoreN(hn::MulAdd(compat::LoadN(d, a + i, m), by, compat::LoadN(d, out + i, m)), d, out + i, m);
  }
}

constexpr BlendTable kBlendTable = {Rows, AddRow};

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace sardonyx::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sardonyx::simd {
SDX_SIMD_GETTERS(blend, BlendTable, kBlendTable)
}  // namespace sardonyx::simd
#endif
