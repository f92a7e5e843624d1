// Scatter (up to opset 10) and ScatterElements: a copy of data in which elements picked by index along one axis are
// replaced by, or combined with, updates.
#include "ops/shape/scatter.h"

#include "ir/body_ctx.h"
#include "ir/infer_ctx.h"
#include "ir/op_def.h"
#include "ir/upgrade_ctx.h"

namespace sardonyx {
namespace {

constexpr TypeVar kScatterElementsTypes[] = {{"T", kNumericTypes | kComplexTypes | kBoolType | kStringType},
                                             {"Tind", kIndexTypes}};
constexpr ParamDef kScatterElementsIn[] = {{"data", "T"}, {"indices", "Tind"}, {"updates", "T"}};
constexpr ParamDef kScatterElementsOut[] = {{"output", "T"}};
constexpr AttrDef kScatterElementsAttrs[] = {attr_int("axis", 0), attr_string("reduction", "none")};
constexpr TypeVar kScatterTypes[] = {{"T", kSignedTypes | kUnsignedTypes | kComplexTypes | kBoolType | kStringType |
                                               mask_of(DType::kF16) | mask_of(DType::kF32) | mask_of(DType::kF64)},
                                     {"Tind", kIndexTypes}};
constexpr AttrDef kScatterAttrs[] = {attr_int("axis", 0)};

// A vector's known contents with some elements replaced.
Status scatter_contents(InferCtx& c) {
  const Dims* data = contents(c, 0);
  const Dims* updates = contents(c, 2);
  const auto at = known_contents(c, 1);
  const std::string_view reduction = c.attr_string("reduction");
  if (data == nullptr || updates == nullptr || !at || at->size() != updates->size()) return {};
  if (!reduction.empty() && reduction != "none") return {};
  Dims out = *data;
  const auto n = static_cast<int64_t>(out.size());
  for (size_t k = 0; k < at->size(); ++k) {
    const int64_t i = (*at)[k];
    if (i < -n || i >= n)
      return fail(Code::kRange, "index ", i, " is outside [", -n, ",", n - 1, "] of data ", c.text(c.in(0).shape));
    out[static_cast<size_t>(i < 0 ? i + n : i)] = (*updates)[k];
  }
  return c.set_ints(0, std::move(out));
}

Status infer_scatter_elements(InferCtx& c) {
  SDX_RETURN_IF_ERROR(check_reduction(c));
  SDX_RETURN_IF_ERROR(c.copy(0, 0));
  const Fact &x = c.in(0), &at = c.in(1), &updates = c.in(2);
  if (at.has_rank && updates.has_rank) {
    if (at.shape.size() != updates.shape.size())
      return c.shape_error("indices ", c.text(at.shape), " and updates ", c.text(updates.shape), " differ in rank");
    for (size_t a = 0; a < at.shape.size(); ++a)
      SDX_RETURN_IF_ERROR(c.must_equal(at.shape[a], updates.shape[a], "extent of indices and updates").take_status());
  }
  if (!x.has_rank) return {};
  SDX_RETURN_IF_ERROR(c.axis(c.attr_int("axis"), rank_of(x.shape)).take_status());
  if (at.has_rank && at.shape.size() != x.shape.size())
    return c.shape_error("indices ", c.text(at.shape), " and data ", c.text(x.shape), " differ in rank");
  return scatter_contents(c);
}

Status become_scatter_elements(UpgradeCtx& u, const Upgrade&) {
  u.draft().op = "ScatterElements";
  return {};
}

Status expand_scatter(BodyCtx& b) {
  return b.outputs({b.op("ScatterElements", {b.in(0), b.in(1), b.in(2)}, {Attr::of_int("axis", b.attr_int("axis"))})});
}

constexpr Upgrade kScatterHistory[] = {{11, become_scatter_elements}};

}  // namespace

SDX_OP(ScatterElements) = {.name = "ScatterElements",
                           .since = 18,
                           .types = kScatterElementsTypes,
                           .inputs = kScatterElementsIn,
                           .outputs = kScatterElementsOut,
                           .attrs = kScatterElementsAttrs,
                           .infer = infer_scatter_elements,
                           .first = 11};

SDX_OP(Scatter) = {.name = "Scatter",
                   .since = 11,
                   .types = kScatterTypes,
                   .inputs = kScatterElementsIn,
                   .outputs = kScatterElementsOut,
                   .attrs = kScatterAttrs,
                   .infer = infer_scatter_elements,
                   .expand = expand_scatter,
                   .history = kScatterHistory,
                   .first = 9};

}  // namespace sardonyx
