// Transpose: axes in another order.
#include "ir/infer_ctx.h"
#include "ir/op_def.h"
#include "ops/shape/contents.h"

namespace sardonyx {
namespace {

constexpr TypeVar kAnyT[] = {{"T", kAnyType}};
constexpr ParamDef kIn[] = {{"data", "T"}};
constexpr ParamDef kOut[] = {{"transposed", "T"}};
constexpr AttrDef kAttrs[] = {attr_optional("perm", AttrType::kInts)};

Status infer(InferCtx& c) {
  SDX_TRY(const Shape x, c.shape(0));
  const int rank = rank_of(x);
  const std::span<const int64_t> perm = c.attr_ints("perm");
  Shape out;
  if (!c.has_attr("perm")) {
    for (int a = rank - 1; a >= 0; --a) out.push_back(x[static_cast<size_t>(a)]);
  } else {
    if (static_cast<int>(perm.size()) != rank)
      return fail(Code::kAttr, "perm has ", perm.size(), " axes, data ", c.text(x), " has ", rank);
    SDX_RETURN_IF_ERROR(c.axes(perm, rank, /*sorted=*/false).take_status());
    for (int64_t a : perm) out.push_back(x[static_cast<size_t>(a < 0 ? a + rank : a)]);
  }
  SDX_RETURN_IF_ERROR(c.set(0, c.dtype(0), std::move(out)));
  return pass_contents(c, 0, 0);
}

}  // namespace

SDX_OP(Transpose) = {
    .name = "Transpose", .since = 25, .types = kAnyT, .inputs = kIn, .outputs = kOut, .attrs = kAttrs, .infer = infer};

}  // namespace sardonyx
