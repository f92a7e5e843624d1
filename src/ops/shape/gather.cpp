// Gather and GatherElements: elements of one axis picked by index. Negative indices count from the end.
#include "ir/infer_ctx.h"
#include "ir/op_def.h"
#include "ops/shape/contents.h"

namespace sardonyx {
namespace {

constexpr TypeVar kGatherTypes[] = {{"T", kNumericTypes | kComplexTypes | kBoolType | kStringType},
                                    {"Tind", kIndexTypes}};
constexpr ParamDef kGatherIn[] = {{"data", "T"}, {"indices", "Tind"}};
constexpr ParamDef kGatherOut[] = {{"output", "T"}};
constexpr AttrDef kGatherAttrs[] = {attr_int("axis", 0)};

// Picks from a vector with known contents by a scalar or vector of known indices.
Status gather_contents(InferCtx& c) {
  const Dims* all = contents(c, 0);
  const auto at = known_contents(c, 1);
  if (!at || !c.in(0).has_rank || rank_of(c.in(0).shape) == 0) return {};
  Dims out;
  SDX_TRY(const int axis, c.axis(c.attr_int("axis"), rank_of(c.in(0).shape)));
  const Dim extent = c.in(0).shape[static_cast<size_t>(axis)];
  for (int64_t i : *at) {
    if (extent.known() && (i < -extent.value() || i >= extent.value()))
      return fail(Code::kRange, "index ", i, " is outside [", -extent.value(), ",", extent.value() - 1, "] of axis ",
                  axis, " of data ", c.text(c.in(0).shape));
    if (all != nullptr) out.push_back((*all)[static_cast<size_t>(i < 0 ? i + extent.value() : i)]);
  }
  return all != nullptr ? c.set_ints(0, std::move(out)) : Status();
}

Status infer_gather(InferCtx& c) {
  SDX_TRY(const Shape x, c.shape(0));
  if (x.empty()) return c.shape_error("data is a scalar, expected rank 1 or more");
  SDX_TRY(const Shape at, c.shape(1));
  SDX_TRY(const int axis, c.axis(c.attr_int("axis"), rank_of(x)));
  Shape out(x.begin(), x.begin() + axis);
  for (Dim d : at) out.push_back(d);
  for (int a = axis + 1; a < rank_of(x); ++a) out.push_back(x[static_cast<size_t>(a)]);
  SDX_RETURN_IF_ERROR(c.set(0, c.dtype(0), std::move(out)));
  return gather_contents(c);
}

Status infer_gather_elements(InferCtx& c) {
  SDX_TRY(const Shape at, c.shape(1));
  if (c.in(0).has_rank) {
    const Shape& x = c.in(0).shape;
    if (x.size() != at.size()) return c.shape_error("data ", c.text(x), " and indices ", c.text(at), " differ in rank");
    SDX_TRY(const int axis, c.axis(c.attr_int("axis"), rank_of(x)));
    for (int a = 0; a < rank_of(x); ++a) {
      const Dim d = x[static_cast<size_t>(a)], e = at[static_cast<size_t>(a)];
      if (a != axis && d.known() && e.known() && e.value() > d.value())
        return c.shape_error("indices ", c.text(at), " exceed data ", c.text(x), " outside axis ", axis);
    }
  }
  SDX_RETURN_IF_ERROR(c.set(0, c.dtype(0), at));
  return at.size() == 1 ? gather_contents(c) : Status();
}

}  // namespace

SDX_OP(Gather) = {.name = "Gather",
                  .since = 13,
                  .types = kGatherTypes,
                  .inputs = kGatherIn,
                  .outputs = kGatherOut,
                  .attrs = kGatherAttrs,
                  .infer = infer_gather};

SDX_OP(GatherElements) = {.name = "GatherElements",
                          .since = 13,
                          .types = kGatherTypes,
                          .inputs = kGatherIn,
                          .outputs = kGatherOut,
                          .attrs = kGatherAttrs,
                          .infer = infer_gather_elements,
                          .first = 11};

}  // namespace sardonyx
