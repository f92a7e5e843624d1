// Optionals: a value or its absence.
#include "ir/infer_ctx.h"
#include "ir/op_def.h"
#include "ops/shape/contents.h"

namespace sardonyx {
namespace {

// Element types that an optional may hold.
constexpr TypeMask kHeld = kSignedTypes | kUnsignedTypes | kComplexTypes | kBoolType | kStringType |
                           mask_of(DType::kF16) | mask_of(DType::kF32) | mask_of(DType::kF64);

constexpr TypeVar kOptionalTypes[] = {{.name = "V", .tensors = kHeld, .sequences = kHeld},
                                      {.name = "O", .optionals = kHeld, .optional_sequences = kHeld}};
constexpr ParamDef kOptionalIn[] = {{"input", "V", kOptional}};
constexpr ParamDef kOptionalOut[] = {{"output", "O"}};
constexpr AttrDef kOptionalAttrs[] = {attr_optional("type", AttrType::kType)};
constexpr TypeVar kOptionalHasElementTypes[] = {
    {.name = "O", .tensors = kHeld, .sequences = kHeld, .optionals = kHeld, .optional_sequences = kHeld},
    {"B", kBoolType}};
constexpr ParamDef kOptionalHasElementIn[] = {{"input", "O", kOptional}};
constexpr ParamDef kOptionalHasElementOut[] = {{"output", "B"}};
constexpr TypeVar kOptionalGetElementTypes[] = {
    {.name = "O", .tensors = kHeld, .sequences = kHeld, .optionals = kHeld, .optional_sequences = kHeld},
    {.name = "V", .tensors = kHeld, .sequences = kHeld}};
constexpr ParamDef kOptionalGetElementIn[] = {{"input", "O"}};
constexpr ParamDef kOptionalGetElementOut[] = {{"output", "V"}};

Status infer_optional(InferCtx& c) {
  const Attr* given = c.attr("type");
  if (!c.has(0) && given == nullptr)
    return fail(Code::kAttr, "neither an input nor attribute \"type\" says what it may hold");
  const Type type = c.has(0) ? c.in(0).type : given->value_type;
  if (c.has(0) && given != nullptr && given->value_type.kind != Type::Kind::kUnknown && !(given->value_type == type))
    return fail(Code::kType, "input is ", to_string(type), ", attribute \"type\" says ", to_string(given->value_type));
  if (type.kind == Type::Kind::kOptional) return fail(Code::kType, "an optional cannot hold ", to_string(type));
  return c.set_type(0, Type::optional(type));
}

Status infer_optional_has_element(InferCtx& c) { return c.set(0, DType::kBool, {}); }

// What is no optional is returned as it is.
Status infer_optional_get_element(InferCtx& c) {
  const Type& t = c.in(0).type;
  if (t.kind == Type::Kind::kOptional) return c.set_type(0, t.inner ? *t.inner : Type());
  SDX_RETURN_IF_ERROR(c.copy(0, 0));
  return pass_contents(c, 0, 0);
}

}  // namespace

SDX_OP(Optional) = {.name = "Optional",
                    .since = 15,
                    .types = kOptionalTypes,
                    .inputs = kOptionalIn,
                    .outputs = kOptionalOut,
                    .attrs = kOptionalAttrs,
                    .infer = infer_optional,
                    .first = 15};

SDX_OP(OptionalHasElement) = {.name = "OptionalHasElement",
                              .since = 18,
                              .types = kOptionalHasElementTypes,
                              .inputs = kOptionalHasElementIn,
                              .outputs = kOptionalHasElementOut,
                              .infer = infer_optional_has_element,
                              .first = 15};

SDX_OP(OptionalGetElement) = {.name = "OptionalGetElement",
                              .since = 18,
                              .types = kOptionalGetElementTypes,
                              .inputs = kOptionalGetElementIn,
                              .outputs = kOptionalGetElementOut,
                              .infer = infer_optional_get_element,
                              .traits = kDataDependent,
                              .first = 15};

}  // namespace sardonyx
