#include "simd/conv_direct_kernel.h"

#include "simd/loops.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/conv_direct_kernel.cpp"
// clang-format off
#include "simd/foreach-inl.h"
#include "simd/act-inl.h"
#include "simd/compat-inl.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace sardonyx::simd {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;
constexpr int kLanes = HWY_LANES(float);

// Accumulators, the vectors of one step and a broadcast number must fit the register file.
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL || HWY_TARGET == HWY_NEON
constexpr int kMaxChannels = 6, kSlots = 4;
constexpr int kWidths[] = {4, 8, 10, 12, 14, 0};
#else
constexpr int kMaxChannels = 4, kSlots = 3;
constexpr int kWidths[] = {4, 6, 0};
#endif

HWY_INLINE void store(V v, int lanes, float* p) {
  const D d;
  if (lanes == kLanes) return hn::StoreU(v, d, p);
  compat::StoreN(v, d, p, static_cast<size_t>(lanes));
}
HWY_INLINE V load(int lanes, const float* p) {
  const D d;
  if (lanes == kLanes) return hn::LoadU(d, p);
  return compat::LoadN(d, p, static_cast<size_t>(lanes));
}

template <int R, int S>
HWY_NOINLINE void plane_tile(const PlaneTile& t) {
  const D d;
  V acc[R][S];
  SDX_UNROLLED
  for (int r = 0; r < R; ++r) {
    const V bias = t.bias ? hn::Set(d, t.bias[r]) : hn::Zero(d);
    SDX_UNROLLED
    for (int s = 0; s < S; ++s) acc[r][s] = bias;
  }
  const float* x[S];
  SDX_UNROLLED
  for (int s = 0; s < S; ++s) x[s] = t.x[s];
  const float* w = t.w;
  const int64_t kernel_w = t.kernel_w;
  const int64_t* tap = t.tap;
  for (int64_t c = 0; c < t.in_channels; ++c) {
    for (int64_t h = 0; h < t.kernel_h; ++h) {
      const int64_t row = c * t.x_channel + h * t.x_row;
      for (int64_t k = 0; k < kernel_w; ++k, w += R) {
        const int64_t at = row + tap[k];
        V v[S];
        SDX_UNROLLED
        for (int s = 0; s < S; ++s) v[s] = hn::LoadU(d, x[s] + at);
        SDX_UNROLLED
        for (int r = 0; r < R; ++r) {
          const V weight = hn::Set(d, w[r]);
          SDX_UNROLLED
          for (int s = 0; s < S; ++s) acc[r][s] = hn::MulAdd(v[s], weight, acc[r][s]);
        }
      }
    }
  }
  const V low = hn::Set(d, t.low), high = hn::Set(d, t.high), scale = hn::Set(d, t.add_scale);
  SDX_UNROLLED
  for (int s = 0; s < S; ++s) {
    SDX_UNROLLED
    for (int r = 0; r < R; ++r) {
      V v = acc[r][s];
      if (t.add[s]) v = hn::MulAdd(load(t.lanes[s], t.add[s] + r * t.y_plane), scale, v);
      store(act::Clip(d, v, low, high), t.lanes[s], t.y[s] + r * t.y_plane);
    }
  }
}

template <int R>
HWY_INLINE void plane_slots(const PlaneTile& t) {
  switch (t.slots) {
    case 1: return plane_tile<R, 1>(t);
    case 2: return plane_tile<R, 2>(t);
    case 3: return plane_tile<R, 3>(t);
    default: return plane_tile<R, kSlots>(t);
  }
}

void planes(const PlaneTile& t) {
  switch (t.channels) {
    case 1: return t.slots == kMaxSlots ? plane_tile<1, kMaxSlots>(t) : plane_slots<1>(t);
    case 2: return plane_slots<2>(t);
    case 3: return plane_slots<3>(t);
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL || HWY_TARGET == HWY_NEON
    case 5: return plane_slots<5>(t);
    case 6: return plane_slots<6>(t);
#endif
    default: return plane_slots<4>(t);
  }
}

// Pixel i is read at p[i / 3] + (i % 3) * step: three pixels per pointer is what x86 addressing gives for free.
template <int P, int C>
HWY_NOINLINE void pixel_tile(const PixelTile& t) {
  const D d;
  V acc[P][C];
  SDX_UNROLLED
  for (int j = 0; j < C; ++j) {
    const V bias = t.bias ? load(HWY_MIN(kLanes, t.cols - j * kLanes), t.bias + j * kLanes) : hn::Zero(d);
    SDX_UNROLLED
    for (int i = 0; i < P; ++i) acc[i][j] = bias;
  }
  const float* w = t.w;
  const int64_t step = t.x_pixel * static_cast<int64_t>(sizeof(float)),
                inner = t.step[2] * static_cast<int64_t>(sizeof(float));
  constexpr int kGroups = (P + 2) / 3;
  for (int64_t a = 0; a < t.count[0]; ++a) {
    for (int64_t b = 0; b < t.count[1]; ++b) {
      const char* p[kGroups];
      SDX_UNROLLED
      for (int g = 0; g < kGroups; ++g)
        p[g] = reinterpret_cast<const char*>(t.x + a * t.step[0] + b * t.step[1]) + 3 * g * step;
      for (int64_t k = t.count[2]; k > 0; --k, w += C * kLanes) {
        V weight[C];
        SDX_UNROLLED
        for (int j = 0; j < C; ++j) weight[j] = hn::LoadU(d, w + j * kLanes);
        SDX_UNROLLED
        for (int i = 0; i < P; ++i) {
          const V x = hn::Set(d, *reinterpret_cast<const float*>(p[i / 3] + i % 3 * step));
          SDX_UNROLLED
          for (int j = 0; j < C; ++j) acc[i][j] = hn::MulAdd(x, weight[j], acc[i][j]);
        }
        SDX_UNROLLED
        for (int g = 0; g < kGroups; ++g) p[g] += inner;
      }
    }
  }
  const V low = hn::Set(d, t.low), high = hn::Set(d, t.high), scale = hn::Set(d, t.add_scale);
  SDX_UNROLLED
  for (int i = 0; i < P; ++i) {
    if (i >= t.pixels) break;
    SDX_UNROLLED
    for (int j = 0; j < C; ++j) {
      const int lanes = HWY_MIN(kLanes, t.cols - j * kLanes);
      V v = acc[i][j];
      if (t.add) v = hn::MulAdd(load(lanes, t.add + i * t.y_pixel + j * kLanes), scale, v);
      store(act::Clip(d, v, low, high), lanes, t.y + i * t.y_pixel + j * kLanes);
    }
  }
}

template <int C>
HWY_INLINE void pixel_widths(const PixelTile& t) {
  switch (t.width) {
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL || HWY_TARGET == HWY_NEON
    case 8: return pixel_tile<8, C>(t);
    case 10: return pixel_tile<10, C>(t);
    case 12: return pixel_tile<12, C>(t);
    case 14: return pixel_tile<14, C>(t);
#else
    case 6: return pixel_tile<6, C>(t);
#endif
    default: return pixel_tile<4, C>(t);
  }
}

void pixels(const PixelTile& t) { t.cols > kLanes ? pixel_widths<2>(t) : pixel_widths<1>(t); }

void every_second(const float* src, int64_t n, float* dst) {
  int64_t i = 0;
#if HWY_TARGET != HWY_SCALAR
  const D d;
  // The last element of an odd source belongs to no pair, so it is left to the loop below.
  for (; i + kLanes < n; i += kLanes) {
    const V a = hn::LoadU(d, src + 2 * i), b = hn::LoadU(d, src + 2 * i + kLanes);
    hn::StoreU(hn::ConcatEven(d, b, a), d, dst + i);
  }
#endif
  for (; i < n; ++i) dst[i] = src[2 * i];
}

constexpr DirectTable kDirectTable = {SDX_SIMD_TARGET, kLanes, kMaxChannels, kSlots,
                                      kWidths,         planes, pixels,       every_second};

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace sardonyx::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sardonyx::simd {
SDX_SIMD_GETTERS(conv_direct, DirectTable, kDirectTable)
}  // namespace sardonyx::simd
#endif
