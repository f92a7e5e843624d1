// CenterCropPad crops or zero-pads axes around their centre; an odd difference puts the extra element at the end.
#include "ir/body_ctx.h"
#include "ir/infer_ctx.h"
#include "ir/op_def.h"
#include "ops/shape/contents.h"

namespace sardonyx {
namespace {

constexpr TypeVar kTypes[] = {{"T", kNumericTypes | kComplexTypes | kBoolType | kStringType}, {"Tind", kIndexTypes}};
constexpr ParamDef kIn[] = {{"input_data", "T"}, {"shape", "Tind"}};
constexpr ParamDef kOut[] = {{"output_data", "T"}};
constexpr AttrDef kAttrs[] = {attr_optional("axes", AttrType::kInts)};

Status infer(InferCtx& c) {
  SDX_TRY(const Shape x, c.shape(0));
  SDX_TRY(const std::optional<int> n, vector_length(c, 1));
  SmallVec<int, 8> axes;
  if (c.has_attr("axes")) {
    SDX_TRY(axes, c.axes(c.attr_ints("axes"), rank_of(x), /*sorted=*/false));
  } else {
    for (int a = 0; a < rank_of(x); ++a) axes.push_back(a);
  }
  if (n && static_cast<size_t>(*n) != axes.size())
    return c.shape_error("shape has ", *n, " elements for ", axes.size(), " axes of input_data ", c.text(x));
  const Result<Dims> to = c.ints(1);
  if (!to.ok() && !is_deferred(to.status())) return to.status();
  Shape out = x;
  for (size_t k = 0; k < axes.size(); ++k) {
    const Dim d = to.ok() ? (*to)[k] : c.fresh();
    if (d.known() && d.value() < 0) return fail(Code::kRange, "shape[", k, "] is ", d.value(), ", expected 0 or more");
    out[static_cast<size_t>(axes[k])] = d;
  }
  return c.set(0, c.dtype(0), std::move(out));
}

Status expand(BodyCtx& b) {
  using Ref = BodyCtx::Ref;
  const Ref to = b.cast(b.in(1), DType::kI64), zero = b.ints({0}), two = b.ints({2});
  Ref have = b.op("Shape", {b.in(0)}), axes = kNone;
  if (b.has_attr("axes")) {
    axes = b.ints(b.attr_ints("axes"));
    have = b.op("Gather", {have, axes});
  } else {
    axes = b.op("Range", {b.int_scalar(0), b.op("Size", {have}), b.int_scalar(1)});
  }
  const Ref more = b.op("Sub", {have, to});
  const Ref start = b.op("Div", {b.op("Max", {more, zero}), two});
  const Ref cropped = b.op("Slice", {b.in(0), start, b.op("Add", {start, to}), axes});
  const Ref less = b.op("Max", {b.op("Neg", {more}), zero}), before = b.op("Div", {less, two});
  const Ref pads = b.op("Concat", {before, b.op("Sub", {less, before})}, {Attr::of_int("axis", 0)});
  return b.outputs({b.op("Pad", {cropped, pads, kNone, axes})});
}

}  // namespace

SDX_OP(CenterCropPad) = {.name = "CenterCropPad",
                         .since = 18,
                         .types = kTypes,
                         .inputs = kIn,
                         .outputs = kOut,
                         .attrs = kAttrs,
                         .infer = infer,
                         .expand = expand,
                         .first = 18};

}  // namespace sardonyx
