#include "simd/transpose.h"

#include <algorithm>

#include "simd/loops.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/transpose.cpp"
#include "simd/foreach-inl.h"

HWY_BEFORE_NAMESPACE();
namespace sardonyx::simd {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

template <typename T>
void plain_block(const T* src, int64_t src_ld, int64_t rows, int64_t cols, T* dst, int64_t dst_ld) {
  for (int64_t c = 0; c < cols; ++c) {
    for (int64_t r = 0; r < rows; ++r) dst[c * dst_ld + r] = src[r * src_ld + c];
  }
}

#if HWY_TARGET == HWY_SCALAR
template <typename T>
void square(const T* src, int64_t src_ld, T* dst, int64_t dst_ld) {
  plain_block(src, src_ld, 1, 1, dst, dst_ld);
}
template <typename T>
constexpr int64_t kSide = 1;
#else
template <typename T>
constexpr int64_t kSide = 16 / sizeof(T);

// A square of one 128-bit vector per row: as many interleaving stages as the side has bits.
template <typename T>
HWY_INLINE void square(const T* src, int64_t src_ld, T* dst, int64_t dst_ld) {
  constexpr int n = kSide<T>;
  const hn::CappedTag<T, n> d;
  hn::Vec<decltype(d)> v[n], w[n];
  SDX_UNROLLED
  for (int i = 0; i < n; ++i) v[i] = hn::LoadU(d, src + i * src_ld);
  SDX_UNROLLED
  for (int stage = 1; stage < n; stage *= 2) {
    SDX_UNROLLED
    for (int i = 0; i < n / 2; ++i) {
      w[2 * i] = hn::InterleaveLower(d, v[i], v[i + n / 2]);
      w[2 * i + 1] = hn::InterleaveUpper(d, v[i], v[i + n / 2]);
    }
    SDX_UNROLLED
    for (int i = 0; i < n; ++i) v[i] = w[i];
  }
  SDX_UNROLLED
  for (int i = 0; i < n; ++i) hn::StoreU(v[i], d, dst + i * dst_ld);
}
#endif

template <typename T>
void block(const void* src_bytes, int64_t src_ld, int64_t rows, int64_t cols, void* dst_bytes, int64_t dst_ld) {
  const T* src = static_cast<const T*>(src_bytes);
  T* dst = static_cast<T*>(dst_bytes);
  constexpr int64_t n = kSide<T>;
  const int64_t r1 = rows / n * n, c1 = cols / n * n;
  for (int64_t c = 0; c < c1; c += n) {
    for (int64_t r = 0; r < r1; r += n) square(src + r * src_ld + c, src_ld, dst + c * dst_ld + r, dst_ld);
  }
  if (r1 < rows) plain_block(src + r1 * src_ld, src_ld, rows - r1, c1, dst + r1, dst_ld);
  if (c1 < cols) plain_block(src + c1, src_ld, rows, cols - c1, dst + c1 * dst_ld, dst_ld);
}

constexpr TransposeTable kTransposeTable = {SDX_SIMD_TARGET,
                                            {block<uint8_t>, block<uint16_t>, block<uint32_t>, block<uint64_t>}};

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace sardonyx::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sardonyx::simd {
namespace {

constexpr int64_t kBlock = 64;  // rows and columns handled together, so that both sides use whole lines
constexpr int64_t kTaskBytes = 1 << 17;

int64_t div_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

// A task is a band of columns of one matrix, or several whole matrices if those are small.
struct Cut {
  int64_t band, bands;  // columns per task, tasks per matrix
  int64_t matrices;     // per task
};

Cut cut_of(const TransposeArgs& a) {
  const int64_t bytes = std::max<int64_t>(1, a.rows * static_cast<int64_t>(a.element_bytes));
  const int64_t band = std::clamp(div_up(kTaskBytes / bytes, kBlock) * kBlock, kBlock, std::max(kBlock, a.cols));
  const int64_t bands = div_up(a.cols, band);
  const int64_t matrices =
      bands > 1 ? 1 : std::clamp<int64_t>(kTaskBytes / std::max<int64_t>(1, bytes * a.cols), 1, a.batch);
  return {band, bands, matrices};
}

}  // namespace

int64_t transpose_tasks(const TransposeArgs& a) {
  if (a.batch <= 0 || a.rows <= 0 || a.cols <= 0) return 0;
  const Cut c = cut_of(a);
  return div_up(a.batch, c.matrices) * c.bands;
}

void transpose_run(const TransposeTable& f, const TransposeArgs& a, int64_t task_begin, int64_t task_end) {
  if (task_begin >= task_end) return;
  const Cut cut = cut_of(a);
  const auto bytes = static_cast<int64_t>(a.element_bytes);
  const auto block = f.block[bytes == 1 ? 0 : bytes == 2 ? 1 : bytes == 4 ? 2 : 3];
  for (int64_t t = task_begin; t < task_end; ++t) {
    const int64_t first = t / cut.bands * cut.matrices, last = std::min(a.batch, first + cut.matrices);
    const int64_t c0 = t % cut.bands * cut.band, c1 = std::min(a.cols, c0 + cut.band);
    for (int64_t b = first; b < last; ++b) {
      const char* src = static_cast<const char*>(a.src) + b * a.rows * a.cols * bytes;
      char* dst = static_cast<char*>(a.dst) + b * a.rows * a.cols * bytes;
      for (int64_t c = c0; c < c1; c += kBlock) {
        for (int64_t r = 0; r < a.rows; r += kBlock) {
          block(src + (r * a.cols + c) * bytes, a.cols, std::min(kBlock, a.rows - r), std::min(kBlock, c1 - c),
                dst + (c * a.rows + r) * bytes, a.rows);
        }
      }
    }
  }
}

SDX_SIMD_GETTERS(transpose, TransposeTable, kTransposeTable)
}  // namespace sardonyx::simd
#endif
