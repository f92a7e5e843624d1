// The one way for a node of any opset into a graph: finds the operator, checks the version, runs its history rules and
// appends the result, with inference. The model reader and the text reader both come through here.
#pragma once
#include "ir/upgrade_ctx.h"

namespace sardonyx {

// draft.inputs are the formal inputs followed by `captures` captured values; rules see only the formal ones.
// draft.opset is the version of draft.domain that the model imports.
// A rule may rename the operator (then the new operator's later history follows) or move it to another domain or to
// draft.opset = kCanonicalOpset (then it is taken as canonical). Returns the last node made: the one with the draft's
// outputs. Errors (kOpUnknown, kOpset and all of inference's) carry the origin `Op "name"`; the graph may have gained
// nodes by then.
Result<NodeId> import_node(Graph& graph, NodeDraft draft, std::vector<std::unique_ptr<Graph>> bodies,
                           std::vector<std::string> body_names, int captures, const OpLookup& ops);

// `Op "name"` of a draft; falls back to the first named output.
std::string draft_origin(const NodeDraft& draft);

}  // namespace sardonyx
