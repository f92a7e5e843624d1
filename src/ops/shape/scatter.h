// What ScatterElements and ScatterND share.
#pragma once
#include "ops/shape/contents.h"

namespace sardonyx {

// Attribute "reduction" names one of the known ways to combine; the deprecated Scatter has none.
inline Status check_reduction(const InferCtx& c) {
  const std::string_view r = c.attr_string("reduction");
  if (r.empty() || r == "none" || r == "add" || r == "mul" || r == "max" || r == "min") return {};
  return fail(Code::kAttr, "reduction is ", quoted(r), R"(, expected "none", "add", "mul", "max" or "min")");
}

}  // namespace sardonyx
