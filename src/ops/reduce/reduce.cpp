// Reductions over a set of axes that is an input (an attribute in old models).
#include "ir/body_ctx.h"
#include "ops/eltwise.h"
#include "ops/infer.h"

namespace sardonyx {
namespace {

using Ref = BodyCtx::Ref;

constexpr TypeMask kReduced = kFloatTypes | kIndexTypes | mask_of(DType::kU32) | mask_of(DType::kU64);
constexpr TypeVar kTypes[] = {{"T", kReduced}, {"tensor(int64)", kInt64Type}};
constexpr TypeVar kExtremeTypes[] = {{"T", kReduced | kBoolType | mask_of(DType::kI8) | mask_of(DType::kU8)},
                                     {"tensor(int64)", kInt64Type}};
constexpr ParamDef kIn[] = {{"data", "T"}, {"axes", "tensor(int64)", kOptional}};
constexpr ParamDef kOut[] = {{"reduced", "T"}};
constexpr AttrDef kAttrs[] = {attr_int("keepdims", 1), attr_int("noop_with_empty_axes", 0)};

// Axes are not known: with keepdims every extent is open; without, as many axes go as `axes` has elements.
Status set_open(InferCtx& c, size_t rank, bool keep) {
  if (!keep) {
    const Fact& axes = c.in(1);
    if (!axes.has_rank || axes.shape.size() != 1 || !axes.shape[0].known()) return deferred();
    const size_t count = static_cast<size_t>(axes.shape[0].value());
    if (count == 0 || count > rank) return deferred();
    rank -= count;
  }
  Shape out;
  for (size_t a = 0; a < rank; ++a) out.push_back(c.fresh());
  return c.set(0, c.dtype(0), std::move(out));
}

Status infer(InferCtx& c) {
  SDX_TRY(Shape x, c.shape(0));
  const int rank = static_cast<int>(x.size());
  const bool keep = c.attr_int("keepdims") != 0;
  SmallVec<int, 8> axes;
  if (c.has(1)) {
    Result<SmallVec<int, 8>> known = c.axes_of(1, rank);
    if (known.ok()) {
      axes = std::move(*known);
    } else if (known.status().code() != Code::kDeferred) {
      return known.take_status();
    } else if (!c.in(1).has_rank || c.in(1).shape.size() != 1 || !c.in(1).shape[0].is(0)) {
      return set_open(c, x.size(), keep);
    }
  }
  if (axes.empty() && c.attr_int("noop_with_empty_axes") == 0)
    for (int a = 0; a < rank; ++a) axes.push_back(a);
  Shape out;
  size_t next = 0;
  for (int a = 0; a < rank; ++a) {
    const bool reduced = next < axes.size() && axes[next] == a;
    if (reduced) ++next;
    if (!reduced)
      out.push_back(x[static_cast<size_t>(a)]);
    else if (keep)
      out.push_back(1);
  }
  return c.set(0, c.dtype(0), std::move(out));
}

// The reduction of a vector whose contents are known; `empty` is the result of none (or none).
Status carry(InferCtx& c, DimBinary f, std::optional<Dim> empty) {
  SDX_RETURN_IF_ERROR(infer(c));
  const Dims* all = known_ints(c, 0);
  const Fact& out = c.out(0);
  if (all == nullptr || !out.has_rank || out.shape.size() > 1) return {};
  const bool to_one = out.shape.empty() || out.shape[0].is(1);
  if (!to_one || (all->empty() && !empty)) return {};
  std::optional<Dim> sum = all->empty() ? empty : (*all)[0];
  for (size_t k = 1; k < all->size() && sum; ++k) sum = f(c.sym(), c.dtype(0), *sum, (*all)[k]);
  return sum ? c.set_ints(0, {*sum}) : Status();
}
Status infer_sum(InferCtx& c) { return carry(c, dim_add, Dim(0)); }
Status infer_prod(InferCtx& c) { return carry(c, dim_mul, Dim(1)); }
Status infer_max(InferCtx& c) { return carry(c, dim_max, std::nullopt); }
Status infer_min(InferCtx& c) { return carry(c, dim_min, std::nullopt); }

Ref reduced(BodyCtx& b, std::string_view op, Ref x) {
  return b.op(op, {x, b.in(1)},
              {Attr::of_int("keepdims", b.attr_int("keepdims")),
               Attr::of_int("noop_with_empty_axes", b.attr_int("noop_with_empty_axes"))});
}
Ref sum_of_squares(BodyCtx& b) { return reduced(b, "ReduceSum", b.op("Mul", {b.in(0), b.in(0)})); }
// Roots and logarithms of integers are taken as doubles and cut.
DType real_type(BodyCtx& b) { return is_float(b.dtype(0)) ? b.dtype(0) : DType::kF64; }

Status expand_l1(BodyCtx& b) { return b.outputs({reduced(b, "ReduceSum", b.op("Abs", {b.in(0)}))}); }
Status expand_sum_square(BodyCtx& b) { return b.outputs({sum_of_squares(b)}); }
Status expand_l2(BodyCtx& b) {
  return b.outputs({b.cast(b.op("Sqrt", {b.cast(sum_of_squares(b), real_type(b))}), b.dtype(0))});
}
Status expand_log_sum(BodyCtx& b) {
  const Ref sum = reduced(b, "ReduceSum", b.in(0));
  return b.outputs({b.cast(b.op("Log", {b.cast(sum, real_type(b))}), b.dtype(0))});
}
// max + log(sum(exp(x - max))); an infinite maximum is not subtracted.
Status expand_log_sum_exp(BodyCtx& b) {
  const Ref x = b.cast(b.in(0), real_type(b)), zero = b.scalar(0, x);
  const auto finite = [&](Ref m) { return b.op("Where", {b.op("IsInf", {m}), zero, m}); };
  const Attr noop = Attr::of_int("noop_with_empty_axes", b.attr_int("noop_with_empty_axes"));
  const Ref shift = finite(b.op("ReduceMax", {x, b.in(1)}, {noop}));
  const Ref sum = reduced(b, "ReduceSum", b.op("Exp", {b.op("Sub", {x, shift})}));
  const Ref y = b.op("Add", {b.op("Log", {sum}), finite(reduced(b, "ReduceMax", x))});
  return b.outputs({b.cast(y, b.dtype(0))});
}

constexpr Upgrade kHistory[] = {attr_to_input(18, "axes", 1)};
constexpr Upgrade kSumHistory[] = {attr_to_input(13, "axes", 1)};

constexpr OpDef reduction(std::string_view name, Status (*infer)(InferCtx&), Status (*expand)(BodyCtx&) = nullptr) {
  return {.name = name,
          .since = 18,
          .types = kTypes,
          .inputs = kIn,
          .outputs = kOut,
          .attrs = kAttrs,
          .infer = infer,
          .expand = expand,
          .history = kHistory};
}
constexpr OpDef extreme(std::string_view name, Status (*infer)(InferCtx&)) {
  OpDef def = reduction(name, infer);
  def.since = 20;
  def.types = kExtremeTypes;
  return def;
}

}  // namespace

#define SDX_OP_REDUCE(Name, ...) SDX_OP(Name) = reduction(#Name, __VA_ARGS__)
#define SDX_OP_REDUCE_EXTREME(Name, ...) SDX_OP(Name) = extreme(#Name, __VA_ARGS__)

SDX_OP_REDUCE(ReduceMean, infer);
SDX_OP_REDUCE(ReduceProd, infer_prod);
SDX_OP_REDUCE(ReduceL1, infer, expand_l1);
SDX_OP_REDUCE(ReduceL2, infer, expand_l2);
SDX_OP_REDUCE(ReduceSumSquare, infer, expand_sum_square);
SDX_OP_REDUCE(ReduceLogSum, infer, expand_log_sum);
SDX_OP_REDUCE(ReduceLogSumExp, infer, expand_log_sum_exp);
SDX_OP_REDUCE_EXTREME(ReduceMax, infer_max);
SDX_OP_REDUCE_EXTREME(ReduceMin, infer_min);

SDX_OP(ReduceSum) = {.name = "ReduceSum",
                     .since = 13,
                     .types = kTypes,
                     .inputs = kIn,
                     .outputs = kOut,
                     .attrs = kAttrs,
                     .infer = infer_sum,
                     .history = kSumHistory};

}  // namespace sardonyx
