// Pools over regions of interest.
#include "ops/eltwise.h"
#include "ops/infer.h"

namespace sardonyx {
namespace {

constexpr TypeVar kAlignTypes[] = {{"T1", kFloatTypes}, {"T2", kInt64Type}};
constexpr ParamDef kPoolIn[] = {{"X", "T"}, {"rois", "T"}};
constexpr AttrDef kPoolAttrs[] = {attr_required("pooled_shape", AttrType::kInts), attr_float("spatial_scale", 1.0)};
constexpr ParamDef kAlignIn[] = {{"X", "T1"}, {"rois", "T1"}, {"batch_indices", "T2"}};
constexpr ParamDef kAlignOut[] = {{"Y", "T1"}};
constexpr AttrDef kAlignAttrs[] = {attr_string("coordinate_transformation_mode", "half_pixel"),
                                   attr_string("mode", "avg"),
                                   attr_int("output_height", 1),
                                   attr_int("output_width", 1),
                                   attr_int("sampling_ratio", 0),
                                   attr_float("spatial_scale", 1.0)};

Status check_rois(InferCtx& c, const Shape& x, const Shape& rois, int64_t columns) {
  SDX_RETURN_IF_ERROR(require_rank(c, x, 4, "X"));
  SDX_RETURN_IF_ERROR(require_rank(c, rois, 2, "rois"));
  return require_equal(c, rois[1], columns, "rois is ", c.text(rois), "; it must have ", columns, " columns");
}

Status infer_max_roi_pool(InferCtx& c) {
  SDX_TRY(Shape x, c.shape(0));
  SDX_TRY(Shape rois, c.shape(1));
  SDX_RETURN_IF_ERROR(check_rois(c, x, rois, 5));
  const std::span<const int64_t> pooled = c.attr_ints("pooled_shape");
  if (pooled.size() != 2 || pooled[0] < 1 || pooled[1] < 1)
    return fail(Code::kAttr, "pooled_shape must be two positive numbers, height and width");
  return c.set(0, c.dtype(0), {rois[0], x[1], pooled[0], pooled[1]});
}

Status infer_roi_align(InferCtx& c) {
  SDX_TRY(Shape x, c.shape(0));
  SDX_TRY(Shape rois, c.shape(1));
  SDX_RETURN_IF_ERROR(check_rois(c, x, rois, 4));
  Dim count = rois[0];
  if (c.in(2).has_rank) {
    const Shape& batch = c.in(2).shape;
    SDX_RETURN_IF_ERROR(require_rank(c, batch, 1, "batch_indices"));
    SDX_TRY(count, c.must_equal(count, batch[0], "rows of rois and elements of batch_indices"));
  }
  const std::string_view mode = c.attr_string("mode"), coordinates = c.attr_string("coordinate_transformation_mode");
  if (mode != "avg" && mode != "max")
    return fail(Code::kAttr, "mode is ", quoted(mode), "; it must be \"avg\" or \"max\"");
  if (coordinates != "half_pixel" && coordinates != "output_half_pixel")
    return fail(Code::kAttr, "coordinate_transformation_mode is ", quoted(coordinates),
                "; it must be \"half_pixel\" or \"output_half_pixel\"");
  const int64_t height = c.attr_int("output_height"), width = c.attr_int("output_width");
  if (height < 1 || width < 1)
    return fail(Code::kAttr, "output_height is ", height, " and output_width ", width, "; both must be positive");
  return c.set(0, c.dtype(0), {count, x[1], height, width});
}

// Opset 10 did not shift the input by half a pixel.
Status without_shift(UpgradeCtx& u, const Upgrade&) {
  u.set_attr(Attr::of_string("coordinate_transformation_mode", "output_half_pixel"));
  return {};
}
constexpr Upgrade kAlignHistory[] = {{16, without_shift}};

}  // namespace

SDX_OP(MaxRoiPool) = {.name = "MaxRoiPool",
                      .since = 22,
                      .types = kFloatT,
                      .inputs = kPoolIn,
                      .outputs = kOutY,
                      .attrs = kPoolAttrs,
                      .infer = infer_max_roi_pool};

SDX_OP(RoiAlign) = {.name = "RoiAlign",
                    .since = 22,
                    .types = kAlignTypes,
                    .inputs = kAlignIn,
                    .outputs = kAlignOut,
                    .attrs = kAlignAttrs,
                    .infer = infer_roi_align,
                    .history = kAlignHistory,
                    .first = 10};

}  // namespace sardonyx
