#include "simd/winograd_kernel.h"

#include "simd/loops.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/winograd_kernel.cpp"
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
constexpr int64_t kLanes = HWY_LANES(float);
constexpr float kA = static_cast<float>(kWinogradA), kB = static_cast<float>(kWinogradB);
constexpr float kA2 = kA * kA, kB2 = kB * kB;

// N inputs of a tile's row or column to N frequencies.
template <int N>
HWY_INLINE void input_line(const V* d, V* t) {
  const D tag;
  if constexpr (N == 4) {
    t[0] = hn::Sub(d[0], d[2]);
    t[1] = hn::Add(d[1], d[2]);
    t[2] = hn::Sub(d[2], d[1]);
    t[3] = hn::Sub(d[3], d[1]);
  } else {
    const V sum = hn::Set(tag, kA2 + kB2), product = hn::Set(tag, kA2 * kB2);
    t[0] = hn::MulAdd(product, d[0], hn::NegMulAdd(sum, d[2], d[4]));
    t[5] = hn::MulAdd(product, d[1], hn::NegMulAdd(sum, d[3], d[5]));
    const V a2 = hn::Set(tag, kA2), b2 = hn::Set(tag, kB2), a = hn::Set(tag, kA), b = hn::Set(tag, kB);
    const V even_a = hn::NegMulAdd(b2, d[2], d[4]), odd_a = hn::NegMulAdd(b2, d[1], d[3]);
    const V even_b = hn::NegMulAdd(a2, d[2], d[4]), odd_b = hn::NegMulAdd(a2, d[1], d[3]);
    t[1] = hn::MulAdd(a, odd_a, even_a);
    t[2] = hn::NegMulAdd(a, odd_a, even_a);
    t[3] = hn::MulAdd(b, odd_b, even_b);
    t[4] = hn::NegMulAdd(b, odd_b, even_b);
  }
}

// N frequencies to N - 2 outputs.
template <int N>
HWY_INLINE void output_line(const V* m, V* y) {
  const D tag;
  if constexpr (N == 4) {
    y[0] = hn::Add(m[0], hn::Add(m[1], m[2]));
    y[1] = hn::Add(hn::Sub(m[1], m[2]), m[3]);
  } else {
    const V sum_a = hn::Add(m[1], m[2]), dif_a = hn::Sub(m[1], m[2]);
    const V sum_b = hn::Add(m[3], m[4]), dif_b = hn::Sub(m[3], m[4]);
    y[0] = hn::Add(m[0], hn::Add(sum_a, sum_b));
    y[1] = hn::MulAdd(hn::Set(tag, kA), dif_a, hn::Mul(hn::Set(tag, kB), dif_b));
    y[2] = hn::MulAdd(hn::Set(tag, kA2), sum_a, hn::Mul(hn::Set(tag, kB2), sum_b));
    y[3] = hn::MulAdd(hn::Set(tag, kA * kA2), dif_a, hn::MulAdd(hn::Set(tag, kB * kB2), dif_b, m[5]));
  }
}

// kEasy: all pixels lie inside, and so does the vector of channels.
template <int N, bool kEasy>
HWY_INLINE void input_vector(const WinogradIn& t, int64_t c) {
  const D tag;
  V half[N * N], line[N], out[N];
  SDX_UNROLLED
  for (int j = 0; j < N; ++j) {
    const float* column = t.x + j * t.x_step + c;
    SDX_UNROLLED
    for (int i = 0; i < N; ++i) {
      if constexpr (kEasy) {
        line[i] = hn::LoadU(tag, column + i * t.x_row);
      } else {
        const bool inside = i >= t.row_begin && i < t.row_end && j >= t.col_begin && j < t.col_end;
        line[i] =
            inside ? compat::LoadN(tag, column + i * t.x_row, static_cast<size_t>(t.channels - c)) : hn::Zero(tag);
      }
    }
    input_line<N>(line, out);
    SDX_UNROLLED
    for (int i = 0; i < N; ++i) half[i * N + j] = out[i];
  }
  float* v = t.v + c;
  SDX_UNROLLED
  for (int i = 0; i < N; ++i) {
    input_line<N>(half + i * N, out);
    SDX_UNROLLED
    for (int j = 0; j < N; ++j) hn::StoreU(out[j], tag, v + (i * N + j) * t.v_step);
  }
}

template <int N>
void input_tile(const WinogradIn& tile) {
  const WinogradIn t = tile;
  const bool inside = t.row_begin == 0 && t.row_end == N && t.col_begin == 0 && t.col_end == N;
  int64_t c = 0;
  if (inside) {
    for (; c + kLanes <= t.channels; c += kLanes) input_vector<N, true>(t, c);
  }
  for (; c < t.channels; c += kLanes) input_vector<N, false>(t, c);
}

template <bool kFull>
HWY_INLINE V load(const float* p, int64_t n) {
  const D tag;
  if constexpr (kFull) return hn::LoadU(tag, p);
  return compat::LoadN(tag, p, static_cast<size_t>(n));
}

template <int N, bool kFull>
HWY_INLINE void output_vector(const WinogradOut& t, int64_t c) {
  constexpr int O = N - 2;
  const D tag;
  const int64_t left = t.channels - c;
  V half[O * N], line[N], out[O];
  SDX_UNROLLED
  for (int j = 0; j < N; ++j) {
    SDX_UNROLLED
    for (int i = 0; i < N; ++i) line[i] = hn::LoadU(tag, t.m + (i * N + j) * t.m_step + c);
    output_line<N>(line, out);
    SDX_UNROLLED
    for (int i = 0; i < O; ++i) half[i * N + j] = out[i];
  }
  const V bias = t.bias ? load<kFull>(t.bias + c, left) : hn::Zero(tag);
  const V scale = hn::Set(tag, t.add_scale), low = hn::Set(tag, t.low), high = hn::Set(tag, t.high);
  SDX_UNROLLED
  for (int i = 0; i < O; ++i) {
    if (i >= t.rows) break;
    output_line<N>(half + i * N, out);
    float* y = t.y + i * t.y_row + c;
    const float* add = t.add ? t.add + i * t.add_row + c : nullptr;
    SDX_UNROLLED
    for (int j = 0; j < O; ++j) {
      if (j >= t.cols) break;
      V sum = hn::Add(out[j], bias);
      if (add) sum = hn::MulAdd(load<kFull>(add + j * t.add_step, left), scale, sum);
      sum = act::Clip(tag, sum, low, high);
      if constexpr (kFull) {
        hn::StoreU(sum, tag, y + j * t.y_step);
      } else {
        compat::StoreN(sum, tag, y + j * t.y_step, static_cast<size_t>(left));
      }
    }
  }
}

template <int N>
void output_tile(const WinogradOut& tile) {
  const WinogradOut t = tile;
  int64_t c = 0;
  for (; c + kLanes <= t.channels; c += kLanes) output_vector<N, true>(t, c);
  if (c < t.channels) output_vector<N, false>(t, c);
}

constexpr WinogradTable kWinogradTable = {.target = SDX_SIMD_TARGET,
                                          .in2 = input_tile<4>,
                                          .in4 = input_tile<6>,
                                          .out2 = output_tile<4>,
                                          .out4 = output_tile<6>};

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace sardonyx::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sardonyx::simd {
SDX_SIMD_GETTERS(winograd, WinogradTable, kWinogradTable)
}  // namespace sardonyx::simd
#endif
