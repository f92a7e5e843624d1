#include "unit/ir_test_ops.h"

#include <vector>

#include "ir/body_ctx.h"
#include "ir/infer_ctx.h"
#include "ir/upgrade_ctx.h"

namespace sardonyx::test {
namespace {

constexpr TypeVar kT[] = {{"T", kAnyType}};
constexpr TypeVar kData[] = {{"T", kAnyType}, {"I", kInt64Type}, {"B", kBoolType}};
constexpr TypeVar kAnything[] = {{"T", kAnyType, kAnyType, kAnyType, kAnyType, true}};
constexpr ParamDef kOne[] = {{"X", "T"}};
constexpr ParamDef kTwo[] = {{"A", "T"}, {"B", "T"}};
constexpr ParamDef kMany[] = {{"X", "T", kVariadic}};
constexpr ParamDef kOut[] = {{"Y", "T"}};
constexpr ParamDef kWithAxes[] = {{"data", "T"}, {"axes", "I", kOptional}};
constexpr ParamDef kClipIn[] = {{"X", "T"}, {"min", "T", kOptional}, {"max", "T", kOptional}};
constexpr ParamDef kSplitOut[] = {{"Y", "T", kVariadic}};
constexpr ParamDef kCond[] = {{"cond", "B"}};
constexpr ParamDef kLoopIn[] = {
    {"M", "I", kOptional}, {"cond", "B", kOptional}, {"v", "T", kVariadic | kHeterogeneous}};
constexpr ParamDef kResults[] = {{"Y", "T", kVariadic | kHeterogeneous}};

Status infer_same(InferCtx& c) { return c.copy(0, 0); }
Status infer_binary(InferCtx& c) {
  SDX_TRY(const Shape a, c.shape(0));
  SDX_TRY(const Shape b, c.shape(1));
  SDX_TRY(Shape y, c.broadcast(a, b));
  return c.set(0, c.dtype(0), std::move(y));
}
Status infer_unsqueeze(InferCtx& c) {
  SDX_TRY(const Shape x, c.shape(0));
  SDX_TRY(const auto axes,
          c.axes_of(1, static_cast<int>(x.size()) + static_cast<int>(c.in(1).ints ? c.in(1).ints->size() : 1)));
  Shape y = x;
  for (int a : axes) y.insert(static_cast<size_t>(a), 1);
  return c.set(0, c.dtype(0), std::move(y));
}
Status infer_reduce(InferCtx& c) {
  if (c.has(1)) SDX_RETURN_IF_ERROR(c.ints(1).status());
  return c.set(0, c.dtype(0), {});
}
Status infer_constant(InferCtx& c) {
  const Attr* value = c.attr("value");
  Tensor t;
  if (value != nullptr) {
    t = value->tensor;
  } else {
    SDX_TRY(t, Tensor::vector_i64(c.attr_ints("value_ints")));
  }
  if (c.wants(0)) c.out(0) = Fact::of(t);
  return {};
}
Status infer_split(InferCtx& c) {
  SDX_TRY(Shape x, c.shape(0));
  x[0] = c.sym().floor_div(x[0], c.outputs());
  for (int o = 0; o < c.outputs(); ++o) SDX_RETURN_IF_ERROR(c.set(o, c.dtype(0), x));
  return {};
}
Status infer_if(InferCtx& c) {
  if (c.outputs() > static_cast<int>(c.node().bodies[0]->outputs.size()))
    return c.shape_error("a branch has too few outputs");
  for (int o = 0; o < c.outputs(); ++o)
    c.out(o) = c.node().bodies[0]->fact(c.node().bodies[0]->outputs[static_cast<size_t>(o)]);
  return {};
}
Status infer_loop(InferCtx& c) {
  if (c.outputs() > c.inputs() - 2) return c.shape_error("too many outputs");
  for (int o = 0; o < c.outputs(); ++o) c.out(o).type = c.in(o + 2).type;
  return {};
}

constexpr AttrDef kAlpha[] = {attr_float("alpha", 0.5), attr_optional("beta", AttrType::kFloat)};
constexpr AttrDef kAxis[] = {attr_int("axis", -1)};
constexpr AttrDef kKeep[] = {attr_int("keepdims", 1)};
constexpr AttrDef kConstant[] = {attr_optional("value", AttrType::kTensor),
                                 attr_optional("value_ints", AttrType::kInts)};
constexpr AttrDef kBranches[] = {attr_required("then_branch", AttrType::kGraph),
                                 attr_required("else_branch", AttrType::kGraph)};
constexpr AttrDef kLoopBody[] = {attr_required("body", AttrType::kGraph)};
constexpr AttrDef kAll[] = {attr_optional("i", AttrType::kInt),           attr_optional("f", AttrType::kFloat),
                            attr_optional("s", AttrType::kString),        attr_optional("t", AttrType::kTensor),
                            attr_optional("ints", AttrType::kInts),       attr_optional("floats", AttrType::kFloats),
                            attr_optional("strings", AttrType::kStrings), attr_optional("tensors", AttrType::kTensors),
                            attr_optional("type", AttrType::kType)};

Status expand_swish(BodyCtx& b) {
  const auto x = b.in(0);
  return b.outputs({b.op("Mul", {x, b.op("Exp", {b.op("Mul", {b.scalar(b.attr_float("alpha"), x), x})})})});
}
Status expand_broken(BodyCtx& b) { return b.outputs({b.op("Mul", {b.op("NoSuchOp", {b.in(0)}), b.in(0)})}); }
Status expand_wrong_type(BodyCtx& b) { return b.outputs({b.int_scalar(3)}); }

Status become_upscale(UpgradeCtx& u, const Upgrade&) {
  u.draft().op = "Upscale";
  return {};
}
// Flattens to two axes first and undoes it afterwards, as the real one did.
Status flatten_first(UpgradeCtx& u, const Upgrade&) {
  SDX_TRY(const ValueId flat, u.emit("Flat", {u.draft().inputs[0]}));
  const ValueId x = u.draft().inputs[0];
  u.set_input(0, flat);
  return u.then("Unflat", {x});
}

constexpr Upgrade kBinaryHistory[] = {drop_consumed_inputs(), legacy_broadcast()};
constexpr Upgrade kAxesHistory[] = {attr_to_input(13, "axes", 1)};
constexpr Upgrade kClipHistory[] = {drop_consumed_inputs(), attr_to_input(11, "min", 1), attr_to_input(11, "max", 2)};
constexpr Upgrade kNormHistory[] = {set_attr_int(11, "axis", 1), {13, flatten_first}};
constexpr Upgrade kOldScaleHistory[] = {{10, become_upscale}};
constexpr Upgrade kUpscaleHistory[] = {{9, flatten_first}, attr_to_input(11, "scale", 1)};

constexpr OpDef binary(std::string_view name) {
  return {.name = name,
          .since = 14,
          .types = kT,
          .inputs = kTwo,
          .outputs = kOut,
          .infer = infer_binary,
          .history = kBinaryHistory};
}
constexpr OpDef unary(std::string_view name, std::string_view body = {}, std::string_view domain = {}) {
  return {.name = name,
          .domain = domain,
          .types = kT,
          .inputs = kOne,
          .outputs = kOut,
          .attrs = kAlpha,
          .infer = infer_same,
          .body = body};
}

constexpr OpDef kOps[] = {
    binary("Add"),
    binary("Sub"),
    binary("Mul"),
    binary("Div"),
    unary("Neg"),
    unary("Exp"),
    unary("Identity"),
    unary("Flat"),
    {.name = "Unflat", .types = kT, .inputs = kTwo, .outputs = kOut, .infer = infer_same},
    unary("Gelu", {}, "com.microsoft"),
    unary("Scaled", "Y = @alpha * X + Exp(-X) / 2"),
    unary("Passes", "{ Z = Exp <alpha = @alpha, beta = @beta> (X)  Y = Z }"),
    unary("Alias", "Y = X"),
    unary("Misspelt", "Y = Exp(Z)"),
    {.name = "Swish",
     .types = kT,
     .inputs = kOne,
     .outputs = kOut,
     .attrs = kAlpha,
     .infer = infer_same,
     .expand = expand_swish},
    {.name = "Broken", .types = kT, .inputs = kOne, .outputs = kOut, .infer = infer_same, .expand = expand_broken},
    {.name = "WrongType",
     .types = kT,
     .inputs = kOne,
     .outputs = kOut,
     .infer = infer_same,
     .expand = expand_wrong_type},
    {.name = "Clip",
     .since = 13,
     .types = kT,
     .inputs = kClipIn,
     .outputs = kOut,
     .infer = infer_same,
     .history = kClipHistory},
    {.name = "Norm",
     .since = 13,
     .types = kT,
     .inputs = kOne,
     .outputs = kOut,
     .attrs = kAxis,
     .infer = infer_same,
     .history = kNormHistory},
    {.name = "Unsqueeze",
     .since = 13,
     .types = kData,
     .inputs = kWithAxes,
     .outputs = kOut,
     .infer = infer_unsqueeze,
     .history = kAxesHistory},
    {.name = "ReduceSum",
     .since = 13,
     .types = kData,
     .inputs = kWithAxes,
     .outputs = kOut,
     .attrs = kKeep,
     .infer = infer_reduce,
     .history = kAxesHistory},
    {.name = "OldScale",
     .types = kT,
     .inputs = kTwo,
     .outputs = kOut,
     .infer = infer_same,
     .history = kOldScaleHistory,
     .first = 7},
    {.name = "Upscale",
     .types = kT,
     .inputs = kTwo,
     .outputs = kOut,
     .infer = infer_same,
     .history = kUpscaleHistory,
     .first = 8},
    {.name = "Concat", .types = kT, .inputs = kMany, .outputs = kOut, .infer = infer_same},
    {.name = "Split", .types = kT, .inputs = kOne, .outputs = kSplitOut, .infer = infer_split},
    {.name = "Constant", .types = kT, .outputs = kOut, .attrs = kConstant, .infer = infer_constant},
    {.name = "Anything", .types = kAnything, .inputs = kOne, .outputs = kOut, .attrs = kAll, .infer = infer_same},
    {.name = "If",
     .types = kData,
     .inputs = kCond,
     .outputs = kResults,
     .attrs = kBranches,
     .infer = infer_if,
     .traits = kControlFlow},
    {.name = "Loop",
     .types = kData,
     .inputs = kLoopIn,
     .outputs = kResults,
     .attrs = kLoopBody,
     .min_inputs = 2,
     .infer = infer_loop,
     .traits = kControlFlow},
};

struct Table final : OpLookup {
  std::vector<const OpDef*> ops;
  Table() {
    for (const OpDef& o : kOps) ops.push_back(&o);
  }
  const OpDef* find(std::string_view domain, std::string_view name) const override {
    if (domain == "ai.onnx") domain = {};
    for (const OpDef* o : ops)
      if (o->domain == domain && o->name == name) return o;
    return nullptr;
  }
  std::span<const OpDef* const> all() const override { return ops; }
};

}  // namespace

const OpLookup& test_ops() {
  static const Table table;
  return table;
}

}  // namespace sardonyx::test
