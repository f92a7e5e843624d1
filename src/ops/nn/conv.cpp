// Convolutions: float, integer and quantised, and deformable.
#include "ir/body_ctx.h"
#include "ops/eltwise.h"
#include "ops/infer.h"
#include "ops/nn/window.h"

namespace sardonyx {
namespace {

using Ref = BodyCtx::Ref;

constexpr TypeMask kByteTypes = mask_of(DType::kI8) | mask_of(DType::kU8);
constexpr ParamDef kConvIn[] = {{"X", "T"}, {"W", "T"}, {"B", "T", kOptional}};
constexpr AttrDef kConvAttrs[] = {attr_string("auto_pad", "NOTSET"),
                                  attr_optional("dilations", AttrType::kInts),
                                  attr_int("group", 1),
                                  attr_optional("kernel_shape", AttrType::kInts),
                                  attr_optional("pads", AttrType::kInts),
                                  attr_optional("strides", AttrType::kInts)};
constexpr TypeVar kIntegerTypes[] = {{"T1", kByteTypes}, {"T2", kByteTypes}, {"T3", mask_of(DType::kI32)}};
constexpr ParamDef kIntegerIn[] = {
    {"x", "T1"}, {"w", "T2"}, {"x_zero_point", "T1", kOptional}, {"w_zero_point", "T2", kOptional}};
constexpr ParamDef kIntegerOut[] = {{"y", "T3"}};
constexpr TypeVar kQLinearTypes[] = {{"T1", kByteTypes},
                                     {"tensor(float)", mask_of(DType::kF32)},
                                     {"T2", kByteTypes},
                                     {"T3", kByteTypes},
                                     {"T4", mask_of(DType::kI32)}};
constexpr ParamDef kQLinearIn[] = {{"x", "T1"},
                                   {"x_scale", "tensor(float)"},
                                   {"x_zero_point", "T1"},
                                   {"w", "T2"},
                                   {"w_scale", "tensor(float)"},
                                   {"w_zero_point", "T2"},
                                   {"y_scale", "tensor(float)"},
                                   {"y_zero_point", "T3"},
                                   {"B", "T4", kOptional}};
constexpr ParamDef kQLinearOut[] = {{"y", "T3"}};
constexpr ParamDef kDeformIn[] = {
    {"X", "T"}, {"W", "T"}, {"offset", "T"}, {"B", "T", kOptional}, {"mask", "T", kOptional}};
constexpr AttrDef kDeformAttrs[] = {
    attr_optional("dilations", AttrType::kInts),    attr_int("group", 1),
    attr_optional("kernel_shape", AttrType::kInts), attr_int("offset_group", 1),
    attr_optional("pads", AttrType::kInts),         attr_optional("strides", AttrType::kInts)};

// The output of a convolution of input 0 with the weights in input `weights`.
Result<Shape> output_of(InferCtx& c, int weights, std::string_view x_name) {
  SDX_TRY(Shape x, c.shape(0));
  SDX_TRY(Shape w, c.shape(weights));
  SDX_RETURN_IF_ERROR(require_min_rank(c, x, 3, x_name));
  SDX_TRY(Window window, read_window(c.node(), x.size() - 2));
  return conv_shape(c, x, w, window);
}

Status infer_conv(InferCtx& c) {
  SDX_TRY(Shape y, output_of(c, 1, "X"));
  SDX_RETURN_IF_ERROR(check_channel_vector(c, 2, "B", y[1]));
  return c.set(0, c.dtype(0), std::move(y));
}
Status infer_conv_integer(InferCtx& c) {
  SDX_TRY(Shape y, output_of(c, 1, "x"));
  return c.set(0, DType::kI32, std::move(y));
}
Status infer_qlinear_conv(InferCtx& c) {
  SDX_TRY(Shape y, output_of(c, 3, "x"));
  SDX_RETURN_IF_ERROR(check_channel_vector(c, 8, "B", y[1]));
  return c.set(0, c.dtype(7), std::move(y));
}

// [N, offset_group * taps * per_tap, output spatial...]
Status check_field(InferCtx& c, int i, std::string_view name, const Shape& y, Dim taps, int64_t per_tap) {
  if (!c.has(i) || !c.in(i).has_rank) return {};
  Shape want = y;
  want[1] = c.sym().mul(taps, c.attr_int("offset_group") * per_tap);
  const Shape& s = c.in(i).shape;
  bool fits = s.size() == want.size();
  for (size_t a = 0; fits && a < s.size(); ++a) fits = c.sym().equal(s[a], want[a]).value_or(true);
  return fits ? Status() : c.shape_error(name, " is ", c.text(s), "; it must be ", c.text(want));
}
Status infer_deform_conv(InferCtx& c) {
  SDX_TRY(Shape y, output_of(c, 1, "X"));
  SDX_RETURN_IF_ERROR(check_channel_vector(c, 3, "B", y[1]));
  SDX_TRY(Shape w, c.shape(1));
  const Dim taps = c.sym().product(std::span<const Dim>(w.data() + 2, w.size() - 2));
  SDX_RETURN_IF_ERROR(check_field(c, 2, "offset", y, taps, static_cast<int64_t>(w.size()) - 2));
  SDX_RETURN_IF_ERROR(check_field(c, 4, "mask", y, taps, 1));
  return c.set(0, c.dtype(0), std::move(y));
}

// A value per output channel (or a scalar) as extents that broadcast from axis `axis` of a tensor of the weights' rank.
Ref per_channel(BodyCtx& b, Ref v, size_t rank, size_t axis) {
  const Fact& f = b.fact(v);
  if (!f.has_rank || f.shape.size() != 1 || f.shape[0].is(1)) return b.op("Reshape", {v, b.ints({})});
  std::vector<int64_t> axes;
  for (size_t a = 1; a < rank - axis; ++a) axes.push_back(static_cast<int64_t>(a));
  return b.op("Unsqueeze", {v, b.ints(axes)});
}
Ref centred(BodyCtx& b, Ref x, Ref zero_point) {
  const Ref wide = b.cast(x, DType::kF64);
  return zero_point == kNone ? wide : b.op("Sub", {wide, b.cast(zero_point, DType::kF64)});
}

// Doubles hold every sum of byte products exactly. Padding with the zero point is padding with 0 after centring.
Status expand_conv_integer(BodyCtx& b) {
  if (!b.fact(b.in(1)).has_rank) return fail(Code::kNoKernel, "the rank of w is not known");
  const size_t rank = b.fact(b.in(1)).shape.size();
  const Ref x_zero = b.has(2) ? b.op("Reshape", {b.in(2), b.ints({})}) : kNone;
  const Ref w_zero = b.has(3) ? per_channel(b, b.in(3), rank, 0) : kNone;
  const Ref y = b.op("Conv", {centred(b, b.in(0), x_zero), centred(b, b.in(1), w_zero)}, b.node().attrs);
  return b.outputs({b.cast(y, DType::kI32)});
}
Status expand_qlinear_conv(BodyCtx& b) {
  if (!b.fact(b.in(3)).has_rank) return fail(Code::kNoKernel, "the rank of w is not known");
  const size_t rank = b.fact(b.in(3)).shape.size();
  Ref sum = b.op("ConvInteger", {b.in(0), b.in(3), b.in(2), b.in(5)}, b.node().attrs);
  if (b.has(8)) {
    std::vector<int64_t> axes;
    for (size_t a = 1; a + 1 < rank; ++a) axes.push_back(static_cast<int64_t>(a));
    sum = b.op("Add", {sum, b.op("Unsqueeze", {b.in(8), b.ints(axes)})});
  }
  const Ref x_scale = b.op("Reshape", {b.in(1), b.ints({})});
  const Ref scale = b.op("Mul", {x_scale, per_channel(b, b.in(4), rank, 1)});
  const Ref y = b.op("Mul", {b.cast(sum, DType::kF32), scale});
  return b.outputs(
      {b.op("QuantizeLinear", {y, b.op("Reshape", {b.in(6), b.ints({})}), b.op("Reshape", {b.in(7), b.ints({})})})});
}

}  // namespace

SDX_OP(Conv) = {.name = "Conv",
                .since = 22,
                .types = kFloatT,
                .inputs = kConvIn,
                .outputs = kOutY,
                .attrs = kConvAttrs,
                .infer = infer_conv};

SDX_OP(ConvInteger) = {.name = "ConvInteger",
                       .since = 10,
                       .types = kIntegerTypes,
                       .inputs = kIntegerIn,
                       .outputs = kIntegerOut,
                       .attrs = kConvAttrs,
                       .infer = infer_conv_integer,
                       .expand = expand_conv_integer,
                       .first = 10};

SDX_OP(QLinearConv) = {.name = "QLinearConv",
                       .since = 10,
                       .types = kQLinearTypes,
                       .inputs = kQLinearIn,
                       .outputs = kQLinearOut,
                       .attrs = kConvAttrs,
                       .infer = infer_qlinear_conv,
                       .expand = expand_qlinear_conv,
                       .first = 10};

SDX_OP(DeformConv) = {.name = "DeformConv",
                      .since = 22,
                      .types = kFloatT,
                      .inputs = kDeformIn,
                      .outputs = kOutY,
                      .attrs = kDeformAttrs,
                      .infer = infer_deform_conv,
                      .first = 19};

}  // namespace sardonyx
