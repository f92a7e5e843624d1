// Writes a graph in the text format. What it prints, parse_graph reads back as an equal graph, unless a constant was
// shortened.
#pragma once
#include "ir/graph.h"

namespace sardonyx {

struct PrintOptions {
  bool facts = false;         // what is known of each output, as a comment behind its node
  int64_t max_constant = 16;  // longer constants are cut after so many elements, and then cannot be read back
  bool names = true;          // labels of nodes
};

std::string print_graph(const Graph& graph, const PrintOptions& options = {});

}  // namespace sardonyx
