#include "ir/text_reader.h"

#include "ir/text_parser.h"

namespace sardonyx {

// <ir_version: 7, opset_import: ["" : 10, "ai.onnx.ml" : 3]>: only the opsets matter here.
Status GraphParser::parse_header() {
  if (!lex_.take('<')) return {};
  do {
    SDX_TRY(const std::string_view key, lex_.identifier("a field such as opset_import"));
    SDX_RETURN_IF_ERROR(lex_.expect(':'));
    if (!lex_.take('[')) {
      if (lex_.peek() == '"') {
        SDX_RETURN_IF_ERROR(lex_.string("text").status());
      } else {
        SDX_RETURN_IF_ERROR(lex_.integer("a number or text").status());
      }
      continue;
    }
    while (lex_.peek() != ']') {
      SDX_TRY(const std::string domain, lex_.string("a domain in quotes"));
      SDX_RETURN_IF_ERROR(lex_.expect(':'));
      if (key == "opset_import") {
        SDX_TRY(const int64_t version, lex_.integer("an opset version"));
        if (version < kMinOpset || version > 10000)
          return lex_.error(lex_.position(), "the opset version is out of range");
        opsets_[std::string(canonical_domain(domain))] = static_cast<int>(version);
      } else {
        SDX_RETURN_IF_ERROR(lex_.string("text").status());
      }
      if (!lex_.take(',')) break;
    }
    SDX_RETURN_IF_ERROR(lex_.expect(']'));
  } while (lex_.take(','));
  return lex_.expect('>');
}

Status GraphParser::parse_graph(Scope& scope) {
  const Nesting nesting(depth_);
  if (depth_ > kMaxTextDepth) return too_deep();
  if (lex_.peek() != '(') {
    SDX_TRY(scope.graph.name, lex_.name("the name of the graph or \"(\""));
  }
  std::vector<std::pair<std::string, size_t>> outputs;
  SDX_RETURN_IF_ERROR(parse_inputs(scope));
  SDX_RETURN_IF_ERROR(lex_.expect("=>"));
  SDX_RETURN_IF_ERROR(parse_outputs(scope, outputs));
  SDX_RETURN_IF_ERROR(parse_declarations(scope));
  SDX_RETURN_IF_ERROR(lex_.expect('{'));
  SDX_RETURN_IF_ERROR(parse_statements(scope, '}'));
  SDX_RETURN_IF_ERROR(lex_.expect('}'));
  for (const auto& [name, pos] : outputs) {
    SDX_TRY(const ValueId id, resolve(scope, name, pos));
    scope.graph.outputs.push_back(id);
    if (options_.output_names != nullptr && scope.outer == nullptr) options_.output_names->push_back(name);
  }
  return {};
}

Status GraphParser::parse_inputs(Scope& scope) {
  SDX_RETURN_IF_ERROR(lex_.expect('('));
  while (lex_.peek() != ')') {
    Fact type;
    if (at_type(lex_)) {
      SDX_TRY(type, parse_type(lex_, scope.graph.symbols()));
    }
    const size_t pos = (lex_.peek(), lex_.position());
    SDX_TRY(const std::string name, lex_.name("a type and a name"));
    if (lex_.take('=')) {
      SDX_RETURN_IF_ERROR(parse_constant(scope, name, type, pos));
    } else {
      if (options_.symbolic_inputs && scope.outer == nullptr)
        for (Dim& d : type.shape) d = d.known() ? scope.graph.symbols().fresh() : d;
      SDX_RETURN_IF_ERROR(define(scope, name, scope.graph.add_input(name, std::move(type)), pos));
    }
    if (!lex_.take(',')) break;
  }
  return lex_.expect(')');
}

Status GraphParser::parse_outputs(Scope& scope, std::vector<std::pair<std::string, size_t>>& names) {
  SDX_RETURN_IF_ERROR(lex_.expect('('));
  while (lex_.peek() != ')') {
    std::optional<Fact> type;
    if (at_type(lex_)) {
      SDX_TRY(type, parse_type(lex_, scope.graph.symbols()));
    }
    const size_t pos = (lex_.peek(), lex_.position());
    SDX_TRY(std::string name, lex_.name("the name of an output"));
    if (type) scope.declared.emplace(name, std::move(*type));
    names.emplace_back(std::move(name), pos);
    if (!lex_.take(',')) break;
  }
  return lex_.expect(')');
}

// <float[2] w = {1, 2}, float[N] y>: constants, and the types of values that nodes define.
Status GraphParser::parse_declarations(Scope& scope) {
  if (!lex_.take('<')) return {};
  while (lex_.peek() != '>') {
    SDX_TRY(Fact type, parse_type(lex_, scope.graph.symbols()));
    const size_t pos = (lex_.peek(), lex_.position());
    SDX_TRY(std::string name, lex_.name("a name"));
    if (lex_.take('=')) {
      SDX_RETURN_IF_ERROR(parse_constant(scope, std::move(name), type, pos));
    } else {
      scope.declared.emplace(std::move(name), std::move(type));
    }
    if (!lex_.take(',')) break;
  }
  return lex_.expect('>');
}

Status GraphParser::parse_constant(Scope& scope, std::string name, const Fact& type, size_t pos) {
  if (!type.type.is_tensor() || !type.has_rank) return lex_.error(pos, "a constant needs a tensor type with extents");
  SDX_TRY(Tensor t, parse_elements(lex_, type.dtype(), type.shape));
  const ValueId id = scope.graph.add_constant(std::move(t), name);
  return define(scope, name, id, pos);
}

Status GraphParser::define(Scope& scope, const std::string& name, ValueId id, size_t pos) {
  if (!scope.names.emplace(name, id).second)
    return lex_.error(pos, cat("the value ", quoted(name), " is already defined"));
  const auto declared = scope.declared.find(name);
  if (declared == scope.declared.end() || id == kNone) return {};
  const Fact &want = declared->second, &got = scope.graph.fact(id);
  const SymbolTable& sym = scope.graph.symbols();
  bool differs =
      want.type.kind != Type::Kind::kUnknown && got.type.kind != Type::Kind::kUnknown && !(want.type == got.type);
  if (want.has_rank && got.has_rank) {
    differs |= want.shape.size() != got.shape.size();
    for (size_t i = 0; !differs && i < want.shape.size(); ++i)
      differs = want.shape[i].known() && got.shape[i].known() &&
                sym.equal(want.shape[i], got.shape[i]) == std::optional(false);
  }
  if (differs)
    return lex_.error(pos, cat("the value ", quoted(name), " is declared as ", print_fact(want, sym), " but is ",
                               print_fact(got, sym)));
  return {};
}

// Finds a name here or in the graphs around; what comes from outside becomes a captured input, a constant its own
// constant.
std::optional<ValueId> GraphParser::lookup(Scope& scope, std::string_view name) {
  if (const auto it = scope.names.find(name); it != scope.names.end()) return it->second;
  if (scope.outer == nullptr) return std::nullopt;
  const auto found = lookup(*scope.outer, name);
  if (!found) return std::nullopt;
  ValueId inner = kNone;
  if (*found != kNone && scope.outer->graph.is_constant(*found)) {
    inner = scope.graph.add_constant(scope.outer->graph.fact(*found).constant, std::string(name));
  } else if (*found != kNone) {
    inner = scope.graph.add_input(std::string(name), scope.outer->graph.fact(*found));
    scope.captures.push_back({*found, inner});
  }
  scope.names.emplace(name, inner);
  return inner;
}

Result<ValueId> GraphParser::resolve(Scope& scope, std::string_view name, size_t pos) {
  const auto id = lookup(scope, name);
  if (!id) return lex_.error(pos, cat("there is no value ", quoted(name)));
  return *id;
}

Status GraphParser::parse_statements(Scope& scope, char end) {
  while (lex_.peek() != end) {
    SDX_RETURN_IF_ERROR(parse_statement(scope));
    lex_.take(';');
  }
  return {};
}

Result<std::vector<std::string>> GraphParser::parse_output_names() {
  std::vector<std::string> names;
  do {
    if (lex_.peek() == ',' || lex_.peek() == '=') {
      names.emplace_back();
      continue;
    }
    SDX_TRY(std::string name, lex_.name("the name of a value"));
    names.push_back(std::move(name));
  } while (lex_.take(','));
  SDX_RETURN_IF_ERROR(lex_.expect('='));
  return names;
}

Status GraphParser::parse_statement(Scope& scope) {
  std::string label;
  if (lex_.take('[')) {
    SDX_TRY(label, lex_.name("the name of a node"));
    SDX_RETURN_IF_ERROR(lex_.expect(']'));
  }
  const size_t pos = (lex_.peek(), lex_.position());
  SDX_TRY(const std::vector<std::string> names, parse_output_names());
  scope.base = prefix + names[0];
  SDX_TRY(Operand result, parse_sum(scope));
  if (result.kind != Operand::Kind::kCall) {
    if (names.size() != 1) return lex_.error(pos, cat(names.size(), " names for one value"));
    SDX_TRY(const ValueId id, materialize(scope, std::move(result), DType::kUndefined));
    return define(scope, names[0], id, pos);
  }
  std::vector<std::string> outputs;
  for (const std::string& n : names) outputs.push_back(n.empty() ? n : prefix + n);
  if (!label.empty()) result.call.name = label;
  SDX_TRY(const ValueIds made, emit(scope, std::move(result), std::move(outputs)));
  for (size_t o = 0; o < names.size(); ++o)
    if (!names[o].empty()) SDX_RETURN_IF_ERROR(define(scope, names[o], o < made.size() ? made[o] : kNone, pos));
  return {};
}

Result<std::unique_ptr<Graph>> parse_graph(std::string_view text, const OpLookup& ops, const ParseOptions& options) {
  Lexer lex(text);
  auto graph = std::make_unique<Graph>(std::make_shared<SymbolTable>());
  GraphParser parser(lex, ops, options);
  GraphParser::Scope scope{*graph};
  SDX_RETURN_IF_ERROR(parser.parse_header());
  SDX_RETURN_IF_ERROR(parser.parse_graph(scope));
  if (options.end != nullptr) {
    *options.end = lex.position();
  } else if (!lex.at_end()) {
    return lex.expected("the end of the text");
  }
  return graph;
}

Result<std::vector<ValueId>> parse_body(std::string_view text, Graph& graph, const BodyScope& body,
                                        const OpLookup& ops) {
  Lexer lex(text);
  GraphParser parser(lex, ops, {});
  parser.host = body.host;
  parser.prefix = body.prefix;
  parser.node_name = body.node_name;
  GraphParser::Scope scope{graph};
  for (const auto& [name, id] : body.inputs) scope.names.emplace(name, id);
  const bool braces = lex.take('{');
  SDX_RETURN_IF_ERROR(parser.parse_statements(scope, braces ? '}' : '\0'));
  if (braces) SDX_RETURN_IF_ERROR(lex.expect('}'));
  if (!lex.at_end()) return lex.expected("the end of the text");
  std::vector<ValueId> out;
  for (std::string_view name : body.outputs) {
    SDX_TRY(const ValueId id, parser.resolve(scope, name, lex.position()));
    out.push_back(id);
  }
  return out;
}

}  // namespace sardonyx
