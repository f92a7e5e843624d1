#include "cpu/nn/conv_geometry.h"

#include "ops/nn/window.h"

namespace sardonyx {

namespace {
int64_t list_entry(const Node& n, std::string_view name, size_t axis, size_t spatial, int64_t missing) {
  const Attr* a = n.find_attr(name);
  if (a == nullptr || a->ints.empty()) return missing;
  return a->ints[axis + a->ints.size() - spatial];
}
}  // namespace

Result<simd::ConvArgs> conv_geometry(const Node& node, bool transposed, bool channels_last, std::span<const int64_t> x,
                                     std::span<const int64_t> w, std::span<const int64_t> y) {
  const size_t spatial = x.size() - 2, first = channels_last ? 1 : 2;
  SDX_CHECK(spatial <= 3);
  SDX_TRY(const Window window, read_window(node, spatial));
  const Attr* group = node.find_attr("group");
  simd::ConvArgs c;
  c.batch = x[0];
  c.groups = group ? group->i : 1;
  c.in_channels = channels_last ? x.back() : x[1];
  c.out_channels = channels_last ? y.back() : y[1];
  c.transposed = transposed;
  for (size_t a = 0; a < spatial; ++a) {
    const size_t k = a + 3 - spatial;
    c.in[k] = x[first + a];
    c.out[k] = y[first + a];
    c.kernel[k] = w[2 + a];
    c.stride[k] = window.strides[a];
    c.dilation[k] = window.dilations[a];
    c.pad_begin[k] = transposed ? transpose_padding(window, a, c.in[k], c.kernel[k],
                                                    list_entry(node, "output_padding", a, spatial, 0),
                                                    list_entry(node, "output_shape", a, spatial, -1))
                                      .begin
                                : window_padding(window, a, c.in[k], c.kernel[k]).begin;
  }
  c.x_ld = c.in_channels;
  c.y_ld = c.out_channels;
  return c;
}

}  // namespace sardonyx
