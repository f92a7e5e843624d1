// Extents of matrix products, for every operator that contains one.
#pragma once
#include "ir/infer_ctx.h"

namespace sardonyx {

// numpy.matmul: batch extents broadcast, a vector gains and loses its missing axis. Names are those of the two inputs.
Result<Shape> matmul_shape(InferCtx& c, const Shape& a, const Shape& b, std::string_view a_name = "A",
                           std::string_view b_name = "B");

}  // namespace sardonyx
