// Normalisations in f32: per row, and per channel. Sums are blocked and moments are taken about the row's own mean, so
// that large offsets lose no digits. No allocation; thread-safe. in == out is allowed. gamma, beta, mean and inv_std
// may be null where noted.
#pragma once
#include <cstdint>

#include "simd/choose.h"

namespace sardonyx::simd {

struct NormTable {
  // out = (x - mean) * inv_std * gamma + beta per row; inv_std = 1 / sqrt(var + eps). gamma, beta: cols elements or
  // null. mean, inv_std: one output per row, or null.
  void (*layer_norm)(const float* in, const float* gamma, const float* beta, float* out, float* mean, float* inv_std,
                     int64_t rows, int64_t cols, float eps);

  // out = x / sqrt(mean(x^2) + eps) * gamma; gamma or null. inv_rms: one output per row, or null.
  void (*rms_norm)(const float* in, const float* gamma, float* out, float* inv_rms, int64_t rows, int64_t cols,
                   float eps);

  // sum = skip + in (+ bias, may be null), then layer_norm of it. sum_out: the sum, or null.
  void (*skip_layer_norm)(const float* in, const float* skip, const float* bias, const float* gamma, const float* beta,
                          float* out, float* sum_out, int64_t rows, int64_t cols, float eps);
  void (*skip_rms_norm)(const float* in, const float* skip, const float* bias, const float* gamma, float* out,
                        float* sum_out, int64_t rows, int64_t cols, float eps);

  // Mean and population variance of n contiguous elements, for instance and group normalisation. n >= 1.
  void (*moments)(const float* in, int64_t n, float* mean, float* var);

  // out = x * scale + shift with one scalar pair over n elements: one channel of NCHW.
  void (*scale_shift)(const float* in, float* out, int64_t n, float scale, float shift);

  // sum[c] and square[c]: sums over at most 1024 rows of in[r][c] - base[c] and of its square.
  void (*column_sums)(const float* in, const float* base, float* sum, float* square, int64_t rows, int64_t cols);

  // out[r][c] = x[r][c] * scale[c] + shift[c]: channels-last.
  void (*scale_shift_rows)(const float* in, float* out, int64_t rows, int64_t cols, const float* scale,
                           const float* shift);
};

const NormTable& norm();
const NormTable* norm_for(Target target);

}  // namespace sardonyx::simd
