// Which provider runs which node, for sessions that were asked to record it.
#include "capi/session.h"

struct OrtEpAssignedNode {
  std::string name, domain, op;
};
struct OrtEpAssignedSubgraph {
  std::string ep;
  std::vector<OrtEpAssignedNode> nodes;
  std::vector<const OrtEpAssignedNode*> node_pointers;
};

namespace sardonyx::capi {

// One subgraph per node, as the CPU takes them one by one.
std::shared_ptr<const EpAssignment> record_assignment(const Program& program) {
  auto all = std::make_shared<EpAssignment>();
  for (const Step& step : program.steps) {
    const Node& n = program.graph->node(step.node);
    auto g = std::make_shared<OrtEpAssignedSubgraph>();
    g->ep = "CPUExecutionProvider";
    g->nodes.push_back({n.name, std::string(n.op->domain), std::string(n.op->name)});
    g->node_pointers.push_back(&g->nodes[0]);
    all->pointers.push_back(g.get());
    all->subgraphs.push_back(std::move(g));
  }
  return all;
}

OrtStatus* Session_GetEpGraphAssignmentInfo(const OrtSession* session,
                                            const OrtEpAssignedSubgraph* const** ep_subgraphs,
                                            size_t* num_ep_subgraphs) {
  if (!session->assignment)
    return error(ORT_FAIL,
                 "Session configuration entry 'session.record_ep_graph_assignment_info' must be set to \"1\" "
                 "to retrieve EP graph assignment information.");
  *ep_subgraphs = session->assignment->pointers.data(), *num_ep_subgraphs = session->assignment->pointers.size();
  return nullptr;
}
OrtStatus* EpAssignedSubgraph_GetEpName(const OrtEpAssignedSubgraph* ep_subgraph, const char** out) {
  *out = ep_subgraph->ep.c_str();
  return nullptr;
}
OrtStatus* EpAssignedSubgraph_GetNodes(const OrtEpAssignedSubgraph* ep_subgraph,
                                       const OrtEpAssignedNode* const** ep_nodes, size_t* num_ep_nodes) {
  *ep_nodes = ep_subgraph->node_pointers.data(), *num_ep_nodes = ep_subgraph->node_pointers.size();
  return nullptr;
}
OrtStatus* EpAssignedNode_GetName(const OrtEpAssignedNode* ep_node, const char** out) {
  *out = ep_node->name.c_str();
  return nullptr;
}
OrtStatus* EpAssignedNode_GetDomain(const OrtEpAssignedNode* ep_node, const char** out) {
  *out = ep_node->domain.c_str();
  return nullptr;
}
OrtStatus* EpAssignedNode_GetOperatorType(const OrtEpAssignedNode* ep_node, const char** out) {
  *out = ep_node->op.c_str();
  return nullptr;
}

}  // namespace sardonyx::capi
