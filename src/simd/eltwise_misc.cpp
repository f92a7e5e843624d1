// Select and clamp as plain loops, which compilers vectorise for the target at hand; fill as portable code.
#include "simd/eltwise_misc.h"

#include "simd/eltwise_misc_parts.h"
#include "simd/loops.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/eltwise_misc.cpp"
// clang-format off
#include "simd/foreach-inl.h"
#include "simd/half-inl.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace sardonyx::simd {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

struct Pair64 {
  uint64_t lo, hi;
};

template <class T, bool kXScalar, bool kYScalar>
void Where(const uint8_t* cond, const void* x, const void* y, void* out, int64_t n) {
  const auto* px = static_cast<const T*>(x);
  const auto* py = static_cast<const T*>(y);
  auto* po = static_cast<T*>(out);
  if (n <= 0) return;
  const T sx = px[0], sy = py[0];
  SDX_IVDEP
  for (int64_t i = 0; i < n; ++i) {
    const T vx = kXScalar ? sx : px[i];
    const T vy = kYScalar ? sy : py[i];
    po[i] = cond[i] != 0 ? vx : vy;
  }
}

// 32-bit elements, the common case: eight or sixteen conditions widen to one mask.
template <bool kXScalar, bool kYScalar>
void Where32(const uint8_t* cond, const void* x, const void* y, void* out, int64_t n) {
  const hn::ScalableTag<int32_t> d;
  const hn::Rebind<uint8_t, decltype(d)> db;
  const auto* px = static_cast<const int32_t*>(x);
  const auto* py = static_cast<const int32_t*>(y);
  auto* po = static_cast<int32_t*>(out);
  if (n <= 0) return;
  const auto sx = hn::Set(d, px[0]), sy = hn::Set(d, py[0]);
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const auto no = hn::Eq(hn::PromoteTo(d, hn::LoadU(db, cond + i)), hn::Zero(d));
    hn::StoreU(hn::IfThenElse(no, kYScalar ? sy : hn::LoadU(d, py + i), kXScalar ? sx : hn::LoadU(d, px + i)), d,
               po + i);
  }
  const int32_t ex = px[0], ey = py[0];
  for (; i < n; ++i) po[i] = cond[i] != 0 ? (kXScalar ? ex : px[i]) : (kYScalar ? ey : py[i]);
}

// The float comparisons are ordered so that a NaN in v stays.
template <class T>
HWY_INLINE T Clamped(T v, T lo, T hi) {
  const T raised = v < lo ? lo : v;
  return raised > hi ? hi : raised;
}

template <class T>
void Clip(const void* in, void* out, int64_t n, const void* lo, const void* hi) {
  const auto* x = static_cast<const T*>(in);
  auto* y = static_cast<T*>(out);
  const T low = *static_cast<const T*>(lo), high = *static_cast<const T*>(hi);
  SDX_IVDEP
  for (int64_t i = 0; i < n; ++i) y[i] = Clamped(x[i], low, high);
}

template <bool kHalf>
void ClipCodes(const void* in, void* out, int64_t n, const void* lo, const void* hi) {
  constexpr int64_t kBlock = 256;
  HWY_ALIGN float block[kBlock];
  float limits[2];
  LoadCodes<kHalf>(static_cast<const uint16_t*>(lo), &limits[0], 1);
  LoadCodes<kHalf>(static_cast<const uint16_t*>(hi), &limits[1], 1);
  for (int64_t i = 0; i < n; i += kBlock) {
    const int64_t m = n - i < kBlock ? n - i : kBlock;
    LoadCodes<kHalf>(static_cast<const uint16_t*>(in) + i, block, m);
    Clip<float>(block, block, m, &limits[0], &limits[1]);
    StoreCodes<kHalf>(block, static_cast<uint16_t*>(out) + i, m);
  }
}

template <class T>
constexpr void PutWhere(WhereFn (&fn)[2][2]) {
  fn[0][0] = Where<T, false, false>;
  fn[0][1] = Where<T, false, true>;
  fn[1][0] = Where<T, true, false>;
  fn[1][1] = Where<T, true, true>;
}

constexpr MiscTable MakeTable() {
  MiscTable t;
  PutWhere<uint8_t>(t.where[0]);
  PutWhere<uint16_t>(t.where[1]);
  t.where[2][0][0] = Where32<false, false>;
  t.where[2][0][1] = Where32<false, true>;
  t.where[2][1][0] = Where32<true, false>;
  t.where[2][1][1] = Where32<true, true>;
  PutWhere<uint64_t>(t.where[3]);
  PutWhere<Pair64>(t.where[4]);
  const auto put = [&t](DType type, ClipFn fn) { t.clip[static_cast<int>(type)] = fn; };
  put(DType::kF32, Clip<float>);
  put(DType::kF64, Clip<double>);
  put(DType::kF16, ClipCodes<true>);
  put(DType::kBF16, ClipCodes<false>);
  put(DType::kI8, Clip<int8_t>);
  put(DType::kU8, Clip<uint8_t>);
  put(DType::kI16, Clip<int16_t>);
  put(DType::kU16, Clip<uint16_t>);
  put(DType::kI32, Clip<int32_t>);
  put(DType::kU32, Clip<uint32_t>);
  put(DType::kI64, Clip<int64_t>);
  put(DType::kU64, Clip<uint64_t>);
  return t;
}
constexpr MiscTable kMiscTable = MakeTable();

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace sardonyx::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <cstring>

namespace sardonyx::simd {
namespace {
SDX_SIMD_GETTERS(misc_table, MiscTable, kMiscTable)

int size_index(int element_size) {
  for (int i = 0; i < 5; ++i) {
    if (element_size == 1 << i) return i;
  }
  return -1;
}

template <class T>
void fill_with(void* out, const void* value, int64_t n) {
  T v;
  std::memcpy(&v, value, sizeof v);
  auto* p = static_cast<char*>(out);
  for (int64_t i = 0; i < n; ++i) std::memcpy(p + i * static_cast<int64_t>(sizeof v), &v, sizeof v);
}

struct Bytes16 {
  uint64_t lo, hi;
};
}  // namespace

WhereFn where(int element_size, bool x_scalar, bool y_scalar) {
  const int i = size_index(element_size);
  return i >= 0 ? misc_table().where[i][x_scalar][y_scalar] : nullptr;
}
WhereFn where_for(Target target, int element_size, bool x_scalar, bool y_scalar) {
  const int i = size_index(element_size);
  const MiscTable* t = misc_table_for(target);
  return i >= 0 && t != nullptr ? t->where[i][x_scalar][y_scalar] : nullptr;
}

ClipFn clip(DType type) {
  return static_cast<int>(type) < kDTypeCount ? misc_table().clip[static_cast<int>(type)] : nullptr;
}
ClipFn clip_for(Target target, DType type) {
  const MiscTable* t = misc_table_for(target);
  return t != nullptr && static_cast<int>(type) < kDTypeCount ? t->clip[static_cast<int>(type)] : nullptr;
}

void fill(void* out, const void* value, int element_size, int64_t n) {
  switch (element_size) {
    case 1: fill_with<uint8_t>(out, value, n); break;
    case 2: fill_with<uint16_t>(out, value, n); break;
    case 4: fill_with<uint32_t>(out, value, n); break;
    case 8: fill_with<uint64_t>(out, value, n); break;
    case 16: fill_with<Bytes16>(out, value, n); break;
    default: break;
  }
}
}  // namespace sardonyx::simd
#endif  // HWY_ONCE
