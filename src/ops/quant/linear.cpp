// QuantizeLinear and DequantizeLinear: per tensor, per axis or in blocks along an axis. DynamicQuantizeLinear.
#include <optional>

#include "ir/body_ctx.h"
#include "ops/eltwise.h"
#include "ops/infer.h"

namespace sardonyx {
namespace {

using Ref = BodyCtx::Ref;

constexpr TypeMask kShortFloats = mask_of(DType::kBF16) | mask_of(DType::kF16) | mask_of(DType::kF32);
constexpr TypeMask kQuantised = kFloat8Types | kSubByteTypes | mask_of(DType::kI16) | mask_of(DType::kI8) |
                                mask_of(DType::kU16) | mask_of(DType::kU8);
constexpr TypeVar kQuantizeTypes[] = {{"T1", kShortFloats | mask_of(DType::kI32)},
                                      {"T2", kShortFloats | mask_of(DType::kF8E8M0) | mask_of(DType::kI32)},
                                      {"T3", kQuantised}};
constexpr ParamDef kQuantizeIn[] = {{"x", "T1"}, {"y_scale", "T2"}, {"y_zero_point", "T3", kOptional}};
constexpr ParamDef kOut[] = {{"y", "T3"}};
constexpr AttrDef kQuantizeAttrs[] = {attr_int("axis", 1), attr_int("block_size", 0), attr_int("output_dtype", 0),
                                      attr_int("precision", 0), attr_int("saturate", 1)};
constexpr TypeVar kDequantizeTypes[] = {
    {"T1", kQuantised | mask_of(DType::kI32)}, {"T2", kShortFloats | mask_of(DType::kF8E8M0)}, {"T3", kShortFloats}};
constexpr ParamDef kDequantizeIn[] = {{"x", "T1"}, {"x_scale", "T2"}, {"x_zero_point", "T1", kOptional}};
constexpr AttrDef kDequantizeAttrs[] = {attr_int("axis", 1), attr_int("block_size", 0), attr_int("output_dtype", 0)};
constexpr TypeVar kDynamicTypes[] = {
    {"T1", mask_of(DType::kF32)}, {"T2", mask_of(DType::kU8)}, {"tensor(float)", mask_of(DType::kF32)}};
constexpr ParamDef kDynamicIn[] = {{"x", "T1"}};
constexpr ParamDef kDynamicOut[] = {{"y", "T2"}, {"y_scale", "tensor(float)"}, {"y_zero_point", "T2"}};

bool per_tensor(const Shape& scale) { return scale.empty() || (scale.size() == 1 && scale[0].is(1)); }

Status check_blocks(InferCtx& c, const Shape& x, const Shape& scale, size_t axis, int64_t block) {
  if (scale.size() != x.size())
    return c.shape_error("x is ", c.text(x), " and the scale ", c.text(scale), "; with block_size=", block,
                         " they must have the same rank");
  for (size_t a = 0; a < x.size(); ++a) {
    const Dim want = a == axis ? c.sym().ceil_div(x[a], block) : x[a];
    SDX_RETURN_IF_ERROR(require_equal(c, scale[a], want, "x is ", c.text(x), " and the scale ", c.text(scale),
                                      "; along axis ", a, " the scale must have ", c.text(want), " (block_size=", block,
                                      ")"));
  }
  return {};
}

// Whether scale and zero point fit the granularity that their rank and block_size ask for.
Status check_granularity(InferCtx& c, const Shape& x) {
  const int64_t block = c.attr_int("block_size");
  if (block < 0) return fail(Code::kAttr, "block_size is ", block, "; it must not be negative");
  if (!c.in(1).has_rank) return {};
  const Shape& scale = c.in(1).shape;
  if (c.has(2) && c.in(2).has_rank) {
    const Shape& zero = c.in(2).shape;
    const bool same_rank = zero.size() == scale.size() || (per_tensor(zero) && per_tensor(scale));
    if (!same_rank)
      return c.shape_error("the scale is ", c.text(scale), " and the zero point ", c.text(zero),
                           "; they must be alike");
    for (size_t a = 0; a < scale.size() && a < zero.size(); ++a)
      SDX_RETURN_IF_ERROR(require_equal(c, scale[a], zero[a], "the scale is ", c.text(scale), " and the zero point ",
                                        c.text(zero), "; they must be alike"));
  }
  if (per_tensor(scale)) return {};
  size_t axis = 0;
  if (x.size() > 1) {
    SDX_TRY(int a, c.axis(c.attr_int("axis"), static_cast<int>(x.size())));
    axis = static_cast<size_t>(a);
  }
  if (block > 0) return check_blocks(c, x, scale, axis, block);
  if (scale.size() != 1 || x.empty())
    return c.shape_error("x is ", c.text(x), " and the scale ", c.text(scale),
                         "; without block_size the scale must be a scalar or a vector");
  return require_equal(c, scale[0], x[axis], "x is ", c.text(x), " and the scale has ", c.text(scale[0]),
                       " elements; axis ", axis, " needs ", c.text(x[axis]));
}

Result<DType> type_of_attr(InferCtx& c, std::string_view name, TypeMask allowed) {
  const int64_t v = c.attr_int(name);
  if (v == 0) return DType::kUndefined;
  if (v < 0 || v >= kDTypeCount || !contains(allowed, static_cast<DType>(v)))
    return fail(Code::kAttr, name, " is ", v, ", which names no element type that is allowed here");
  return static_cast<DType>(v);
}

Status infer_quantize(InferCtx& c) {
  SDX_TRY(DType type, type_of_attr(c, "output_dtype", kQuantised));
  SDX_TRY([[maybe_unused]] DType precision, type_of_attr(c, "precision", kFloatTypes | mask_of(DType::kF8E8M0)));
  if (c.has(2)) {
    if (type != DType::kUndefined && type != c.dtype(2))
      return fail(Code::kType, "output_dtype is ", dtype_name(type), " and y_zero_point holds ",
                  dtype_name(c.dtype(2)));
    type = c.dtype(2);
  }
  if (type == DType::kUndefined) type = DType::kU8;
  SDX_RETURN_IF_ERROR(c.set_type(0, Type::tensor(type)));
  SDX_TRY(Shape x, c.shape(0));
  SDX_RETURN_IF_ERROR(check_granularity(c, x));
  return c.set(0, type, std::move(x));
}
Status infer_dequantize(InferCtx& c) {
  SDX_TRY(DType type, type_of_attr(c, "output_dtype", kShortFloats));
  if (type == DType::kUndefined) type = c.dtype(1);
  if (!contains(kShortFloats, type))
    return fail(Code::kAttr, "x_scale holds ", dtype_name(type), "; output_dtype must say what y holds");
  SDX_RETURN_IF_ERROR(c.set_type(0, Type::tensor(type)));
  SDX_TRY(Shape x, c.shape(0));
  SDX_RETURN_IF_ERROR(check_granularity(c, x));
  return c.set(0, type, std::move(x));
}
Status infer_dynamic(InferCtx& c) {
  SDX_RETURN_IF_ERROR(c.set(1, DType::kF32, {}));
  SDX_RETURN_IF_ERROR(c.set(2, DType::kU8, {}));
  SDX_RETURN_IF_ERROR(c.set_type(0, Type::tensor(DType::kU8)));
  SDX_TRY(Shape x, c.shape(0));
  return c.set(0, DType::kU8, std::move(x));
}

// A scale or zero point, already of its arithmetic type, with extents that broadcast to x.
Ref spread(BodyCtx& b, Ref v, int input) {
  const Shape original = b.fact(b.in(input)).shape;
  if (per_tensor(original)) return b.op("Reshape", {v, b.ints({})});
  const int64_t rank = static_cast<int64_t>(b.fact(b.in(0)).shape.size());
  int64_t axis = rank > 1 ? b.attr_int("axis") : 0;
  if (axis < 0) axis += rank;
  if (original.size() == 1 && b.attr_int("block_size") == 0) {
    std::vector<int64_t> ones;
    for (int64_t a = 1; a < rank - axis; ++a) ones.push_back(a);
    return ones.empty() ? v : b.op("Unsqueeze", {v, b.ints(ones)});
  }
  // Each scale repeated block_size times, the last block cut to x's extent.
  std::vector<int64_t> repeat(static_cast<size_t>(rank) + 1, 1);
  repeat[static_cast<size_t>(axis) + 1] = b.attr_int("block_size");
  const Ref blocks = b.op("Tile", {b.op("Unsqueeze", {v, b.ints({axis + 1})}), b.ints(repeat)});
  const Attr start = Attr::of_int("start", axis), end = Attr::of_int("end", axis + 1);
  const Ref before = b.op("Shape", {b.in(0)}, {Attr::of_int("start", 0), Attr::of_int("end", axis)});
  const Ref after = b.op("Shape", {b.in(0)}, {Attr::of_int("start", axis + 1)});
  const Ref shape = b.op("Concat", {before, b.ints({-1}), after}, {Attr::of_int("axis", 0)});
  const Ref flat = b.op("Reshape", {blocks, shape});
  return b.op("Slice", {flat, b.ints({0}), b.op("Shape", {b.in(0)}, {start, end}), b.ints({axis})});
}

Status check_known(BodyCtx& b) {
  return b.fact(b.in(0)).has_rank && b.fact(b.in(1)).has_rank
             ? Status()
             : fail(Code::kNoKernel, "the ranks of x and the scale are not known");
}

Status expand_dequantize(BodyCtx& b) {
  SDX_RETURN_IF_ERROR(check_known(b));
  const int64_t asked = b.attr_int("output_dtype");
  const DType type = asked != 0 ? static_cast<DType>(asked) : b.dtype(1);
  Ref x = b.cast(b.in(0), type);
  if (b.has(2)) x = b.op("Sub", {x, spread(b, b.cast(b.in(2), type), 2)});
  return b.outputs({b.op("Mul", {x, spread(b, b.cast(b.in(1), type), 1)})});
}

struct Range {
  double low, high;
};
std::optional<Range> integer_range(DType t) {
  if (!is_int(t)) return std::nullopt;
  const double span = static_cast<double>(int64_t{1} << dtype_bits(t));
  return is_signed_int(t) ? Range{-span / 2, span / 2 - 1} : Range{0, span - 1};
}

// The division in its own precision; rounding, zero point and saturation in float, which holds 16-bit integers exactly.
Status expand_quantize(BodyCtx& b) {
  SDX_RETURN_IF_ERROR(check_known(b));
  const int64_t asked = b.attr_int("output_dtype"), precision = b.attr_int("precision");
  const DType type = b.has(2) ? b.dtype(2) : asked != 0 ? static_cast<DType>(asked) : DType::kU8;
  DType inner = precision != 0 ? static_cast<DType>(precision) : b.dtype(1);
  if (!is_float(inner)) inner = DType::kF32;
  const Ref scale = spread(b, b.cast(b.in(1), inner), 1);
  Ref y = b.cast(b.op("Div", {b.cast(b.in(0), inner), scale}), DType::kF32);
  const std::optional<Range> range = integer_range(type);
  if (range) y = b.op("Round", {y});
  if (b.has(2)) y = b.op("Add", {y, spread(b, b.cast(b.in(2), DType::kF32), 2)});
  if (range) y = b.op("Clip", {y, b.scalar(range->low, y), b.scalar(range->high, y)});
  return b.outputs(
      {b.op("Cast", {y},
            {Attr::of_int("to", static_cast<int64_t>(type)), Attr::of_int("saturate", b.attr_int("saturate"))})});
}

// The range is widened to contain 0; an empty range has scale 1.
Status expand_dynamic(BodyCtx& b) {
  const Ref x = b.in(0), zero = b.scalar(0, x), top = b.scalar(255, x);
  const std::vector<Attr> flat = {Attr::of_int("keepdims", 0)};
  const Ref low = b.op("Min", {b.op("ReduceMin", {x}, flat), zero}),
            high = b.op("Max", {b.op("ReduceMax", {x}, flat), zero});
  const Ref range = b.op("Sub", {high, low});
  const Ref scale = b.op("Where", {b.op("Equal", {range, zero}), b.scalar(1, x), b.op("Div", {range, top})});
  const Ref point = b.op("Round", {b.op("Clip", {b.op("Div", {b.op("Neg", {low}), scale}), zero, top})});
  const Ref zero_point = b.cast(point, DType::kU8);
  return b.outputs({b.op("QuantizeLinear", {x, scale, zero_point}), scale, zero_point});
}

}  // namespace

SDX_OP(QuantizeLinear) = {.name = "QuantizeLinear",
                          .since = 25,
                          .types = kQuantizeTypes,
                          .inputs = kQuantizeIn,
                          .outputs = kOut,
                          .attrs = kQuantizeAttrs,
                          .infer = infer_quantize,
                          .expand = expand_quantize,
                          .first = 10};

SDX_OP(DequantizeLinear) = {.name = "DequantizeLinear",
                            .since = 25,
                            .types = kDequantizeTypes,
                            .inputs = kDequantizeIn,
                            .outputs = kOut,
                            .attrs = kDequantizeAttrs,
                            .infer = infer_dequantize,
                            .expand = expand_dequantize,
                            .first = 10};

SDX_OP(DynamicQuantizeLinear) = {.name = "DynamicQuantizeLinear",
                                 .since = 11,
                                 .types = kDynamicTypes,
                                 .inputs = kDynamicIn,
                                 .outputs = kDynamicOut,
                                 .infer = infer_dynamic,
                                 .expand = expand_dynamic,
                                 .first = 11};

}  // namespace sardonyx
