// Sequences of tensors: made, read, changed (into new ones) and joined. Nothing is known of their elements but the
// type, so a tensor taken out has unknown rank until it is there.
#include "ir/infer_ctx.h"
#include "ir/op_def.h"
#include "ops/shape/contents.h"

namespace sardonyx {
namespace {

constexpr TypeVar kSequenceConstructTypes[] = {
    {"T", kSignedTypes | kUnsignedTypes | kComplexTypes | kBoolType | kStringType | mask_of(DType::kF16) |
              mask_of(DType::kF32) | mask_of(DType::kF64)},
    {.name = "S",
     .sequences = kSignedTypes | kUnsignedTypes | kComplexTypes | kBoolType | kStringType | mask_of(DType::kF16) |
                  mask_of(DType::kF32) | mask_of(DType::kF64)}};
constexpr ParamDef kSequenceConstructIn[] = {{"inputs", "T", kVariadic}};
constexpr ParamDef kSequenceConstructOut[] = {{"output_sequence", "S"}};
constexpr TypeVar kSequenceEmptyTypes[] = {{.name = "S",
                                            .sequences = kSignedTypes | kUnsignedTypes | kComplexTypes | kBoolType |
                                                         kStringType | mask_of(DType::kF16) | mask_of(DType::kF32) |
                                                         mask_of(DType::kF64)}};
constexpr ParamDef kSequenceEmptyOut[] = {{"output", "S"}};
constexpr AttrDef kSequenceEmptyAttrs[] = {attr_optional("dtype", AttrType::kInt)};
constexpr TypeVar kSequenceAtTypes[] = {
    {.name = "S",
     .sequences = kSignedTypes | kUnsignedTypes | kComplexTypes | kBoolType | kStringType | mask_of(DType::kF16) |
                  mask_of(DType::kF32) | mask_of(DType::kF64)},
    {"I", kIndexTypes},
    {"T", kSignedTypes | kUnsignedTypes | kComplexTypes | kBoolType | kStringType | mask_of(DType::kF16) |
              mask_of(DType::kF32) | mask_of(DType::kF64)}};
constexpr ParamDef kSequenceAtIn[] = {{"input_sequence", "S"}, {"position", "I"}};
constexpr ParamDef kSequenceAtOut[] = {{"tensor", "T"}};
constexpr TypeVar kSequenceInsertTypes[] = {
    {.name = "S",
     .sequences = kSignedTypes | kUnsignedTypes | kComplexTypes | kBoolType | kStringType | mask_of(DType::kF16) |
                  mask_of(DType::kF32) | mask_of(DType::kF64)},
    {"T", kSignedTypes | kUnsignedTypes | kComplexTypes | kBoolType | kStringType | mask_of(DType::kF16) |
              mask_of(DType::kF32) | mask_of(DType::kF64)},
    {"I", kIndexTypes}};
constexpr ParamDef kSequenceInsertIn[] = {{"input_sequence", "S"}, {"tensor", "T"}, {"position", "I", kOptional}};
constexpr TypeVar kSequenceEraseTypes[] = {
    {.name = "S",
     .sequences = kSignedTypes | kUnsignedTypes | kComplexTypes | kBoolType | kStringType | mask_of(DType::kF16) |
                  mask_of(DType::kF32) | mask_of(DType::kF64)},
    {"I", kIndexTypes}};
constexpr ParamDef kSequenceEraseIn[] = {{"input_sequence", "S"}, {"position", "I", kOptional}};
constexpr TypeVar kSequenceLengthTypes[] = {
    {.name = "S",
     .sequences = kSignedTypes | kUnsignedTypes | kComplexTypes | kBoolType | kStringType | mask_of(DType::kF16) |
                  mask_of(DType::kF32) | mask_of(DType::kF64)},
    {"I", kInt64Type}};
constexpr ParamDef kSequenceLengthIn[] = {{"input_sequence", "S"}};
constexpr ParamDef kSequenceLengthOut[] = {{"length", "I"}};

Status require_single(const InferCtx& c, int i) {
  if (!c.has(i) || !c.in(i).has_rank || c.sym().equal(c.sym().product(c.in(i).shape), 1) != false) return {};
  return c.shape_error("position has shape ", c.text(c.in(i).shape), ", expected one element");
}

Status infer_sequence_construct(InferCtx& c) { return c.set_type(0, Type::sequence(c.in(0).type)); }

Status infer_sequence_empty(InferCtx& c) {
  const int64_t given = c.has_attr("dtype") ? c.attr_int("dtype") : static_cast<int64_t>(DType::kF32);
  if (given <= 0 || given >= kDTypeCount ||
      !contains(c.node().op->find_type("S")->sequences, static_cast<DType>(given)))
    return fail(Code::kType, "dtype is ", given, ", which is not a type that sequences hold");
  return c.set_type(0, Type::sequence(Type::tensor(static_cast<DType>(given))));
}

Status infer_sequence_at(InferCtx& c) {
  SDX_RETURN_IF_ERROR(require_single(c, 1));
  const Type& s = c.in(0).type;
  return c.set_type(0, s.inner ? *s.inner : Type());
}

Status infer_sequence_insert(InferCtx& c) {
  SDX_RETURN_IF_ERROR(require_single(c, 2));
  const Type& s = c.in(0).type;
  if (s.inner && !(*s.inner == c.in(1).type))
    return fail(Code::kType, "tensor is ", to_string(c.in(1).type), ", input_sequence is ", to_string(s));
  return c.copy(0, 0);
}

Status infer_sequence_erase(InferCtx& c) {
  SDX_RETURN_IF_ERROR(require_single(c, 1));
  return c.copy(0, 0);
}

Status infer_sequence_length(InferCtx& c) { return c.set(0, DType::kI64, {}); }

}  // namespace

SDX_OP(SequenceConstruct) = {.name = "SequenceConstruct",
                             .since = 11,
                             .types = kSequenceConstructTypes,
                             .inputs = kSequenceConstructIn,
                             .outputs = kSequenceConstructOut,
                             .infer = infer_sequence_construct,
                             .first = 11};

SDX_OP(SequenceEmpty) = {.name = "SequenceEmpty",
                         .since = 11,
                         .types = kSequenceEmptyTypes,
                         .outputs = kSequenceEmptyOut,
                         .attrs = kSequenceEmptyAttrs,
                         .infer = infer_sequence_empty,
                         .first = 11};

SDX_OP(SequenceAt) = {.name = "SequenceAt",
                      .since = 11,
                      .types = kSequenceAtTypes,
                      .inputs = kSequenceAtIn,
                      .outputs = kSequenceAtOut,
                      .infer = infer_sequence_at,
                      .traits = kDataDependent,
                      .first = 11};

SDX_OP(SequenceInsert) = {.name = "SequenceInsert",
                          .since = 11,
                          .types = kSequenceInsertTypes,
                          .inputs = kSequenceInsertIn,
                          .outputs = kSequenceConstructOut,
                          .infer = infer_sequence_insert,
                          .first = 11};

SDX_OP(SequenceErase) = {.name = "SequenceErase",
                         .since = 11,
                         .types = kSequenceEraseTypes,
                         .inputs = kSequenceEraseIn,
                         .outputs = kSequenceConstructOut,
                         .infer = infer_sequence_erase,
                         .first = 11};

SDX_OP(SequenceLength) = {.name = "SequenceLength",
                          .since = 11,
                          .types = kSequenceLengthTypes,
                          .inputs = kSequenceLengthIn,
                          .outputs = kSequenceLengthOut,
                          .infer = infer_sequence_length,
                          .first = 11};

}  // namespace sardonyx
