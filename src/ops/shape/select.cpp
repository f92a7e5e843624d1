// Compress, NonZero and Unique: how much comes out depends on what goes in.
#include "ir/infer_ctx.h"
#include "ir/op_def.h"
#include "ops/shape/contents.h"

namespace sardonyx {
namespace {

constexpr TypeVar kCompressTypes[] = {{"T", kSignedTypes | kUnsignedTypes | kComplexTypes | kBoolType | kStringType |
                                                mask_of(DType::kF16) | mask_of(DType::kF32) | mask_of(DType::kF64)},
                                      {"T1", kBoolType}};
constexpr ParamDef kCompressIn[] = {{"input", "T"}, {"condition", "T1"}};
constexpr ParamDef kCompressOut[] = {{"output", "T"}};
constexpr AttrDef kCompressAttrs[] = {attr_optional("axis", AttrType::kInt)};
constexpr TypeVar kNonZeroTypes[] = {{"T", kNumericTypes | kComplexTypes | kBoolType | kStringType},
                                     {"tensor(int64)", kInt64Type}};
constexpr ParamDef kNonZeroIn[] = {{"X", "T"}};
constexpr ParamDef kNonZeroOut[] = {{"Y", "tensor(int64)"}};
constexpr TypeVar kUniqueTypes[] = {{"T", kSignedTypes | kUnsignedTypes | kComplexTypes | kBoolType | kStringType |
                                              mask_of(DType::kF16) | mask_of(DType::kF32) | mask_of(DType::kF64)},
                                    {"tensor(int64)", kInt64Type}};
constexpr ParamDef kUniqueOut[] = {{"Y", "T"},
                                   {"indices", "tensor(int64)", kOptional},
                                   {"inverse_indices", "tensor(int64)", kOptional},
                                   {"counts", "tensor(int64)", kOptional}};
constexpr AttrDef kUniqueAttrs[] = {attr_optional("axis", AttrType::kInt), attr_int("sorted", 1)};

Status infer_compress(InferCtx& c) {
  SDX_RETURN_IF_ERROR(vector_length(c, 1).take_status());
  if (!c.has_attr("axis")) return c.set(0, c.dtype(0), {c.fresh()});
  SDX_TRY(Shape out, c.shape(0));
  SDX_TRY(const int axis, c.axis(c.attr_int("axis"), rank_of(out)));
  out[static_cast<size_t>(axis)] = c.fresh();
  return c.set(0, c.dtype(0), std::move(out));
}

Status infer_non_zero(InferCtx& c) {
  const Dim rank = c.in(0).has_rank ? Dim(rank_of(c.in(0).shape)) : c.fresh();
  return c.set(0, DType::kI64, {rank, c.fresh()});
}

Status infer_unique(InferCtx& c) {
  if (const int64_t s = c.attr_int("sorted"); s != 0 && s != 1)
    return fail(Code::kAttr, "sorted is ", s, ", expected 0 or 1");
  const Dim n = c.fresh();
  Dim whole = c.fresh();  // how many elements or slices there are to compare
  const Fact& x = c.in(0);
  for (int o = 1; o <= 3; ++o) SDX_RETURN_IF_ERROR(c.set(o, DType::kI64, {o == 2 ? whole : n}));
  if (c.has_attr("axis")) {
    SDX_TRY(Shape out, c.shape(0));
    SDX_TRY(const int axis, c.axis(c.attr_int("axis"), rank_of(out)));
    whole = out[static_cast<size_t>(axis)];
    out[static_cast<size_t>(axis)] = n;
    SDX_RETURN_IF_ERROR(c.set(0, c.dtype(0), std::move(out)));
  } else {
    if (x.has_rank) whole = c.sym().product(x.shape);
    SDX_RETURN_IF_ERROR(c.set(0, c.dtype(0), {n}));
  }
  return c.set(2, DType::kI64, {whole});
}

}  // namespace

SDX_OP(Compress) = {.name = "Compress",
                    .since = 11,
                    .types = kCompressTypes,
                    .inputs = kCompressIn,
                    .outputs = kCompressOut,
                    .attrs = kCompressAttrs,
                    .infer = infer_compress,
                    .traits = kDataDependent,
                    .first = 9};

SDX_OP(NonZero) = {.name = "NonZero",
                   .since = 13,
                   .types = kNonZeroTypes,
                   .inputs = kNonZeroIn,
                   .outputs = kNonZeroOut,
                   .infer = infer_non_zero,
                   .traits = kDataDependent,
                   .first = 9};

SDX_OP(Unique) = {.name = "Unique",
                  .since = 11,
                  .types = kUniqueTypes,
                  .inputs = kNonZeroIn,
                  .outputs = kUniqueOut,
                  .attrs = kUniqueAttrs,
                  .infer = infer_unique,
                  .traits = kDataDependent,
                  .first = 11};

}  // namespace sardonyx
