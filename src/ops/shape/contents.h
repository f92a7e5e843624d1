// Helpers of the operators that move elements: passing on what is known of a small integer tensor, and outputs whose
// extents wait for values. Pure functions over one InferCtx.
#pragma once
#include "ir/infer_ctx.h"

namespace sardonyx {

inline int rank_of(const Shape& s) { return static_cast<int>(s.size()); }
inline bool is_deferred(const Status& s) { return s.code() == Code::kDeferred; }
inline bool contains_axis(const SmallVec<int, 8>& axes, int axis) {
  return std::find(axes.begin(), axes.end(), axis) != axes.end();
}

// What the fact of input i says about its contents, or null. Asks for nothing at plan time: it is for passing contents
// on; when extents depend on them, InferCtx::ints() is the one to call.
inline const Dims* contents(const InferCtx& c, int i) {
  return c.has(i) && c.in(i).ints.has_value() ? &*c.in(i).ints : nullptr;
}

// The contents of input i as plain numbers.
inline std::optional<SmallVec<int64_t, 8>> known_contents(const InferCtx& c, int i) {
  const Dims* d = contents(c, i);
  if (d == nullptr || !all_known(*d)) return std::nullopt;
  SmallVec<int64_t, 8> v;
  for (Dim x : *d) v.push_back(x.value());
  return v;
}

// Hands input i's contents to output o when that has rank 0 or 1.
inline Status pass_contents(InferCtx& c, int i, int o) {
  const Dims* d = contents(c, i);
  return d != nullptr && c.out(o).has_rank && c.out(o).shape.size() <= 1 ? c.set_ints(o, *d) : Status();
}

// Output o has `rank` axes whose extents are not known yet.
inline Status set_rank(InferCtx& c, int o, DType t, int rank) {
  Shape s;
  for (int i = 0; i < rank; ++i) s.push_back(c.fresh());
  return c.set(o, t, std::move(s));
}

// The number of elements of input i, a vector (or, if allowed, a scalar); nullopt while it is not known. kShape
// otherwise.
inline Result<std::optional<int>> vector_length(InferCtx& c, int i, bool scalar_too = false) {
  const Fact& f = c.in(i);
  if (!f.has_rank) return std::optional<int>();
  if (scalar_too && f.shape.empty()) return std::optional<int>(1);
  const std::string_view name = c.node().op->inputs[static_cast<size_t>(i)].name;
  if (f.shape.size() != 1) return c.shape_error(name, " has shape ", c.text(f.shape), ", expected rank 1");
  if (!f.shape[0].known()) return std::optional<int>();
  return std::optional<int>(static_cast<int>(f.shape[0].value()));
}

// Output o has one axis per element of vector input i.
inline Status set_rank_from_length(InferCtx& c, int o, DType t, int i) {
  SDX_TRY(const std::optional<int> n, vector_length(c, i));
  return n ? set_rank(c, o, t, *n) : deferred();
}

}  // namespace sardonyx
