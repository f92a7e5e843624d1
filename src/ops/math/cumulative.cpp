// CumSum and CumProd along an axis given as an input; Det of square matrices.
#include "ops/eltwise.h"
#include "ops/infer.h"

namespace sardonyx {
namespace {

constexpr TypeVar kTypes[] = {{"T", kFloatTypes | kIndexTypes | mask_of(DType::kU32) | mask_of(DType::kU64)},
                              {"T2", kIndexTypes}};
constexpr ParamDef kIn[] = {{"x", "T"}, {"axis", "T2"}};
constexpr ParamDef kOut[] = {{"y", "T"}};
constexpr AttrDef kAttrs[] = {attr_int("exclusive", 0), attr_int("reverse", 0)};

Status infer_cumulative(InferCtx& c) {
  SDX_TRY(Shape x, c.shape(0));
  SDX_TRY(std::optional<Dims> axis, ints_if_known(c, 1));
  if (axis && axis->size() != 1) return c.shape_error("axis has ", axis->size(), " elements; it must be a scalar");
  if (axis && (*axis)[0].known()) {
    SDX_TRY([[maybe_unused]] int a, c.axis((*axis)[0].value(), static_cast<int>(x.size())));
  }
  return c.set(0, c.dtype(0), std::move(x));
}

Status infer_det(InferCtx& c) {
  SDX_TRY(Shape x, c.shape(0));
  SDX_RETURN_IF_ERROR(require_min_rank(c, x, 2, "X"));
  const size_t n = x.size();
  SDX_RETURN_IF_ERROR(require_equal(c, x[n - 1], x[n - 2], "X is ", c.text(x), "; its last two extents must be equal"));
  return c.set(0, c.dtype(0), Shape(x.begin(), x.end() - 2));
}

constexpr OpDef cumulative(std::string_view name, int since, int first) {
  return {.name = name,
          .since = since,
          .types = kTypes,
          .inputs = kIn,
          .outputs = kOut,
          .attrs = kAttrs,
          .infer = infer_cumulative,
          .first = first};
}

}  // namespace

#define SDX_OP_CUMULATIVE(Name, ...) SDX_OP(Name) = cumulative(#Name, __VA_ARGS__)

SDX_OP_CUMULATIVE(CumSum, 14, 11);
SDX_OP_CUMULATIVE(CumProd, 26, 26);

SDX_OP(Det) = {
    .name = "Det", .since = 22, .types = kFloatT, .inputs = kInX, .outputs = kOutY, .infer = infer_det, .first = 11};

}  // namespace sardonyx
