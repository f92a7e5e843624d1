// ConvF32: f32 convolution and transposed convolution over simd/conv, which is channels-last. Channels-first tensors
// are converted on the way in and out; the layout pass removes those conversions inside convolutional islands. Constant
// weights are packed once.
#pragma once
#include "kernel/kernel.h"
#include "simd/gemm.h"

namespace sardonyx {

struct ConvSpec {
  bool channels_last = false;  // X, Y and the residual are [N, spatial..., C]; weights stay as in ONNX
  bool transposed = false;     // ConvTranspose
  int bias = 2;                // input [channels out], may be absent
  int residual = -1;           // input with Y's extents, added before the activation
  simd::Act act = simd::Act::kNone;
  float p0 = 0, p1 = 0;
};

// Why this kernel cannot take the node, if it cannot (element type, rank).
Reason refuse_conv_f32(const KernelQuery& q);
Result<KernelPtr> make_conv_f32(const KernelQuery& q, const ConvSpec& spec);

// The same for 3x3 convolutions that Winograd's transforms make faster; channels-last with constant weights only.
Reason refuse_conv_winograd(const KernelQuery& q);
Result<KernelPtr> make_conv_winograd(const KernelQuery& q, const ConvSpec& spec);

}  // namespace sardonyx
