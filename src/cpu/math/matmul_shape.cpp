#include "cpu/math/matmul_shape.h"

namespace sardonyx {

namespace {

// Offset of each batch member of one side.
void batch_offsets(const SmallVec<int64_t, 8>& batch, std::span<const int64_t> out, int64_t matrix,
                   int64_t simd::GemmOffsets::*field, simd::GemmOffsets* offsets, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    int64_t rest = i, at = 0, step = matrix;
    for (size_t k = 0; k < batch.size(); ++k) {
      const int64_t d = batch[batch.size() - 1 - k];
      const int64_t extent = out[out.size() - 1 - k];
      if (d != 1) at += rest % extent * step;
      step *= d;
      rest /= extent;
    }
    offsets[i].*field = at;
  }
}

}  // namespace

MatmulSide matmul_side(const Extents& d, bool left) {
  MatmulSide s;
  s.promoted = d.size() == 1;
  if (s.promoted) {
    (left ? s.cols : s.rows) = d[0];
    return s;
  }
  s.batch.assign(d.begin(), d.end() - 2);
  s.rows = d[d.size() - 2];
  s.cols = d[d.size() - 1];
  return s;
}

const simd::GemmOffsets* matmul_offsets(PrepareCtx& c, const MatmulSide& a, const MatmulSide& b, int64_t count,
                                        bool one_b) {
  simd::GemmOffsets* o = c.array<simd::GemmOffsets>(static_cast<size_t>(count));
  const size_t drop = (a.promoted ? 0 : 1) + (b.promoted ? 0 : 1);
  const Extents& out_dims = c.out_dims(0);
  const std::span<const int64_t> out(out_dims.data(), out_dims.size() - drop);
  int64_t matrix = 1;
  for (size_t i = out.size(); i < out_dims.size(); ++i) matrix *= out_dims[i];
  batch_offsets(a.batch, out, a.rows * a.cols, &simd::GemmOffsets::a, o, count);
  batch_offsets(b.batch, out, one_b ? 0 : b.rows * b.cols, &simd::GemmOffsets::b, o, count);
  for (int64_t i = 0; i < count; ++i) o[i].c = o[i].residual = i * matrix;
  return o;
}

}  // namespace sardonyx
