// Reshape and Flatten: the same elements under other extents.
#include <algorithm>

#include "ir/infer_ctx.h"
#include "ir/op_def.h"
#include "ir/upgrade_ctx.h"
#include "ops/shape/contents.h"

namespace sardonyx {
namespace {

constexpr TypeVar kReshapeTypes[] = {{"T", kAnyType}, {"tensor(int64)", kInt64Type}};
constexpr ParamDef kReshapeIn[] = {{"data", "T"}, {"shape", "tensor(int64)"}};
constexpr ParamDef kReshapeOut[] = {{"reshaped", "T"}};
constexpr AttrDef kReshapeAttrs[] = {attr_int("allowzero", 0)};
constexpr TypeVar kAnyT[] = {{"T", kAnyType}};
constexpr ParamDef kFlattenIn[] = {{"input", "T"}};
constexpr ParamDef kFlattenOut[] = {{"output", "T"}};
constexpr AttrDef kFlattenAttrs[] = {attr_int("axis", 1)};

// The extent that -1 at position `at` of `out` stands for. Extents on both sides are cancelled first, so that [N,3,4]
// as [N,-1] is [N,12] even for N = 0.
Result<Dim> left_over(InferCtx& c, Shape x, const Shape& out, int at) {
  const Shape whole = x;
  Shape rest;
  for (int i = 0; i < rank_of(out); ++i) {
    if (i == at) continue;
    const Dim* same = std::find(x.begin(), x.end(), out[static_cast<size_t>(i)]);
    if (same != x.end()) {
      x.erase(static_cast<size_t>(same - x.begin()));
    } else {
      rest.push_back(out[static_cast<size_t>(i)]);
    }
  }
  const Dim have = c.sym().product(x), taken = c.sym().product(rest);
  const bool exact = !have.known() || !taken.known() || (taken.value() != 0 && have.value() % taken.value() == 0);
  if (!exact || taken.is(0)) {
    return c.shape_error("data ", c.text(whole), " cannot be divided into extents of ", c.text(rest),
                         " to find the -1 of shape");
  }
  return c.sym().floor_div(have, taken);
}

// Extents asked for by `want`: zeros copied from data, -1 resolved.
Result<Shape> target(InferCtx& c, const Dims& want) {
  const bool copy_zeros = c.attr_int("allowzero") == 0;
  const Fact& x = c.in(0);
  Shape out;
  int at = -1;
  bool zero = false;
  for (size_t i = 0; i < want.size(); ++i) {
    Dim d = want[i];
    if (d.is(-1)) {
      if (at >= 0) return c.shape_error("shape ", c.text(Shape(want.begin(), want.end())), " has more than one -1");
      at = static_cast<int>(i);
    } else if (d.known() && d.value() < -1) {
      return c.shape_error("shape[", i, "] is ", d.value(), ", expected -1 or more");
    } else if (d.is(0) && copy_zeros) {
      if (x.has_rank && i >= x.shape.size())
        return c.shape_error("shape[", i, "] is 0 (copy), but data ", c.text(x.shape), " has rank ", x.shape.size());
      d = x.has_rank ? x.shape[i] : c.fresh();
    } else if (d.is(0)) {
      zero = true;
    }
    out.push_back(d);
  }
  if (at >= 0 && zero) return c.shape_error("shape has both 0 and -1, which allowzero=1 leaves undefined");
  if (at >= 0 && !x.has_rank) {
    out[static_cast<size_t>(at)] = c.fresh();
  } else if (at >= 0) {
    SDX_TRY(out[static_cast<size_t>(at)], left_over(c, x.shape, out, at));
  } else if (x.has_rank && c.sym().equal(c.sym().product(x.shape), c.sym().product(out)) == false) {
    return c.shape_error("data ", c.text(x.shape), " has ", c.text(c.sym().product(x.shape)), " elements, shape ",
                         c.text(out), " asks for ", c.text(c.sym().product(out)));
  }
  return out;
}

Status infer_reshape(InferCtx& c) {
  SDX_RETURN_IF_ERROR(vector_length(c, 1).take_status());
  Result<Dims> want = c.ints(1);
  if (!want.ok()) return is_deferred(want.status()) ? set_rank_from_length(c, 0, c.dtype(0), 1) : want.take_status();
  SDX_TRY(Shape out, target(c, *want));
  SDX_RETURN_IF_ERROR(c.set(0, c.dtype(0), std::move(out)));
  return pass_contents(c, 0, 0);
}

Status infer_flatten(InferCtx& c) {
  SDX_TRY(const Shape x, c.shape(0));
  const int64_t r = rank_of(x), given = c.attr_int("axis"), axis = given < 0 ? given + r : given;
  if (axis < 0 || axis > r)
    return fail(Code::kRange, "axis ", given, " is outside [", -r, ",", r, "] of input ", c.text(x));
  const std::span<const Dim> all = x;
  const auto n = static_cast<size_t>(axis);
  return c.set(0, c.dtype(0), {c.sym().product(all.first(n)), c.sym().product(all.subspan(n))});
}

constexpr Upgrade kReshapeHistory[] = {drop_consumed_inputs(5), attr_to_input(5, "shape", 1)};

}  // namespace

SDX_OP(Reshape) = {.name = "Reshape",
                   .since = 25,
                   .types = kReshapeTypes,
                   .inputs = kReshapeIn,
                   .outputs = kReshapeOut,
                   .attrs = kReshapeAttrs,
                   .infer = infer_reshape,
                   .history = kReshapeHistory,
                   .traits = kView};

SDX_OP(Flatten) = {.name = "Flatten",
                   .since = 25,
                   .types = kAnyT,
                   .inputs = kFlattenIn,
                   .outputs = kFlattenOut,
                   .attrs = kFlattenAttrs,
                   .infer = infer_flatten,
                   .traits = kView};

}  // namespace sardonyx
