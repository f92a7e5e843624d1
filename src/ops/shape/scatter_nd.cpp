// ScatterND: a copy of data in which slices picked by tuples of indices are replaced by, or combined with, updates.
// TensorScatter: a cache in which each sample's new steps are written at its own index.
#include "ir/infer_ctx.h"
#include "ir/op_def.h"
#include "ops/shape/scatter.h"

namespace sardonyx {
namespace {

constexpr TypeVar kScatterNDTypes[] = {{"T", kNumericTypes | kComplexTypes | kBoolType | kStringType},
                                       {"tensor(int64)", kInt64Type}};
constexpr ParamDef kScatterNDIn[] = {{"data", "T"}, {"indices", "tensor(int64)"}, {"updates", "T"}};
constexpr ParamDef kScatterNDOut[] = {{"output", "T"}};
constexpr AttrDef kScatterNDAttrs[] = {attr_string("reduction", "none")};
constexpr TypeVar kTensorScatterTypes[] = {
    {"T", kNumericTypes | kFloat8Types | kComplexTypes | kBoolType | kStringType | mask_of(DType::kF4E2M1) |
              mask_of(DType::kF8E8M0) | mask_of(DType::kI4) | mask_of(DType::kU4)},
    {"tensor(int64)", kInt64Type}};
constexpr ParamDef kTensorScatterIn[] = {
    {"past_cache", "T"}, {"update", "T"}, {"write_indices", "tensor(int64)", kOptional}};
constexpr ParamDef kTensorScatterOut[] = {{"present_cache", "T"}};
constexpr AttrDef kTensorScatterAttrs[] = {attr_int("axis", -2), attr_string("mode", "linear")};

// Updates must have the extents of indices without the tuple axis, then those of the slices picked.
Status check_updates(const InferCtx& c, const Shape& x, const Shape& at, const Shape& updates) {
  if (x.empty() || at.empty())
    return c.shape_error("data ", c.text(x), " and indices ", c.text(at), " must have rank 1 or more");
  if (!at.back().known()) return {};
  const int64_t tuple = at.back().value();
  if (tuple < 1 || tuple > rank_of(x))
    return c.shape_error("indices ", c.text(at), " hold tuples of ", tuple, ", expected 1 to ", x.size(), " for data ",
                         c.text(x));
  Shape want(at.begin(), at.end() - 1);
  for (size_t a = static_cast<size_t>(tuple); a < x.size(); ++a) want.push_back(x[a]);
  bool fits = want.size() == updates.size();
  for (size_t a = 0; fits && a < want.size(); ++a) fits = c.sym().equal(want[a], updates[a]) != false;
  if (!fits)
    return c.shape_error("updates is ", c.text(updates), ", expected ", c.text(want), " for data ", c.text(x),
                         " and indices ", c.text(at));
  return {};
}

// A vector's known contents with some elements replaced.
Status scatter_contents(InferCtx& c) {
  const Dims* data = contents(c, 0);
  const Dims* updates = contents(c, 2);
  const Tensor& at = c.in(1).constant;
  if (data == nullptr || updates == nullptr || !at.valid() || at.rank() != 2 || at.dims()[1] != 1) return {};
  if (c.attr_string("reduction") != "none" || at.count() != static_cast<int64_t>(updates->size())) return {};
  Dims out = *data;
  const auto n = static_cast<int64_t>(out.size());
  for (size_t k = 0; k < updates->size(); ++k) {
    const int64_t i = at.as<int64_t>()[k];
    if (i < -n || i >= n)
      return fail(Code::kRange, "index ", i, " is outside [", -n, ",", n - 1, "] of data ", c.text(c.in(0).shape));
    out[static_cast<size_t>(i < 0 ? i + n : i)] = (*updates)[k];
  }
  return c.set_ints(0, std::move(out));
}

Status infer_scatter_nd(InferCtx& c) {
  SDX_RETURN_IF_ERROR(check_reduction(c));
  SDX_RETURN_IF_ERROR(c.copy(0, 0));
  if (!c.in(0).has_rank) return {};
  if (c.in(1).has_rank && c.in(2).has_rank)
    SDX_RETURN_IF_ERROR(check_updates(c, c.in(0).shape, c.in(1).shape, c.in(2).shape));
  return scatter_contents(c);
}

Status infer_tensor_scatter(InferCtx& c) {
  const std::string_view mode = c.attr_string("mode");
  if (mode != "linear" && mode != "circular")
    return fail(Code::kAttr, "mode is ", quoted(mode), R"(, expected "linear" or "circular")");
  SDX_RETURN_IF_ERROR(c.copy(0, 0));
  const Fact &cache = c.in(0), &update = c.in(1);
  if (!cache.has_rank) return {};
  const Shape& x = cache.shape;
  SDX_TRY(const int axis, c.axis(c.attr_int("axis"), rank_of(x)));
  if (axis == 0) return fail(Code::kRange, "axis ", c.attr_int("axis"), " is the batch axis of past_cache ", c.text(x));
  if (update.has_rank) {
    bool fits = update.shape.size() == x.size();
    for (int a = 0; fits && a < rank_of(x); ++a) {
      const Dim d = x[static_cast<size_t>(a)], e = update.shape[static_cast<size_t>(a)];
      fits = a == axis ? !d.known() || !e.known() || e.value() <= d.value() : c.sym().equal(d, e) != false;
    }
    if (!fits)
      return c.shape_error("update ", c.text(update.shape), " does not fit past_cache ", c.text(x), " along axis ",
                           axis);
  }
  if (!c.has(2)) return {};
  SDX_RETURN_IF_ERROR(vector_length(c, 2).take_status());
  return c.in(2).has_rank ? c.must_equal(c.in(2).shape[0], x[0], "write_indices and the batch extent").take_status()
                          : Status();
}

}  // namespace

SDX_OP(ScatterND) = {.name = "ScatterND",
                     .since = 18,
                     .types = kScatterNDTypes,
                     .inputs = kScatterNDIn,
                     .outputs = kScatterNDOut,
                     .attrs = kScatterNDAttrs,
                     .infer = infer_scatter_nd,
                     .first = 11};

SDX_OP(TensorScatter) = {.name = "TensorScatter",
                         .since = 24,
                         .types = kTensorScatterTypes,
                         .inputs = kTensorScatterIn,
                         .outputs = kTensorScatterOut,
                         .attrs = kTensorScatterAttrs,
                         .infer = infer_tensor_scatter,
                         .first = 24};

}  // namespace sardonyx
