#include "simd/conv_kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/conv_kernel.cpp"
// clang-format off
#include "simd/foreach-inl.h"
#include "simd/act-inl.h"
#include "simd/compat-inl.h"
// clang-format on

#ifndef SDX_UNROLL
#define SDX_UNROLL _Pragma("GCC unroll 32")
#endif

HWY_BEFORE_NAMESPACE();
namespace sardonyx::simd {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;
constexpr int64_t kLanes = HWY_LANES(float);

template <bool kFull>
HWY_INLINE V load(const float* p, int64_t n) {
  const D d;
  if constexpr (kFull) return hn::LoadU(d, p);
  return compat::LoadN(d, p, static_cast<size_t>(n));
}

template <bool kFull>
HWY_INLINE void store(V v, float* p, int64_t n) {
  const D d;
  if constexpr (kFull) return hn::StoreU(v, d, p);
  compat::StoreN(v, d, p, static_cast<size_t>(n));
}

// P neighbouring pixels times C vectors of channels, from channel c on. If not kFull, C is 1 and `left` lanes count.
template <int P, int C, bool kFull>
HWY_INLINE void depthwise_block(const DepthwiseRun& r, int64_t pixel, int64_t c, int64_t left) {
  const D d;
  V acc[P][C];
  SDX_UNROLL
  for (int j = 0; j < C; ++j) {
    const V bias = r.bias ? load<kFull>(r.bias + c + j * kLanes, left) : hn::Zero(d);
    SDX_UNROLL
    for (int i = 0; i < P; ++i) acc[i][j] = bias;
  }
  const int64_t step = r.x_step;
  for (int64_t td = 0; td < r.taps[0]; ++td) {
    for (int64_t th = 0; th < r.taps[1]; ++th) {
      const float* w = r.w + td * r.w_tap[0] + th * r.w_tap[1] + c;
      const float* x0 = r.x + pixel * step + td * r.x_tap[0] + th * r.x_tap[1] + c;
      const float *x3 = x0 + 3 * step, *x6 = x0 + 6 * step;
      for (int64_t tw = 0; tw < r.taps[2]; ++tw) {
        SDX_UNROLL
        for (int j = 0; j < C; ++j) {
          const V weight = load<kFull>(w + j * kLanes, left);
          SDX_UNROLL
          for (int i = 0; i < P; ++i) {
            const float* x = (i < 3 ? x0 : i < 6 ? x3 : x6) + i % 3 * step;
            acc[i][j] = hn::MulAdd(load<kFull>(x + j * kLanes, left), weight, acc[i][j]);
          }
        }
        w += r.w_tap[2], x0 += r.x_tap[2], x3 += r.x_tap[2], x6 += r.x_tap[2];
      }
    }
  }
  const V low = hn::Set(d, r.low), high = hn::Set(d, r.high), scale = hn::Set(d, r.add_scale);
  SDX_UNROLL
  for (int i = 0; i < P; ++i) {
    SDX_UNROLL
    for (int j = 0; j < C; ++j) {
      V v = acc[i][j];
      const int64_t at = c + j * kLanes;
      if (r.add) v = hn::MulAdd(load<kFull>(r.add + (pixel + i) * r.add_step + at, left), scale, v);
      store<kFull>(act::Clip(d, v, low, high), r.y + (pixel + i) * r.y_step + at, left);
    }
  }
}

template <int P, int C>
HWY_INLINE void depthwise_channels(const DepthwiseRun& r, int64_t pixel) {
  int64_t c = 0;
  for (; c + C * kLanes <= r.channels; c += C * kLanes) depthwise_block<P, C, true>(r, pixel, c, 0);
  for (; c + kLanes <= r.channels; c += kLanes) depthwise_block<P, 1, true>(r, pixel, c, 0);
  if (c < r.channels) depthwise_block<P, 1, false>(r, pixel, c, r.channels - c);
}

void depthwise(const DepthwiseRun& r) {
  int64_t i = 0;
  for (; i + 8 <= r.pixels; i += 8) depthwise_channels<8, 1>(r, i);
  for (; i + 4 <= r.pixels; i += 4) depthwise_channels<4, 2>(r, i);
  for (; i + 2 <= r.pixels; i += 2) depthwise_channels<2, 4>(r, i);
  for (; i < r.pixels; ++i) depthwise_channels<1, 4>(r, i);
}

struct MaxOp {
  static HWY_INLINE V apply(V a, V b) {
#if HWY_TARGET == HWY_SCALAR
    return hn::IfThenElse(hn::Or(hn::Lt(a, b), hn::IsNaN(b)), hn::IfThenElse(hn::IsNaN(a), a, b), a);
#else
    return hn::IfThenElse(hn::IsNaN(a), a, hn::Max(a, b));  // Max itself keeps a NaN in b
#endif
  }
};
struct SumOp {
  static HWY_INLINE V apply(V a, V b) { return hn::Add(a, b); }
};

constexpr int64_t kPoolChunk = 128;  // taps summed before they join the total, for the precision of long averages

template <class Op, int C, bool kFull>
HWY_INLINE void pool_block(const PoolWindow& w, V first, float scale, int64_t c, int64_t left) {
  const D d;
  V total[C], part[C];
  SDX_UNROLL
  for (int j = 0; j < C; ++j) total[j] = part[j] = first;
  int64_t room = kPoolChunk;
  for (int64_t td = 0; td < w.taps[0]; ++td) {
    for (int64_t th = 0; th < w.taps[1]; ++th) {
      const float* x = w.x + td * w.x_tap[0] + th * w.x_tap[1] + c;
      for (int64_t tw = 0; tw < w.taps[2];) {
        const int64_t end = HWY_MIN(w.taps[2], tw + room);
        room -= end - tw;
        for (; tw < end; ++tw, x += w.x_tap[2]) {
          SDX_UNROLL
          for (int j = 0; j < C; ++j) part[j] = Op::apply(part[j], load<kFull>(x + j * kLanes, left));
        }
        if (room > 0) continue;
        room = kPoolChunk;
        SDX_UNROLL
        for (int j = 0; j < C; ++j) total[j] = Op::apply(total[j], part[j]), part[j] = first;
      }
    }
  }
  SDX_UNROLL
  for (int j = 0; j < C; ++j) {
    const V v = Op::apply(total[j], part[j]);
    store<kFull>(hn::Mul(v, hn::Set(d, scale)), w.y + c + j * kLanes, left);
  }
}

template <class Op>
HWY_INLINE void pool(const PoolWindow& w, V first, float scale) {
  int64_t c = 0;
  for (; c + 4 * kLanes <= w.channels; c += 4 * kLanes) pool_block<Op, 4, true>(w, first, scale, c, 0);
  for (; c + kLanes <= w.channels; c += kLanes) pool_block<Op, 1, true>(w, first, scale, c, 0);
  if (c < w.channels) pool_block<Op, 1, false>(w, first, scale, c, w.channels - c);
}

void pool_max(const PoolWindow& w) { pool<MaxOp>(w, hn::Neg(hn::Inf(D())), 1); }
void pool_sum(const PoolWindow& w) { pool<SumOp>(w, hn::Zero(D()), w.scale); }

constexpr ConvTable kConvTable = {SDX_SIMD_TARGET, depthwise, pool_max, pool_sum};

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace sardonyx::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sardonyx::simd {
SDX_SIMD_GETTERS(conv, ConvTable, kConvTable)
}  // namespace sardonyx::simd
#endif
