// Identity: the same value, of any kind.
#include "ir/infer_ctx.h"
#include "ir/op_def.h"
#include "ops/shape/contents.h"

namespace sardonyx {
namespace {

constexpr TypeVar kTypes[] = {{.name = "V",
                               .tensors = kAnyType,
                               .sequences = kSignedTypes | kUnsignedTypes | kComplexTypes | kBoolType | kStringType |
                                            mask_of(DType::kF16) | mask_of(DType::kF32) | mask_of(DType::kF64),
                               .optionals = kSignedTypes | kUnsignedTypes | kComplexTypes | kBoolType | kStringType |
                                            mask_of(DType::kF16) | mask_of(DType::kF32) | mask_of(DType::kF64),
                               .optional_sequences = kSignedTypes | kUnsignedTypes | kComplexTypes | kBoolType |
                                                     kStringType | mask_of(DType::kF16) | mask_of(DType::kF32) |
                                                     mask_of(DType::kF64)}};
constexpr ParamDef kIn[] = {{"input", "V"}};
constexpr ParamDef kOut[] = {{"output", "V"}};

Status infer(InferCtx& c) {
  SDX_RETURN_IF_ERROR(c.copy(0, 0));
  return pass_contents(c, 0, 0);
}

}  // namespace

SDX_OP(Identity) = {
    .name = "Identity", .since = 25, .types = kTypes, .inputs = kIn, .outputs = kOut, .infer = infer, .traits = kView};

}  // namespace sardonyx
