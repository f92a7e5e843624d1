// TopK: the largest or smallest elements along an axis, with their positions.
#include "ops/eltwise.h"
#include "ops/infer.h"

namespace sardonyx {
namespace {

constexpr TypeVar kTypes[] = {{"T", kNumericTypes}, {"tensor(int64)", kInt64Type}, {"I", kInt64Type}};
constexpr ParamDef kIn[] = {{"X", "T"}, {"K", "tensor(int64)"}};
constexpr ParamDef kOut[] = {{"Values", "T"}, {"Indices", "I"}};
constexpr AttrDef kAttrs[] = {attr_int("axis", -1), attr_int("largest", 1), attr_int("sorted", 1)};

Status infer(InferCtx& c) {
  SDX_TRY(Shape x, c.shape(0));
  SDX_TRY(int axis, c.axis(c.attr_int("axis"), static_cast<int>(x.size())));
  SDX_TRY(std::optional<Dims> k, ints_if_known(c, 1));
  if (k && k->size() != 1) return c.shape_error("K has ", k->size(), " elements; it must have one");
  Dim& extent = x[static_cast<size_t>(axis)];
  const Dim count = k ? (*k)[0] : c.fresh();
  if (count.known() && count.value() < 0)
    return fail(Code::kRange, "K is ", count.value(), "; it must not be negative");
  if (count.known() && extent.known() && count.value() > extent.value())
    return fail(Code::kRange, "K is ", count.value(), " and axis ", axis, " of X has only ", extent.value(),
                " elements");
  extent = count;
  SDX_RETURN_IF_ERROR(c.set(0, c.dtype(0), x));
  return c.set(1, DType::kI64, std::move(x));
}

constexpr Upgrade kHistory[] = {attr_to_vector_input(10, "k", 1)};

}  // namespace

SDX_OP(TopK) = {.name = "TopK",
                .since = 24,
                .types = kTypes,
                .inputs = kIn,
                .outputs = kOut,
                .attrs = kAttrs,
                .infer = infer,
                .history = kHistory};

}  // namespace sardonyx
