// Trilu keeps the upper or lower triangle of each matrix and makes the rest zero.
#include "ir/body_ctx.h"
#include "ir/infer_ctx.h"
#include "ir/op_def.h"
#include "ops/shape/contents.h"

namespace sardonyx {
namespace {

constexpr TypeVar kTypes[] = {{"T", kNumericTypes | kComplexTypes | kBoolType | kStringType},
                              {"tensor(int64)", kInt64Type}};
constexpr ParamDef kIn[] = {{"input", "T"}, {"k", "tensor(int64)", kOptional}};
constexpr ParamDef kOut[] = {{"output", "T"}};
constexpr AttrDef kAttrs[] = {attr_int("upper", 1)};

Status infer(InferCtx& c) {
  if (c.has(1) && c.in(1).has_rank && c.sym().equal(c.sym().product(c.in(1).shape), 1) == false)
    return c.shape_error("k has shape ", c.text(c.in(1).shape), ", expected one element");
  SDX_TRY(const Shape x, c.shape(0));
  if (x.size() < 2) return c.shape_error("input ", c.text(x), " has rank ", x.size(), ", expected 2 or more");
  return c.set(0, c.dtype(0), x);
}

Status expand(BodyCtx& b) {
  using Ref = BodyCtx::Ref;
  const Ref zero = b.int_scalar(0), one = b.int_scalar(1);
  const auto extent = [&](int64_t axis) { return b.op("Gather", {b.op("Shape", {b.in(0)}), b.int_scalar(axis)}); };
  const Ref columns = b.op("Range", {zero, extent(-1), one});
  Ref rows = b.op("Unsqueeze", {b.op("Range", {zero, extent(-2), one}), b.ints({1})});
  if (b.has(1)) rows = b.op("Add", {rows, b.op("Reshape", {b.in(1), b.ints(std::span<const int64_t>{})})});
  const Ref keep = b.op(b.attr_int("upper") != 0 ? "GreaterOrEqual" : "LessOrEqual", {columns, rows});
  return b.outputs({b.op("Where", {keep, b.in(0), b.scalar(0, b.in(0))})});
}

}  // namespace

SDX_OP(Trilu) = {.name = "Trilu",
                 .since = 14,
                 .types = kTypes,
                 .inputs = kIn,
                 .outputs = kOut,
                 .attrs = kAttrs,
                 .infer = infer,
                 .expand = expand,
                 .first = 14};

}  // namespace sardonyx
