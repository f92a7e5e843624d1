// SpaceToDepth and DepthToSpace: square blocks of the plane become channels, and back.
#include "ir/body_ctx.h"
#include "ir/infer_ctx.h"
#include "ir/op_def.h"
#include "ops/shape/contents.h"

namespace sardonyx {
namespace {

constexpr TypeVar kSpaceToDepthTypes[] = {{"T", kNumericTypes | kComplexTypes | kBoolType | kStringType}};
constexpr ParamDef kSpaceToDepthIn[] = {{"input", "T"}};
constexpr ParamDef kSpaceToDepthOut[] = {{"output", "T"}};
constexpr AttrDef kSpaceToDepthAttrs[] = {attr_required("blocksize", AttrType::kInt)};
constexpr AttrDef kDepthToSpaceAttrs[] = {attr_required("blocksize", AttrType::kInt), attr_string("mode", "DCR")};

Result<int64_t> block_of(const InferCtx& c, const Shape& x) {
  const int64_t b = c.attr_int("blocksize");
  if (b < 1 || b > (1 << 20)) return fail(Code::kAttr, "blocksize is ", b, ", expected 1 or more");
  if (x.size() != 4) return c.shape_error("input ", c.text(x), " has rank ", x.size(), ", expected 4 (N, C, H, W)");
  return b;
}

// d / by, which must not leave a rest.
Result<Dim> divided(InferCtx& c, Dim d, int64_t by, std::string_view what) {
  if (d.known() && d.value() % by != 0)
    return c.shape_error(what, " ", d.value(), " is not a multiple of ", by, " (blocksize ", c.attr_int("blocksize"),
                         ")");
  return c.sym().floor_div(d, by);
}

Status infer_space_to_depth(InferCtx& c) {
  SDX_TRY(const Shape x, c.shape(0));
  SDX_TRY(const int64_t b, block_of(c, x));
  SDX_TRY(const Dim h, divided(c, x[2], b, "height"));
  SDX_TRY(const Dim w, divided(c, x[3], b, "width"));
  return c.set(0, c.dtype(0), {x[0], c.sym().mul(x[1], b * b), h, w});
}

Status infer_depth_to_space(InferCtx& c) {
  const std::string_view mode = c.attr_string("mode");
  if (mode != "DCR" && mode != "CRD")
    return fail(Code::kAttr, "mode is ", quoted(mode), R"(, expected "DCR" or "CRD")");
  SDX_TRY(const Shape x, c.shape(0));
  SDX_TRY(const int64_t b, block_of(c, x));
  SDX_TRY(const Dim channels, divided(c, x[1], b * b, "channel count"));
  return c.set(0, c.dtype(0), {x[0], channels, c.sym().mul(x[2], b), c.sym().mul(x[3], b)});
}

using Ref = BodyCtx::Ref;

// Extents N, C, H, W of the input as vectors of one element.
void extents(BodyCtx& b, Ref (&e)[4]) {
  for (int a = 0; a < 4; ++a) e[a] = b.op("Shape", {b.in(0)}, {Attr::of_int("start", a), Attr::of_int("end", a + 1)});
}

// Reshape to six axes, transpose, reshape to four.
Ref shuffle(BodyCtx& b, std::initializer_list<Ref> six, std::vector<int64_t> perm, std::initializer_list<Ref> four) {
  const auto join = [&](std::initializer_list<Ref> parts) { return b.op("Concat", parts, {Attr::of_int("axis", 0)}); };
  const auto reshape = [&](Ref x, Ref to) { return b.op("Reshape", {x, to}, {Attr::of_int("allowzero", 1)}); };
  const Ref cut = reshape(b.in(0), join(six));
  return reshape(b.op("Transpose", {cut}, {Attr::of_ints("perm", std::move(perm))}), join(four));
}

Status expand_space_to_depth(BodyCtx& b) {
  const int64_t n = b.attr_int("blocksize");
  Ref e[4];
  extents(b, e);
  const Ref block = b.ints({n}), h = b.op("Div", {e[2], block}), w = b.op("Div", {e[3], block});
  return b.outputs({shuffle(b, {e[0], e[1], h, block, w, block}, {0, 3, 5, 1, 2, 4},
                            {e[0], b.op("Mul", {e[1], b.ints({n * n})}), h, w})});
}

Status expand_depth_to_space(BodyCtx& b) {
  const int64_t n = b.attr_int("blocksize");
  Ref e[4];
  extents(b, e);
  const Ref block = b.ints({n}), channels = b.op("Div", {e[1], b.ints({n * n})});
  const Ref h = b.op("Mul", {e[2], block}), w = b.op("Mul", {e[3], block});
  if (b.attr_string("mode") == "CRD")
    return b.outputs(
        {shuffle(b, {e[0], channels, block, block, e[2], e[3]}, {0, 1, 4, 2, 5, 3}, {e[0], channels, h, w})});
  return b.outputs(
      {shuffle(b, {e[0], block, block, channels, e[2], e[3]}, {0, 3, 4, 1, 5, 2}, {e[0], channels, h, w})});
}

}  // namespace

SDX_OP(SpaceToDepth) = {.name = "SpaceToDepth",
                        .since = 13,
                        .types = kSpaceToDepthTypes,
                        .inputs = kSpaceToDepthIn,
                        .outputs = kSpaceToDepthOut,
                        .attrs = kSpaceToDepthAttrs,
                        .infer = infer_space_to_depth,
                        .expand = expand_space_to_depth};

SDX_OP(DepthToSpace) = {.name = "DepthToSpace",
                        .since = 13,
                        .types = kSpaceToDepthTypes,
                        .inputs = kSpaceToDepthIn,
                        .outputs = kSpaceToDepthOut,
                        .attrs = kDepthToSpaceAttrs,
                        .infer = infer_depth_to_space,
                        .expand = expand_depth_to_space};

}  // namespace sardonyx
