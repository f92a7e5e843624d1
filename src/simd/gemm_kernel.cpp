#include "simd/gemm_kernel.h"

#include "simd/loops.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/gemm_kernel.cpp"
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

// Accumulators, the vectors of one row of B and a broadcast element of A must fit the register file.
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL
constexpr int kMaxRows = 14;
#elif HWY_TARGET == HWY_NEON
constexpr int kMaxRows = 12;
#elif HWY_TARGET == HWY_SCALAR
constexpr int kMaxRows = 4;
#else
constexpr int kMaxRows = 6;
#endif
constexpr int kVectors = 2;
constexpr int kLanes = HWY_LANES(float);
constexpr int kDotStride = HWY_MAX(4, kVectors* kLanes);

// Chains of dependent sums needed to keep the multipliers busy: few rows split k over several accumulator sets.
constexpr int sets_for(int rows, int vectors) { return rows * vectors >= 8 ? 1 : rows * vectors >= 4 ? 2 : 4; }

// acc[row][vector] += A[row][k] * B[k][vector] for one k. Row r is read at p[r / 3] + (r % 3) * stride: three rows
// per pointer is what x86 addressing gives for free.
template <int R, int NV>
HWY_INLINE void multiply_add(const char* const* p, int64_t stride, int offset, const float* b, V (*acc)[NV]) {
  const D d;
  V row[NV];
  SDX_UNROLLED
  for (int v = 0; v < NV; ++v) row[v] = hn::LoadU(d, b + v * kLanes);
  SDX_UNROLLED
  for (int r = 0; r < R; ++r) {
    const V a = hn::Set(d, *reinterpret_cast<const float*>(p[r / 3] + (r % 3) * stride + offset));
    SDX_UNROLLED
    for (int v = 0; v < NV; ++v) acc[r][v] = hn::MulAdd(a, row[v], acc[r][v]);
  }
}

// To the second-level cache: the first holds A.
constexpr int kPrefetchLines = HWY_MAX(1, kVectors* kLanes / 16);
HWY_INLINE void prefetch_lines(const float*& p) {
#if defined(__GNUC__)
  for (int i = 0; i < kPrefetchLines; ++i) __builtin_prefetch(p + 16 * i, 0, 2);
#endif
  p += 16 * kPrefetchLines;
}

template <int R, int NV, int S>
HWY_INLINE void sum_segments(const GemmTile& t, V (*acc)[R][NV]) {
  constexpr int kGroups = (R + 2) / 3;
  const int64_t bs = t.b_stride;
  const float* soon = t.prefetch ? t.prefetch : t.b;
  for (const GemmSegment* s = t.segments; s != t.segments + t.segment_count; ++s) {
    const int64_t stride = s->row_stride * static_cast<int64_t>(sizeof(float));
    const float* b = t.b + s->b_row * bs;
    const char* p[kGroups];
    SDX_UNROLLED
    for (int g = 0; g < kGroups; ++g) p[g] = reinterpret_cast<const char*>(s->a) + 3 * g * stride;
    int64_t k = s->k;
    for (; k >= 4; k -= 4) {
      multiply_add<R, NV>(p, stride, 0, b, acc[0]);
      multiply_add<R, NV>(p, stride, 4, b + bs, acc[1 % S]);
      multiply_add<R, NV>(p, stride, 8, b + 2 * bs, acc[2 % S]);
      multiply_add<R, NV>(p, stride, 12, b + 3 * bs, acc[3 % S]);
      prefetch_lines(soon);
      b += 4 * bs;
      SDX_UNROLLED
      for (int g = 0; g < kGroups; ++g) p[g] += 16;
    }
    for (; k > 0; --k) {
      multiply_add<R, NV>(p, stride, 0, b, acc[0]);
      b += bs;
      SDX_UNROLLED
      for (int g = 0; g < kGroups; ++g) p[g] += 4;
    }
  }
}

// Adds and clips one row of sums held in `row`, and stores its first `cols` columns.
template <int NV>
HWY_INLINE void finish_row(const GemmTile& t, int64_t r, V* row, const V* bias, bool full) {
  const D d;
  const V alpha = hn::Set(d, t.alpha), scale = hn::Set(d, t.add_scale);
  const V low = hn::Set(d, t.low), high = hn::Set(d, t.high);
  float* c = t.c + r * t.ldc;
  const float* add = t.add + r * t.add_ld;
  const V row_bias = hn::Set(d, t.row_bias ? t.row_bias[r] : 0.0f);
  SDX_UNROLLED
  for (int v = 0; v < NV; ++v) {
    const int left = t.cols - v * kLanes;
    if (left <= 0) break;
    V x = hn::MulAdd(row[v], alpha, hn::Add(bias[v], row_bias));
    if (t.add)
      x = hn::MulAdd(full ? hn::LoadU(d, add + v * kLanes) : compat::LoadN(d, add + v * kLanes, left), scale, x);
    x = act::Clip(d, x, low, high);
    if (full) {
      hn::StoreU(x, d, c + v * kLanes);
    } else {
      compat::StoreN(x, d, c + v * kLanes, left);
    }
  }
}

// Tiles with a partial vector: through memory, row by row.
template <int NV>
HWY_NOINLINE void finish_partial(const GemmTile& t, const float* sums, int sums_stride) {
  const D d;
  V bias[NV], row[NV];
  for (int v = 0; v < NV; ++v) {
    const int left = t.cols - v * kLanes;
    bias[v] = t.col_bias && left > 0 ? compat::LoadN(d, t.col_bias + v * kLanes, left) : hn::Zero(d);
  }
  for (int r = 0; r < t.rows; ++r) {
    for (int v = 0; v < NV; ++v) row[v] = hn::LoadU(d, sums + r * sums_stride + v * kLanes);
    finish_row<NV>(t, r, row, bias, false);
  }
}

template <int R, int NV>
HWY_INLINE void finish_full(const GemmTile& t, V (*acc)[NV]) {
  const D d;
  V bias[NV];
  SDX_UNROLLED
  for (int v = 0; v < NV; ++v) bias[v] = t.col_bias ? hn::LoadU(d, t.col_bias + v * kLanes) : hn::Zero(d);
  SDX_UNROLLED
  for (int r = 0; r < R; ++r) finish_row<NV>(t, r, acc[r], bias, true);
}

template <int R, int NV>
void tile_kernel(const GemmTile& t) {
  constexpr int S = sets_for(R, NV);
  const D d;
  V acc[S][R][NV];
  SDX_UNROLLED
  for (int s = 0; s < S; ++s) {
    SDX_UNROLLED
    for (int r = 0; r < R; ++r) {
      SDX_UNROLLED
      for (int v = 0; v < NV; ++v) acc[s][r][v] = hn::Zero(d);
    }
  }
  sum_segments<R, NV, S>(t, acc);
  SDX_UNROLLED
  for (int r = 0; r < R; ++r) {
    SDX_UNROLLED
    for (int v = 0; v < NV; ++v) {
      if constexpr (S == 2) acc[0][r][v] = hn::Add(acc[0][r][v], acc[1 % S][r][v]);
      if constexpr (S == 4) {
        acc[0][r][v] = hn::Add(hn::Add(acc[0][r][v], acc[1 % S][r][v]), hn::Add(acc[2 % S][r][v], acc[3 % S][r][v]));
      }
    }
  }
  if (t.cols == NV * kLanes) return finish_full<R, NV>(t, acc[0]);
  HWY_ALIGN float sums[R * NV * kLanes];
  SDX_UNROLLED
  for (int r = 0; r < R; ++r) {
    SDX_UNROLLED
    for (int v = 0; v < NV; ++v) hn::Store(acc[0][r][v], d, sums + (r * NV + v) * kLanes);
  }
  finish_partial<NV>(t, sums, NV * kLanes);
}

using TileFn = void (*)(const GemmTile&);
#define SDX_TILES(r) \
  { tile_kernel<r, 1>, tile_kernel<r, 2> }
constexpr TileFn kTiles[kMaxRows][kVectors] = {
    SDX_TILES(1),  SDX_TILES(2),  SDX_TILES(3), SDX_TILES(4),
#if HWY_TARGET != HWY_SCALAR
    SDX_TILES(5),  SDX_TILES(6),
#endif
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL || HWY_TARGET == HWY_NEON
    SDX_TILES(7),  SDX_TILES(8),  SDX_TILES(9), SDX_TILES(10), SDX_TILES(11), SDX_TILES(12),
#endif
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL
    SDX_TILES(13), SDX_TILES(14),
#endif
};
#undef SDX_TILES

void tile(const GemmTile& t) { kTiles[t.rows - 1][t.cols > kLanes](t); }

// Sums over the lanes of four vectors, to sums[0..3].
HWY_INLINE void add_lanes(const V* v, float* sums) {
#if HWY_TARGET == HWY_SCALAR
  for (int i = 0; i < 4; ++i) sums[i] = hn::GetLane(v[i]);
#else
  const D d;
  const hn::Repartition<uint64_t, D> dw;
  const hn::CappedTag<float, 4> d4;
  const V s01 = hn::Add(hn::InterleaveLower(d, v[0], v[1]), hn::InterleaveUpper(d, v[0], v[1]));
  const V s23 = hn::Add(hn::InterleaveLower(d, v[2], v[3]), hn::InterleaveUpper(d, v[2], v[3]));
  const auto a = hn::BitCast(dw, s01), b = hn::BitCast(dw, s23);
  HWY_ALIGN float blocks[kLanes];
  hn::Store(hn::Add(hn::BitCast(d, hn::InterleaveLower(dw, a, b)), hn::BitCast(d, hn::InterleaveUpper(dw, a, b))), d,
            blocks);
  auto sum = hn::Load(d4, blocks);
  for (int i = 4; i < kLanes; i += 4) sum = hn::Add(sum, hn::Load(d4, blocks + i));
  hn::StoreU(sum, d4, sums);
#endif
}

// R rows of A times four columns of a transposed B; columns beyond the last repeat it.
template <int R>
HWY_INLINE void dot_columns(const GemmTile& t, int col, float* sums) {
  const D d;
  const GemmSegment s = *t.segments;
  const float* b[4];
  for (int j = 0; j < 4; ++j) b[j] = t.b + HWY_MIN(col + j, t.cols - 1) * t.b_stride;
  V acc[R][4];
  SDX_UNROLLED
  for (int r = 0; r < R; ++r) {
    SDX_UNROLLED
    for (int j = 0; j < 4; ++j) acc[r][j] = hn::Zero(d);
  }
  int64_t k = 0;
  for (; k + kLanes <= s.k; k += kLanes) {
    SDX_UNROLLED
    for (int j = 0; j < 4; ++j) {
      const V y = hn::LoadU(d, b[j] + k);
      SDX_UNROLLED
      for (int r = 0; r < R; ++r) acc[r][j] = hn::MulAdd(hn::LoadU(d, s.a + r * s.row_stride + k), y, acc[r][j]);
    }
  }
  if (k < s.k) {
    const auto left = static_cast<size_t>(s.k - k);
    for (int j = 0; j < 4; ++j) {
      const V y = compat::LoadN(d, b[j] + k, left);
      SDX_UNROLLED
      for (int r = 0; r < R; ++r)
        acc[r][j] = hn::MulAdd(compat::LoadN(d, s.a + r * s.row_stride + k, left), y, acc[r][j]);
    }
  }
  SDX_UNROLLED
  for (int r = 0; r < R; ++r) add_lanes(acc[r], sums + r * kDotStride + col);
}

template <int R>
HWY_NOINLINE void dot_rows(const GemmTile& t) {
  HWY_ALIGN float sums[R * kDotStride] = {};
  if (t.segment_count > 0) {
    for (int col = 0; col < t.cols; col += 4) dot_columns<R>(t, col, sums);
  }
  finish_partial<kVectors>(t, sums, kDotStride);
}

void dot_tile(const GemmTile& t) {
  if (t.rows == 1) return dot_rows<1>(t);
  if (t.rows == 2) return dot_rows<2>(t);
  if (t.rows == 3) return dot_rows<3>(t);
  dot_rows<4>(t);
}

template <Act kind>
void activate_as(float* c, int64_t ldc, int64_t rows, int64_t cols, float p0, float p1) {
  const D d;
  for (int64_t r = 0; r < rows; ++r) {
    float* row = c + r * ldc;
    int64_t i = 0;
    for (; i + kLanes <= cols; i += kLanes) hn::StoreU(act::Apply<kind>(d, hn::LoadU(d, row + i), p0, p1), d, row + i);
    if (i < cols) {
      const size_t left = static_cast<size_t>(cols - i);
      compat::StoreN(act::Apply<kind>(d, compat::LoadN(d, row + i, left), p0, p1), d, row + i, left);
    }
  }
}

void activate(float* c, int64_t ldc, int64_t rows, int64_t cols, Act a, float p0, float p1) {
  switch (a) {
    case Act::kLeakyRelu: return activate_as<Act::kLeakyRelu>(c, ldc, rows, cols, p0, p1);
    case Act::kSigmoid: return activate_as<Act::kSigmoid>(c, ldc, rows, cols, p0, p1);
    case Act::kTanh: return activate_as<Act::kTanh>(c, ldc, rows, cols, p0, p1);
    case Act::kSilu: return activate_as<Act::kSilu>(c, ldc, rows, cols, p0, p1);
    case Act::kGeluErf: return activate_as<Act::kGeluErf>(c, ldc, rows, cols, p0, p1);
    case Act::kGeluTanh: return activate_as<Act::kGeluTanh>(c, ldc, rows, cols, p0, p1);
    case Act::kHardSwish: return activate_as<Act::kHardSwish>(c, ldc, rows, cols, p0, p1);
    case Act::kHardSigmoid: return activate_as<Act::kHardSigmoid>(c, ldc, rows, cols, p0, p1);
    case Act::kRelu: return activate_as<Act::kRelu>(c, ldc, rows, cols, p0, p1);
    case Act::kClip: return activate_as<Act::kClip>(c, ldc, rows, cols, p0, p1);
    case Act::kNone: return;
  }
}

HWY_INLINE void copy_row(const float* HWY_RESTRICT src, int64_t n, float* HWY_RESTRICT dst) {
  const D d;
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) hn::StoreU(hn::LoadU(d, src + i), d, dst + i);
  for (; i < n; ++i) dst[i] = src[i];
}

HWY_INLINE void zero_row(int64_t n, float* HWY_RESTRICT dst) {
  const D d;
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) hn::StoreU(hn::Zero(d), d, dst + i);
  for (; i < n; ++i) dst[i] = 0;
}

void gather_rows(const GatherRow* rows, int64_t count, int64_t n, float* dst, int64_t dst_stride) {
  for (int64_t r = 0; r < count; ++r) {
    const GatherRow g = rows[r];
    float* to = dst + r * dst_stride;
    if (g.begin >= g.end) {
      zero_row(n, to);
      continue;
    }
    if (g.begin > 0) zero_row(g.begin, to);
    copy_row(g.src + g.begin, g.end - g.begin, to + g.begin);
    if (g.end < n) zero_row(n - g.end, to + g.end);
  }
}

#if HWY_TARGET != HWY_SCALAR
using D4 = hn::CappedTag<float, 4>;
HWY_INLINE void transpose4(const float* src, int64_t ss, float* dst, int64_t ds) {
  const D4 d;
  const hn::Repartition<uint64_t, D4> dw;
  const auto r0 = hn::LoadU(d, src), r1 = hn::LoadU(d, src + ss);
  const auto r2 = hn::LoadU(d, src + 2 * ss), r3 = hn::LoadU(d, src + 3 * ss);
  const auto a = hn::BitCast(dw, hn::InterleaveLower(d, r0, r1)), b = hn::BitCast(dw, hn::InterleaveLower(d, r2, r3));
  const auto e = hn::BitCast(dw, hn::InterleaveUpper(d, r0, r1)), f = hn::BitCast(dw, hn::InterleaveUpper(d, r2, r3));
  hn::StoreU(hn::BitCast(d, hn::InterleaveLower(dw, a, b)), d, dst);
  hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(dw, a, b)), d, dst + ds);
  hn::StoreU(hn::BitCast(d, hn::InterleaveLower(dw, e, f)), d, dst + 2 * ds);
  hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(dw, e, f)), d, dst + 3 * ds);
}
#endif

void transpose_rows(const float* src, int64_t ss, int64_t rows, int64_t n, float* dst, int64_t ds) {
  int64_t r = 0;
#if HWY_TARGET != HWY_SCALAR
  for (; r + 4 <= rows; r += 4) {
    int64_t i = 0;
    for (; i + 4 <= n; i += 4) transpose4(src + i * ss + r, ss, dst + r * ds + i, ds);
    for (; i < n; ++i) {
      for (int64_t q = r; q < r + 4; ++q) dst[q * ds + i] = src[i * ss + q];
    }
  }
#endif
  for (; r < rows; ++r) {
    for (int64_t i = 0; i < n; ++i) dst[r * ds + i] = src[i * ss + r];
  }
}

void pack_panel(const float* b, int64_t ldb, bool trans, int64_t k, int64_t cols, int64_t width, float* dst) {
  if (trans) {
    transpose_rows(b, ldb, k, cols, dst, width);
  } else {
    for (int64_t i = 0; i < k; ++i) copy_row(b + i * ldb, cols, dst + i * width);
  }
  if (cols < width) {
    for (int64_t i = 0; i < k; ++i) zero_row(width - cols, dst + i * width + cols);
  }
}

constexpr GemmTable kGemmTable = {.target = SDX_SIMD_TARGET,
                                  .mr = kMaxRows,
                                  .nr = kVectors * kLanes,
                                  .lanes = kLanes,
                                  .tile = tile,
                                  .dot_tile = dot_tile,
                                  .activate = activate,
                                  .pack_panel = pack_panel,
                                  .gather_rows = gather_rows,
                                  .transpose_rows = transpose_rows};

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace sardonyx::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sardonyx::simd {
SDX_SIMD_GETTERS(gemm, GemmTable, kGemmTable)
}  // namespace sardonyx::simd
#endif
