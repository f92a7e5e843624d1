// Concat: inputs one after the other along an existing axis.
#include "ir/infer_ctx.h"
#include "ir/op_def.h"
#include "ir/upgrade_ctx.h"
#include "ops/shape/contents.h"

namespace sardonyx {
namespace {

constexpr TypeVar kTypes[] = {{"T", kNumericTypes | kComplexTypes | kBoolType | kStringType}};
constexpr ParamDef kIn[] = {{"inputs", "T", kVariadic}};
constexpr ParamDef kOut[] = {{"concat_result", "T"}};
constexpr AttrDef kAttrs[] = {attr_required("axis", AttrType::kInt)};

// The pieces' contents in a row, if all are vectors with known contents.
Status join_contents(InferCtx& c) {
  Dims all;
  for (int i = 0; i < c.inputs(); ++i) {
    const Dims* d = contents(c, i);
    if (d == nullptr || all.size() + d->size() > Fact::kMaxInts) return {};
    for (Dim v : *d) all.push_back(v);
  }
  return c.out(0).shape.size() == 1 ? c.set_ints(0, std::move(all)) : Status();
}

bool has_extent(const InferCtx& c, int i, int axis) { return c.in(i).shape[static_cast<size_t>(axis)] != Dim(0); }

// The piece that the others must fit: the first that has any extent along the axis, else the first. -1: no rank is
// known.
Status find_model(InferCtx& c, int& model, int& axis) {
  model = -1;
  for (int i = 0; i < c.inputs(); ++i) {
    if (!c.in(i).has_rank) continue;
    if (model < 0) {
      SDX_TRY(axis, c.axis(c.attr_int("axis"), rank_of(c.in(i).shape)));
      model = i;
    }
    if (axis < rank_of(c.in(i).shape) && has_extent(c, i, axis)) {
      model = i;
      return {};
    }
  }
  return {};
}

// A piece without extent along the axis adds nothing, so its other extents may be anything: caches begin as [0,n,0,m].
Status add_piece(InferCtx& c, int i, int model, int axis, Shape& out) {
  const Fact& x = c.in(i);
  if (x.shape.size() != out.size())
    return c.shape_error("inputs[", i, "] ", c.text(x.shape), " has another rank than inputs[", model, "] ",
                         c.text(c.in(model).shape));
  if (!has_extent(c, i, axis)) return {};
  for (int a = 0; a < rank_of(out); ++a) {
    Dim& d = out[static_cast<size_t>(a)];
    const Dim e = x.shape[static_cast<size_t>(a)];
    if (a == axis) {
      d = c.sym().add(d, e);
    } else if (c.sym().equal(d, e) == false) {
      return c.shape_error("inputs[", i, "] ", c.text(x.shape), " does not fit inputs[", model, "] ",
                           c.text(c.in(model).shape), " outside axis ", axis);
    } else if (!d.known()) {
      d = e.known() ? e : d;
    }
  }
  return {};
}

Status infer(InferCtx& c) {
  int model = -1, axis = 0;
  SDX_RETURN_IF_ERROR(find_model(c, model, axis));
  if (model < 0) return deferred();
  Shape out = c.in(model).shape;
  bool complete = true;
  for (int i = 0; i < c.inputs(); ++i) {
    if (!c.in(i).has_rank)
      complete = false;
    else if (i != model)
      SDX_RETURN_IF_ERROR(add_piece(c, i, model, axis, out));
  }
  if (!complete) out[static_cast<size_t>(axis)] = c.fresh();
  SDX_RETURN_IF_ERROR(c.set(0, c.dtype(0), std::move(out)));
  return join_contents(c);
}

constexpr Upgrade kHistory[] = {set_attr_int(4, "axis", 1)};

}  // namespace

SDX_OP(Concat) = {.name = "Concat",
                  .since = 13,
                  .types = kTypes,
                  .inputs = kIn,
                  .outputs = kOut,
                  .attrs = kAttrs,
                  .infer = infer,
                  .history = kHistory};

}  // namespace sardonyx
