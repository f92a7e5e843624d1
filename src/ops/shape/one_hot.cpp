// OneHot: an axis of `depth` elements with the on value at each index and the off value elsewhere.
#include "ir/infer_ctx.h"
#include "ir/op_def.h"
#include "ops/shape/contents.h"
#include "tensor/codec.h"

namespace sardonyx {
namespace {

constexpr TypeVar kTypes[] = {
    {"T1", kSignedTypes | kUnsignedTypes | mask_of(DType::kF16) | mask_of(DType::kF32) | mask_of(DType::kF64)},
    {"T2", kSignedTypes | kUnsignedTypes | mask_of(DType::kF16) | mask_of(DType::kF32) | mask_of(DType::kF64)},
    {"T3", kSignedTypes | kUnsignedTypes | kComplexTypes | kBoolType | kStringType | mask_of(DType::kF16) |
               mask_of(DType::kF32) | mask_of(DType::kF64)}};
constexpr ParamDef kIn[] = {{"indices", "T1"}, {"depth", "T2"}, {"values", "T3"}};
constexpr ParamDef kOut[] = {{"output", "T3"}};
constexpr AttrDef kAttrs[] = {attr_int("axis", -1)};

// The depth, of any numeric type; a fresh symbol while it is unknown.
Result<Dim> depth_of(InferCtx& c) {
  if (c.in(1).has_rank && c.sym().equal(c.sym().product(c.in(1).shape), 1) == false)
    return c.shape_error("depth has shape ", c.text(c.in(1).shape), ", expected one element");
  Dim d = c.fresh();
  if (!is_float(c.dtype(1))) {
    Result<Dims> v = c.ints(1);
    if (!v.ok() && !is_deferred(v.status())) return v.take_status();
    if (v.ok() && v->size() == 1) d = (*v)[0];
  } else if (const Tensor* t = c.value(1); t != nullptr && t->count() == 1) {
    const double v = t->dtype() == DType::kF64   ? *t->as<double>()
                     : t->dtype() == DType::kF32 ? static_cast<double>(*t->as<float>())
                     : t->dtype() == DType::kF16 ? static_cast<double>(f32_from_f16(*t->as<uint16_t>()))
                                                 : static_cast<double>(f32_from_bf16(*t->as<uint16_t>()));
    if (!(v > -1 && v < 4e18)) return fail(Code::kRange, "depth is ", v, ", expected 0 or more");
    d = static_cast<int64_t>(v);
  }
  if (d.known() && d.value() < 0) return fail(Code::kRange, "depth is ", d.value(), ", expected 0 or more");
  return d;
}

Status infer(InferCtx& c) {
  if (c.in(2).has_rank && (c.in(2).shape.size() != 1 || c.sym().equal(c.in(2).shape[0], 2) == false))
    return c.shape_error("values has shape ", c.text(c.in(2).shape), ", expected [2] (off, on)");
  SDX_TRY(const Dim depth, depth_of(c));
  SDX_TRY(Shape out, c.shape(0));
  SDX_TRY(const int axis, c.axis(c.attr_int("axis"), rank_of(out) + 1));
  out.insert(static_cast<size_t>(axis), depth);
  return c.set(0, c.dtype(2), std::move(out));
}

}  // namespace

SDX_OP(OneHot) = {.name = "OneHot",
                  .since = 11,
                  .types = kTypes,
                  .inputs = kIn,
                  .outputs = kOut,
                  .attrs = kAttrs,
                  .infer = infer,
                  .first = 9};

}  // namespace sardonyx
