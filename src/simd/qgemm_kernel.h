// The register tile under qconv.h: what one target offers for products of bytes. Only its maxima and sums over channels
// are of use outside simd/, to pools. Left operands are unsigned bytes, right ones signed; the drivers bring other
// types to this form by adding or subtracting 128. Sums are exact in int32 (they wrap). Pure functions, no state.
#pragma once
#include "simd/qconv.h"

namespace sardonyx::simd {

// Rows of A times one panel of packed B. A panel is [k / 4][width][4] bytes, zeros beyond its columns and beyond k,
// followed by the int32 sum of each column.
struct QTile {
  const uint8_t* a;
  int64_t a_stride, groups;  // groups of four k, all of which must be readable
  const int8_t* b;
  int rows, cols, width;    // width: qgemm_width(f, cols)
  QColumns columns;         // of this panel, `width` readable elements each
  const int32_t* row_sums;  // with columns.b_zero
  QOutput out;
  void* c;
  int64_t ldc;  // elements
};

// Neighbouring output pixels of a convolution with one input channel per output channel.
struct QLaneTile {
  // Rows of x, each with `channels` bytes, that the taps of the first pixel read; `step` bytes further for the next.
  const uint8_t* const* taps;
  int64_t count, pixels, step;
  uint8_t pad, flip;  // x's zero point; 0x80 if x is signed
  // Blocks of qlane_block(f) channels: [count / 4][4][block] bytes in the order of the sums, then their int32 sums.
  const int8_t* w;
  int64_t channels;
  QColumns columns;  // in the order of the sums, whole blocks
  QOutput out;
  void* c;
  int64_t ldc;  // elements
};

struct QGemmTable {
  Target target;
  int mr, nr, lanes;
  void (*tile)(const QTile& t);
  // sums[r] = sum of the 4 * groups bytes of row r.
  void (*row_sums)(const uint8_t* a, int64_t a_stride, int64_t rows, int64_t groups, int32_t* sums);
  // One panel of B, [k][cols] with rows ldb apart or, if trans, [cols][k]; flip is xored to each byte.
  void (*pack)(const uint8_t* b, int64_t ldb, bool trans, int64_t k, int64_t cols, int64_t width, uint8_t flip,
               int8_t* dst);
  // Appends the column sums to a panel of `groups` groups.
  void (*sum_panel)(int8_t* panel, int64_t groups, int64_t width);
  // dst[i] = src[i] ^ flip.
  void (*copy)(const uint8_t* src, int64_t n, uint8_t flip, uint8_t* dst);
  void (*lane_tile)(const QLaneTile& t);
  // out[c] = maximum over taps; bytes are xored with flip before comparing as unsigned numbers, and after.
  void (*max)(const uint8_t* const* taps, int64_t count, int64_t channels, uint8_t flip, uint8_t* out);
  // sums[c] += x[p * stride + c] ^ flip for all pixels p; at most 2^23 pixels.
  void (*sum)(const uint8_t* x, int64_t stride, int64_t pixels, int64_t channels, uint8_t flip, int32_t* sums);
};

const QGemmTable& qgemm();
const QGemmTable* qgemm_for(Target t);
const QGemmTable* qgemm_neon_dot();  // on ARM only

inline int64_t qgemm_width(const QGemmTable& f, int64_t cols) { return cols <= f.lanes ? f.lanes : f.nr; }
inline int64_t qlane_block(const QGemmTable& f) { return 4 * f.lanes; }
// Which channel of a block the sum number i belongs to: bytes are interleaved within 16-byte parts of a vector.
inline int64_t qlane_channel(const QGemmTable& f, int64_t i) {
  if (f.lanes < 4) return i % f.lanes * 4 + i / f.lanes;
  const int64_t vector = i / f.lanes, lane = i % f.lanes;
  return lane / 4 * 16 + vector * 4 + lane % 4;
}

}  // namespace sardonyx::simd
