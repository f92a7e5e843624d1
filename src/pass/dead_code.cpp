// Nodes whose outputs nobody uses are dropped, and graph inputs of bodies that nobody reads stop being captured.
#include "pass/rewriter.h"

namespace sardonyx {

Status pass_dead_code(Rewriter& r) {
  Graph& g = r.graph();
  for (NodeId n = static_cast<NodeId>(g.node_count()) - 1; n >= 0; --n) r.erase_if_unused(n);
  return {};
}

}  // namespace sardonyx
