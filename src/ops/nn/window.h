// Sliding windows of convolutions and pools: attributes read once, output extents (symbolic), and paddings (numbers)
// for kernels. Pure.
#pragma once
#include "ir/graph.h"
#include "ir/infer_ctx.h"

namespace sardonyx {

enum class AutoPad : uint8_t { kNotSet, kValid, kSameUpper, kSameLower };

struct Padding {
  int64_t begin = 0, end = 0;
};

// One entry per spatial axis.
struct Window {
  SmallVec<int64_t, 4> strides, dilations, pads_begin, pads_end;  // explicit pads; 0 under auto_pad
  SmallVec<int64_t, 4> kernel;                                    // kernel_shape; empty if the attribute is absent
  AutoPad auto_pad = AutoPad::kNotSet;
  bool ceil_mode = false;

  size_t spatial() const { return strides.size(); }
  int64_t reach(size_t axis, int64_t kernel_extent) const { return (kernel_extent - 1) * dilations[axis] + 1; }
};
// Missing attributes: 1, 1, 0. kAttr if a list has another length than `spatial` or a number that makes no sense.
Result<Window> read_window(const Node& node, size_t spatial);

// Output extent along one axis, and the padding that gives it.
Dim window_extent(SymbolTable& s, const Window& w, size_t axis, Dim in, Dim kernel);
Padding window_padding(const Window& w, size_t axis, int64_t in, int64_t kernel);

// The same for ConvTranspose: `wanted` is the output_shape attribute's entry, or -1.
Dim transpose_extent(SymbolTable& s, const Window& w, size_t axis, Dim in, Dim kernel, int64_t output_padding,
                     int64_t wanted);
Padding transpose_padding(const Window& w, size_t axis, int64_t in, int64_t kernel, int64_t output_padding,
                          int64_t wanted);

// Output extents [N, M, spatial...] of a convolution of x with weights w; checks channels, kernel_shape and groups.
Result<Shape> conv_shape(InferCtx& c, const Shape& x, const Shape& w, const Window& window);
// kShape if input `i`, when given, is certainly no vector of `count` elements.
Status check_channel_vector(InferCtx& c, int i, std::string_view name, Dim count);

}  // namespace sardonyx
