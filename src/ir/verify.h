// Checks the invariants of a graph and its bodies. For tests, checked builds and after every pass; not on the way of a
// run.
#pragma once
#include "ir/graph.h"

namespace sardonyx {

// Ids in range; producers and use lists right; no cycle; nothing live uses what a dead node made; constants agree with
// their facts; every fact is compatible with a fresh inference; bodies share the symbols and take the captures as their
// last inputs. kInternal, with the place, otherwise.
Status verify(const Graph& graph);

}  // namespace sardonyx
