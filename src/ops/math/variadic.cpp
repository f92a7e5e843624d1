// Sum, Mean, Max and Min of one or more inputs that broadcast together, and Clip.
#include "ir/body_ctx.h"
#include "ops/eltwise.h"

namespace sardonyx {
namespace {

using Ref = BodyCtx::Ref;

constexpr ParamDef kIn[] = {{"data_0", "T", kVariadic}};
constexpr ParamDef kOutSum[] = {{"sum", "T"}};
constexpr ParamDef kOutMean[] = {{"mean", "T"}};
constexpr ParamDef kOutMax[] = {{"max", "T"}};
constexpr ParamDef kOutMin[] = {{"min", "T"}};
constexpr ParamDef kClipIn[] = {{"input", "T"}, {"min", "T", kOptional}, {"max", "T", kOptional}};
constexpr Upgrade kConsumed[] = {drop_consumed_inputs()};

template <DimBinary kValue>
Status infer_carried(InferCtx& c) {
  SDX_RETURN_IF_ERROR(infer_broadcast(c));
  return carry_binary(c, kValue);
}

Ref sum_of_inputs(BodyCtx& b) {
  Ref sum = b.in(0);
  for (int i = 1; i < b.inputs(); ++i) sum = b.op("Add", {sum, b.in(i)});
  return sum;
}
Status expand_sum(BodyCtx& b) {
  if (b.inputs() == 1) return b.outputs({b.op("Identity", {b.in(0)})});
  return b.outputs({sum_of_inputs(b)});
}
Status expand_mean(BodyCtx& b) {
  const Ref sum = sum_of_inputs(b);
  return b.outputs({b.op("Div", {sum, b.scalar(b.inputs(), sum)})});
}

Status infer_clip(InferCtx& c) {
  for (int i : {1, 2}) {
    if (!c.has(i) || !c.in(i).has_rank) continue;
    const Shape& s = c.in(i).shape;
    const bool one = s.empty() || (s.size() == 1 && (!s[0].known() || s[0].is(1)));
    if (!one) return c.shape_error(i == 1 ? "min" : "max", " is ", c.text(s), "; it must be a scalar");
  }
  SDX_RETURN_IF_ERROR(infer_like_first(c));
  if (known_ints(c, 0) == nullptr) return {};
  Dims out = *known_ints(c, 0);
  for (int i : {1, 2}) {
    if (!c.has(i)) continue;
    const Dims* bound = known_ints(c, i);
    if (bound == nullptr || bound->size() != 1) return {};
    for (Dim& d : out) d = i == 1 ? c.sym().max(d, (*bound)[0]) : c.sym().min(d, (*bound)[0]);
  }
  return c.set_ints(0, std::move(out));
}

// A bound may have the extents [1], which must not give a scalar input a rank.
Ref clip_bound(BodyCtx& b, int i) {
  const Fact& f = b.fact(b.in(i));
  return f.has_rank && f.shape.empty() ? b.in(i) : b.op("Reshape", {b.in(i), b.ints({})});
}
// min(max(x, low), high): the upper bound wins when they cross, and NaN stays NaN.
Status expand_clip(BodyCtx& b) {
  Ref x = b.in(0);
  if (b.has(1)) {
    const Ref low = clip_bound(b, 1);
    x = b.op("Where", {b.op("Less", {x, low}), low, x});
  }
  if (b.has(2)) {
    const Ref high = clip_bound(b, 2);
    x = b.op("Where", {b.op("Less", {high, x}), high, x});
  }
  if (x == b.in(0)) x = b.op("Identity", {x});
  return b.outputs({x});
}

// Opset 6 to 10: attributes whose defaults are the largest finite floats. Opset 1 had no defaults.
Status clip_bounds_to_inputs(UpgradeCtx& u, const Upgrade&) {
  constexpr double kLargest = 3.4028234663852886e38;
  struct Bound {
    std::string_view name;
    int input;
    double fallback;
  };
  for (const Bound& bound : {Bound{"min", 1, -kLargest}, Bound{"max", 2, kLargest}}) {
    const Attr* a = u.attr(bound.name);
    if (a == nullptr && u.opset() < 6) continue;
    u.set_input(bound.input, u.scalar_like(0, a != nullptr ? static_cast<double>(a->f) : bound.fallback));
    u.drop_attr(bound.name);
  }
  return {};
}
constexpr Upgrade kClipHistory[] = {drop_consumed_inputs(), {11, clip_bounds_to_inputs}};

constexpr OpDef variadic(std::string_view name, std::span<const TypeVar> types, std::span<const ParamDef> out,
                         Status (*infer)(InferCtx&), Status (*expand)(BodyCtx&) = nullptr) {
  return {.name = name,
          .since = 13,
          .types = types,
          .inputs = kIn,
          .outputs = out,
          .infer = infer,
          .expand = expand,
          .history = kConsumed,
          .traits = kCommutative};
}

}  // namespace

#define SDX_OP_VARIADIC(Name, ...) SDX_OP(Name) = variadic(#Name, __VA_ARGS__)

SDX_OP_VARIADIC(Sum, kFloatT, kOutSum, infer_broadcast, expand_sum);
SDX_OP_VARIADIC(Mean, kFloatT, kOutMean, infer_broadcast, expand_mean);
SDX_OP_VARIADIC(Max, kNumericT, kOutMax, infer_carried<dim_max>);
SDX_OP_VARIADIC(Min, kNumericT, kOutMin, infer_carried<dim_min>);

SDX_OP(Clip) = {.name = "Clip",
                .since = 13,
                .types = kNumericT,
                .inputs = kClipIn,
                .outputs = kOutOutput,
                .infer = infer_clip,
                .expand = expand_clip,
                .history = kClipHistory};

}  // namespace sardonyx
