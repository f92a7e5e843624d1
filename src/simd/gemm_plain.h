// Matrix product C = alpha * A * B + beta * add for f64 and for 32- and 64-bit integers, whose arithmetic wraps
// around (signed types use the unsigned table entry: the bits are the same). Meant to be right first; f32 has gemm.h.
// Cut into tasks by shape alone, as in gemm.h; no scratch. `add` may be broadcast: either of its strides may be 0.
// C must not overlap A or B; it may be `add`.
#pragma once
#include <cstdint>

#include "simd/gemm.h"

namespace sardonyx::simd {

template <typename T>
struct PlainGemmArgs {
  int64_t m = 0, n = 0, k = 0;
  const T* a = nullptr;  // [m, k], or [k, m] if trans_a
  int64_t lda = 0;
  bool trans_a = false;
  const T* b = nullptr;  // [k, n], or [n, k] if trans_b
  int64_t ldb = 0;
  bool trans_b = false;
  T* c = nullptr;
  int64_t ldc = 0;
  T alpha = 1;
  const T* add = nullptr;
  int64_t add_row = 0, add_col = 0;  // strides of add
  T beta = 1;
  int64_t batch = 1;
  const GemmOffsets* offsets = nullptr;  // [batch]; .residual is for add
};

struct PlainGemmTable {
  Target target;
  void (*f64)(const PlainGemmArgs<double>& g, int64_t task_begin, int64_t task_end);
  void (*u32)(const PlainGemmArgs<uint32_t>& g, int64_t task_begin, int64_t task_end);
  void (*u64)(const PlainGemmArgs<uint64_t>& g, int64_t task_begin, int64_t task_end);
};
const PlainGemmTable& plain_gemm();
const PlainGemmTable* plain_gemm_for(Target t);

int64_t plain_gemm_tasks(int64_t m, int64_t n, int64_t batch);

}  // namespace sardonyx::simd
