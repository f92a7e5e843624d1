#include "simd/qgemm_kernel.h"

#include "simd/loops.h"

#define SDX_SIMD_WANT_DL
#define SDX_SIMD_NEON_DOT_TABLE qgemm_neon_dot
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/qgemm_kernel.cpp"
// clang-format off
#include "simd/foreach-inl.h"
#include "simd/compat-inl.h"
#include "simd/qdot-inl.h"
#include "simd/qstore-inl.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace sardonyx::simd {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;
using qdot::DI;
using qdot::kLanes;
using qdot::VI;

// Accumulators, the vectors of one group of B and a broadcast element of A must fit the register file.
#if SDX_QDOT_BYTES
constexpr int kMaxRows = 14;
#elif HWY_TARGET == HWY_AVX3
constexpr int kMaxRows = 10;
#elif HWY_TARGET == HWY_NEON
constexpr int kMaxRows = 8;
#else
constexpr int kMaxRows = 4;
#endif
constexpr int kVectors = 2;
constexpr int kWidth = kVectors * kLanes;

// Chains of dependent sums needed to keep the multipliers busy: few rows split k over several accumulator sets.
constexpr int sets_for(int rows, int vectors) { return rows * vectors >= 8 ? 1 : rows * vectors >= 4 ? 2 : 4; }

template <int R, int NV>
HWY_INLINE void add_group(const uint8_t* const* p, int64_t stride, int offset, const int8_t* b, VI (*acc)[NV]) {
  qdot::B col[NV];
  SDX_UNROLLED
  for (int v = 0; v < NV; ++v) col[v] = qdot::LoadB(b + v * 4 * kLanes);
  SDX_UNROLLED
  for (int r = 0; r < R; ++r) {
    const qdot::A a = qdot::SetA(p[r / 3] + (r % 3) * stride + offset);
    SDX_UNROLLED
    for (int v = 0; v < NV; ++v) acc[r][v] = qdot::Add(a, col[v], acc[r][v]);
  }
}

// sums[r * kWidth + j] = A[r] * B[j].
template <int R, int NV>
void tile_sums(const QTile& t, int32_t* sums) {
  constexpr int S = sets_for(R, NV), kPointers = (R + 2) / 3, kStep = 4 * NV * kLanes;
  const DI d;
  VI acc[S][R][NV];
  SDX_UNROLLED
  for (int s = 0; s < S; ++s) {
    SDX_UNROLLED
    for (int r = 0; r < R; ++r) {
      SDX_UNROLLED
      for (int v = 0; v < NV; ++v) acc[s][r][v] = hn::Zero(d);
    }
  }
  const uint8_t* p[kPointers];
  SDX_UNROLLED
  for (int i = 0; i < kPointers; ++i) p[i] = t.a + 3 * i * t.a_stride;
  const int8_t* b = t.b;
  int64_t g = t.groups;
  for (; g >= S; g -= S) {
    SDX_UNROLLED
    for (int s = 0; s < S; ++s) add_group<R, NV>(p, t.a_stride, 4 * s, b + s * kStep, acc[s]);
    b += S * kStep;
    SDX_UNROLLED
    for (int i = 0; i < kPointers; ++i) p[i] += 4 * S;
  }
  for (; g > 0; --g) {
    add_group<R, NV>(p, t.a_stride, 0, b, acc[0]);
    b += kStep;
    SDX_UNROLLED
    for (int i = 0; i < kPointers; ++i) p[i] += 4;
  }
  SDX_UNROLLED
  for (int r = 0; r < R; ++r) {
    SDX_UNROLLED
    for (int v = 0; v < NV; ++v) {
      VI sum = acc[0][r][v];
      SDX_UNROLLED
      for (int s = 1; s < S; ++s) sum = hn::Add(sum, acc[s][r][v]);
      hn::Store(sum, d, sums + r * kWidth + v * kLanes);
    }
  }
}

using SumsFn = void (*)(const QTile&, int32_t*);
#define SDX_TILES(r) \
  { tile_sums<r, 1>, tile_sums<r, 2> }
constexpr SumsFn kSums[kMaxRows][kVectors] = {
    SDX_TILES(1),  SDX_TILES(2),  SDX_TILES(3),  SDX_TILES(4),
#if SDX_QDOT_BYTES || HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_NEON
    SDX_TILES(5),  SDX_TILES(6),  SDX_TILES(7),  SDX_TILES(8),
#endif
#if SDX_QDOT_BYTES || HWY_TARGET == HWY_AVX3
    SDX_TILES(9),  SDX_TILES(10),
#endif
#if SDX_QDOT_BYTES
    SDX_TILES(11), SDX_TILES(12), SDX_TILES(13), SDX_TILES(14),
#endif
};
#undef SDX_TILES

// Adds what the columns bring to the sums and stores them, one vector of columns after the other.
template <QOut kind>
HWY_NOINLINE void finish(const QTile& t, const int32_t* sums) {
  using T = typename qstore::Element<kind>::Type;
  const DI d;
  for (int v = 0; v * kLanes < t.cols; ++v) {
    const int at = v * kLanes, left = t.cols - at;
    const VI init = hn::LoadU(d, t.columns.init + at);
    const qstore::Finish<kind> f(t.out, t.columns, at);
    T* c = static_cast<T*>(t.c) + at;
    const VI zero = t.columns.b_zero ? hn::LoadU(d, t.columns.b_zero + at) : hn::Zero(d);
    for (int r = 0; r < t.rows; ++r, c += t.ldc) {
      VI x = hn::Add(hn::Load(d, sums + r * kWidth + at), init);
      if (t.columns.b_zero) x = hn::Sub(x, hn::Mul(hn::Set(d, t.row_sums[r]), zero));
      f.store(x, c, left);
    }
  }
}

void tile(const QTile& t) {
  HWY_ALIGN int32_t sums[kMaxRows * kWidth];
  kSums[t.rows - 1][t.cols > kLanes](t, sums);
  switch (t.out.kind) {
    case QOut::kI32: return finish<QOut::kI32>(t, sums);
    case QOut::kF32: return finish<QOut::kF32>(t, sums);
    case QOut::kU8: return finish<QOut::kU8>(t, sums);
    case QOut::kI8: return finish<QOut::kI8>(t, sums);
  }
}

void row_sums(const uint8_t* a, int64_t a_stride, int64_t rows, int64_t groups, int32_t* sums) {
  const DI d;
  const qdot::B ones = qdot::SplitB(hn::Set(d, 0x01010101));
  for (int64_t r = 0; r < rows; ++r) {
    const uint8_t* p = a + r * a_stride;
    VI sum = hn::Zero(d);
    for (int64_t g = 0; g < groups; g += kLanes) {
      const VI x = compat::LoadN(d, reinterpret_cast<const int32_t*>(p + 4 * g), static_cast<size_t>(groups - g));
      sum = qdot::Add(qdot::SplitA(x), ones, sum);
    }
    sums[r] = compat::ReduceSum(d, sum);
  }
}

void sum_panel(int8_t* panel, int64_t groups, int64_t width) {
  const DI d;
  const qdot::A ones = qdot::SplitA(hn::Set(d, 0x01010101));
  for (int64_t at = 0; at < width; at += kLanes) {
    const int8_t* p = panel + at * 4;
    VI a = hn::Zero(d), b = a;  // two chains of sums
    int64_t g = 0;
    for (; g + 2 <= groups; g += 2, p += 8 * width) {
      a = qdot::Add(ones, qdot::LoadB(p), a);
      b = qdot::Add(ones, qdot::LoadB(p + 4 * width), b);
    }
    if (g < groups) a = qdot::Add(ones, qdot::LoadB(p), a);
    hn::StoreU(hn::Add(a, b), d, reinterpret_cast<int32_t*>(panel + groups * width * 4) + at);
  }
}

// n in [sizeof(T), 2 * sizeof(T)]: two words that may overlap.
template <class T>
HWY_INLINE void copy_words(const uint8_t* src, int64_t n, T flips, uint8_t* dst) {
  T a, b;
  __builtin_memcpy(&a, src, sizeof(T));
  __builtin_memcpy(&b, src + n - sizeof(T), sizeof(T));
  a ^= flips, b ^= flips;
  __builtin_memcpy(dst, &a, sizeof(T));
  __builtin_memcpy(dst + n - sizeof(T), &b, sizeof(T));
}

void copy(const uint8_t* HWY_RESTRICT src, int64_t n, uint8_t flip, uint8_t* HWY_RESTRICT dst) {
#if HWY_TARGET != HWY_SCALAR
  const hn::ScalableTag<uint8_t> d;
  const hn::CappedTag<uint8_t, 16> d16;
  const int64_t lanes = HWY_LANES(uint8_t);
  if (n >= lanes) {
    const auto x = hn::Set(d, flip);
    for (int64_t i = 0; i < n - lanes; i += lanes) hn::StoreU(hn::Xor(hn::LoadU(d, src + i), x), d, dst + i);
    return hn::StoreU(hn::Xor(hn::LoadU(d, src + n - lanes), x), d, dst + n - lanes);
  }
  if (n >= 16) {
    const auto x = hn::Set(d16, flip);
    for (int64_t i = 0; i < n - 16; i += 16) hn::StoreU(hn::Xor(hn::LoadU(d16, src + i), x), d16, dst + i);
    return hn::StoreU(hn::Xor(hn::LoadU(d16, src + n - 16), x), d16, dst + n - 16);
  }
#endif
  const uint64_t flips = flip * uint64_t{0x0101010101010101};
  while (n > 16) {
    copy_words<uint64_t>(src, 8, flips, dst);
    src += 8, dst += 8, n -= 8;
  }
  if (n >= 8) return copy_words<uint64_t>(src, n, flips, dst);
  if (n >= 4) return copy_words<uint32_t>(src, n, static_cast<uint32_t>(flips), dst);
  for (int64_t i = 0; i < n; ++i) dst[i] = src[i] ^ flip;
}

// Four rows of B become groups of four bytes: 16 columns at once.
HWY_INLINE int64_t pack_rows(const uint8_t* b, int64_t ldb, int64_t cols, uint8_t flip, uint8_t* dst) {
#if HWY_TARGET == HWY_SCALAR
  (void)b, (void)ldb, (void)cols, (void)flip, (void)dst;
  return 0;
#else
  const hn::CappedTag<uint8_t, 16> d;
  const hn::Repartition<uint16_t, decltype(d)> d16;
  const auto x = hn::Set(d, flip);
  int64_t j = 0;
  for (; j + 16 <= cols; j += 16) {
    const auto r0 = hn::Xor(hn::LoadU(d, b + j), x), r1 = hn::Xor(hn::LoadU(d, b + ldb + j), x);
    const auto r2 = hn::Xor(hn::LoadU(d, b + 2 * ldb + j), x), r3 = hn::Xor(hn::LoadU(d, b + 3 * ldb + j), x);
    const auto l01 = hn::BitCast(d16, hn::InterleaveLower(d, r0, r1)),
               l23 = hn::BitCast(d16, hn::InterleaveLower(d, r2, r3));
    const auto u01 = hn::BitCast(d16, hn::InterleaveUpper(d, r0, r1)),
               u23 = hn::BitCast(d16, hn::InterleaveUpper(d, r2, r3));
    uint8_t* to = dst + 4 * j;
    hn::StoreU(hn::BitCast(d, hn::InterleaveLower(d16, l01, l23)), d, to);
    hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(d16, l01, l23)), d, to + 16);
    hn::StoreU(hn::BitCast(d, hn::InterleaveLower(d16, u01, u23)), d, to + 32);
    hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(d16, u01, u23)), d, to + 48);
  }
  return j;
#endif
}

#if SDX_QDOT_BYTES
// The same for a whole panel: one permutation per vector of results.
int64_t pack_whole(const uint8_t* b, int64_t ldb, int64_t groups, uint8_t flip, uint8_t* dst) {
  static_assert(kWidth == 32);
  const hn::ScalableTag<uint8_t> d;
  const hn::Half<decltype(d)> half;
  HWY_ALIGN uint8_t order[2][64];  // of rows 0 and 1, 2 and 3
  for (int i = 0; i < 128; ++i) order[i / 64][i % 64] = static_cast<uint8_t>(i % 4 * 32 + i / 4);
  const auto low = hn::Load(d, order[0]), high = hn::Load(d, order[1]), x = hn::Set(d, flip);
  for (int64_t g = 0; g < groups; ++g, b += 4 * ldb, dst += 4 * kWidth) {
    const auto r01 = hn::Xor(hn::Combine(d, hn::LoadU(half, b + ldb), hn::LoadU(half, b)), x);
    const auto r23 = hn::Xor(hn::Combine(d, hn::LoadU(half, b + 3 * ldb), hn::LoadU(half, b + 2 * ldb)), x);
    hn::StoreU(hn::Vec<decltype(d)>{_mm512_permutex2var_epi8(r01.raw, low.raw, r23.raw)}, d, dst);
    hn::StoreU(hn::Vec<decltype(d)>{_mm512_permutex2var_epi8(r01.raw, high.raw, r23.raw)}, d, dst + 64);
  }
  return groups;
}
#endif

void pack(const uint8_t* b, int64_t ldb, bool trans, int64_t k, int64_t cols, int64_t width, uint8_t flip,
          int8_t* dst) {
  uint8_t* to = reinterpret_cast<uint8_t*>(dst);
  const int64_t groups = (k + 3) / 4;
  const uint32_t flips = flip * 0x01010101u;
  int64_t g = 0;
#if SDX_QDOT_BYTES
  if (!trans && cols == kWidth) g = pack_whole(b, ldb, k / 4, flip, to);
  to += 4 * width * g;
#endif
  for (; g < groups; ++g, to += 4 * width) {
    const int64_t depth = HWY_MIN(k - 4 * g, int64_t{4});
    int64_t j = 0;
    if (depth == 4 && !trans) j = pack_rows(b + 4 * g * ldb, ldb, cols, flip, to);
    if (depth == 4 && trans) {
      for (; j < cols; ++j) {
        const uint32_t v = qdot::Read4(b + j * ldb + 4 * g) ^ flips;
        __builtin_memcpy(to + 4 * j, &v, 4);
      }
    }
    for (; j < cols; ++j) {
      for (int64_t i = 0; i < 4; ++i)
        to[4 * j + i] = i >= depth ? 0 : (trans ? b[j * ldb + 4 * g + i] : b[(4 * g + i) * ldb + j]) ^ flip;
    }
    for (int64_t i = 4 * cols; i < 4 * width; ++i) to[i] = 0;
  }
  sum_panel(dst, groups, width);
}

#if HWY_TARGET == HWY_SCALAR

template <QOut kind>
void lane_tile_as(const QLaneTile& t) {
  using T = typename qstore::Element<kind>::Type;
  const int64_t groups = (t.count + 3) / 4;
  for (int64_t at = 0; at < t.pixels * t.channels; ++at) {
    const int64_t pixel = at / t.channels, i = at % t.channels;
    const int64_t block = i / 4, lane = i % 4;
    const int32_t zero = t.columns.b_zero ? t.columns.b_zero[i] : 0;
    int32_t sum = t.columns.init[i];
    for (int64_t g = 0; g < 4 * groups; ++g) {
      const int32_t x = (g < t.count ? t.taps[g][pixel * t.step + i] : t.pad) ^ t.flip;
      sum += x * (t.w[block * (groups + 1) * 16 + g / 4 * 16 + lane * 4 + g % 4] - zero);
    }
    T* c = static_cast<T*>(t.c) + pixel * t.ldc + i;
    qstore::Finish<kind>(t.out, t.columns, static_cast<int>(i)).store(hn::Set(DI(), sum), c, 1);
  }
}

#else

using D8 = hn::Repartition<uint8_t, DI>;
using V8 = hn::Vec<D8>;
constexpr int kLaneBlock = 4 * kLanes;

// The bytes of one tap for a block of channels, of which `left` exist.
struct LaneLoad {
  HWY_INLINE LaneLoad(const QLaneTile& t, int64_t at)
      : left(static_cast<size_t>(t.channels - at)), flip(hn::Set(D8(), t.flip)) {}
  HWY_INLINE V8 operator()(const uint8_t* p) const { return hn::Xor(compat::LoadN(D8(), p, left), flip); }
  size_t left;
  V8 flip;
};

// Adds four taps. Their bytes are interleaved within 16-byte parts, so vector v holds channels 4 v .. 4 v + 3 of each
// part. `x` sums the inputs themselves, for zero points of the weights.
template <bool kZeros>
HWY_INLINE void add_taps(V8 x0, V8 x1, V8 x2, V8 x3, const int8_t* w, VI* acc, VI* x) {
  const DI d;
  const D8 d8;
  const hn::Repartition<uint16_t, DI> d16;
  const auto l01 = hn::BitCast(d16, hn::InterleaveLower(d8, x0, x1)),
             l23 = hn::BitCast(d16, hn::InterleaveLower(d8, x2, x3));
  const auto u01 = hn::BitCast(d16, hn::InterleaveUpper(d8, x0, x1)),
             u23 = hn::BitCast(d16, hn::InterleaveUpper(d8, x2, x3));
  const VI a[4] = {
      hn::BitCast(d, hn::InterleaveLower(d16, l01, l23)), hn::BitCast(d, hn::InterleaveUpper(d16, l01, l23)),
      hn::BitCast(d, hn::InterleaveLower(d16, u01, u23)), hn::BitCast(d, hn::InterleaveUpper(d16, u01, u23))};
  SDX_UNROLLED
  for (int v = 0; v < 4; ++v) acc[v] = qdot::Add(qdot::SplitA(a[v]), qdot::LoadB(w + v * kLaneBlock), acc[v]);
  if constexpr (kZeros) {
    const qdot::B ones = qdot::SplitB(hn::Set(d, 0x01010101));
    SDX_UNROLLED
    for (int v = 0; v < 4; ++v) x[v] = qdot::Add(qdot::SplitA(a[v]), ones, x[v]);
  }
}

template <QOut kind, bool kZeros>
void lane_block(const QLaneTile& t, int64_t at) {
  using T = typename qstore::Element<kind>::Type;
  const DI d;
  const QColumns columns = t.columns;
  const qstore::Parts<kind> parts(t.out, columns, at);
  const LaneLoad load(t, at);
  const V8 pad = hn::Set(D8(), static_cast<uint8_t>(t.pad ^ t.flip));
  const int64_t whole = t.count / 4, tail = t.count % 4;
  const int8_t* first = t.w + at * ((t.count + 3) / 4 + 1) * 4;
  const int cols = static_cast<int>(HWY_MIN(t.channels - at, int64_t{kLaneBlock}));
  T* c = static_cast<T*>(t.c) + at;
  for (int64_t i = 0, offset = at; i < t.pixels; ++i, offset += t.step, c += t.ldc) {
    VI acc[4], x[4];
    SDX_UNROLLED
    for (int v = 0; v < 4; ++v) acc[v] = hn::LoadU(d, columns.init + at + v * kLanes), x[v] = hn::Zero(d);
    const uint8_t* const* p = t.taps;
    const int8_t* w = first;
    for (int64_t g = 0; g < whole; ++g, p += 4, w += 4 * kLaneBlock)
      add_taps<kZeros>(load(p[0] + offset), load(p[1] + offset), load(p[2] + offset), load(p[3] + offset), w, acc, x);
    if (tail != 0)
      add_taps<kZeros>(load(p[0] + offset), tail > 1 ? load(p[1] + offset) : pad, tail > 2 ? load(p[2] + offset) : pad,
                       pad, w, acc, x);
    if constexpr (kZeros) {
      SDX_UNROLLED
      for (int v = 0; v < 4; ++v)
        acc[v] = hn::Sub(acc[v], hn::Mul(x[v], hn::LoadU(d, columns.b_zero + at + v * kLanes)));
    }
    parts.store(acc, c, cols);
  }
}

template <QOut kind>
void lane_tile_as(const QLaneTile& t) {
  for (int64_t at = 0; at < t.channels; at += kLaneBlock)
    t.columns.b_zero ? lane_block<kind, true>(t, at) : lane_block<kind, false>(t, at);
}

#endif

void lane_tile(const QLaneTile& t) {
  switch (t.out.kind) {
    case QOut::kI32: return lane_tile_as<QOut::kI32>(t);
    case QOut::kF32: return lane_tile_as<QOut::kF32>(t);
    case QOut::kU8: return lane_tile_as<QOut::kU8>(t);
    case QOut::kI8: return lane_tile_as<QOut::kI8>(t);
  }
}

void max_of(const uint8_t* const* taps, int64_t count, int64_t channels, uint8_t flip, uint8_t* out) {
  const hn::ScalableTag<uint8_t> d;
  const int64_t lanes = HWY_LANES(uint8_t);
  const auto x = hn::Set(d, flip);
  for (int64_t i = 0; i < channels; i += lanes) {
    const size_t left = static_cast<size_t>(channels - i);
    auto m = hn::Zero(d);
    for (int64_t t = 0; t < count; ++t) m = hn::Max(m, hn::Xor(compat::LoadN(d, taps[t] + i, left), x));
    compat::StoreN(hn::Xor(m, x), d, out + i, left);
  }
}

void sum(const uint8_t* x, int64_t stride, int64_t pixels, int64_t channels, uint8_t flip, int32_t* sums) {
  const DI d;
  const hn::Rebind<uint8_t, DI> d8;
  const auto f = hn::Set(d8, flip);
  int64_t i = 0;
  for (; i + kLanes <= channels; i += kLanes) {
    VI s = hn::LoadU(d, sums + i);
    for (int64_t p = 0; p < pixels; ++p)
      s = hn::Add(s, hn::PromoteTo(d, hn::Xor(hn::LoadU(d8, x + p * stride + i), f)));
    hn::StoreU(s, d, sums + i);
  }
  for (; i < channels; ++i)
    for (int64_t p = 0; p < pixels; ++p) sums[i] += x[p * stride + i] ^ flip;
}

constexpr QGemmTable kQGemmTable = {SDX_SIMD_TARGET, kMaxRows, kWidth,    kLanes, tile, row_sums, pack,
                                    sum_panel,       copy,     lane_tile, max_of, sum};

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace sardonyx::simd
HWY_AFTER_NAMESPACE();

#ifdef SDX_SIMD_NEON_DOT
namespace sardonyx::simd {
const QGemmTable* qgemm_neon_dot() { return &HWY_NAMESPACE::kQGemmTable; }
}  // namespace sardonyx::simd
#elif HWY_ONCE
namespace sardonyx::simd {
SDX_SIMD_GETTERS(qgemm, QGemmTable, kQGemmTable)
}  // namespace sardonyx::simd
#endif
