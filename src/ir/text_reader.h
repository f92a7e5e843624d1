// Reads the text format: ONNX's textual syntax, plus infix + - * /, nested calls, bare numbers and lists as operands,
// extents as expressions, escapes in strings. Nodes go through import_node, so text of any opset becomes the canonical
// graph.
//
//   <opset_import: ["" : 13]>
//   name (float[N,3] x) => (float[N,3] y) <float[3] w = {1, 2, 3}> {
//     [label] s = Softmax <axis = -1> (x * w + 1)
//     y = If <then_branch = a () => (t) { t = Identity(s) }, else_branch = b () => (e) { e = com.microsoft.Gelu(s) }>
//     (c)
//   }
//
// A number takes the element type of the other operand (in a call: of the operand with the same type variable).
// `float` is a scalar, `float[]` has an unknown rank, `?` is an unknown type or extent. Values of enclosing graphs
// become captures. Errors of syntax are kProto with "line:column: expected …, got …"; errors of meaning are those of
// import_node.
#pragma once
#include "ir/graph.h"
#include "ir/opset.h"

namespace sardonyx {

struct ParseOptions {
  int opset = kCanonicalOpset;  // of ai.onnx and ai.onnx.ml, unless the text says it; other domains are at 1
  int ml_opset = kCanonicalMlOpset;
  size_t* end = nullptr;                             // set to where the graph ends; without it, nothing may follow
  std::vector<std::string>* output_names = nullptr;  // set to the names in the signature: a value's own name may differ
  bool symbolic_inputs = false;                      // known extents of the inputs become symbols (tests)
};

Result<std::unique_ptr<Graph>> parse_graph(std::string_view text, const OpLookup& ops,
                                           const ParseOptions& options = {});

// What a function body's text refers to.
struct BodyScope {
  std::vector<std::pair<std::string_view, ValueId>> inputs;  // formal parameters; kNone = absent
  std::vector<std::string_view> outputs;
  const Node* host = nullptr;  // whose attributes @name means
  std::string prefix;          // of the names of new values
  std::string node_name;       // of new nodes
};
// Appends the statements of a body, with or without braces, to a graph; returns the values of its outputs.
// The node `host` points at must not move: take a copy of it if it lives in `graph`.
Result<std::vector<ValueId>> parse_body(std::string_view text, Graph& graph, const BodyScope& scope,
                                        const OpLookup& ops);

}  // namespace sardonyx
