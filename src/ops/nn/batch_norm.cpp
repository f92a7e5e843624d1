// BatchNormalization, for inference and with training statistics.
#include "ir/body_ctx.h"
#include "ops/eltwise.h"
#include "ops/infer.h"
#include "ops/nn/window.h"

namespace sardonyx {
namespace {

using Ref = BodyCtx::Ref;

constexpr TypeVar kTypes[] = {{"T", kFloatTypes}, {"T1", kFloatTypes}, {"T2", kFloatTypes}};
constexpr ParamDef kIn[] = {{"X", "T"}, {"scale", "T1"}, {"B", "T1"}, {"input_mean", "T2"}, {"input_var", "T2"}};
constexpr ParamDef kOut[] = {{"Y", "T"}, {"running_mean", "T2", kOptional}, {"running_var", "T2", kOptional}};
constexpr AttrDef kAttrs[] = {attr_float("epsilon", 1e-05), attr_float("momentum", 0.9), attr_int("training_mode", 0)};

Status infer(InferCtx& c) {
  if (c.attr_int("training_mode") == 0 && (c.wants(1) || c.wants(2)))
    return fail(Code::kAttr, "outputs running_mean and running_var need training_mode=1");
  SDX_TRY(Shape x, c.shape(0));
  SDX_RETURN_IF_ERROR(require_min_rank(c, x, 1, "X"));
  const Dim channels = x.size() == 1 ? Dim(1) : x[1];
  constexpr std::string_view kNames[] = {"X", "scale", "B", "input_mean", "input_var"};
  for (int i = 1; i < 5; ++i) SDX_RETURN_IF_ERROR(check_channel_vector(c, i, kNames[i], channels));
  for (int o : {1, 2})
    if (c.wants(o)) SDX_RETURN_IF_ERROR(c.set(o, c.dtype(3), {channels}));
  return c.set(0, c.dtype(0), std::move(x));
}

// Statistics and arithmetic in float, or in double when X is.
Status expand(BodyCtx& b) {
  const Fact& fact = b.fact(b.in(0));
  if (!fact.has_rank) return fail(Code::kNoKernel, "the rank of X is not known");
  const size_t rank = fact.shape.size();
  const DType type = b.dtype(0) == DType::kF64 ? DType::kF64 : DType::kF32;
  std::vector<int64_t> others, trailing;
  for (size_t a = 0; a < rank; ++a)
    if (a != 1) others.push_back(static_cast<int64_t>(a));
  for (size_t a = 1; a + 1 < rank; ++a) trailing.push_back(static_cast<int64_t>(a));
  const auto wide = [&](int i) { return b.cast(b.in(i), type); };
  const auto spread = [&](Ref v) { return trailing.empty() ? v : b.op("Unsqueeze", {v, b.ints(trailing)}); };

  const Ref x = wide(0);
  Ref mean = wide(3), var = wide(4), running_mean = kNone, running_var = kNone;
  if (b.attr_int("training_mode") != 0) {
    const std::vector<Attr> flat = {Attr::of_int("keepdims", rank == 1)};
    const Ref old_mean = mean, old_var = var;
    mean = b.op("ReduceMean", {x, b.ints(others)}, flat);
    const Ref d = b.op("Sub", {x, spread(mean)});
    var = b.op("ReduceMean", {b.op("Mul", {d, d}), b.ints(others)}, flat);
    const auto blend = [&](Ref old_value, Ref now) {
      const double keep = b.attr_float("momentum");
      const Ref kept = b.op("Mul", {old_value, b.scalar(keep, x)}), added = b.op("Mul", {now, b.scalar(1 - keep, x)});
      return b.cast(b.op("Add", {kept, added}), b.dtype(3));
    };
    if (b.wants(1)) running_mean = blend(old_mean, mean);
    if (b.wants(2)) running_var = blend(old_var, var);
  }
  const Ref deviation = b.op("Sqrt", {b.op("Add", {var, b.scalar(b.attr_float("epsilon"), x)})});
  const Ref factor = b.op("Div", {wide(1), deviation});
  const Ref centred = b.op("Sub", {x, spread(mean)});
  const Ref y = b.op("Add", {b.op("Mul", {centred, spread(factor)}), spread(wide(2))});
  return b.outputs({b.cast(y, b.dtype(0)), running_mean, running_var});
}

// Before opset 9, spatial=0 kept statistics per element: every element of a sample becomes a channel.
Status per_activation(UpgradeCtx& u, const Upgrade&) {
  const Attr* spatial = u.attr("spatial");
  const bool flat = spatial != nullptr && spatial->i == 0;
  u.drop_attr("spatial");
  if (!flat) return {};
  for (size_t o = 1; o < u.draft().outputs.size(); ++o)
    if (!u.draft().outputs[o].empty()) return fail(Code::kOpset, "spatial=0 with training outputs has no newer form");
  const ValueId x = u.draft().inputs[0], vector = u.ints(std::initializer_list<int64_t>{-1});
  SDX_TRY(ValueId extents, u.emit("Shape", {x}));
  SDX_TRY(ValueId rows, u.emit("Flatten", {x}, {Attr::of_int("axis", 1)}));
  u.set_input(0, rows);
  for (int i = 1; i < 5; ++i) {
    SDX_TRY(ValueId v, u.emit("Reshape", {u.draft().inputs[static_cast<size_t>(i)], vector}));
    u.set_input(i, v);
  }
  return u.then("Reshape", {extents}, {Attr::of_int("allowzero", 1)});
}
// Before opset 14, asking for the running statistics meant training; the saved ones are gone.
Status training_by_outputs(UpgradeCtx& u, const Upgrade&) {
  std::vector<std::string>& outputs = u.draft().outputs;
  for (size_t o = 3; o < outputs.size(); ++o)
    if (!outputs[o].empty())
      return fail(Code::kOpset, "output ", quoted(outputs[o]), " (saved statistics, opset ", u.opset(),
                  ") has no newer form");
  if (outputs.size() > 3) outputs.resize(3);
  for (size_t o = 1; o < outputs.size(); ++o)
    if (!outputs[o].empty()) u.set_attr(Attr::of_int("training_mode", 1));
  return {};
}
constexpr Upgrade kHistory[] = {
    drop_consumed_inputs(), drop_attr(7, "is_test"), {9, per_activation}, {14, training_by_outputs}};

}  // namespace

SDX_OP(BatchNormalization) = {.name = "BatchNormalization",
                              .since = 15,
                              .types = kTypes,
                              .inputs = kIn,
                              .outputs = kOut,
                              .attrs = kAttrs,
                              .infer = infer,
                              .expand = expand,
                              .history = kHistory};

}  // namespace sardonyx
