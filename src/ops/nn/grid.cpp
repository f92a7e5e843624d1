// GridSample takes values at fractional positions; AffineGrid makes the positions from affine matrices.
#include "ir/body_ctx.h"
#include "ops/eltwise.h"
#include "ops/infer.h"

namespace sardonyx {
namespace {

using Ref = BodyCtx::Ref;

constexpr TypeVar kSampleTypes[] = {{"T1", kNumericTypes | kComplexTypes | kBoolType | kStringType},
                                    {"T2", kFloatTypes}};
constexpr ParamDef kSampleIn[] = {{"X", "T1"}, {"grid", "T2"}};
constexpr ParamDef kSampleOut[] = {{"Y", "T1"}};
constexpr AttrDef kSampleAttrs[] = {attr_int("align_corners", 0), attr_string("mode", "linear"),
                                    attr_string("padding_mode", "zeros")};
constexpr TypeVar kAffineTypes[] = {{"T1", kFloatTypes}, {"T2", kInt64Type}};
constexpr ParamDef kAffineIn[] = {{"theta", "T1"}, {"size", "T2"}};
constexpr ParamDef kAffineOut[] = {{"grid", "T1"}};
constexpr AttrDef kAffineAttrs[] = {attr_int("align_corners", 0)};

Status infer_sample(InferCtx& c) {
  const std::string_view mode = c.attr_string("mode"), padding = c.attr_string("padding_mode");
  if (mode != "linear" && mode != "nearest" && mode != "cubic")
    return fail(Code::kAttr, "mode is ", quoted(mode), "; it must be linear, nearest or cubic");
  if (padding != "zeros" && padding != "border" && padding != "reflection")
    return fail(Code::kAttr, "padding_mode is ", quoted(padding), "; it must be zeros, border or reflection");
  SDX_TRY(Shape x, c.shape(0));
  SDX_TRY(Shape grid, c.shape(1));
  SDX_RETURN_IF_ERROR(require_min_rank(c, x, 3, "X"));
  SDX_RETURN_IF_ERROR(require_rank(c, grid, x.size(), "grid"));
  const int64_t spatial = static_cast<int64_t>(x.size()) - 2;
  SDX_RETURN_IF_ERROR(require_equal(c, grid.back(), spatial, "grid is ", c.text(grid), "; its last extent must be ",
                                    spatial, ", the spatial rank of X"));
  SDX_TRY(Dim batch, c.must_equal(x[0], grid[0], "batch of X and grid"));
  Shape y{batch, x[1]};
  for (size_t a = 1; a + 1 < grid.size(); ++a) y.push_back(grid[a]);
  return c.set(0, c.dtype(0), std::move(y));
}

// 2 or 3 spatial axes, by the matrices' extents or the length of `size`; 0 if neither is known.
int64_t spatial_axes(const Fact& theta, const Fact& size) {
  if (theta.has_rank && theta.shape.size() == 3 && theta.shape[1].known()) return theta.shape[1].value();
  if (size.has_rank && size.shape.size() == 1 && size.shape[0].known()) return size.shape[0].value() - 2;
  return 0;
}

Status infer_affine(InferCtx& c) {
  SDX_TRY(std::optional<Dims> size, ints_if_known(c, 1));
  const int64_t spatial = spatial_axes(c.in(0), c.in(1));
  if (spatial == 0) return deferred();
  if (spatial != 2 && spatial != 3) return c.shape_error("size has ", spatial + 2, " elements; it must have 4 or 5");
  if (size && static_cast<int64_t>(size->size()) != spatial + 2)
    return c.shape_error("size has ", size->size(), " elements; matrices of ", spatial, " rows need ", spatial + 2);
  Dim batch = size ? (*size)[0] : c.fresh();
  if (c.in(0).has_rank) {
    const Shape& theta = c.in(0).shape;
    SDX_RETURN_IF_ERROR(require_rank(c, theta, 3, "theta"));
    SDX_RETURN_IF_ERROR(
        require_equal(c, theta[1], spatial, "theta is ", c.text(theta), "; it must have ", spatial, " rows"));
    SDX_RETURN_IF_ERROR(require_equal(c, theta[2], spatial + 1, "theta is ", c.text(theta), "; it must have ",
                                      spatial + 1, " columns"));
    SDX_TRY(batch, c.must_equal(theta[0], batch, "batch of theta and size"));
  }
  Shape grid{batch};
  for (int64_t a = 0; a < spatial; ++a) grid.push_back(size ? (*size)[static_cast<size_t>(a) + 2] : c.fresh());
  grid.push_back(spatial);
  return c.set(0, c.dtype(0), std::move(grid));
}

// Coordinates in [-1, 1] along the last axis first, a column of ones, times the matrices; in double.
Status expand_affine(BodyCtx& b) {
  const int64_t spatial = spatial_axes(b.fact(b.in(0)), b.fact(b.in(1)));
  if (spatial != 2 && spatial != 3) return fail(Code::kNoKernel, "the number of spatial axes is not known");
  const bool corners = b.attr_int("align_corners") != 0;
  const std::vector<Attr> join = {Attr::of_int("axis", 0)};
  const Ref size = b.in(1);
  const Ref extents = b.op("Slice", {size, b.ints({2}), b.ints({spatial + 2})});
  const Ref cells = b.op("Concat", {extents, b.ints({1})}, join);
  Ref all = kNone;
  for (int64_t a = spatial - 1; a >= 0; --a) {
    const Ref n = b.op("Gather", {extents, b.int_scalar(a)});
    const Ref i = b.cast(b.op("Range", {b.int_scalar(0), n, b.int_scalar(1)}), DType::kF64);
    const Ref shift = b.scalar(corners ? 0 : 1, i), two = b.scalar(2, i);
    const Ref gaps = corners ? b.op("Max", {b.op("Sub", {n, b.int_scalar(1)}), b.int_scalar(1)}) : n;
    const Ref scaled = b.op("Div", {b.op("Add", {b.op("Mul", {i, two}), shift}), b.cast(gaps, DType::kF64)});
    std::vector<int64_t> axes;
    for (int64_t k = 1; k <= spatial - a; ++k) axes.push_back(k);
    const Ref column = b.op("Unsqueeze", {b.op("Sub", {scaled, b.scalar(1, i)}), b.ints(axes)});
    const Ref whole = b.op("Expand", {column, cells});
    all = all == kNone ? whole : b.op("Concat", {all, whole}, {Attr::of_int("axis", -1)});
  }
  const Ref ones = b.op("Expand", {b.cast(b.int_scalar(1), DType::kF64), cells});
  const Ref points =
      b.op("Reshape", {b.op("Concat", {all, ones}, {Attr::of_int("axis", -1)}), b.ints({-1, spatial + 1})});
  const Ref matrices = b.op("Transpose", {b.cast(b.in(0), DType::kF64)}, {Attr::of_ints("perm", {0, 2, 1})});
  const Ref shape = b.op("Concat", {b.op("Slice", {size, b.ints({0}), b.ints({1})}), extents, b.ints({spatial})}, join);
  return b.outputs({b.cast(b.op("Reshape", {b.op("MatMul", {points, matrices}), shape}), b.dtype(0))});
}

// Before opset 20 the modes had the names of two spatial axes.
Status rename_mode(UpgradeCtx& u, const Upgrade&) {
  Attr* mode = u.attr("mode");
  if (mode != nullptr && mode->s == "bilinear") mode->s = "linear";
  if (mode != nullptr && mode->s == "bicubic") mode->s = "cubic";
  return {};
}
constexpr Upgrade kSampleHistory[] = {{20, rename_mode}};

}  // namespace

SDX_OP(GridSample) = {.name = "GridSample",
                      .since = 22,
                      .types = kSampleTypes,
                      .inputs = kSampleIn,
                      .outputs = kSampleOut,
                      .attrs = kSampleAttrs,
                      .infer = infer_sample,
                      .history = kSampleHistory,
                      .first = 16};

SDX_OP(AffineGrid) = {.name = "AffineGrid",
                      .since = 20,
                      .types = kAffineTypes,
                      .inputs = kAffineIn,
                      .outputs = kAffineOut,
                      .attrs = kAffineAttrs,
                      .infer = infer_affine,
                      .expand = expand_affine,
                      .first = 20};

}  // namespace sardonyx
