// Dropout: the identity unless training_mode is true.
#include <algorithm>

#include "ir/body_ctx.h"
#include "ops/eltwise.h"
#include "ops/infer.h"

namespace sardonyx {
namespace {

using Ref = BodyCtx::Ref;

constexpr TypeVar kTypes[] = {{"T", kFloatTypes | kFloat8Types}, {"T1", kFloatTypes | kFloat8Types}, {"T2", kBoolType}};
constexpr ParamDef kIn[] = {{"data", "T"}, {"ratio", "T1", kOptional}, {"training_mode", "T2", kOptional}};
constexpr ParamDef kOut[] = {{"output", "T"}, {"mask", "T2", kOptional}};
constexpr AttrDef kAttrs[] = {attr_optional("seed", AttrType::kInt)};

Status infer(InferCtx& c) {
  for (int i : {1, 2}) {
    if (!c.has(i) || !c.in(i).has_rank) continue;
    const Shape& s = c.in(i).shape;
    if (!s.empty() && !(s.size() == 1 && (!s[0].known() || s[0].is(1))))
      return c.shape_error(i == 1 ? "ratio" : "training_mode", " is ", c.text(s), "; it must be a scalar");
  }
  SDX_TRY(Shape x, c.shape(0));
  SDX_RETURN_IF_ERROR(c.set(1, DType::kBool, x));
  return c.set(0, c.dtype(0), std::move(x));
}

// A ratio that is certainly zero.
bool drops_nothing(const Fact& ratio) {
  if (!ratio.constant.valid() || ratio.constant.count() != 1 || dtype_bits(ratio.dtype()) < 16) return false;
  const std::byte* bytes = ratio.constant.as<std::byte>();
  return std::all_of(bytes, bytes + ratio.constant.bytes(), [](std::byte b) { return b == std::byte{0}; });
}

// Only where nothing can be dropped.
Status expand(BodyCtx& b) {
  if (b.has(2) && !(b.has(1) && drops_nothing(b.fact(b.in(1))))) {
    const Fact& training = b.fact(b.in(2));
    if (!training.constant.valid() || *training.constant.as<bool>())
      return fail(Code::kNoKernel, "training_mode may be true, which no body can draw");
  }
  Ref mask = kNone;
  if (b.wants(1)) mask = b.op("Expand", {b.op("Equal", {b.int_scalar(0), b.int_scalar(0)}), b.op("Shape", {b.in(0)})});
  return b.outputs({b.op("Identity", {b.in(0)}), mask});
}

// Before opset 12 the ratio was an attribute; the mode is inference unless training is asked for, which older versions
// could not.
constexpr Upgrade kHistory[] = {drop_consumed_inputs(), drop_attr(7, "is_test"), attr_to_input(12, "ratio", 1)};

}  // namespace

SDX_OP(Dropout) = {.name = "Dropout",
                   .since = 22,
                   .types = kTypes,
                   .inputs = kIn,
                   .outputs = kOut,
                   .attrs = kAttrs,
                   .infer = infer,
                   .expand = expand,
                   .history = kHistory,
                   .traits = kNondeterministic};

}  // namespace sardonyx
