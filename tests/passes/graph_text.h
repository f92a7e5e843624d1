// A graph as text that does not depend on the names and the order of its nodes: two graphs that compute the same in the
// same way have equal texts.
#pragma once
#include <string>

#include "ir/graph.h"

namespace sardonyx::passes {

std::string graph_text(const Graph& g);

}  // namespace sardonyx::passes
