// The CPU kernels of this build, generated from the SDX_KERNEL(cpu, …) lines of this folder. Immutable; thread-safe.
#pragma once
#include <span>

#include "kernel/kernel.h"

namespace sardonyx {

// The kernels of one operator symbol, best priority first.
std::span<const KernelEntry> cpu_kernels(std::string_view op_symbol);
std::span<const KernelEntry> all_cpu_kernels();

}  // namespace sardonyx
