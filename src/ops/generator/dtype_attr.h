// The output type of operators that choose it by attribute "dtype".
#pragma once
#include "ir/infer_ctx.h"

namespace sardonyx {

// Attribute "dtype", or `otherwise` if it is absent and has no default; kType if type variable `var` does not allow it.
inline Result<DType> output_dtype(const InferCtx& c, std::string_view var, DType otherwise) {
  const AttrDef* def = c.node().op->find_attr("dtype");
  const bool given = c.has_attr("dtype") || (def != nullptr && def->has_default);
  const int64_t t = given ? c.attr_int("dtype") : static_cast<int64_t>(otherwise);
  if (t > 0 && t < kDTypeCount && contains(c.node().op->find_type(var)->tensors, static_cast<DType>(t)))
    return static_cast<DType>(t);
  const std::string_view name = t > 0 && t < kDTypeCount ? dtype_name(static_cast<DType>(t)) : "no element type";
  return fail(Code::kType, "dtype is ", t, " (", name, "), which is not a type that ", c.node().op->name,
              " can produce");
}

}  // namespace sardonyx
