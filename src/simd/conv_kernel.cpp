#include "simd/conv_kernel.h"

#include "simd/loops.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/conv_kernel.cpp"
// clang-format off
#include "simd/foreach-inl.h"
#include "simd/act-inl.h"
#include "simd/compat-inl.h"
// clang-format on

#ifndef SDX_UNROLL_TAPS
#define SDX_UNROLL_TAPS _Pragma("GCC unroll 5")
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

// Pixels per block: with two vectors of channels each, as many sums as the register file takes.
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_NEON
constexpr int kPixels = 8;
#else
constexpr int kPixels = 6;
#endif

// One row of taps for P pixels that are one tap apart: every element of the input is loaded once.
template <int P, int C, int KW, bool kFull>
HWY_INLINE void dense_taps(const float* w, int64_t w_tap, const float* x, int64_t step, int64_t left, V (*acc)[C]) {
  V weight[KW][C];
  SDX_UNROLLED
  for (int t = 0; t < KW; ++t) {
    SDX_UNROLLED
    for (int j = 0; j < C; ++j) weight[t][j] = load<kFull>(w + t * w_tap + j * kLanes, left);
  }
  SDX_UNROLLED
  for (int q = 0; q < P + KW - 1; ++q, x += step) {
    SDX_UNROLLED
    for (int j = 0; j < C; ++j) {
      const V v = load<kFull>(x + j * kLanes, left);
      SDX_UNROLLED
      for (int t = 0; t < KW; ++t) {
        if (q - t >= 0 && q - t < P) acc[q - t][j] = hn::MulAdd(v, weight[t][j], acc[q - t][j]);
      }
    }
  }
}

// The same for any distance of pixels and taps.
template <int P, int C, int KW, bool kFull>
HWY_INLINE void loose_taps(const float* w, int64_t w_tap, const float* x0, int64_t step, int64_t x_tap, int64_t taps,
                           int64_t left, V (*acc)[C]) {
  const float *x3 = x0 + 3 * step, *x6 = x0 + 6 * step;
  SDX_UNROLL_TAPS
  for (int64_t tw = 0; tw < taps; ++tw) {
    SDX_UNROLLED
    for (int j = 0; j < C; ++j) {
      const V weight = load<kFull>(w + j * kLanes, left);
      SDX_UNROLLED
      for (int i = 0; i < P; ++i) {
        const float* x = (i < 3 ? x0 : i < 6 ? x3 : x6) + i % 3 * step;
        acc[i][j] = hn::MulAdd(load<kFull>(x + j * kLanes, left), weight, acc[i][j]);
      }
    }
    w += w_tap, x0 += x_tap, x3 += x_tap, x6 += x_tap;
  }
}

// P neighbouring pixels times C vectors of channels, from channel c on. If not kFull, C is 1 and `left` lanes count.
// KW is the number of taps in a row, 0 if unknown. r is a copy: vector stores may alias anything with an address.
template <int P, int C, int KW, bool kDense, bool kFull>
HWY_INLINE void depthwise_block(const LaneRun r, int64_t pixel, int64_t c, int64_t left) {
  const D d;
  V acc[P][C];
  SDX_UNROLLED
  for (int j = 0; j < C; ++j) {
    const V bias = r.bias ? load<kFull>(r.bias + c + j * kLanes, left) : hn::Zero(d);
    SDX_UNROLLED
    for (int i = 0; i < P; ++i) acc[i][j] = bias;
  }
  const int64_t step = r.x_step;
  for (int64_t td = 0; td < r.taps[0]; ++td) {
    const float* w_row = r.w + td * r.w_tap[0] + c;
    const float* x_row = r.x + pixel * step + td * r.x_tap[0] + c;
    for (int64_t th = 0; th < r.taps[1]; ++th, w_row += r.w_tap[1], x_row += r.x_tap[1]) {
      if constexpr (kDense) {
        dense_taps<P, C, KW, kFull>(w_row, r.w_tap[2], x_row, step, left, acc);
      } else {
        loose_taps<P, C, KW, kFull>(w_row, r.w_tap[2], x_row, step, r.x_tap[2], KW ? KW : r.taps[2], left, acc);
      }
    }
  }
  const V low = hn::Set(d, r.low), high = hn::Set(d, r.high), scale = hn::Set(d, r.add_scale);
  float* y = r.y + pixel * r.y_step + c;
  const float* add = r.add ? r.add + pixel * r.add_step + c : nullptr;
  SDX_UNROLLED
  for (int i = 0; i < P; ++i) {
    SDX_UNROLLED
    for (int j = 0; j < C; ++j) {
      V v = acc[i][j];
      if (add) v = hn::MulAdd(load<kFull>(add + i * r.add_step + j * kLanes, left), scale, v);
      store<kFull>(act::Clip(d, v, low, high), y + i * r.y_step + j * kLanes, left);
    }
  }
}

template <int P, int C, int KW, bool kDense>
HWY_INLINE void depthwise_channels(const LaneRun& r, int64_t pixel) {
  int64_t c = 0;
  for (; c + C * kLanes <= r.channels; c += C * kLanes) depthwise_block<P, C, KW, kDense, true>(r, pixel, c, 0);
  for (; c + kLanes <= r.channels; c += kLanes) depthwise_block<P, 1, KW, kDense, true>(r, pixel, c, 0);
}

// Whole vectors of channels.
template <int KW, bool kDense>
HWY_NOINLINE void depthwise_full(const LaneRun& r) {
  int64_t i = 0;
  for (; i + kPixels <= r.pixels; i += kPixels) depthwise_channels<kPixels, 2, KW, kDense>(r, i);
  for (; i + 4 <= r.pixels; i += 4) depthwise_channels<4, 2, KW, kDense>(r, i);
  if constexpr (KW == 0) {
    for (; i < r.pixels; ++i) depthwise_channels<1, 4, 0, false>(r, i);
  } else {
    LaneRun rest = r;
    rest.x += i * r.x_step, rest.y += i * r.y_step, rest.pixels -= i;
    if (rest.add) rest.add += i * r.add_step;
    if (rest.pixels > 0) depthwise_full<0, false>(rest);
  }
}

// The last channels, fewer than a vector.
HWY_NOINLINE void depthwise_partial(const LaneRun& r, int64_t c) {
  const int64_t left = r.channels - c;
  int64_t i = 0;
  for (; i + kPixels <= r.pixels; i += kPixels) depthwise_block<kPixels, 1, 0, false, false>(r, i, c, left);
  for (; i < r.pixels; ++i) depthwise_block<1, 1, 0, false, false>(r, i, c, left);
}

void depthwise(const LaneRun& r) {
  const bool dense = r.x_tap[2] == r.x_step && r.pixels >= 4;
  const int64_t full = r.channels / kLanes * kLanes;
  if (full < r.channels) depthwise_partial(r, full);
  if (full == 0) return;
  if (r.taps[2] == 3 && r.pixels >= 4) return dense ? depthwise_full<3, true>(r) : depthwise_full<3, false>(r);
  if (r.taps[2] == 5 && dense) return depthwise_full<5, true>(r);
  depthwise_full<0, false>(r);
}

#if HWY_TARGET == HWY_SCALAR
void grouped(const LaneRun&) {}  // no group is smaller than one lane
#else
// P pixels times one vector of channels, from channel c on; `left` lanes count if not kFull. Member i of the groups is
// spread over its group's lanes.
template <int P, int G, bool kFull>
HWY_INLINE void grouped_block(const LaneRun r, int64_t pixel, int64_t c, int64_t left) {
  const D d;
  const hn::RebindToSigned<D> di;
  const auto base = hn::And(hn::Iota(di, 0), hn::Set(di, -G));
  decltype(hn::IndicesFromVec(d, base)) member[G];
  SDX_UNROLLED
  for (int g = 0; g < G; ++g) member[g] = hn::IndicesFromVec(d, hn::Or(base, hn::Set(di, g)));
  V acc[P];
  const V bias = r.bias ? load<kFull>(r.bias + c, left) : hn::Zero(d);
  SDX_UNROLLED
  for (int i = 0; i < P; ++i) acc[i] = bias;
  for (int64_t td = 0; td < r.taps[0]; ++td) {
    for (int64_t th = 0; th < r.taps[1]; ++th) {
      const float* w = r.w + td * r.w_tap[0] + th * r.w_tap[1] + c;
      const float* x = r.x + pixel * r.x_step + td * r.x_tap[0] + th * r.x_tap[1] + c;
      for (int64_t tw = 0; tw < r.taps[2]; ++tw, w += r.w_tap[2], x += r.x_tap[2]) {
        V v[P];
        SDX_UNROLLED
        for (int i = 0; i < P; ++i) v[i] = load<kFull>(x + i * r.x_step, left);
        SDX_UNROLLED
        for (int g = 0; g < G; ++g) {
          const V weight = load<kFull>(w + g * r.w_member, left);
          SDX_UNROLLED
          for (int i = 0; i < P; ++i) acc[i] = hn::MulAdd(hn::TableLookupLanes(v[i], member[g]), weight, acc[i]);
        }
      }
    }
  }
  const V low = hn::Set(d, r.low), high = hn::Set(d, r.high), scale = hn::Set(d, r.add_scale);
  SDX_UNROLLED
  for (int i = 0; i < P; ++i) {
    V v = acc[i];
    if (r.add) v = hn::MulAdd(load<kFull>(r.add + (pixel + i) * r.add_step + c, left), scale, v);
    store<kFull>(act::Clip(d, v, low, high), r.y + (pixel + i) * r.y_step + c, left);
  }
}

template <int G>
HWY_NOINLINE void grouped_as(const LaneRun& r) {
  constexpr int P = kPixels == 8 ? 8 : 4;
  for (int64_t c = 0; c < r.channels; c += kLanes) {
    const int64_t left = r.channels - c;
    int64_t i = 0;
    if (left >= kLanes) {
      for (; i + P <= r.pixels; i += P) grouped_block<P, G, true>(r, i, c, left);
      for (; i + 2 <= r.pixels; i += 2) grouped_block<2, G, true>(r, i, c, left);
      for (; i < r.pixels; ++i) grouped_block<1, G, true>(r, i, c, left);
    } else {
      for (; i < r.pixels; ++i) grouped_block<1, G, false>(r, i, c, left);
    }
  }
}

void grouped(const LaneRun& r) {
  if (r.group == 2) return grouped_as<2>(r);
  if constexpr (kLanes > 4) {
    if (r.group == 4) return grouped_as<4>(r);
  }
  if constexpr (kLanes > 8) {
    if (r.group == 8) return grouped_as<8>(r);
  }
}
#endif

struct MaxOp {
  static HWY_INLINE V apply(V a, V b) {
#if HWY_TARGET == HWY_SCALAR
    return hn::IfThenElse(hn::Or(hn::Lt(a, b), hn::IsNaN(b)), hn::IfThenElse(hn::IsNaN(a), a, b), a);
#elif HWY_TARGET == HWY_NEON
    return V(vmaxq_f32(a.raw, b.raw));  // of a NaN and a number, the NaN
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
  SDX_UNROLLED
  for (int j = 0; j < C; ++j) total[j] = part[j] = first;
  int64_t room = kPoolChunk;
  for (int64_t td = 0; td < w.taps[0]; ++td) {
    for (int64_t th = 0; th < w.taps[1]; ++th) {
      const float* x = w.x + td * w.x_tap[0] + th * w.x_tap[1] + c;
      for (int64_t tw = 0; tw < w.taps[2];) {
        const int64_t end = HWY_MIN(w.taps[2], tw + room);
        room -= end - tw;
        for (; tw < end; ++tw, x += w.x_tap[2]) {
          SDX_UNROLLED
          for (int j = 0; j < C; ++j) part[j] = Op::apply(part[j], load<kFull>(x + j * kLanes, left));
        }
        if (room > 0) continue;
        room = kPoolChunk;
        SDX_UNROLLED
        for (int j = 0; j < C; ++j) total[j] = Op::apply(total[j], part[j]), part[j] = first;
      }
    }
  }
  SDX_UNROLLED
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

constexpr ConvTable kConvTable = {SDX_SIMD_TARGET, depthwise, grouped, pool_max, pool_sum};

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace sardonyx::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sardonyx::simd {
SDX_SIMD_GETTERS(conv, ConvTable, kConvTable)
}  // namespace sardonyx::simd
#endif
