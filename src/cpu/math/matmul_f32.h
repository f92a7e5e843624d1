// MatmulF32: f32 matrix products over simd/gemm: MatMul with NumPy broadcasting, Gemm, and their fused forms (bias,
// residual, activation). A constant right-hand side is packed once and shared between sessions.
#pragma once
#include "kernel/kernel.h"
#include "simd/gemm.h"

namespace sardonyx {

struct MatmulSpec {
  bool trans_a = false, trans_b = false;
  float alpha = 1;
  int bias = -1;      // input that broadcasts to the product: [n], [m,1], [m,n], scalar …; -1: none
  float beta = 1;     // times the bias
  int residual = -1;  // input with the product's extents, added before the activation
  simd::Act act = simd::Act::kNone;
  float p0 = 0, p1 = 0;
};

Result<KernelPtr> make_matmul_f32(const KernelQuery& q, const MatmulSpec& spec);

}  // namespace sardonyx
