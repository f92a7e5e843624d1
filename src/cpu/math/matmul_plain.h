// MatmulPlain: matrix products of f64 and of 32- and 64-bit integers, which wrap.
#pragma once
#include "cpu/math/matmul_f32.h"

namespace sardonyx {

// Integers are scaled by alpha and beta only if both are 1; of an epilogue only the bias is taken (MatmulSpec).
Reason refuse_matmul_plain(const KernelQuery& q, const MatmulSpec& spec);
Result<KernelPtr> make_matmul_plain(const KernelQuery& q, const MatmulSpec& spec);

}  // namespace sardonyx
