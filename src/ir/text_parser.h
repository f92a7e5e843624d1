// GraphParser: recursive descent over the text format. Internal to the text reader.
#pragma once
#include <map>

#include "ir/import_node.h"
#include "ir/text_reader.h"
#include "ir/text_types.h"

namespace sardonyx {

class GraphParser {
 public:
  GraphParser(Lexer& lex, const OpLookup& ops, const ParseOptions& options)
      : lex_(lex), ops_(ops), opsets_{{"", options.opset}, {"ai.onnx.ml", options.ml_opset}}, options_(options) {}

  struct Capture {
    ValueId outer, inner;
  };
  // The names that one graph defines, and those it took from the graphs around it.
  struct Scope {
    Graph& graph;
    Scope* outer = nullptr;
    std::map<std::string, ValueId, std::less<>> names = {};
    std::map<std::string, Fact, std::less<>> declared = {};  // types announced before the value is defined
    std::vector<Capture> captures = {};
    std::string base = {};  // first output of the current statement: what unnamed values are named after
  };

  Status parse_header();
  // Parses signature and nodes into scope.graph, which is empty.
  Status parse_graph(Scope& scope);
  Status parse_statements(Scope& scope, char end);
  Result<ValueId> resolve(Scope& scope, std::string_view name, size_t pos);

  const Node* host = nullptr;
  std::string prefix, node_name;

 private:
  struct Body {
    std::string attr;
    std::unique_ptr<Graph> graph;
    size_t formals = 0;
    std::vector<Capture> captures;
  };
  struct Operand {
    enum class Kind : uint8_t { kAbsent, kValue, kNumber, kList, kCall } kind = Kind::kAbsent;
    ValueId value = kNone;
    std::vector<Number> numbers;  // one for kNumber
    NodeDraft call;               // not yet in the graph: its output's name is the statement's to give
    std::vector<Body> bodies;
    size_t pos = 0;
  };
  using Hint = const AttrType*;

  // text_reader.cpp: graphs, names, statements.
  Status parse_inputs(Scope& scope);
  Status parse_outputs(Scope& scope, std::vector<std::pair<std::string, size_t>>& names);
  Status parse_declarations(Scope& scope);
  Status parse_constant(Scope& scope, std::string name, const Fact& type, size_t pos);
  Status parse_statement(Scope& scope);
  Result<std::vector<std::string>> parse_output_names();
  Status define(Scope& scope, const std::string& name, ValueId id, size_t pos);
  std::optional<ValueId> lookup(Scope& scope, std::string_view name);

  // text_expr.cpp: operands and calls.
  Result<Operand> parse_sum(Scope& scope);
  Result<Operand> parse_product(Scope& scope);
  Result<Operand> parse_primary(Scope& scope);
  Result<Operand> parse_named(Scope& scope);
  Result<Operand> parse_call(Scope& scope);
  Result<Operand> parse_list();
  Result<Operand> infix(Scope& scope, char op, Operand a, Operand b);
  Result<std::vector<Operand>> parse_arguments(Scope& scope);
  Status bind_arguments(Scope& scope, Operand& call, std::vector<Operand> args);
  Result<ValueId> materialize(Scope& scope, Operand operand, DType number_type);
  Result<ValueIds> emit(Scope& scope, Operand call, std::vector<std::string> outputs);
  int opset_of(std::string_view domain) const;
  static std::string fresh_name(const Scope& scope, std::string_view what) {
    return cat(scope.base, "/", what, "_", scope.graph.value_count());
  }

  // text_attrs.cpp: attributes.
  Status parse_attributes(Scope& scope, Operand& call);
  Status parse_attribute(Scope& scope, Operand& call);
  Result<std::optional<AttrType>> parse_attr_type();
  Result<Attr> parse_attr_value(Hint hint);
  Result<Attr> parse_attr_list(Hint hint);
  Result<std::optional<Attr>> parse_reference();
  Status parse_body_graph(Scope& scope, Operand& call, std::string attr);
  bool at_graph();

  struct Nesting {
    explicit Nesting(int& d) : depth(++d) {}
    ~Nesting() { --depth; }
    int& depth;
  };
  Status too_deep() { return lex_.error(lex_.position(), cat("nested deeper than ", kMaxTextDepth)); }

  Lexer& lex_;
  const OpLookup& ops_;
  std::map<std::string, int, std::less<>> opsets_;
  const ParseOptions options_;
  int depth_ = 0;
};

}  // namespace sardonyx
