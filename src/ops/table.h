// The table of all operator descriptions, generated from the SDX_OP(...) lines of this folder. Immutable; thread-safe.
#pragma once
#include <span>
#include <string>

#include "ir/op_def.h"

namespace sardonyx {

// Every operator of this build, sorted by symbol.
std::span<const OpDef* const> all_ops();
// Finds by (domain, name); "" and "ai.onnx" are the same domain.
const OpLookup& ops();
// The name an operator has in kernel tables: "Squeeze", "ml_Scaler", "ms_FusedMatMul", "sdx_QConv".
std::string op_symbol(const OpDef& op);

}  // namespace sardonyx
