// The CPU kernels of this build, generated from the SDX_KERNEL(cpu, …) lines of this folder. Immutable; thread-safe.
#pragma once
#include "base/small_vec.h"
#include "kernel/kernel.h"

namespace sardonyx {

using KernelList = SmallVec<const KernelEntry*, 12>;

// The kernels of one operator symbol, best priority first.
KernelList cpu_kernels(std::string_view op_symbol);

}  // namespace sardonyx
