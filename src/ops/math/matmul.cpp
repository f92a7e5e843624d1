// Matrix products: MatMul, Gemm and the integer and quantised forms of MatMul.
#include "ops/math/matmul.h"

#include "ir/body_ctx.h"
#include "ops/eltwise.h"

namespace sardonyx {

Result<Shape> matmul_shape(InferCtx& c, const Shape& a, const Shape& b, std::string_view a_name,
                           std::string_view b_name) {
  if (a.empty() || b.empty())
    return c.shape_error(a_name, " is ", c.text(a), " and ", b_name, " is ", c.text(b), "; neither may be a scalar");
  Shape left = a, right = b;
  if (a.size() == 1) left.insert(0, Dim(1));
  if (b.size() == 1) right.push_back(Dim(1));
  const Dim inner_a = left[left.size() - 1], inner_b = right[right.size() - 2];
  if (!c.sym().equal(inner_a, inner_b).value_or(true))
    return c.shape_error(a_name, " is ", c.text(a), " and ", b_name, " is ", c.text(b), "; ", a_name, "'s ",
                         c.text(inner_a), " must equal ", b_name, "'s ", c.text(inner_b));
  const Shape batch_a(left.begin(), left.end() - 2), batch_b(right.begin(), right.end() - 2);
  SDX_TRY(Shape out, c.broadcast(batch_a, batch_b));
  if (a.size() > 1) out.push_back(left[left.size() - 2]);
  if (b.size() > 1) out.push_back(right[right.size() - 1]);
  return out;
}

namespace {

using Ref = BodyCtx::Ref;

constexpr TypeMask kByteTypes = mask_of(DType::kI8) | mask_of(DType::kU8);
constexpr TypeMask kByteOrFloat8 = kFloat8Types | kByteTypes;
constexpr TypeMask kScaleTypes = mask_of(DType::kBF16) | mask_of(DType::kF16) | mask_of(DType::kF32);
constexpr TypeVar kMatMulTypes[] = {{"T", kFloatTypes | kIndexTypes | mask_of(DType::kU32) | mask_of(DType::kU64)}};
constexpr ParamDef kInAB[] = {{"A", "T"}, {"B", "T"}};
constexpr ParamDef kGemmIn[] = {{"A", "T"}, {"B", "T"}, {"C", "T", kOptional}};
constexpr AttrDef kGemmAttrs[] = {attr_float("alpha", 1.0), attr_float("beta", 1.0), attr_int("transA", 0),
                                  attr_int("transB", 0)};
constexpr TypeVar kIntegerTypes[] = {{"T1", kByteTypes}, {"T2", kByteTypes}, {"T3", mask_of(DType::kI32)}};
constexpr ParamDef kIntegerIn[] = {
    {"A", "T1"}, {"B", "T2"}, {"a_zero_point", "T1", kOptional}, {"b_zero_point", "T2", kOptional}};
constexpr ParamDef kIntegerOut[] = {{"Y", "T3"}};
constexpr TypeVar kQLinearTypes[] = {
    {"T1", kByteOrFloat8}, {"TS", kScaleTypes}, {"T2", kByteOrFloat8}, {"T3", kByteOrFloat8}};
constexpr ParamDef kQLinearIn[] = {{"a", "T1"},       {"a_scale", "TS"},     {"a_zero_point", "T1"},
                                   {"b", "T2"},       {"b_scale", "TS"},     {"b_zero_point", "T2"},
                                   {"y_scale", "TS"}, {"y_zero_point", "T3"}};
constexpr ParamDef kQLinearOut[] = {{"y", "T3"}};

Status infer_matmul(InferCtx& c) {
  SDX_TRY(Shape a, c.shape(0));
  SDX_TRY(Shape b, c.shape(1));
  SDX_TRY(Shape y, matmul_shape(c, a, b));
  return c.set(0, c.dtype(0), std::move(y));
}
Status infer_matmul_integer(InferCtx& c) {
  SDX_TRY(Shape a, c.shape(0));
  SDX_TRY(Shape b, c.shape(1));
  SDX_TRY(Shape y, matmul_shape(c, a, b));
  return c.set(0, DType::kI32, std::move(y));
}
Status infer_qlinear_matmul(InferCtx& c) {
  SDX_TRY(Shape a, c.shape(0));
  SDX_TRY(Shape b, c.shape(3));
  SDX_TRY(Shape y, matmul_shape(c, a, b, "a", "b"));
  return c.set(0, c.dtype(7), std::move(y));
}

Status infer_gemm(InferCtx& c) {
  const bool trans_a = c.attr_int("transA") != 0, trans_b = c.attr_int("transB") != 0;
  SDX_TRY(Shape a, c.shape(0));
  SDX_TRY(Shape b, c.shape(1));
  if (a.size() != 2 || b.size() != 2)
    return c.shape_error("A is ", c.text(a), " and B is ", c.text(b), "; both must be matrices");
  const Dim inner_a = a[trans_a ? 0 : 1], inner_b = b[trans_b ? 1 : 0];
  if (!c.sym().equal(inner_a, inner_b).value_or(true))
    return c.shape_error("A is ", c.text(a), " and B is ", c.text(b), "; A's ", c.text(inner_a), " must equal B's ",
                         c.text(inner_b), " (transA=", trans_a ? 1 : 0, ", transB=", trans_b ? 1 : 0, ")");
  Shape y{a[trans_a ? 1 : 0], b[trans_b ? 0 : 1]};
  if (c.has(2) && c.in(2).has_rank) SDX_RETURN_IF_ERROR(check_broadcasts_to(c, c.in(2).shape, y, "C", "the product"));
  return c.set(0, c.dtype(0), std::move(y));
}

// x * factor; integers are scaled as doubles because the factor may be a fraction.
Ref scaled(BodyCtx& b, Ref x, float factor) {
  if (factor == 1) return x;
  const DType type = b.dtype(0);
  const Ref wide = is_float(type) ? x : b.cast(x, DType::kF64);
  return b.cast(b.op("Mul", {wide, b.scalar(factor, wide)}), type);
}
Status expand_gemm(BodyCtx& b) {
  const auto oriented = [&](int i, std::string_view trans) {
    return b.attr_int(trans) != 0 ? b.op("Transpose", {b.in(i)}, {Attr::of_ints("perm", {1, 0})}) : b.in(i);
  };
  Ref y = scaled(b, b.op("MatMul", {oriented(0, "transA"), oriented(1, "transB")}), b.attr_float("alpha"));
  if (b.has(2)) y = b.op("Add", {y, scaled(b, b.in(2), b.attr_float("beta"))});
  return b.outputs({y});
}

bool is_vector_of_rows(const Fact& f) { return f.has_rank && f.shape.size() == 1 && !f.shape[0].is(1); }
// A per-row parameter of the left matrix runs down its rows.
Ref along_rows(BodyCtx& b, Ref x) { return is_vector_of_rows(b.fact(x)) ? b.op("Unsqueeze", {x, b.ints({1})}) : x; }
Ref centred(BodyCtx& b, Ref x, Ref zero_point, DType as) {
  const Ref wide = b.cast(x, as);
  return zero_point == kNone ? wide : b.op("Sub", {wide, b.cast(zero_point, as)});
}

Status expand_matmul_integer(BodyCtx& b) {
  const Ref a = centred(b, b.in(0), b.has(2) ? along_rows(b, b.in(2)) : kNone, DType::kI32);
  return b.outputs({b.op("MatMul", {a, centred(b, b.in(1), b.in(3), DType::kI32)})});
}

// Bytes multiply exactly in int32; float8 operands in float.
Status expand_qlinear_matmul(BodyCtx& b) {
  const DType inner = is_int(b.dtype(0)) && is_int(b.dtype(3)) ? DType::kI32 : DType::kF32;
  const Ref left = centred(b, b.in(0), along_rows(b, b.in(2)), inner);
  const Ref right = centred(b, b.in(3), b.in(5), inner);
  const Ref product = b.cast(b.op("MatMul", {left, right}), DType::kF32);
  const Ref scale = b.op("Mul", {b.cast(along_rows(b, b.in(1)), DType::kF32), b.cast(b.in(4), DType::kF32)});
  const Ref y = b.op("Mul", {product, scale});
  Ref y_scale = b.cast(b.in(6), DType::kF32), y_zero = b.in(7);
  std::vector<Attr> attrs;
  if (is_vector_of_rows(b.fact(b.in(6)))) {
    attrs.push_back(Attr::of_int("axis", -2));
  } else {
    y_scale = b.op("Reshape", {y_scale, b.ints({})});
    y_zero = b.op("Reshape", {y_zero, b.ints({})});
  }
  return b.outputs({b.op("QuantizeLinear", {y, y_scale, y_zero}, std::move(attrs))});
}

// Opset 6 and older needed `broadcast` to say that C is smaller; the rule for extents was the same.
constexpr Upgrade kGemmHistory[] = {drop_attr(7, "broadcast")};

}  // namespace

SDX_OP(MatMul) = {
    .name = "MatMul", .since = 13, .types = kMatMulTypes, .inputs = kInAB, .outputs = kOutY, .infer = infer_matmul};

SDX_OP(Gemm) = {.name = "Gemm",
                .since = 13,
                .types = kMatMulTypes,
                .inputs = kGemmIn,
                .outputs = kOutY,
                .attrs = kGemmAttrs,
                .infer = infer_gemm,
                .expand = expand_gemm,
                .history = kGemmHistory};

SDX_OP(MatMulInteger) = {.name = "MatMulInteger",
                         .since = 10,
                         .types = kIntegerTypes,
                         .inputs = kIntegerIn,
                         .outputs = kIntegerOut,
                         .infer = infer_matmul_integer,
                         .expand = expand_matmul_integer,
                         .first = 10};

SDX_OP(QLinearMatMul) = {.name = "QLinearMatMul",
                         .since = 21,
                         .types = kQLinearTypes,
                         .inputs = kQLinearIn,
                         .outputs = kQLinearOut,
                         .infer = infer_qlinear_matmul,
                         .expand = expand_qlinear_matmul,
                         .first = 10};

}  // namespace sardonyx
