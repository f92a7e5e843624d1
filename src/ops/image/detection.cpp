// NonMaxSuppression keeps the best of overlapping boxes; ImageDecoder reads pictures.
#include "ir/infer_ctx.h"
#include "ir/op_def.h"
#include "ops/shape/contents.h"

namespace sardonyx {
namespace {

constexpr TypeVar kNonMaxSuppressionTypes[] = {{"tensor(float)", mask_of(DType::kF32)}, {"tensor(int64)", kInt64Type}};
constexpr ParamDef kNonMaxSuppressionIn[] = {{"boxes", "tensor(float)"},
                                             {"scores", "tensor(float)"},
                                             {"max_output_boxes_per_class", "tensor(int64)", kOptional},
                                             {"iou_threshold", "tensor(float)", kOptional},
                                             {"score_threshold", "tensor(float)", kOptional}};
constexpr ParamDef kNonMaxSuppressionOut[] = {{"selected_indices", "tensor(int64)"}};
constexpr AttrDef kNonMaxSuppressionAttrs[] = {attr_int("center_point_box", 0)};
constexpr TypeVar kImageDecoderTypes[] = {{"T1", mask_of(DType::kU8)}, {"T2", mask_of(DType::kU8)}};
constexpr ParamDef kImageDecoderIn[] = {{"encoded_stream", "T1"}};
constexpr ParamDef kImageDecoderOut[] = {{"image", "T2"}};
constexpr AttrDef kImageDecoderAttrs[] = {attr_string("pixel_format", "RGB")};

Status infer_non_max_suppression(InferCtx& c) {
  if (const int64_t f = c.attr_int("center_point_box"); f != 0 && f != 1)
    return fail(Code::kAttr, "center_point_box is ", f, ", expected 0 or 1");
  const Fact &boxes = c.in(0), &scores = c.in(1);
  if (boxes.has_rank && (boxes.shape.size() != 3 || c.sym().equal(boxes.shape[2], 4) == false))
    return c.shape_error("boxes is ", c.text(boxes.shape), ", expected [batches, boxes, 4]");
  if (scores.has_rank && scores.shape.size() != 3)
    return c.shape_error("scores is ", c.text(scores.shape), ", expected [batches, classes, boxes]");
  if (boxes.has_rank && scores.has_rank &&
      (c.sym().equal(boxes.shape[0], scores.shape[0]) == false ||
       c.sym().equal(boxes.shape[1], scores.shape[2]) == false))
    return c.shape_error("boxes ", c.text(boxes.shape), " and scores ", c.text(scores.shape),
                         " differ in batches or boxes");
  for (int i = 2; i < 5; ++i)
    if (c.has(i) && c.in(i).has_rank && c.sym().equal(c.sym().product(c.in(i).shape), 1) == false)
      return c.shape_error(c.node().op->inputs[static_cast<size_t>(i)].name, " is ", c.text(c.in(i).shape),
                           ", expected one element");
  return c.set(0, DType::kI64, {c.fresh(), 3});
}

Status infer_image_decoder(InferCtx& c) {
  const std::string_view format = c.attr_string("pixel_format");
  if (format != "RGB" && format != "BGR" && format != "Grayscale")
    return fail(Code::kAttr, "pixel_format is ", quoted(format), R"(, expected "RGB", "BGR" or "Grayscale")");
  SDX_RETURN_IF_ERROR(vector_length(c, 0).take_status());
  return c.set(0, DType::kU8, {c.fresh(), c.fresh(), format == "Grayscale" ? 1 : 3});
}

}  // namespace

SDX_OP(NonMaxSuppression) = {.name = "NonMaxSuppression",
                             .since = 11,
                             .types = kNonMaxSuppressionTypes,
                             .inputs = kNonMaxSuppressionIn,
                             .outputs = kNonMaxSuppressionOut,
                             .attrs = kNonMaxSuppressionAttrs,
                             .infer = infer_non_max_suppression,
                             .traits = kDataDependent,
                             .first = 10};

SDX_OP(ImageDecoder) = {.name = "ImageDecoder",
                        .since = 20,
                        .types = kImageDecoderTypes,
                        .inputs = kImageDecoderIn,
                        .outputs = kImageDecoderOut,
                        .attrs = kImageDecoderAttrs,
                        .infer = infer_image_decoder,
                        .traits = kDataDependent,
                        .first = 20};

}  // namespace sardonyx
