// Which versions a saved model must state: of operator sets and of the format. Pure functions.
#pragma once
#include "ir/graph.h"

namespace sardonyx {

// The IR version that came with an opset, and the one that an element type needs.
int64_t ir_of_opset(int64_t opset);
int64_t ir_of_type(DType t);

// The lowest version of its domain in which the node means what it means here. One that came from a model is as it was
// there, or as the last rule of its operator's history left it; versions without a rule change nothing.
int version_needed(const Graph& g, const Node& n);

}  // namespace sardonyx
