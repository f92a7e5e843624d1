// BodyCtx: writes an operator as nodes of simpler operators (its body), with the node's types, ranks and attributes at
// hand. Used when no kernel takes the node, and by tests as the oracle for the fast kernel.
#pragma once
#include <initializer_list>

#include "ir/graph.h"

namespace sardonyx {

class BodyCtx {
 public:
  using Ref = ValueId;  // kNone = absent
  BodyCtx(Graph& graph, NodeId node, const OpLookup& ops) : graph_(graph), node_(node), ops_(ops) {}

  Ref in(int i) const;
  bool has(int i) const { return in(i) != kNone; }
  bool wants(int o) const;
  const Fact& fact(Ref r) const { return graph_.fact(r); }
  DType dtype(int i) const { return fact(in(i)).dtype(); }
  int inputs() const { return graph_.node(node_).formal_inputs(); }
  const Node& node() const { return graph_.node(node_); }
  bool has_attr(std::string_view name) const { return node().find_attr(name) != nullptr; }
  int64_t attr_int(std::string_view name) const;
  float attr_float(std::string_view name) const;
  std::string_view attr_string(std::string_view name) const;
  std::span<const int64_t> attr_ints(std::string_view name) const;

  // Adds a node and returns its first output; after the first failure every call returns kNone and outputs() reports
  // it.
  Ref op(std::string_view name, std::initializer_list<Ref> inputs, std::vector<Attr> attrs = {});
  std::vector<Ref> op_n(std::string_view name, int outputs, std::initializer_list<Ref> inputs,
                        std::vector<Attr> attrs = {});
  Ref op_in(std::string_view domain, std::string_view name, std::initializer_list<Ref> inputs,
            std::vector<Attr> attrs = {});
  // Writes statements in the text format that may use these names; the values of `outputs`, all kNone after a failure.
  struct Named {
    std::string_view name;
    Ref ref;
  };
  std::vector<Ref> text(std::string_view statements, std::initializer_list<Named> inputs,
                        std::initializer_list<std::string_view> outputs);
  // Writes the node's own body graph `body` with these formal inputs; its outputs, all kNone after a failure.
  std::vector<Ref> inline_body(size_t body, std::initializer_list<Ref> inputs);
  Ref scalar(double v, Ref like);  // rank 0, element type of `like`
  Ref ints(std::initializer_list<int64_t> v);
  Ref ints(std::span<const int64_t> v);
  Ref int_scalar(int64_t v);
  Ref cast(Ref x, DType to);  // x itself if it has that type
  Ref constant(Tensor t) { return graph_.add_constant(std::move(t)); }

  // Ends the body: refs become the node's outputs (kNone where not wanted).
  Status outputs(std::initializer_list<Ref> refs);
  Status outputs(std::span<const Ref> refs);
  const std::vector<Ref>& results() const { return results_; }
  Status status() const { return status_; }

 private:
  Graph& graph_;
  NodeId node_;
  const OpLookup& ops_;
  Status status_;
  std::vector<Ref> results_;
};

// Replaces `node` by its body (text or code). kNoKernel if the operator has none.
Status expand_node(Graph& graph, NodeId node, const OpLookup& ops);

}  // namespace sardonyx
