// What the operators that own bodies share: finding a body and reading its facts from outside. The facts of a body's
// formal inputs must be true in every iteration; whoever builds the body sees to that. A body's Dims belong to the
// symbol table it was built with. At plan time inference has a table of its own; there only integers cross the border
// and every symbol becomes a fresh one.
#pragma once
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

}  // namespace sardonyx
