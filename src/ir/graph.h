// Graph: nodes and values addressed by 32-bit ids. Every value always has a Fact: adding a node infers its outputs at
// once. Bodies of control-flow nodes are Graphs of their own whose inputs are the formal inputs followed by the
// captured values, so there is no scope lookup anywhere. One SymbolTable serves a graph and all its bodies. Not
// thread-safe while being changed.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ir/op_def.h"

namespace sardonyx {

using ValueId = int32_t;
using NodeId = int32_t;
inline constexpr int32_t kNone = -1;  // an absent optional input or output; no producer
using ValueIds = SmallVec<ValueId, 6>;

class Graph;

struct Node {
  const OpDef* op = nullptr;
  std::string name;
  ValueIds inputs;   // formal inputs, then `captures` captured values
  ValueIds outputs;  // kNone where the model does not name an optional output
  std::vector<Attr> attrs;
  std::vector<std::unique_ptr<Graph>> bodies;  // If: then, else. Loop, Scan: body
  std::vector<std::string> body_names;         // attribute names of the bodies
  int captures = 0;
  int opset = 0;  // the model's opset, for messages
  bool dead = false;

  int formal_inputs() const { return static_cast<int>(inputs.size()) - captures; }
  const Attr* find_attr(std::string_view attr) const;
};

struct ValueInfo {
  std::string name;
  Fact fact;
  NodeId producer = kNone;    // kNone: graph input or constant
  int index = 0;              // which output of the producer
  std::vector<NodeId> users;  // one entry per use as an input
};

class Graph {
 public:
  explicit Graph(std::shared_ptr<SymbolTable> symbols);
  ~Graph();
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;
  std::unique_ptr<Graph> clone() const;  // shares symbols and constants' bytes

  std::string name;
  std::vector<ValueId> inputs;   // in the model's order
  std::vector<ValueId> outputs;  // may repeat a value, may be an input or a constant
  SymbolTable& symbols() const { return *symbols_; }
  const std::shared_ptr<SymbolTable>& symbols_ptr() const { return symbols_; }

  ValueId add_input(std::string name, Fact fact);
  ValueId add_constant(Tensor t, std::string name = {});
  // Appends a node and infers its outputs' facts. `outputs` names them ("" = not wanted beyond the last named one).
  // Errors carry the origin `Op "name"`. On error the graph is unchanged.
  Result<NodeId> add_node(const OpDef* op, std::string name, ValueIds inputs, std::vector<Attr> attrs,
                          std::vector<std::string> outputs, std::vector<std::unique_ptr<Graph>> bodies = {},
                          std::vector<std::string> body_names = {}, int captures = 0);

  size_t node_count() const { return nodes_.size(); }  // ids run below this; dead ones included
  size_t value_count() const { return values_.size(); }
  Node& node(NodeId n) { return nodes_[static_cast<size_t>(n)]; }
  const Node& node(NodeId n) const { return nodes_[static_cast<size_t>(n)]; }
  ValueInfo& value(ValueId v) { return values_[static_cast<size_t>(v)]; }
  const ValueInfo& value(ValueId v) const { return values_[static_cast<size_t>(v)]; }
  const Fact& fact(ValueId v) const { return value(v).fact; }
  bool is_constant(ValueId v) const { return v != kNone && fact(v).constant.valid(); }
  bool is_output(ValueId v) const;

  // Live nodes, each after the producers of its inputs; stable with respect to insertion. kInternal on a cycle.
  Result<std::vector<NodeId>> order() const;

  // Primitive edits; use tracking stays right. Passes make them through a Rewriter.
  void set_input(NodeId n, int i, ValueId v);
  void replace_uses(ValueId from, ValueId to);  // in nodes and graph outputs
  void erase(NodeId n);                         // marks dead, drops its uses; outputs must have no users
  void add_capture(NodeId n, ValueId outer, Fact inner_fact);
  Status infer(NodeId n);  // again, after an edit of inputs or attributes
  // A constant whose contents nobody reads any more becomes a value of known type and extents.
  void forget_contents(ValueId v) { values_[static_cast<size_t>(v)].fact.constant = Tensor(); }

  // `Op "name"` for messages; falls back to the first output's name.
  std::string origin(NodeId n) const;

 private:
  std::shared_ptr<SymbolTable> symbols_;
  std::vector<Node> nodes_;
  std::vector<ValueInfo> values_;
};

}  // namespace sardonyx
