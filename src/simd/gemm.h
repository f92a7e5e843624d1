// Matrix product C = act(alpha * A * B + bias + scale * residual) in f32, cut into independent tasks.
//
//   GemmArgs g = {.m = 197, .n = 768, .k = 768, .a = x, .lda = 768, .packed_b = w, .c = y, .ldc = 768};
//   int64_t tasks = gemm_tasks(gemm(), g);                    // depends on shapes and target only
//   size_t bytes = gemm_scratch_bytes(gemm(), g);             // per thread, 64-byte aligned, may be 0
//   gemm_run(gemm(), g, begin, end, scratch);                 // any split of [0, tasks) gives the same bits
//
// Nothing is owned, nothing allocated, no threads. Matrices are row-major: element (i, j) at base + i * ld + j.
// A constant B is packed once with gemm_pack_b and may be shared; its layout depends on the target that packed it:
// panels of nr columns, each stored [k][width] with zeros beyond n; width is nr, but `lanes` for a last panel with
// at most `lanes` columns. C must not overlap A or B; it may be the residual itself (same address and stride).
// NaN and infinities propagate as in the plain sum; clip and relu keep NaN. k == 0 gives act(bias + residual).
#pragma once
#include <cstddef>
#include <cstdint>

#include "simd/choose.h"

namespace sardonyx::simd {

enum class Act : uint8_t {
  kNone,
  kRelu,
  kClip,       // p0 = low, p1 = high
  kLeakyRelu,  // p0 = slope
  kSigmoid,
  kTanh,
  kSilu,  // x * sigmoid(x)
  kGeluErf,
  kGeluTanh,
  kHardSwish,    // x * clip(x / 6 + 0.5, 0, 1)
  kHardSigmoid,  // clip(p0 * x + p1, 0, 1)
};

// What happens to a sum before it is stored. Absent pointers add nothing.
struct Epilogue {
  const float* col_bias = nullptr;  // [n], or per output channel of a convolution
  const float* row_bias = nullptr;  // [m]; gemm only
  const float* residual = nullptr;  // same shape as C, row stride residual_ld; added before the activation
  int64_t residual_ld = 0;
  float residual_scale = 1;
  Act act = Act::kNone;
  float p0 = 0, p1 = 0;
};

// Element offsets of one member of a batch, added to a, b (or packed_b), c and residual.
struct GemmOffsets {
  int64_t a = 0, b = 0, c = 0, residual = 0;
};

struct GemmArgs {
  int64_t m = 0, n = 0, k = 0;
  const float* a = nullptr;  // [m, k], or [k, m] if trans_a
  int64_t lda = 0;
  bool trans_a = false;
  const float* packed_b = nullptr;  // from gemm_pack_b of the same table; if null, b is read:
  const float* b = nullptr;         // [k, n], or [n, k] if trans_b
  int64_t ldb = 0;
  bool trans_b = false;
  float* c = nullptr;  // [m, n]
  int64_t ldc = 0;
  float alpha = 1;
  Epilogue ep = {};
  int64_t batch = 1;
  const GemmOffsets* offsets = nullptr;  // [batch]; null means no offsets
};

struct GemmTable;  // gemm_kernel.h
const GemmTable& gemm();
const GemmTable* gemm_for(Target t);

size_t gemm_packed_b_bytes(const GemmTable& f, int64_t k, int64_t n);
int64_t gemm_b_panels(const GemmTable& f, int64_t n);
// Packs panels [begin, end) of B into dst (the start of the whole buffer, best 64-byte aligned).
void gemm_pack_b(const GemmTable& f, int64_t k, int64_t n, const float* b, int64_t ldb, bool trans_b, int64_t begin,
                 int64_t end, float* dst);

int64_t gemm_tasks(const GemmTable& f, const GemmArgs& g);
size_t gemm_scratch_bytes(const GemmTable& f, const GemmArgs& g);
void gemm_run(const GemmTable& f, const GemmArgs& g, int64_t task_begin, int64_t task_end, void* scratch);

}  // namespace sardonyx::simd
