// ArgMax and ArgMin: the position of the extreme along an axis.
#include "ops/eltwise.h"

namespace sardonyx {
namespace {

constexpr TypeVar kTypes[] = {{"T", kNumericTypes}, {"tensor(int64)", kInt64Type}};
constexpr ParamDef kIn[] = {{"data", "T"}};
constexpr ParamDef kOut[] = {{"reduced", "tensor(int64)"}};
constexpr AttrDef kAttrs[] = {attr_int("axis", 0), attr_int("keepdims", 1), attr_int("select_last_index", 0)};

Status infer(InferCtx& c) {
  SDX_TRY(Shape x, c.shape(0));
  SDX_TRY(int axis, c.axis(c.attr_int("axis"), static_cast<int>(x.size())));
  const size_t at = static_cast<size_t>(axis);
  if (x[at].is(0)) return c.shape_error("data is ", c.text(x), "; axis ", axis, " has no element to choose");
  if (c.attr_int("keepdims") != 0)
    x[at] = 1;
  else
    x.erase(at);
  return c.set(0, DType::kI64, std::move(x));
}

constexpr OpDef arg(std::string_view name) {
  return {.name = name, .since = 13, .types = kTypes, .inputs = kIn, .outputs = kOut, .attrs = kAttrs, .infer = infer};
}

}  // namespace

#define SDX_OP_ARG(Name) SDX_OP(Name) = arg(#Name)

SDX_OP_ARG(ArgMax);
SDX_OP_ARG(ArgMin);

}  // namespace sardonyx
