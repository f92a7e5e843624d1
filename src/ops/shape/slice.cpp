// Slice: every step-th element between two bounds, per axis. Bounds are clamped as ONNX says (not as Python: a start
// far below zero with a negative step is element 0).
#include <algorithm>
#include <optional>

#include "ir/infer_ctx.h"
#include "ir/op_def.h"
#include "ir/upgrade_ctx.h"
#include "ops/shape/contents.h"

namespace sardonyx {
namespace {

constexpr TypeVar kTypes[] = {{"T", kNumericTypes | kComplexTypes | kBoolType | kStringType}, {"Tind", kIndexTypes}};
constexpr ParamDef kIn[] = {
    {"data", "T"}, {"starts", "Tind"}, {"ends", "Tind"}, {"axes", "Tind", kOptional}, {"steps", "Tind", kOptional}};
constexpr ParamDef kOut[] = {{"output", "T"}};

constexpr int64_t kBeyondExtents = INT32_MAX;  // what exporters write for "to the end"

// One of starts, ends, steps; nullopt while unknown.
Result<std::optional<Dims>> bounds(InferCtx& c, int i) {
  Result<Dims> d = c.ints(i);
  if (d.ok()) return std::optional<Dims>(std::move(*d));
  if (is_deferred(d.status())) return std::optional<Dims>();
  return d.take_status();
}

struct Window {
  int64_t begin, count;
};
Window window(int64_t extent, int64_t start, int64_t end, int64_t step) {
  if (extent == 0) return {0, 0};
  if (start < 0) start += extent;
  if (end < 0) end += extent;
  if (step > 0) {
    start = std::clamp<int64_t>(start, 0, extent), end = std::clamp<int64_t>(end, 0, extent);
    return {start, end <= start ? 0 : (end - start - 1) / step + 1};
  }
  start = std::clamp<int64_t>(start, 0, extent - 1), end = std::clamp<int64_t>(end, -1, extent - 1);
  return {start, end >= start ? 0 : (start - end - 1) / -step + 1};
}

// A bound of a forward slice of a symbolic extent, in [0, extent]; nullopt when its sign is not known.
std::optional<Dim> forward_bound(SymbolTable& sym, Dim extent, Dim v) {
  if (v.known() && v.value() >= kBeyondExtents) return extent;
  if (v.is(0) || v == extent) return v;
  if (v.known() && v.value() < 0) return sym.max(sym.add(extent, v), 0);
  if (sym.at_least(v, 0) == true) return sym.min(v, extent);
  return std::nullopt;
}

Dim sliced_extent(InferCtx& c, Dim extent, Dim start, Dim end, Dim step) {
  SymbolTable& sym = c.sym();
  if (!step.known()) return c.fresh();
  if (extent.known() && start.known() && end.known())
    return window(extent.value(), start.value(), end.value(), step.value()).count;
  if (step.value() < 0) {
    const bool from_last = start.is(-1) || (start.known() && start.value() >= kBeyondExtents);
    const bool to_first = end.known() && end.value() <= -kBeyondExtents;
    return from_last && to_first ? sym.ceil_div(extent, -step.value()) : c.fresh();
  }
  const std::optional<Dim> from = forward_bound(sym, extent, start);
  const std::optional<Dim> to = forward_bound(sym, extent, end);
  if (!from || !to) return c.fresh();
  if (*to == extent && start.known() && start.value() < 0)  // the last -start elements
    return sym.ceil_div(sym.min(extent, -start.value()), step);
  if (*to == extent && start.known()) return sym.ceil_div(sym.max(sym.sub(extent, start), 0), step);
  const Dim length = from->is(0) ? *to : sym.max(sym.sub(*to, *from), 0);
  return sym.ceil_div(length, step);
}

struct Bounds {
  std::optional<Dims> starts, ends, steps;
  SmallVec<int, 8> axes;
};

Result<Bounds> read_bounds(InferCtx& c, int rank) {
  Bounds b;
  SDX_TRY(b.starts, bounds(c, 1));
  SDX_TRY(b.ends, bounds(c, 2));
  if (c.has(4)) {
    SDX_TRY(b.steps, bounds(c, 4));
  }
  SDX_TRY(const std::optional<int> starts, vector_length(c, 1));
  SDX_TRY(const std::optional<int> ends, vector_length(c, 2));
  if (c.has(3)) {
    SDX_TRY(b.axes, c.axes_of(3, rank, /*sorted=*/false));
  } else if (starts || ends) {
    const int n = starts ? *starts : *ends;
    if (n > rank) return c.shape_error("starts has ", n, " elements, data has rank ", rank);
    for (int a = 0; a < n; ++a) b.axes.push_back(a);
  } else {
    return deferred();
  }
  const size_t n = b.axes.size();
  for (const auto& [i, list] : {std::pair{1, &b.starts}, {2, &b.ends}, {4, &b.steps}}) {
    if (*list && (*list)->size() != n)
      return c.shape_error(c.node().op->inputs[static_cast<size_t>(i)].name, " has ", (*list)->size(), " elements for ",
                           n, " axes");
  }
  return b;
}

// Contents of a slice of a vector whose contents are known.
Status slice_contents(InferCtx& c, const Bounds& b, Dim step) {
  const Dims* all = contents(c, 0);
  if (all == nullptr || rank_of(c.in(0).shape) != 1 || b.axes.size() != 1 || !b.starts || !b.ends) return {};
  const Dim start = (*b.starts)[0], end = (*b.ends)[0];
  if (!start.known() || !end.known() || !step.known()) return {};
  const Window w = window(static_cast<int64_t>(all->size()), start.value(), end.value(), step.value());
  Dims out;
  for (int64_t k = 0; k < w.count; ++k) out.push_back((*all)[static_cast<size_t>(w.begin + k * step.value())]);
  return c.set_ints(0, std::move(out));
}

Status infer(InferCtx& c) {
  SDX_TRY(const Shape x, c.shape(0));
  Result<Bounds> read = read_bounds(c, rank_of(x));
  if (!read.ok()) return is_deferred(read.status()) ? set_rank(c, 0, c.dtype(0), rank_of(x)) : read.take_status();
  const Bounds& b = *read;
  Shape out = x;
  Dim step = 1;
  for (size_t k = 0; k < b.axes.size(); ++k) {
    step = !c.has(4) ? Dim(1) : b.steps ? (*b.steps)[k] : c.fresh();
    if (step.is(0)) return fail(Code::kRange, "steps[", k, "] is 0; it must not be 0");
    Dim& d = out[static_cast<size_t>(b.axes[k])];
    d = b.starts && b.ends ? sliced_extent(c, d, (*b.starts)[k], (*b.ends)[k], step) : c.fresh();
  }
  SDX_RETURN_IF_ERROR(c.set(0, c.dtype(0), std::move(out)));
  return slice_contents(c, b, step);
}

constexpr Upgrade kHistory[] = {attr_to_input(10, "starts", 1), attr_to_input(10, "ends", 2),
                                attr_to_input(10, "axes", 3)};

}  // namespace

SDX_OP(Slice) = {
    .name = "Slice", .since = 13, .types = kTypes, .inputs = kIn, .outputs = kOut, .infer = infer, .history = kHistory};

}  // namespace sardonyx
