// Shape and Size: extents as data. Their contents are known symbolically, so what is computed from them vanishes.
#include <algorithm>

#include "ir/infer_ctx.h"
#include "ir/op_def.h"
#include "ops/shape/contents.h"

namespace sardonyx {
namespace {

constexpr TypeVar kShapeTypes[] = {{"T", kAnyType}, {"T1", kInt64Type}};
constexpr ParamDef kShapeIn[] = {{"data", "T"}};
constexpr ParamDef kShapeOut[] = {{"shape", "T1"}};
constexpr AttrDef kShapeAttrs[] = {attr_optional("end", AttrType::kInt), attr_int("start", 0)};
constexpr ParamDef kSizeOut[] = {{"size", "T1"}};

// A bound as written, made an axis count in [0, rank].
int64_t clamp_bound(int64_t v, int64_t rank) { return std::clamp<int64_t>(v < 0 ? v + rank : v, 0, rank); }

Status infer_shape(InferCtx& c) {
  const Fact& x = c.in(0);
  if (!x.has_rank) return c.set(0, DType::kI64, {c.fresh()});
  const int64_t rank = rank_of(x.shape);
  const int64_t start = clamp_bound(c.attr_int("start"), rank);
  const int64_t end = c.has_attr("end") ? clamp_bound(c.attr_int("end"), rank) : rank;
  Dims extents;
  for (int64_t a = start; a < end; ++a) extents.push_back(x.shape[static_cast<size_t>(a)]);
  SDX_RETURN_IF_ERROR(c.set(0, DType::kI64, {static_cast<int64_t>(extents.size())}));
  return c.set_ints(0, std::move(extents));
}

Status infer_size(InferCtx& c) {
  SDX_RETURN_IF_ERROR(c.set(0, DType::kI64, {}));
  const Fact& x = c.in(0);
  return x.has_rank ? c.set_ints(0, {c.sym().product(x.shape)}) : Status();
}

}  // namespace

SDX_OP(Shape) = {.name = "Shape",
                 .since = 25,
                 .types = kShapeTypes,
                 .inputs = kShapeIn,
                 .outputs = kShapeOut,
                 .attrs = kShapeAttrs,
                 .infer = infer_shape};

SDX_OP(Size) = {
    .name = "Size", .since = 25, .types = kShapeTypes, .inputs = kShapeIn, .outputs = kSizeOut, .infer = infer_size};

}  // namespace sardonyx
