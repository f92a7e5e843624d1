// QProduct: products and convolutions of bytes over simd/qconv, for MatMulInteger, ConvInteger, QLinearMatMul,
// QLinearConv and their fused forms. Constant weights are packed once and shared between sessions.
#pragma once
#include "kernel/kernel.h"
#include "simd/qconv.h"

namespace sardonyx {

// Which input is what; -1 if the operator has none.
struct ProductSpec {
  int x = 0, x_scale = -1, x_zero = -1;
  int w = 1, w_scale = -1, w_zero = -1;
  int y_scale = -1, y_zero = -1, bias = -1;
  bool conv = false, channels_last = false, trans_w = false;
  simd::Act act = simd::Act::kNone;  // bytes: none, relu and clip only
  float p0 = 0, p1 = 0;
};

Reason refuse_product(const KernelQuery& q, const ProductSpec& spec);
Result<KernelPtr> make_product(const KernelQuery& q, const ProductSpec& spec);

}  // namespace sardonyx
