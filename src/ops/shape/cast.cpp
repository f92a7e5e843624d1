// Cast converts elements, CastLike takes the type from another tensor, BitCast keeps the bits.
#include <string>

#include "ir/body_ctx.h"
#include "ir/infer_ctx.h"
#include "ir/op_def.h"
#include "ir/upgrade_ctx.h"
#include "ops/shape/contents.h"

namespace sardonyx {
namespace {

constexpr TypeVar kCastTypes[] = {
    {"T1", kNumericTypes | kFloat8Types | kSubByteTypes | kBoolType | kStringType | mask_of(DType::kF8E8M0)},
    {"T2", kNumericTypes | kFloat8Types | kSubByteTypes | kBoolType | kStringType | mask_of(DType::kF8E8M0)}};
constexpr ParamDef kCastIn[] = {{"input", "T1"}};
constexpr ParamDef kCastOut[] = {{"output", "T2"}};
constexpr AttrDef kCastAttrs[] = {attr_string("round_mode", "up"), attr_int("saturate", 1),
                                  attr_required("to", AttrType::kInt)};
constexpr ParamDef kCastLikeIn[] = {{"input", "T1"}, {"target_type", "T2"}};
constexpr AttrDef kCastLikeAttrs[] = {attr_string("round_mode", "up"), attr_int("saturate", 1)};
constexpr TypeVar kBitCastTypes[] = {
    {"T1", kNumericTypes | kFloat8Types | kSubByteTypes | kComplexTypes | kBoolType | mask_of(DType::kF8E8M0)},
    {"T2", kNumericTypes | kFloat8Types | kSubByteTypes | kComplexTypes | kBoolType | mask_of(DType::kF8E8M0)}};
constexpr AttrDef kBitCastAttrs[] = {attr_required("to", AttrType::kInt)};

// The element type that attribute "to" names, if output type variable `var` allows it.
Result<DType> target_type(const InferCtx& c, std::string_view var) {
  const int64_t to = c.attr_int("to");
  if (to <= 0 || to >= kDTypeCount || !contains(c.node().op->find_type(var)->tensors, static_cast<DType>(to)))
    return fail(Code::kType, "to is ", to,
                to > 0 && to < kDTypeCount ? cat(" (", dtype_name(static_cast<DType>(to)), ")") : "",
                ", which is not a type that ", c.node().op->name, " can produce");
  return static_cast<DType>(to);
}

// Least and greatest value of an integer type of up to 32 bits; false for all others.
bool narrow_range(DType t, int64_t& lo, int64_t& hi) {
  const int bits = dtype_bits(t);
  if (!is_int(t) || bits > 32) return false;
  lo = is_signed_int(t) ? -(int64_t{1} << (bits - 1)) : 0;
  hi = is_signed_int(t) ? (int64_t{1} << (bits - 1)) - 1 : (int64_t{1} << bits) - 1;
  return true;
}

// Contents survive between integer types when every known value fits. A symbol fits 32 bits or more: it is an extent.
Status cast_contents(InferCtx& c, DType to) {
  const Dims* d = contents(c, 0);
  if (d == nullptr || (!is_int(to) && to != DType::kBool)) return {};
  Dims out;
  for (Dim v : *d) {
    int64_t lo, hi;
    if (to == DType::kBool) {
      if (!v.known() && c.sym().at_least(v, 1) != true) return {};
      v = v.is(0) ? 0 : 1;
    } else if (!v.known()) {
      if (dtype_bits(to) < 32 || (is_unsigned_int(to) && c.sym().at_least(v, 0) != true)) return {};
    } else if (narrow_range(to, lo, hi) ? v.value() < lo || v.value() > hi : to == DType::kU64 && v.value() < 0) {
      return {};
    }
    out.push_back(v);
  }
  return c.set_ints(0, std::move(out));
}

Status infer_cast(InferCtx& c) {
  SDX_TRY(const DType to, target_type(c, "T2"));
  const std::string_view mode = c.attr_string("round_mode");
  if (mode != "up" && mode != "down" && mode != "nearest")
    return fail(Code::kAttr, "round_mode is ", quoted(mode), ", expected \"up\", \"down\" or \"nearest\"");
  if (!c.in(0).has_rank) return c.set_unknown_rank(0, to);
  SDX_RETURN_IF_ERROR(c.set(0, to, c.in(0).shape));
  return cast_contents(c, to);
}

Status infer_cast_like(InferCtx& c) {
  const DType to = c.dtype(1);
  if (!c.in(0).has_rank) return c.set_unknown_rank(0, to);
  SDX_RETURN_IF_ERROR(c.set(0, to, c.in(0).shape));
  return cast_contents(c, to);
}

Status expand_cast_like(BodyCtx& b) {
  return b.outputs(
      {b.op("Cast", {b.in(0)},
            {Attr::of_int("to", static_cast<int>(b.dtype(1))), Attr::of_int("saturate", b.attr_int("saturate")),
             Attr::of_string("round_mode", std::string(b.attr_string("round_mode")))})});
}

Status infer_bit_cast(InferCtx& c) {
  SDX_TRY(const DType to, target_type(c, "T2"));
  if (dtype_bits(to) != dtype_bits(c.dtype(0)))
    return fail(Code::kType, "to is ", dtype_name(to), " of ", dtype_bits(to), " bits, input is ",
                dtype_name(c.dtype(0)), " of ", dtype_bits(c.dtype(0)), " bits");
  return c.in(0).has_rank ? c.set(0, to, c.in(0).shape) : c.set_unknown_rank(0, to);
}

// Up to opset 5 the type is spelled, "FLOAT" or "INT64".
Status type_name_to_number(UpgradeCtx& u, const Upgrade&) {
  const Attr* to = u.attr("to");
  if (to == nullptr || to->type != AttrType::kString) return {};
  std::string name = to->s;
  for (char& ch : name) ch = ch >= 'A' && ch <= 'Z' ? static_cast<char>(ch - 'A' + 'a') : ch;
  const DType type = dtype_from_name(name);
  if (type == DType::kUndefined) return fail(Code::kAttr, "to is ", quoted(to->s), ", which names no element type");
  u.set_attr(Attr::of_int("to", static_cast<int>(type)));
  return {};
}

constexpr Upgrade kCastHistory[] = {{6, type_name_to_number}};

}  // namespace

SDX_OP(Cast) = {.name = "Cast",
                .since = 25,
                .types = kCastTypes,
                .inputs = kCastIn,
                .outputs = kCastOut,
                .attrs = kCastAttrs,
                .infer = infer_cast,
                .history = kCastHistory};

SDX_OP(CastLike) = {.name = "CastLike",
                    .since = 25,
                    .types = kCastTypes,
                    .inputs = kCastLikeIn,
                    .outputs = kCastOut,
                    .attrs = kCastLikeAttrs,
                    .infer = infer_cast_like,
                    .expand = expand_cast_like,
                    .first = 15};

SDX_OP(BitCast) = {.name = "BitCast",
                   .since = 26,
                   .types = kBitCastTypes,
                   .inputs = kCastIn,
                   .outputs = kCastOut,
                   .attrs = kBitCastAttrs,
                   .infer = infer_bit_cast,
                   .first = 26};

}  // namespace sardonyx
