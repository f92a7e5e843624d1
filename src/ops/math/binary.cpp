// Element-wise arithmetic and bit operators of two inputs.
#include "ops/eltwise.h"

namespace sardonyx {
namespace {

constexpr TypeVar kPowTypes[] = {{"T", kFloatTypes | kIndexTypes}, {"T1", kNumericTypes}};
constexpr TypeVar kUnsignedT[] = {{"T", kUnsignedTypes}};
constexpr ParamDef kInAB[] = {{"A", "T"}, {"B", "T"}};
constexpr ParamDef kOutC[] = {{"C", "T"}};
constexpr ParamDef kPowIn[] = {{"X", "T"}, {"Y", "T1"}};
constexpr ParamDef kBitShiftIn[] = {{"X", "T"}, {"Y", "T"}};
constexpr ParamDef kOutZ[] = {{"Z", "T"}};
constexpr AttrDef kModAttrs[] = {attr_int("fmod", 0)};
constexpr AttrDef kBitShiftAttrs[] = {attr_required("direction", AttrType::kString)};
constexpr Upgrade kArithmeticHistory[] = {drop_consumed_inputs(), legacy_broadcast()};
constexpr Upgrade kPowHistory[] = {legacy_broadcast()};

template <DimBinary kValue>
Status infer_carried(InferCtx& c) {
  SDX_RETURN_IF_ERROR(infer_broadcast(c));
  return carry_binary(c, kValue);
}

Status infer_mod(InferCtx& c) {
  const int64_t fmod = c.attr_int("fmod");
  if (fmod != 0 && fmod != 1) return fail(Code::kAttr, "fmod is ", fmod, "; it must be 0 or 1");
  if (fmod == 0 && is_float(c.dtype(0)))
    return fail(Code::kAttr, "fmod is 0 and A holds ", dtype_name(c.dtype(0)),
                "; fmod must be 1 for floating-point types");
  SDX_RETURN_IF_ERROR(infer_broadcast(c));
  return carry_binary(c, fmod == 1 ? dim_fmod : dim_mod);
}

Status infer_bit_shift(InferCtx& c) {
  const std::string_view direction = c.attr_string("direction");
  if (direction != "LEFT" && direction != "RIGHT")
    return fail(Code::kAttr, "direction is ", quoted(direction), "; it must be \"LEFT\" or \"RIGHT\"");
  return infer_broadcast(c);
}

constexpr OpDef arithmetic(std::string_view name, Status (*infer)(InferCtx&), uint32_t traits = kPure) {
  return {.name = name,
          .since = 14,
          .types = kNumericT,
          .inputs = kInAB,
          .outputs = kOutC,
          .infer = infer,
          .history = kArithmeticHistory,
          .traits = traits};
}
constexpr OpDef bitwise(std::string_view name) {
  return {.name = name,
          .since = 18,
          .types = kIntegerT,
          .inputs = kInAB,
          .outputs = kOutC,
          .infer = infer_broadcast,
          .traits = kCommutative,
          .first = 18};
}

}  // namespace

#define SDX_BINARY(Name, ...) SDX_OP(Name) = arithmetic(#Name, __VA_ARGS__)
#define SDX_BINARY_BITS(Name) SDX_OP(Name) = bitwise(#Name)

SDX_BINARY(Add, infer_carried<dim_add>, kCommutative);
SDX_BINARY(Sub, infer_carried<dim_sub>);
SDX_BINARY(Mul, infer_carried<dim_mul>, kCommutative);
SDX_BINARY(Div, infer_carried<dim_div>);
SDX_BINARY_BITS(BitwiseAnd);
SDX_BINARY_BITS(BitwiseOr);
SDX_BINARY_BITS(BitwiseXor);

SDX_OP(Mod) = {.name = "Mod",
               .since = 13,
               .types = kNumericT,
               .inputs = kInAB,
               .outputs = kOutC,
               .attrs = kModAttrs,
               .infer = infer_mod,
               .first = 10};

SDX_OP(Pow) = {.name = "Pow",
               .since = 15,
               .types = kPowTypes,
               .inputs = kPowIn,
               .outputs = kOutZ,
               .infer = infer_broadcast,
               .history = kPowHistory};

SDX_OP(BitShift) = {.name = "BitShift",
                    .since = 11,
                    .types = kUnsignedT,
                    .inputs = kBitShiftIn,
                    .outputs = kOutZ,
                    .attrs = kBitShiftAttrs,
                    .infer = infer_bit_shift,
                    .first = 11};

}  // namespace sardonyx
