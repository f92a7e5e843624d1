// GatherND: slices of data picked by tuples of indices.
#include "ir/infer_ctx.h"
#include "ir/op_def.h"
#include "ops/shape/contents.h"

namespace sardonyx {
namespace {

constexpr TypeVar kTypes[] = {{"T", kNumericTypes | kComplexTypes | kBoolType | kStringType},
                              {"tensor(int64)", kInt64Type}};
constexpr ParamDef kIn[] = {{"data", "T"}, {"indices", "tensor(int64)"}};
constexpr ParamDef kOut[] = {{"output", "T"}};
constexpr AttrDef kAttrs[] = {attr_int("batch_dims", 0)};

Status infer(InferCtx& c) {
  SDX_TRY(const Shape x, c.shape(0));
  SDX_TRY(const Shape at, c.shape(1));
  const int64_t r = rank_of(x), q = rank_of(at), batch = c.attr_int("batch_dims");
  if (r == 0 || q == 0)
    return c.shape_error("data ", c.text(x), " and indices ", c.text(at), " must have rank 1 or more");
  if (batch < 0 || batch >= std::min(r, q))
    return fail(Code::kRange, "batch_dims is ", batch, ", expected 0 to ", std::min(r, q) - 1, " for data ", c.text(x),
                " and indices ", c.text(at));
  Shape out;
  for (int64_t a = 0; a < batch; ++a) {
    SDX_TRY(const Dim d,
            c.must_equal(x[static_cast<size_t>(a)], at[static_cast<size_t>(a)], "batch extent of data and indices"));
    out.push_back(d);
  }
  if (!at.back().known()) return deferred();
  const int64_t tuple = at.back().value();
  if (tuple < 1 || batch + tuple > r)
    return c.shape_error("indices ", c.text(at), " hold tuples of ", tuple, ", expected 1 to ", r - batch, " for data ",
                         c.text(x), " with batch_dims=", batch);
  for (int64_t a = batch; a < q - 1; ++a) out.push_back(at[static_cast<size_t>(a)]);
  for (int64_t a = batch + tuple; a < r; ++a) out.push_back(x[static_cast<size_t>(a)]);
  return c.set(0, c.dtype(0), std::move(out));
}

}  // namespace

SDX_OP(GatherND) = {.name = "GatherND",
                    .since = 13,
                    .types = kTypes,
                    .inputs = kIn,
                    .outputs = kOut,
                    .attrs = kAttrs,
                    .infer = infer,
                    .first = 11};

}  // namespace sardonyx
