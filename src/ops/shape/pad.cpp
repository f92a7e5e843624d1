// Pad grows (or crops, where negative) both ends of axes.
#include "ir/infer_ctx.h"
#include "ir/op_def.h"
#include "ir/upgrade_ctx.h"
#include "ops/shape/contents.h"

namespace sardonyx {
namespace {

constexpr TypeVar kTypes[] = {{"T", kAnyType}, {"tensor(int64)", kInt64Type}, {"Tind", kIndexTypes}};
constexpr ParamDef kIn[] = {
    {"data", "T"}, {"pads", "tensor(int64)"}, {"constant_value", "T", kOptional}, {"axes", "Tind", kOptional}};
constexpr ParamDef kOut[] = {{"output", "T"}};
constexpr AttrDef kAttrs[] = {attr_string("mode", "constant")};

Status check_mode(const InferCtx& c) {
  const std::string_view m = c.attr_string("mode");
  if (m == "constant" || m == "reflect" || m == "edge" || m == "wrap") return {};
  return fail(Code::kAttr, "mode is ", quoted(m), R"(, expected "constant", "reflect", "edge" or "wrap")");
}

Status infer(InferCtx& c) {
  SDX_RETURN_IF_ERROR(check_mode(c));
  SDX_TRY(const Shape x, c.shape(0));
  SDX_TRY(const std::optional<int> given, vector_length(c, 1));
  SmallVec<int, 8> axes;
  bool axes_known = true;
  if (c.has(3)) {
    Result<SmallVec<int, 8>> some = c.axes_of(3, rank_of(x), /*sorted=*/false);
    if (!some.ok() && !is_deferred(some.status())) return some.take_status();
    axes_known = some.ok();
    if (axes_known) axes = *some;
  } else {
    for (int a = 0; a < rank_of(x); ++a) axes.push_back(a);
  }
  if (axes_known && given && static_cast<size_t>(*given) != 2 * axes.size())
    return c.shape_error("pads has ", *given, " elements, expected 2 for each of ", axes.size(), " axes of data ",
                         c.text(x));
  const Result<Dims> pads = c.ints(1);
  if (!pads.ok() && !is_deferred(pads.status())) return pads.status();
  if (!axes_known) return set_rank(c, 0, c.dtype(0), rank_of(x));
  Shape out = x;
  const size_t n = axes.size();
  for (size_t k = 0; k < n; ++k) {
    Dim& d = out[static_cast<size_t>(axes[k])];
    if (!pads.ok()) {
      d = c.fresh();
      continue;
    }
    const Dim before = (*pads)[k], after = (*pads)[k + n], grown = c.sym().add(d, c.sym().add(before, after));
    if (grown.known() && grown.value() < 0)
      return c.shape_error("pads ", c.text(before), " and ", c.text(after), " crop axis ", axes[k], " of extent ",
                           c.text(d), " to less than nothing");
    d = grown;
  }
  return c.set(0, c.dtype(0), std::move(out));
}

Status rename_paddings(UpgradeCtx& u, const Upgrade&) {
  if (Attr* a = u.attr("paddings")) a->name = "pads";
  return {};
}

// The fill value becomes a scalar of data's type.
Status value_to_input(UpgradeCtx& u, const Upgrade&) {
  const Attr* a = u.attr("value");
  if (a == nullptr) return {};
  if (a->f != 0) u.set_input(2, u.scalar_like(0, static_cast<double>(a->f)));
  u.drop_attr("value");
  return {};
}

constexpr Upgrade kHistory[] = {{2, rename_paddings}, attr_to_input(11, "pads", 1), {11, value_to_input}};

}  // namespace

SDX_OP(Pad) = {.name = "Pad",
               .since = 25,
               .types = kTypes,
               .inputs = kIn,
               .outputs = kOut,
               .attrs = kAttrs,
               .infer = infer,
               .history = kHistory};

}  // namespace sardonyx
