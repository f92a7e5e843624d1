// Pools over windows: maximum, average, Lp norm.
#include "ops/eltwise.h"
#include "ops/infer.h"
#include "ops/nn/whole_p.h"
#include "ops/nn/window.h"

namespace sardonyx {
namespace {

constexpr TypeVar kMaxTypes[] = {{"T", kFloatTypes | mask_of(DType::kI8) | mask_of(DType::kU8)}, {"I", kInt64Type}};
constexpr ParamDef kMaxOut[] = {{"Y", "T"}, {"Indices", "I", kOptional}};
constexpr AttrDef kMaxAttrs[] = {
    attr_string("auto_pad", "NOTSET"),           attr_int("ceil_mode", 0),
    attr_optional("dilations", AttrType::kInts), attr_required("kernel_shape", AttrType::kInts),
    attr_optional("pads", AttrType::kInts),      attr_int("storage_order", 0),
    attr_optional("strides", AttrType::kInts)};
constexpr AttrDef kAverageAttrs[] = {attr_string("auto_pad", "NOTSET"),
                                     attr_int("ceil_mode", 0),
                                     attr_int("count_include_pad", 0),
                                     attr_optional("dilations", AttrType::kInts),
                                     attr_required("kernel_shape", AttrType::kInts),
                                     attr_optional("pads", AttrType::kInts),
                                     attr_optional("strides", AttrType::kInts)};
constexpr AttrDef kLpAttrs[] = {attr_string("auto_pad", "NOTSET"),
                                attr_int("ceil_mode", 0),
                                attr_optional("dilations", AttrType::kInts),
                                attr_required("kernel_shape", AttrType::kInts),
                                attr_int("p", 2),
                                attr_optional("pads", AttrType::kInts),
                                attr_optional("strides", AttrType::kInts)};
constexpr TypeVar kUnpoolTypes[] = {{"T1", kFloatTypes}, {"T2", kInt64Type}};
constexpr ParamDef kUnpoolIn[] = {{"X", "T1"}, {"I", "T2"}, {"output_shape", "T2", kOptional}};
constexpr ParamDef kUnpoolOut[] = {{"output", "T1"}};
constexpr AttrDef kUnpoolAttrs[] = {attr_required("kernel_shape", AttrType::kInts),
                                    attr_optional("pads", AttrType::kInts), attr_optional("strides", AttrType::kInts)};

Result<Window> window_of(InferCtx& c, const Shape& x) {
  SDX_RETURN_IF_ERROR(require_min_rank(c, x, 3, "X"));
  SDX_TRY(Window window, read_window(c.node(), x.size() - 2));
  if (window.kernel.empty())
    return fail(Code::kAttr, "kernel_shape is empty; X has ", x.size() - 2, " spatial extents");
  return window;
}

Status infer_pool(InferCtx& c) {
  SDX_TRY(Shape x, c.shape(0));
  SDX_TRY(Window window, window_of(c, x));
  Shape y{x[0], x[1]};
  for (size_t a = 0; a < window.spatial(); ++a) {
    y.push_back(window_extent(c.sym(), window, a, x[a + 2], window.kernel[a]));
    if (y.back().known() && y.back().value() < 0)
      return c.shape_error("X is ", c.text(x), "; no window of ", window.kernel[a], " fits along spatial axis ", a);
  }
  if (c.wants(1)) SDX_RETURN_IF_ERROR(c.set(1, DType::kI64, y));
  return c.set(0, c.dtype(0), std::move(y));
}
Status infer_max_pool(InferCtx& c) {
  const int64_t order = c.attr_int("storage_order");
  if (order != 0 && order != 1) return fail(Code::kAttr, "storage_order is ", order, "; it must be 0 or 1");
  return infer_pool(c);
}
Status infer_lp_pool(InferCtx& c) {
  if (c.attr_int("p") < 1) return fail(Code::kAttr, "p is ", c.attr_int("p"), "; it must be positive");
  return infer_pool(c);
}

Status infer_unpool(InferCtx& c) {
  SDX_TRY(Shape x, c.shape(0));
  SDX_TRY(Window window, window_of(c, x));
  if (c.in(1).has_rank && c.in(1).shape.size() != x.size())
    return c.shape_error("X is ", c.text(x), " and I is ", c.text(c.in(1).shape), "; they must have the same extents");
  Shape y{x[0], x[1]};
  if (c.has(2)) {
    SDX_TRY(std::optional<Dims> wanted, ints_if_known(c, 2));
    if (wanted && wanted->size() != x.size())
      return c.shape_error("output_shape has ", wanted->size(), " elements; X is ", c.text(x));
    y.clear();
    for (size_t a = 0; a < x.size(); ++a) y.push_back(wanted ? (*wanted)[a] : c.fresh());
  } else {
    for (size_t a = 0; a < window.spatial(); ++a)
      y.push_back(transpose_extent(c.sym(), window, a, x[a + 2], window.kernel[a], 0, -1));
  }
  return c.set(0, c.dtype(0), std::move(y));
}

}  // namespace

SDX_OP(MaxPool) = {.name = "MaxPool",
                   .since = 22,
                   .types = kMaxTypes,
                   .inputs = kInX,
                   .outputs = kMaxOut,
                   .attrs = kMaxAttrs,
                   .infer = infer_max_pool};

SDX_OP(AveragePool) = {.name = "AveragePool",
                       .since = 22,
                       .types = kFloatT,
                       .inputs = kInX,
                       .outputs = kOutY,
                       .attrs = kAverageAttrs,
                       .infer = infer_pool};

SDX_OP(LpPool) = {.name = "LpPool",
                  .since = 22,
                  .types = kFloatT,
                  .inputs = kInX,
                  .outputs = kOutY,
                  .attrs = kLpAttrs,
                  .infer = infer_lp_pool,
                  .history = kWholePHistory};

SDX_OP(MaxUnpool) = {.name = "MaxUnpool",
                     .since = 22,
                     .types = kUnpoolTypes,
                     .inputs = kUnpoolIn,
                     .outputs = kUnpoolOut,
                     .attrs = kUnpoolAttrs,
                     .infer = infer_unpool,
                     .first = 9};

}  // namespace sardonyx
