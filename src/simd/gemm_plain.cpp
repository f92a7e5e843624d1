#include "simd/gemm_plain.h"

#include "simd/loops.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/gemm_plain.cpp"
#include "simd/foreach-inl.h"

#ifndef SDX_PLAIN_GEMM_TILES
#define SDX_PLAIN_GEMM_TILES
namespace sardonyx::simd {
constexpr int64_t kPlainRows = 48, kPlainCols = 16, kPlainDepth = 128, kPlainPanels = 8;  // of a task, panel and pass
}
#endif

HWY_BEFORE_NAMESPACE();
namespace sardonyx::simd {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

// sums[R][kPlainCols] += a[R][k] * panel[k][kPlainCols]; element (r, k) of A at a + r * row + k * col.
template <int R, typename T>
HWY_INLINE void multiply_rows(const T* a, int64_t row, int64_t col, int64_t k, const T* panel, T* sums) {
#if HWY_TARGET == HWY_AVX3
  constexpr bool kVector = true;
#else
  constexpr bool kVector = HWY_TARGET != HWY_SCALAR && !(sizeof(T) == 8 && hwy::IsSame<T, uint64_t>());
#endif
  if constexpr (kVector) {
    const hn::CappedTag<T, kPlainCols> d;
    constexpr int kLanes = HWY_MIN(kPlainCols, HWY_LANES(T)), kVectors = kPlainCols / kLanes;
    for (int first = 0; first < kVectors; first += 2) {  // two vectors at a time fit every register file
      constexpr int n = HWY_MIN(2, kVectors);
      hn::Vec<decltype(d)> acc[R][n];
      T* to = sums + first * kLanes;
      SDX_UNROLLED
      for (int r = 0; r < R; ++r) {
        SDX_UNROLLED
        for (int v = 0; v < n; ++v) acc[r][v] = hn::LoadU(d, to + r * kPlainCols + v * kLanes);
      }
      for (int64_t i = 0; i < k; ++i) {
        const T* b = panel + i * kPlainCols + first * kLanes;
        SDX_UNROLLED
        for (int r = 0; r < R; ++r) {
          const auto x = hn::Set(d, a[r * row + i * col]);
          SDX_UNROLLED
          for (int v = 0; v < n; ++v) {
            const auto y = hn::LoadU(d, b + v * kLanes);
            if constexpr (hwy::IsFloat<T>()) {
              acc[r][v] = hn::MulAdd(x, y, acc[r][v]);
            } else {
              acc[r][v] = hn::Add(acc[r][v], hn::Mul(x, y));
            }
          }
        }
      }
      SDX_UNROLLED
      for (int r = 0; r < R; ++r) {
        SDX_UNROLLED
        for (int v = 0; v < n; ++v) hn::StoreU(acc[r][v], d, to + r * kPlainCols + v * kLanes);
      }
    }
  } else {
    for (int64_t i = 0; i < k; ++i) {
      for (int r = 0; r < R; ++r) {
        const T x = a[r * row + i * col];
        for (int j = 0; j < kPlainCols; ++j) sums[r * kPlainCols + j] += x * panel[i * kPlainCols + j];
      }
    }
  }
}

// Columns [col, col + cols) of rows [row0, row1), all of k, through a panel of B on the stack.
template <typename T>
void panel_product(const PlainGemmArgs<T>& g, const GemmOffsets& at, int64_t row0, int64_t row1, int64_t col,
                   int64_t cols) {
  HWY_ALIGN T panel[kPlainDepth * kPlainCols];
  HWY_ALIGN T sums[kPlainRows * kPlainCols] = {};
  const T *a = g.a + at.a, *b = g.b + at.b;
  const int64_t a_row = g.trans_a ? 1 : g.lda, a_col = g.trans_a ? g.lda : 1;
  const int64_t b_row = g.trans_b ? 1 : g.ldb, b_col = g.trans_b ? g.ldb : 1;
  for (int64_t k0 = 0; k0 < g.k; k0 += kPlainDepth) {
    const int64_t k = HWY_MIN(kPlainDepth, g.k - k0);
    for (int64_t i = 0; i < k; ++i) {
      const T* from = b + (k0 + i) * b_row + col * b_col;
      T* to = panel + i * kPlainCols;
      if (b_col == 1 && cols == kPlainCols) {
        hwy::CopyBytes<kPlainCols * sizeof(T)>(from, to);
        continue;
      }
      for (int64_t j = 0; j < cols; ++j) to[j] = from[j * b_col];
      for (int64_t j = cols; j < kPlainCols; ++j) to[j] = 0;
    }
    int64_t r = row0;
    const T* from = a + k0 * a_col;
    const auto multiply = [&]<int R>(std::integral_constant<int, R>) {
      for (; r + R <= row1; r += R)
        multiply_rows<R>(from + r * a_row, a_row, a_col, k, panel, sums + (r - row0) * kPlainCols);
    };
    multiply(std::integral_constant<int, 6>());  // twelve sums: they, two of B and one of A fit sixteen registers
    multiply(std::integral_constant<int, 2>());
    multiply(std::integral_constant<int, 1>());
  }
  for (int64_t r = row0; r < row1; ++r) {
    T* c = g.c + at.c + r * g.ldc + col;
    const T* add = g.add ? g.add + at.residual + r * g.add_row + col * g.add_col : nullptr;
    for (int64_t j = 0; j < cols; ++j) {
      T v = g.alpha * sums[(r - row0) * kPlainCols + j];
      if (add) v += g.beta * add[j * g.add_col];
      c[j] = v;
    }
  }
}

template <typename T>
void run(const PlainGemmArgs<T>& g, int64_t task_begin, int64_t task_end) {
  if (task_begin >= task_end) return;
  const int64_t row_tasks = (g.m + kPlainRows - 1) / kPlainRows, wide = kPlainCols * kPlainPanels;
  const int64_t col_tasks = (g.n + wide - 1) / wide;
  for (int64_t t = task_begin; t < task_end; ++t) {
    const int64_t member = t / (row_tasks * col_tasks), row = t % row_tasks * kPlainRows;
    const int64_t first = t / row_tasks % col_tasks * wide, end = HWY_MIN(g.n, first + wide);
    const GemmOffsets at = g.offsets ? g.offsets[member] : GemmOffsets{};
    for (int64_t col = first; col < end; col += kPlainCols) {
      panel_product(g, at, row, HWY_MIN(g.m, row + kPlainRows), col, HWY_MIN(kPlainCols, end - col));
    }
  }
}

constexpr PlainGemmTable kPlainGemmTable = {SDX_SIMD_TARGET, run<double>, run<uint32_t>, run<uint64_t>};

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace sardonyx::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sardonyx::simd {

int64_t plain_gemm_tasks(int64_t m, int64_t n, int64_t batch) {
  if (m <= 0 || n <= 0 || batch <= 0) return 0;
  constexpr int64_t wide = kPlainCols * kPlainPanels;
  return batch * ((m + kPlainRows - 1) / kPlainRows) * ((n + wide - 1) / wide);
}

SDX_SIMD_GETTERS(plain_gemm, PlainGemmTable, kPlainGemmTable)
}  // namespace sardonyx::simd
#endif
