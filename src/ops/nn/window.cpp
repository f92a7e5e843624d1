// scan: no operators
#include "ops/nn/window.h"

#include <algorithm>

namespace sardonyx {
namespace {

Result<AutoPad> read_auto_pad(const Node& node) {
  const Attr* a = node.find_attr("auto_pad");
  if (a == nullptr || a->s.empty() || a->s == "NOTSET") return AutoPad::kNotSet;
  if (a->s == "VALID") return AutoPad::kValid;
  if (a->s == "SAME_UPPER") return AutoPad::kSameUpper;
  if (a->s == "SAME_LOWER") return AutoPad::kSameLower;
  return fail(Code::kAttr, "auto_pad is ", quoted(a->s), "; it must be NOTSET, VALID, SAME_UPPER or SAME_LOWER");
}

// The list of an ints attribute: empty if absent, else `count` numbers of at least `least`.
Result<SmallVec<int64_t, 4>> read_list(const Node& node, std::string_view name, size_t count, int64_t least) {
  SmallVec<int64_t, 4> out;
  const Attr* a = node.find_attr(name);
  if (a == nullptr || a->ints.empty()) return out;
  if (a->ints.size() != count)
    return fail(Code::kAttr, name, " has ", a->ints.size(), " entries; the input's ", count, " spatial extents need ",
                count);
  for (int64_t v : a->ints) {
    if (v < least || v > INT32_MAX)
      return fail(Code::kAttr, name, " has the entry ", v, "; it must be at least ", least);
    out.push_back(v);
  }
  return out;
}

bool is_same(AutoPad p) { return p == AutoPad::kSameUpper || p == AutoPad::kSameLower; }

// The odd element goes to the end for SAME_UPPER, else to the beginning.
Padding split(AutoPad p, int64_t total) {
  const int64_t less = total / 2, more = total - less;
  return p == AutoPad::kSameUpper ? Padding{less, more} : Padding{more, less};
}

}  // namespace

Result<Window> read_window(const Node& node, size_t spatial) {
  Window w;
  SDX_TRY(w.auto_pad, read_auto_pad(node));
  SDX_TRY(w.strides, read_list(node, "strides", spatial, 1));
  SDX_TRY(w.dilations, read_list(node, "dilations", spatial, 1));
  SDX_TRY(w.kernel, read_list(node, "kernel_shape", spatial, 1));
  if (w.strides.empty()) w.strides.resize(spatial, 1);
  if (w.dilations.empty()) w.dilations.resize(spatial, 1);
  w.pads_begin.resize(spatial, 0);
  w.pads_end.resize(spatial, 0);
  if (w.auto_pad == AutoPad::kNotSet) {
    const Attr* a = node.find_attr("pads");
    if (a != nullptr && !a->ints.empty()) {
      if (a->ints.size() != 2 * spatial)
        return fail(Code::kAttr, "pads has ", a->ints.size(), " entries; the input's ", spatial,
                    " spatial extents need ", 2 * spatial);
      for (size_t i = 0; i < 2 * spatial; ++i) {
        if (a->ints[i] < 0 || a->ints[i] > INT32_MAX)
          return fail(Code::kAttr, "pads has the entry ", a->ints[i], "; it must not be negative");
        (i < spatial ? w.pads_begin[i] : w.pads_end[i - spatial]) = a->ints[i];
      }
    }
  }
  const Attr* ceil_mode = node.find_attr("ceil_mode");
  w.ceil_mode = ceil_mode != nullptr && ceil_mode->i != 0;
  return w;
}

Dim window_extent(SymbolTable& s, const Window& w, size_t axis, Dim in, Dim kernel) {
  const Dim stride = w.strides[axis];
  if (is_same(w.auto_pad)) return s.ceil_div(in, stride);
  const Dim reach = s.add(s.mul(s.sub(kernel, 1), w.dilations[axis]), 1);
  const Dim free = s.sub(s.add(in, w.pads_begin[axis] + w.pads_end[axis]), reach);
  if (!w.ceil_mode) return s.add(s.floor_div(free, stride), 1);
  // A window that would start in the padding at the end is dropped.
  const Dim windows = s.add(s.ceil_div(free, stride), 1);
  const Dim starts = s.ceil_div(s.add(in, w.pads_begin[axis]), stride);
  return s.min(windows, starts);
}

Padding window_padding(const Window& w, size_t axis, int64_t in, int64_t kernel) {
  if (!is_same(w.auto_pad)) return {w.pads_begin[axis], w.pads_end[axis]};
  const int64_t stride = w.strides[axis], out = (in + stride - 1) / stride;
  return split(w.auto_pad, std::max<int64_t>(0, (out - 1) * stride + w.reach(axis, kernel) - in));
}

Dim transpose_extent(SymbolTable& s, const Window& w, size_t axis, Dim in, Dim kernel, int64_t output_padding,
                     int64_t wanted) {
  if (wanted >= 0) return wanted;
  const int64_t stride = w.strides[axis];
  const Dim reach = s.add(s.mul(s.sub(kernel, 1), w.dilations[axis]), 1);
  const Dim tail = s.add(s.sub(reach, stride), output_padding);  // what the last window adds beyond in * stride
  const Dim whole = s.mul(in, stride);
  if (is_same(w.auto_pad)) return s.add(whole, s.min(tail, 0));
  return s.sub(s.add(whole, tail), w.pads_begin[axis] + w.pads_end[axis]);
}

Padding transpose_padding(const Window& w, size_t axis, int64_t in, int64_t kernel, int64_t output_padding,
                          int64_t wanted) {
  const int64_t stride = w.strides[axis];
  if (wanted < 0 && !is_same(w.auto_pad)) return {w.pads_begin[axis], w.pads_end[axis]};
  const int64_t natural = (in - 1) * stride + output_padding + w.reach(axis, kernel);
  return split(w.auto_pad, std::max<int64_t>(0, natural - (wanted >= 0 ? wanted : in * stride)));
}

Result<Shape> conv_shape(InferCtx& c, const Shape& x, const Shape& w, const Window& window) {
  const size_t spatial = window.spatial();
  if (w.size() != x.size())
    return c.shape_error("the input is ", c.text(x), " and the weights are ", c.text(w),
                         "; they must have the same rank");
  const int64_t group = c.attr_int("group");
  if (group < 1) return fail(Code::kAttr, "group is ", group, "; it must be positive");
  SymbolTable& s = c.sym();
  if (!s.equal(x[1], s.mul(w[1], group)).value_or(true))
    return c.shape_error("the input is ", c.text(x), " and the weights are ", c.text(w), "; the input's ", c.text(x[1]),
                         " channels must be the weights' ", c.text(w[1]), " times group=", group);
  if (w[0].known() && w[0].value() % group != 0)
    return c.shape_error("the weights are ", c.text(w), "; their ", c.text(w[0]),
                         " maps must be a multiple of group=", group);
  Shape out{x[0], w[0]};
  for (size_t a = 0; a < spatial; ++a) {
    const Dim kernel = w[a + 2];
    if (!window.kernel.empty() && !s.equal(kernel, window.kernel[a]).value_or(true))
      return c.shape_error("the weights are ", c.text(w), " and kernel_shape has ", window.kernel[a],
                           " for spatial axis ", a);
    const Dim extent = window_extent(s, window, a, x[a + 2], window.kernel.empty() ? kernel : Dim(window.kernel[a]));
    if (extent.known() && extent.value() < 0)
      return c.shape_error("the input is ", c.text(x), " and the weights are ", c.text(w),
                           "; no window fits along spatial axis ", a);
    out.push_back(extent);
  }
  return out;
}

Status check_channel_vector(InferCtx& c, int i, std::string_view name, Dim count) {
  if (!c.has(i) || !c.in(i).has_rank) return {};
  const Shape& s = c.in(i).shape;
  if (s.size() == 1 && c.sym().equal(s[0], count).value_or(true)) return {};
  return c.shape_error(name, " is ", c.text(s), "; it must be a vector of ", c.text(count));
}

}  // namespace sardonyx
