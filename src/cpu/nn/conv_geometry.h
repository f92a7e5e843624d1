// The extents of a convolution node as simd/conv wants them. Pure.
#pragma once
#include "kernel/kernel.h"
#include "simd/conv.h"

namespace sardonyx {

// x, w, y are the extents of the tensors (w as in ONNX). Attributes come from the node. At most three spatial extents.
Result<simd::ConvArgs> conv_geometry(const Node& node, bool transposed, bool channels_last, std::span<const int64_t> x,
                                     std::span<const int64_t> w, std::span<const int64_t> y);

}  // namespace sardonyx
