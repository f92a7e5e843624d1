// What the operators that own bodies share: finding a body, reading its facts from outside, and the facts of its formal inputs.
// A body's Dims belong to the symbol table it was built with. At plan time inference has a table of its own; there only integers
// cross the border and every symbol becomes a fresh one.
#pragma once
#include <span>
#include <vector>

#include "ir/infer_ctx.h"

namespace sardonyx {

// The facts of one body, seen from its node.
class BodyView {
 public:
  BodyView(const InferCtx& c, const Graph& body) : body_(body), same_table_(&body.symbols() == &c.sym()) {}
  int formal_inputs(const Node& node) const { return static_cast<int>(body_.inputs.size()) - node.captures; }
  int outputs() const { return static_cast<int>(body_.outputs.size()); }
  const Fact& in(int i) const { return body_.fact(body_.inputs[static_cast<size_t>(i)]); }
  const Fact& out(int o) const { return body_.fact(body_.outputs[static_cast<size_t>(o)]); }
  // Output o is formal input i, handed through.
  bool hands_through(int o, int i) const;
  std::string text(const Shape& s) const { return body_.symbols().to_string(s); }
  bool same_table() const { return same_table_; }

 private:
  const Graph& body_;
  bool same_table_;
};

// The node's body of that name; kInternal if the importer left it out.
Result<const Graph*> body_named(const Node& node, std::string_view name);

// The type that holds both: equal types, an unknown one gives way, optional(T) takes T. kType otherwise.
Result<Type> common_type(const Type& a, const Type& b, std::string_view what);

// Sets output o: extents only if it is a tensor of known rank.
Status set_output(InferCtx& c, int o, Type t, const Shape* shape);

// Symbols that mean the same inside a body as outside.
class OuterSymbols {
 public:
  explicit OuterSymbols(const SymbolTable& sym) : sym_(sym) {}
  void add(const Fact& f);
  // d is a number or made of these symbols only.
  bool explains(Dim d) const;

 private:
  const SymbolTable& sym_;
  std::vector<uint32_t> ids_;
};

// Facts of the formal inputs of the body of Loop, Scan, SequenceMap (or If, which has none) as written for `opset`, true in every
// iteration: what a reader gives a body to start from. `in` are the node's formal inputs (null = absent), `declared` what the model says
// of the body's inputs. Declared symbols are local to the body and become fresh ones.
Result<std::vector<Fact>> body_input_facts(std::string_view op, int opset, std::span<const Attr> attrs,
                                           std::span<const Fact* const> in, std::span<const Fact> declared, SymbolTable& sym);

}  // namespace sardonyx
