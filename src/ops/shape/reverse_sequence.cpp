// ReverseSequence reverses the first sequence_lens[i] steps of each sample i.
#include "ir/infer_ctx.h"
#include "ir/op_def.h"
#include "ops/shape/contents.h"

namespace sardonyx {
namespace {

constexpr TypeVar kTypes[] = {{"T", kSignedTypes | kUnsignedTypes | kComplexTypes | kBoolType | kStringType |
                                        mask_of(DType::kF16) | mask_of(DType::kF32) | mask_of(DType::kF64)},
                              {"tensor(int64)", kInt64Type}};
constexpr ParamDef kIn[] = {{"input", "T"}, {"sequence_lens", "tensor(int64)"}};
constexpr ParamDef kOut[] = {{"Y", "T"}};
constexpr AttrDef kAttrs[] = {attr_int("batch_axis", 1), attr_int("time_axis", 0)};

Status infer(InferCtx& c) {
  const int64_t batch = c.attr_int("batch_axis"), time = c.attr_int("time_axis");
  if (batch < 0 || batch > 1 || time < 0 || time > 1 || batch == time)
    return fail(Code::kAttr, "batch_axis is ", batch, " and time_axis ", time, ", expected 0 and 1 or 1 and 0");
  SDX_RETURN_IF_ERROR(vector_length(c, 1).take_status());
  SDX_TRY(const Shape x, c.shape(0));
  if (x.size() < 2) return c.shape_error("input ", c.text(x), " has rank ", x.size(), ", expected 2 or more");
  if (c.in(1).has_rank)
    SDX_RETURN_IF_ERROR(
        c.must_equal(c.in(1).shape[0], x[static_cast<size_t>(batch)], "length of sequence_lens and batch extent")
            .take_status());
  return c.set(0, c.dtype(0), x);
}

}  // namespace

SDX_OP(ReverseSequence) = {.name = "ReverseSequence",
                           .since = 10,
                           .types = kTypes,
                           .inputs = kIn,
                           .outputs = kOut,
                           .attrs = kAttrs,
                           .infer = infer,
                           .first = 10};

}  // namespace sardonyx
