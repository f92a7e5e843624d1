// Names of optimisations that callers switch off: ours, and those of ONNX Runtime's transformers that have a
// counterpart.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace sardonyx::capi {

// The passes that "a;b" (or "a,b") names; names without a counterpart change nothing.
std::vector<std::string> passes_named(std::string_view names);

}  // namespace sardonyx::capi
