// ConvTranspose: the adjoint of Conv with respect to its input.
#include "ops/eltwise.h"
#include "ops/fused/channels_last.h"
#include "ops/infer.h"
#include "ops/nn/window.h"

namespace sardonyx {
namespace {

constexpr ParamDef kIn[] = {{"X", "T"}, {"W", "T"}, {"B", "T", kOptional}};
constexpr AttrDef kAttrs[] = {attr_string("auto_pad", "NOTSET"),
                              attr_optional("dilations", AttrType::kInts),
                              attr_int("group", 1),
                              attr_optional("kernel_shape", AttrType::kInts),
                              attr_optional("output_padding", AttrType::kInts),
                              attr_optional("output_shape", AttrType::kInts),
                              attr_optional("pads", AttrType::kInts),
                              attr_optional("strides", AttrType::kInts)};

// Entry `axis` of an optional list; some exporters write output_shape with the batch and channel extents in front.
Result<int64_t> entry(InferCtx& c, std::string_view name, size_t axis, size_t spatial, int64_t missing) {
  const std::span<const int64_t> list = c.attr_ints(name);
  if (list.empty()) return missing;
  const bool whole = name == "output_shape" && list.size() == spatial + 2;
  if (list.size() != spatial && !whole)
    return fail(Code::kAttr, name, " has ", list.size(), " entries; the input's ", spatial, " spatial extents need ",
                spatial);
  const int64_t v = list[axis + (whole ? 2 : 0)];
  if (v < 0) return fail(Code::kAttr, name, " has the entry ", v, "; it must not be negative");
  return v;
}

Status check_channels(InferCtx& c, const Shape& x, const Shape& w, int64_t group) {
  if (w.size() != x.size())
    return c.shape_error("X is ", c.text(x), " and W is ", c.text(w), "; they must have the same rank");
  if (group < 1) return fail(Code::kAttr, "group is ", group, "; it must be positive");
  if (!c.sym().equal(x[1], w[0]).value_or(true))
    return c.shape_error("X is ", c.text(x), " and W is ", c.text(w), "; X's ", c.text(x[1]),
                         " channels must equal W's ", c.text(w[0]));
  if (w[0].known() && w[0].value() % group != 0)
    return c.shape_error("W is ", c.text(w), "; its ", c.text(w[0]), " channels must be a multiple of group=", group);
  return {};
}

// Extents for x [N, C, spatial...].
Result<Shape> transposed_shape(InferCtx& c, const Shape& x, const Shape& w) {
  const size_t spatial = x.size() - 2;
  SDX_TRY(Window window, read_window(c.node(), spatial));
  const int64_t group = c.attr_int("group");
  SDX_RETURN_IF_ERROR(check_channels(c, x, w, group));
  Shape y{x[0], c.sym().mul(w[1], group)};
  for (size_t a = 0; a < spatial; ++a) {
    if (!window.kernel.empty() && !c.sym().equal(w[a + 2], window.kernel[a]).value_or(true))
      return c.shape_error("W is ", c.text(w), " and kernel_shape has ", window.kernel[a], " for spatial axis ", a);
    SDX_TRY(int64_t padding, entry(c, "output_padding", a, spatial, 0));
    SDX_TRY(int64_t wanted, entry(c, "output_shape", a, spatial, -1));
    const Dim kernel = window.kernel.empty() ? w[a + 2] : Dim(window.kernel[a]);
    y.push_back(transpose_extent(c.sym(), window, a, x[a + 2], kernel, padding, wanted));
  }
  SDX_RETURN_IF_ERROR(check_channel_vector(c, 2, "B", y[1]));
  return y;
}

Status infer(InferCtx& c) {
  SDX_TRY(Shape x, c.shape(0));
  SDX_TRY(Shape w, c.shape(1));
  SDX_RETURN_IF_ERROR(require_min_rank(c, x, 3, "X"));
  SDX_TRY(Shape y, transposed_shape(c, x, w));
  return c.set(0, c.dtype(0), std::move(y));
}
Status infer_channels_last(InferCtx& c) {
  SDX_TRY(Shape x, c.shape(0));
  SDX_TRY(Shape w, c.shape(1));
  SDX_RETURN_IF_ERROR(require_min_rank(c, x, 3, "X"));
  SDX_TRY(Shape y, transposed_shape(c, to_channels_first(x), w));
  return c.set(0, c.dtype(0), to_channels_last(y));
}
Status expand_channels_last(BodyCtx& b) {
  if (!b.fact(b.in(0)).has_rank) return fail(Code::kNoKernel, "the rank of X is not known");
  const BodyCtx::Ref y =
      b.op("ConvTranspose", {transpose_to_first(b, b.in(0)), b.in(1), b.in(2)}, std::vector<Attr>(b.node().attrs));
  return b.outputs({transpose_to_last(b, y)});
}

}  // namespace

SDX_OP(ConvTranspose) = {.name = "ConvTranspose",
                         .since = 22,
                         .types = kFloatT,
                         .inputs = kIn,
                         .outputs = kOutY,
                         .attrs = kAttrs,
                         .infer = infer};
// X and Y are [N, spatial..., C].
SDX_OP(sdx_ConvTranspose) = {.name = "ConvTranspose",
                             .domain = "ai.sardonyx",
                             .since = 1,
                             .types = kFloatT,
                             .inputs = kIn,
                             .outputs = kOutY,
                             .attrs = kAttrs,
                             .infer = infer_channels_last,
                             .expand = expand_channels_last};

}  // namespace sardonyx
