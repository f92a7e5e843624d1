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

Status infer(InferCtx& c) {
  Shape out;
  int first = -1, axis = 0;
  bool complete = true;
  for (int i = 0; i < c.inputs(); ++i) {
    const Fact& x = c.in(i);
    if (!x.has_rank) {
      complete = false;
      continue;
    }
    if (first < 0) {
      SDX_TRY(axis, c.axis(c.attr_int("axis"), rank_of(x.shape)));
      out = x.shape, first = i;
      continue;
    }
    if (x.shape.size() != out.size())
      return c.shape_error("inputs[", i, "] ", c.text(x.shape), " has another rank than inputs[", first, "] ",
                           c.text(c.in(first).shape));
    for (int a = 0; a < rank_of(out); ++a) {
      Dim& d = out[static_cast<size_t>(a)];
      const Dim e = x.shape[static_cast<size_t>(a)];
      if (a == axis) {
        d = c.sym().add(d, e);
      } else if (c.sym().equal(d, e) == false) {
        return c.shape_error("inputs[", i, "] ", c.text(x.shape), " does not fit inputs[", first, "] ",
                             c.text(c.in(first).shape), " outside axis ", axis);
      } else if (!d.known()) {
        d = e.known() ? e : d;
      }
    }
  }
  if (first < 0) return deferred();
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
