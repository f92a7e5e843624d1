// Split: pieces along one axis, by given lengths or in equal parts (the last one smaller if need be).
#include "ir/infer_ctx.h"
#include "ir/op_def.h"
#include "ir/upgrade_ctx.h"
#include "ops/shape/contents.h"

namespace sardonyx {
namespace {

constexpr TypeVar kTypes[] = {{"T", kNumericTypes | kComplexTypes | kBoolType | kStringType},
                              {"tensor(int64)", kInt64Type}};
constexpr ParamDef kIn[] = {{"input", "T"}, {"split", "tensor(int64)", kOptional}};
constexpr ParamDef kOut[] = {{"outputs", "T", kVariadic}};
constexpr AttrDef kAttrs[] = {attr_int("axis", 0), attr_optional("num_outputs", AttrType::kInt)};

// Lengths of the outputs along the axis.
Result<Dims> given_lengths(InferCtx& c, Dim extent) {
  SDX_TRY(const std::optional<int> n, vector_length(c, 1));
  if (n && *n != c.outputs()) return c.shape_error("split has ", *n, " lengths for ", c.outputs(), " outputs");
  Result<Dims> given = c.ints(1);
  Dims lengths;
  if (!given.ok()) {
    if (!is_deferred(given.status())) return given.take_status();
    for (int o = 0; o < c.outputs(); ++o) lengths.push_back(c.fresh());
    return lengths;
  }
  Dim sum = 0;
  for (Dim d : *given) {
    if (d.known() && d.value() < 0)
      return fail(Code::kRange, "split has the length ", d.value(), "; it must not be negative");
    sum = c.sym().add(sum, d);
  }
  if (static_cast<int>(given->size()) != c.outputs())
    return c.shape_error("split has ", given->size(), " lengths for ", c.outputs(), " outputs");
  if (c.sym().equal(sum, extent) == false)
    return c.shape_error("split lengths add up to ", c.text(sum), ", the axis has extent ", c.text(extent));
  return given;
}

Result<Dims> equal_lengths(InferCtx& c, Dim extent) {
  const int64_t n = c.outputs(), asked = c.has_attr("num_outputs") ? c.attr_int("num_outputs") : n;
  if (asked != n) return fail(Code::kAttr, "num_outputs is ", asked, ", the node has ", n, " outputs");
  const Dim part = c.sym().ceil_div(extent, n);
  Dims lengths;
  for (int64_t o = 0; o < n; ++o) lengths.push_back(part);
  if (extent.known() && part.known()) {
    int64_t left = extent.value();
    for (Dim& d : lengths) {
      d = std::min(left, part.value());
      left -= d.value();
    }
  } else if (!(c.sym().mul(part, n) == extent)) {
    for (int64_t o = 1; o < n; ++o)  // what is left after o full parts
      lengths[static_cast<size_t>(o)] = c.sym().min(part, c.sym().max(c.sym().sub(extent, c.sym().mul(part, o)), 0));
  }
  return lengths;
}

Status infer(InferCtx& c) {
  if (c.has(1) && c.has_attr("num_outputs"))
    return fail(Code::kAttr, "both split and num_outputs are given, expected one");
  SDX_TRY(const Shape x, c.shape(0));
  SDX_TRY(const int axis, c.axis(c.attr_int("axis"), rank_of(x)));
  const Dim extent = x[static_cast<size_t>(axis)];
  SDX_TRY(const Dims lengths, c.has(1) ? given_lengths(c, extent) : equal_lengths(c, extent));
  const Dims* all = contents(c, 0);
  size_t from = 0;
  for (int o = 0; o < c.outputs(); ++o) {
    const Dim n = lengths[static_cast<size_t>(o)];
    Shape out = x;
    out[static_cast<size_t>(axis)] = n;
    SDX_RETURN_IF_ERROR(c.set(o, c.dtype(0), std::move(out)));
    if (all == nullptr || x.size() != 1) continue;
    if (!n.known() || from + static_cast<size_t>(n.value()) > all->size()) {
      all = nullptr;
      continue;
    }
    const Dim* begin = all->begin() + from;
    SDX_RETURN_IF_ERROR(c.set_ints(o, Dims(begin, begin + n.value())));
    from += static_cast<size_t>(n.value());
  }
  return {};
}

// Opset 1 takes lengths as an input of data's own type.
Status lengths_to_int64(UpgradeCtx& u, const Upgrade&) {
  if (!u.has(1)) return {};
  SDX_TRY(const ValueId lengths,
          u.emit("Cast", {u.draft().inputs[1]}, {Attr::of_int("to", static_cast<int>(DType::kI64))}));
  u.set_input(1, lengths);
  return {};
}

// Since opset 18 the number of equal parts is said, before it was the number of outputs.
Status outputs_to_number(UpgradeCtx& u, const Upgrade&) {
  if (!u.has(1)) u.set_attr(Attr::of_int("num_outputs", static_cast<int64_t>(u.draft().outputs.size())));
  return {};
}

constexpr Upgrade kHistory[] = {{2, lengths_to_int64}, attr_to_input(13, "split", 1), {18, outputs_to_number}};

}  // namespace

SDX_OP(Split) = {.name = "Split",
                 .since = 18,
                 .types = kTypes,
                 .inputs = kIn,
                 .outputs = kOut,
                 .attrs = kAttrs,
                 .infer = infer,
                 .history = kHistory};

}  // namespace sardonyx
