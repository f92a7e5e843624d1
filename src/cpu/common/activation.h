// The activation of a fused operator (ops/fused/activation.h) as simd/ names it.
#pragma once
#include <optional>

#include "kernel/kernel.h"
#include "simd/gemm.h"

namespace sardonyx {

// nullopt if the compute tables have no such activation.
std::optional<simd::Act> act_of(const KernelQuery& q);

}  // namespace sardonyx
