#include "onnx/unknown_operators.h"

#include <set>

#include "ir/opset.h"
#include "onnx/guard.h"
#include "onnx/mapped_file.h"
#include "onnx/proto.h"

namespace sardonyx {
namespace {

using namespace proto;

class Search {
 public:
  explicit Search(const OpLookup& ops) : ops_(ops) {}

  Status model(View bytes) {
    const ModelMsg m = read_model_msg(bytes);
    for (View f : m.functions) {
      const FunctionMsg function = read_function_msg(f);
      functions_.insert({std::string(canonical_domain(function.domain)), std::string(function.name)});
    }
    for (View f : m.functions) nodes(read_function_msg(f).nodes, 0);
    GraphMsg graph;
    for (View piece : m.graphs) add_graph_msg(piece, graph);
    nodes(graph.nodes, 0);
    return {};
  }
  std::vector<UnknownOperator> take() { return std::move(found_); }

 private:
  void nodes(const Views& messages, int depth) {
    for (View message : messages) {
      const NodeMsg n = read_node_msg(message);
      note(n);
      for (View a : n.attrs) {
        if (depth >= kMaxNesting) continue;
        for (View body : read_attr_msg(a).graphs) {
          GraphMsg graph;
          add_graph_msg(body, graph);
          nodes(graph.nodes, depth + 1);
        }
      }
    }
  }

  void note(const NodeMsg& n) {
    const View domain = canonical_domain(n.domain);
    if (ops_.find(domain, n.op) != nullptr || functions_.count({std::string(domain), std::string(n.op)}) != 0) return;
    for (UnknownOperator& u : found_)
      if (u.domain == domain && u.name == n.op) {
        ++u.nodes;
        return;
      }
    const View label = !n.name.empty() || n.outputs.empty() ? n.name : n.outputs[0];
    found_.push_back({std::string(domain), std::string(n.op), std::string(label), 1});
  }

  const OpLookup& ops_;
  std::set<std::pair<std::string, std::string>> functions_;
  std::vector<UnknownOperator> found_;
};

}  // namespace

std::vector<UnknownOperator> unknown_operators(const std::string& path, const OpLookup& ops) {
  const auto file = map_file(path);
  if (!file.ok()) return {};
  Search search(ops);
  const Status read = guarded([&] {
    return search.model({static_cast<const char*>((*file)->data()), (*file)->bytes()});
  });
  return read.ok() ? search.take() : std::vector<UnknownOperator>();
}

}  // namespace sardonyx
