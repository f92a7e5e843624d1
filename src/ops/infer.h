// Small helpers of many infer functions. Pure.
#pragma once
#include <optional>

#include "ir/infer_ctx.h"

namespace sardonyx {

// The contents of input i if they are known (or can be read), nullopt if they are not yet; other errors are passed on.
inline Result<std::optional<Dims>> ints_if_known(InferCtx& c, int i) {
  Result<Dims> d = c.ints(i);
  if (d.ok()) return std::optional<Dims>(std::move(*d));
  if (d.status().code() == Code::kDeferred) return std::optional<Dims>();
  return d.take_status();
}

// Status of one required rank: "X is [2,3]; it must have rank 4".
inline Status require_rank(const InferCtx& c, const Shape& s, size_t rank, std::string_view name) {
  if (s.size() == rank) return {};
  return c.shape_error(name, " is ", c.text(s), "; it must have rank ", rank);
}
inline Status require_min_rank(const InferCtx& c, const Shape& s, size_t rank, std::string_view name) {
  if (s.size() >= rank) return {};
  return c.shape_error(name, " is ", c.text(s), "; it must have rank ", rank, " or more");
}

// kShape if extent `a` is certainly not `b`: "scale has 3 elements; X has 4 channels" style texts are given whole.
template <class... T>
Status require_equal(const InferCtx& c, Dim a, Dim b, const T&... text) {
  if (c.sym().equal(a, b).value_or(true)) return {};
  return c.shape_error(text...);
}

}  // namespace sardonyx
