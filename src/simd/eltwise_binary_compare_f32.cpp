// Comparisons of f32, f16 and bf16.
#include "simd/eltwise_binary_parts.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/eltwise_binary_compare_f32.cpp"
// clang-format off
#include "simd/foreach-inl.h"
#include "simd/eltwise_binary_half-inl.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace sardonyx::simd {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

struct CmpEqual {
  template <class V>
  static HWY_INLINE auto Of(V a, V b) {
    return hn::Eq(a, b);
  }
};
struct CmpLess {
  template <class V>
  static HWY_INLINE auto Of(V a, V b) {
    return hn::Lt(a, b);
  }
};
struct CmpLessEqual {
  template <class V>
  static HWY_INLINE auto Of(V a, V b) {
    return hn::Le(a, b);
  }
};

template <class Cmp, class D, class V = hn::VFromD<D>>
HWY_INLINE hn::Vec<hn::Rebind<uint8_t, D>> CompareBytes(D /*d*/, V a, V b) {
  const hn::RebindToSigned<D> di;
  const hn::Rebind<uint8_t, D> db;
  return hn::DemoteTo(db, hn::IfThenElseZero(hn::RebindMask(di, Cmp::Of(a, b)), hn::Set(di, 1)));
}

template <class Cmp, Form kForm>
void CompareF32(const void* a, const void* b, void* out, int64_t n) {
  const hn::ScalableTag<float> d;
  const hn::Rebind<uint8_t, decltype(d)> db;
  const auto* pa = static_cast<const float*>(a);
  const auto* pb = static_cast<const float*>(b);
  auto* po = static_cast<uint8_t*>(out);
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  if (n <= 0) return;
  const auto va = hn::Set(d, pa[0]), vb = hn::Set(d, pb[0]);
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const auto x = kForm == Form::kSV ? va : hn::LoadU(d, pa + i);
    const auto y = kForm == Form::kVS ? vb : hn::LoadU(d, pb + i);
    hn::StoreU(CompareBytes<Cmp>(d, x, y), db, po + i);
  }
  if (i < n) {
    const size_t rest = static_cast<size_t>(n - i);
    const auto x = kForm == Form::kSV ? va : compat::LoadN(d, pa + i, rest);
    const auto y = kForm == Form::kVS ? vb : compat::LoadN(d, pb + i, rest);
    compat::StoreN(CompareBytes<Cmp>(d, x, y), db, po + i, rest);
  }
}

template <class Cmp>
constexpr void PutCompare(BinaryTable& t, Binary op) {
  PutHalves<CompareF32<Cmp, Form::kVV>, Form::kVV, true>(t, op);
  PutHalves<CompareF32<Cmp, Form::kVS>, Form::kVS, true>(t, op);
  PutHalves<CompareF32<Cmp, Form::kSV>, Form::kSV, true>(t, op);
}

// a op b as b swapped a, for the comparison `op` whose mirror is Cmp.
template <BinaryFn Fn>
void Exchanged(const void* a, const void* b, void* out, int64_t n) {
  Fn(b, a, out, n);
}
template <class Cmp>
constexpr void PutMirrored(BinaryTable& t, Binary op) {
  PutHalves<Exchanged<CompareF32<Cmp, Form::kVV>>, Form::kVV, true>(t, op);
  PutHalves<Exchanged<CompareF32<Cmp, Form::kSV>>, Form::kVS, true>(t, op);
  PutHalves<Exchanged<CompareF32<Cmp, Form::kVS>>, Form::kSV, true>(t, op);
}

constexpr BinaryTable MakeTable() {
  BinaryTable t;
  PutCompare<CmpEqual>(t, Binary::kEqual);
  PutCompare<CmpLess>(t, Binary::kLess);
  PutCompare<CmpLessEqual>(t, Binary::kLessEqual);
  PutMirrored<CmpLess>(t, Binary::kGreater);
  PutMirrored<CmpLessEqual>(t, Binary::kGreaterEqual);
  return t;
}
constexpr BinaryTable kBinaryCompareF32 = MakeTable();

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace sardonyx::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sardonyx::simd {
SDX_SIMD_GETTERS(binary_compare_f32, BinaryTable, kBinaryCompareF32)
}  // namespace sardonyx::simd
#endif
