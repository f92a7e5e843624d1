// MatmulAny: matrix products of every numeric element type. Half precisions multiply and add in f32 and round once;
// integers wrap.
#pragma once
#include "cpu/math/matmul_f32.h"

namespace sardonyx {

// Bias and activation as in MatmulSpec; only bias is supported (no residual, no activation).
Result<KernelPtr> make_matmul_any(const KernelQuery& q, const MatmulSpec& spec);

}  // namespace sardonyx
