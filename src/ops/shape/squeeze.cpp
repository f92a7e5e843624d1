// Squeeze removes axes of extent 1, Unsqueeze inserts them.

#include "ir/infer_ctx.h"
#include "ir/op_def.h"
#include "ir/upgrade_ctx.h"
#include "ops/shape/contents.h"

namespace sardonyx {
namespace {

constexpr TypeVar kSqueezeTypes[] = {{"T", kAnyType}, {"tensor(int64)", kInt64Type}};
constexpr ParamDef kSqueezeIn[] = {{"data", "T"}, {"axes", "tensor(int64)", kOptional}};
constexpr ParamDef kSqueezeOut[] = {{"squeezed", "T"}};
constexpr ParamDef kUnsqueezeIn[] = {{"data", "T"}, {"axes", "tensor(int64)"}};
constexpr ParamDef kUnsqueezeOut[] = {{"expanded", "T"}};

// Without axes every extent must be known to be 1 or not.
Result<SmallVec<int, 8>> axes_of_ones(const InferCtx& c, const Shape& x) {
  SmallVec<int, 8> axes;
  for (int a = 0; a < rank_of(x); ++a) {
    const Dim d = x[static_cast<size_t>(a)];
    if (d.is(1)) axes.push_back(a);
    if (!d.known() && c.sym().at_least(d, 2) != true && c.sym().equal(d, 0) != true) return deferred();
  }
  return axes;
}

Status infer_squeeze(InferCtx& c) {
  SDX_TRY(const Shape x, c.shape(0));
  std::optional<int> given = 0;
  if (c.has(1)) {
    SDX_TRY(given, vector_length(c, 1, /*scalar_too=*/true));
  }
  const bool all_ones = given == 0;  // an empty list counts as none
  Result<SmallVec<int, 8>> axes = all_ones ? axes_of_ones(c, x) : c.axes_of(1, rank_of(x));
  if (!axes.ok()) {
    if (!is_deferred(axes.status()) || all_ones || !given || *given > rank_of(x)) return axes.take_status();
    return set_rank(c, 0, c.dtype(0), rank_of(x) - *given);
  }
  Shape out;
  for (int a = 0; a < rank_of(x); ++a) {
    const Dim d = x[static_cast<size_t>(a)];
    if (!contains_axis(*axes, a)) {
      out.push_back(d);
    } else if (c.sym().equal(d, 1) == false) {
      return c.shape_error("axis ", a, " has extent ", c.text(d), ", only axes of extent 1 can be squeezed");
    }
  }
  SDX_RETURN_IF_ERROR(c.set(0, c.dtype(0), std::move(out)));
  return pass_contents(c, 0, 0);
}

Status infer_unsqueeze(InferCtx& c) {
  SDX_TRY(const Shape x, c.shape(0));
  SDX_TRY(const std::optional<int> n, vector_length(c, 1, /*scalar_too=*/true));
  Result<Dims> given = c.ints(1);
  if (!given.ok()) {
    if (!is_deferred(given.status())) return given.take_status();
    return n ? set_rank(c, 0, c.dtype(0), rank_of(x) + *n) : deferred();
  }
  const int rank = rank_of(x) + static_cast<int>(given->size());
  SDX_TRY(const auto axes, c.axes_of(1, rank));
  Shape out;
  size_t next = 0;
  for (int a = 0; a < rank; ++a) out.push_back(contains_axis(axes, a) ? Dim(1) : x[next++]);
  SDX_RETURN_IF_ERROR(c.set(0, c.dtype(0), std::move(out)));
  return pass_contents(c, 0, 0);
}

constexpr Upgrade kAxesHistory[] = {attr_to_input(13, "axes", 1)};

}  // namespace

SDX_OP(Squeeze) = {.name = "Squeeze",
                   .since = 25,
                   .types = kSqueezeTypes,
                   .inputs = kSqueezeIn,
                   .outputs = kSqueezeOut,
                   .infer = infer_squeeze,
                   .history = kAxesHistory,
                   .traits = kView};

SDX_OP(Unsqueeze) = {.name = "Unsqueeze",
                     .since = 25,
                     .types = kSqueezeTypes,
                     .inputs = kUnsqueezeIn,
                     .outputs = kUnsqueezeOut,
                     .infer = infer_unsqueeze,
                     .history = kAxesHistory,
                     .traits = kView};

}  // namespace sardonyx
