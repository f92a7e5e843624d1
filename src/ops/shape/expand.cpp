// Expand broadcasts to a shape given as data, Tile repeats along each axis.
#include "ir/infer_ctx.h"
#include "ir/op_def.h"
#include "ir/upgrade_ctx.h"
#include "ops/shape/contents.h"

namespace sardonyx {
namespace {

constexpr TypeVar kExpandTypes[] = {{"T", kNumericTypes | kComplexTypes | kBoolType | kStringType},
                                    {"tensor(int64)", kInt64Type}};
constexpr ParamDef kExpandIn[] = {{"input", "T"}, {"shape", "tensor(int64)"}};
constexpr ParamDef kExpandOut[] = {{"output", "T"}};
constexpr TypeVar kTileTypes[] = {{"T", kNumericTypes | kComplexTypes | kBoolType | kStringType}, {"T1", kInt64Type}};
constexpr ParamDef kTileIn[] = {{"input", "T"}, {"repeats", "T1"}};

// A single known element (or a known vector, repeated) fills a vector output.
Status repeat_contents(InferCtx& c) {
  const Dims* d = contents(c, 0);
  const Shape& out = c.out(0).shape;
  if (d == nullptr || d->empty() || out.size() > 1) return {};
  const Dim n = out.empty() ? Dim(1) : out[0];
  if (!n.known() || n.value() > static_cast<int64_t>(Fact::kMaxInts)) return {};
  Dims all;
  for (int64_t i = 0; i < n.value(); ++i) all.push_back((*d)[static_cast<size_t>(i) % d->size()]);
  return c.set_ints(0, std::move(all));
}

Status infer_expand(InferCtx& c) {
  SDX_TRY(const Shape x, c.shape(0));
  SDX_TRY(const std::optional<int> n, vector_length(c, 1));
  const Result<Dims> to = c.ints(1);
  if (!to.ok()) {
    if (!is_deferred(to.status()) || !n) return to.status();
    return set_rank(c, 0, c.dtype(0), std::max(rank_of(x), *n));
  }
  for (size_t i = 0; i < to->size(); ++i) {
    if ((*to)[i].known() && (*to)[i].value() < 0)
      return fail(Code::kRange, "shape[", i, "] is ", (*to)[i].value(), ", expected 0 or more");
  }
  SDX_TRY(Shape out, c.broadcast(x, Shape(to->begin(), to->end())));
  SDX_RETURN_IF_ERROR(c.set(0, c.dtype(0), std::move(out)));
  return repeat_contents(c);
}

Status infer_tile(InferCtx& c) {
  SDX_TRY(const Shape x, c.shape(0));
  SDX_TRY(const std::optional<int> n, vector_length(c, 1));
  if (n && *n != rank_of(x))
    return c.shape_error("repeats has ", *n, " elements, input ", c.text(x), " has rank ", rank_of(x));
  Result<Dims> repeats = c.ints(1);
  if (!repeats.ok())
    return is_deferred(repeats.status()) ? set_rank(c, 0, c.dtype(0), rank_of(x)) : repeats.take_status();
  if (repeats->size() != x.size())
    return c.shape_error("repeats has ", repeats->size(), " elements, input ", c.text(x), " has rank ", rank_of(x));
  Shape out;
  for (size_t a = 0; a < x.size(); ++a) {
    const Dim r = (*repeats)[a];
    if (r.known() && r.value() < 0)
      return fail(Code::kRange, "repeats[", a, "] is ", r.value(), ", expected 0 or more");
    out.push_back(c.sym().mul(x[a], r));
  }
  SDX_RETURN_IF_ERROR(c.set(0, c.dtype(0), std::move(out)));
  return repeat_contents(c);
}

// Opset 1 repeats one axis; count and axis are scalars of data's own type.
Status tile_one_axis(UpgradeCtx& u, const Upgrade&) {
  if (!u.has(2)) return fail(Code::kInputName, "Tile of opset ", u.opset(), " needs the inputs input, tiles and axis");
  const Attr to_int64 = Attr::of_int("to", static_cast<int>(DType::kI64));
  const ValueId one = u.ints(std::vector<int64_t>{1});
  ValueId flat[2];
  for (int i = 0; i < 2; ++i) {
    SDX_TRY(const ValueId cast, u.emit("Cast", {u.draft().inputs[static_cast<size_t>(i + 1)]}, {to_int64}));
    SDX_TRY(flat[i], u.emit("Reshape", {cast, one}));
  }
  SDX_TRY(const ValueId shape, u.emit("Shape", {u.draft().inputs[0]}));
  SDX_TRY(const ValueId rank, u.emit("Shape", {shape}));
  SDX_TRY(const ValueId ones, u.emit("Expand", {one, rank}));
  SDX_TRY(const ValueId repeats, u.emit("ScatterElements", {ones, flat[1], flat[0]}));
  u.draft().inputs = {u.draft().inputs[0], repeats};
  return {};
}

constexpr Upgrade kTileHistory[] = {{6, tile_one_axis}};

}  // namespace

SDX_OP(Expand) = {.name = "Expand",
                  .since = 13,
                  .types = kExpandTypes,
                  .inputs = kExpandIn,
                  .outputs = kExpandOut,
                  .infer = infer_expand,
                  .first = 8};

SDX_OP(Tile) = {.name = "Tile",
                .since = 13,
                .types = kTileTypes,
                .inputs = kTileIn,
                .outputs = kExpandOut,
                .infer = infer_tile,
                .history = kTileHistory};

}  // namespace sardonyx
