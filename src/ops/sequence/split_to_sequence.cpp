// SplitToSequence, ConcatFromSequence and SequenceMap: between tensors and sequences.
#include "ir/infer_ctx.h"
#include "ir/op_def.h"
#include "ops/control/bodies.h"
#include "ops/shape/contents.h"

namespace sardonyx {
namespace {

constexpr TypeVar kSplitToSequenceTypes[] = {
    {"T", kNumericTypes | kComplexTypes | kBoolType | kStringType},
    {"I", kIndexTypes},
    {.name = "S", .sequences = kNumericTypes | kComplexTypes | kBoolType | kStringType}};
constexpr ParamDef kSplitToSequenceIn[] = {{"input", "T"}, {"split", "I", kOptional}};
constexpr ParamDef kSplitToSequenceOut[] = {{"output_sequence", "S"}};
constexpr AttrDef kSplitToSequenceAttrs[] = {attr_int("axis", 0), attr_int("keepdims", 1)};
constexpr TypeVar kConcatFromSequenceTypes[] = {
    {.name = "S",
     .sequences = kSignedTypes | kUnsignedTypes | kComplexTypes | kBoolType | kStringType | mask_of(DType::kF16) |
                  mask_of(DType::kF32) | mask_of(DType::kF64)},
    {"T", kSignedTypes | kUnsignedTypes | kComplexTypes | kBoolType | kStringType | mask_of(DType::kF16) |
              mask_of(DType::kF32) | mask_of(DType::kF64)}};
constexpr ParamDef kConcatFromSequenceIn[] = {{"input_sequence", "S"}};
constexpr ParamDef kConcatFromSequenceOut[] = {{"concat_result", "T"}};
constexpr AttrDef kConcatFromSequenceAttrs[] = {attr_required("axis", AttrType::kInt), attr_int("new_axis", 0)};
constexpr TypeVar kSequenceMapTypes[] = {
    {.name = "S",
     .sequences = kSignedTypes | kUnsignedTypes | kComplexTypes | kBoolType | kStringType | mask_of(DType::kF16) |
                  mask_of(DType::kF32) | mask_of(DType::kF64)},
    {.name = "V",
     .tensors = kSignedTypes | kUnsignedTypes | kComplexTypes | kBoolType | kStringType | mask_of(DType::kF16) |
                mask_of(DType::kF32) | mask_of(DType::kF64),
     .sequences = kSignedTypes | kUnsignedTypes | kComplexTypes | kBoolType | kStringType | mask_of(DType::kF16) |
                  mask_of(DType::kF32) | mask_of(DType::kF64)}};
constexpr ParamDef kSequenceMapIn[] = {{"input_sequence", "S"}, {"additional_inputs", "V", kVariadic | kHeterogeneous}};
constexpr ParamDef kSequenceMapOut[] = {{"out_sequence", "S", kVariadic | kHeterogeneous}};
constexpr AttrDef kSequenceMapAttrs[] = {attr_required("body", AttrType::kGraph)};

Status infer_split_to_sequence(InferCtx& c) {
  SDX_RETURN_IF_ERROR(c.set_type(0, Type::sequence(Type::tensor(c.dtype(0)))));
  if (c.has(1) && c.in(1).has_rank && c.in(1).shape.size() > 1)
    return c.shape_error("split has shape ", c.text(c.in(1).shape), ", expected rank 0 or 1");
  if (c.has(1)) {
    const int64_t least = c.in(1).shape.empty() ? 1 : 0;
    if (const Dims* lengths = contents(c, 1)) {
      for (Dim d : *lengths)
        if (d.known() && d.value() < least)
          return fail(Code::kRange, "split has the length ", d.value(), "; it must be at least ", least);
    }
  }
  SDX_TRY(const int rank, c.rank(0));
  return c.axis(c.attr_int("axis"), rank).take_status();
}

Status infer_concat_from_sequence(InferCtx& c) {
  if (const int64_t n = c.attr_int("new_axis"); n != 0 && n != 1)
    return fail(Code::kAttr, "new_axis is ", n, ", expected 0 or 1");
  const Type& s = c.in(0).type;
  return c.set_type(0, s.inner ? *s.inner : Type());
}

Status infer_sequence_map(InferCtx& c) {
  SDX_TRY(const Graph* graph, body_named(c.node(), "body"));
  const BodyView body(c, *graph);
  if (body.formal_inputs(c.node()) != c.inputs())
    return fail(Code::kType, "body has ", body.formal_inputs(c.node()), " inputs, expected ", c.inputs());
  if (body.outputs() < c.outputs())
    return fail(Code::kType, "body has ", body.outputs(), " outputs, expected ", c.outputs());
  for (int o = 0; o < c.outputs(); ++o) SDX_RETURN_IF_ERROR(c.set_type(o, Type::sequence(body.out(o).type)));
  return {};
}

}  // namespace

SDX_OP(SplitToSequence) = {.name = "SplitToSequence",
                           .since = 24,
                           .types = kSplitToSequenceTypes,
                           .inputs = kSplitToSequenceIn,
                           .outputs = kSplitToSequenceOut,
                           .attrs = kSplitToSequenceAttrs,
                           .infer = infer_split_to_sequence,
                           .first = 11};

SDX_OP(ConcatFromSequence) = {.name = "ConcatFromSequence",
                              .since = 11,
                              .types = kConcatFromSequenceTypes,
                              .inputs = kConcatFromSequenceIn,
                              .outputs = kConcatFromSequenceOut,
                              .attrs = kConcatFromSequenceAttrs,
                              .infer = infer_concat_from_sequence,
                              .traits = kDataDependent,
                              .first = 11};

SDX_OP(SequenceMap) = {.name = "SequenceMap",
                       .since = 17,
                       .types = kSequenceMapTypes,
                       .inputs = kSequenceMapIn,
                       .outputs = kSequenceMapOut,
                       .attrs = kSequenceMapAttrs,
                       .min_inputs = 1,
                       .infer = infer_sequence_map,
                       .traits = kControlFlow,
                       .first = 17};

}  // namespace sardonyx
