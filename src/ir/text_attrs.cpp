// Attributes of the text format: name [: type] = value.
#include "ir/text_parser.h"

namespace sardonyx {

Status GraphParser::parse_attributes(Scope& scope, Operand& call) {
  if (!lex_.take('<')) return {};
  while (lex_.peek() != '>') {
    SDX_RETURN_IF_ERROR(parse_attribute(scope, call));
    if (!lex_.take(',')) break;
  }
  return lex_.expect('>');
}

Result<std::optional<AttrType>> GraphParser::parse_attr_type() {
  if (!lex_.take(':')) return std::optional<AttrType>();
  if (lex_.take_keyword("type_proto")) return std::optional(AttrType::kType);
  for (int i = 0; i <= static_cast<int>(AttrType::kSparse); ++i)
    if (lex_.take_keyword(attr_type_name(static_cast<AttrType>(i)))) return std::optional(static_cast<AttrType>(i));
  return lex_.expected("the type of an attribute (int, float, string, tensor, graph, ints, floats, strings, …)");
}

Status GraphParser::parse_attribute(Scope& scope, Operand& call) {
  const size_t pos = (lex_.peek(), lex_.position());
  SDX_TRY(std::string name, lex_.name("the name of an attribute"));
  for (const Attr& a : call.call.attrs)
    if (a.name == name) return lex_.error(pos, cat("the attribute ", quoted(name), " is given twice"));
  SDX_TRY(std::optional<AttrType> type, parse_attr_type());
  SDX_RETURN_IF_ERROR(lex_.expect('='));
  if (lex_.take('@')) {
    SDX_TRY(std::optional<Attr> a, parse_reference());
    if (!a) return {};
    a->name = std::move(name);
    call.call.attrs.push_back(std::move(*a));
    return {};
  }
  if (!type) {
    const OpDef* def = ops_.find(call.call.domain, call.call.op);
    if (const AttrDef* d = def ? def->find_attr(name) : nullptr) type = d->type;
  }
  if (type != AttrType::kType && at_graph()) return parse_body_graph(scope, call, std::move(name));
  Attr a;
  if (type == AttrType::kType) {
    SDX_TRY(const Fact f, parse_type(lex_, scope.graph.symbols()));
    a.type = AttrType::kType;
    a.value_type = f.type;
  } else {
    SDX_TRY(a, parse_attr_value(type ? &*type : nullptr));
  }
  a.name = std::move(name);
  call.call.attrs.push_back(std::move(a));
  return {};
}

bool GraphParser::at_graph() {
  if (lex_.peek() == '(') return true;
  if (!lex_.at_name()) return false;
  const size_t pos = lex_.position();
  const bool graph = lex_.name("").ok() && lex_.peek() == '(';
  lex_.seek(pos);
  return graph;
}

Status GraphParser::parse_body_graph(Scope& scope, Operand& call, std::string attr) {
  for (const Body& b : call.bodies)
    if (b.attr == attr) return lex_.error(lex_.position(), cat("the attribute ", quoted(attr), " is given twice"));
  Body body;
  body.attr = std::move(attr);
  body.graph = std::make_unique<Graph>(scope.graph.symbols_ptr());
  Scope inner{*body.graph, &scope};
  SDX_RETURN_IF_ERROR(parse_graph(inner));
  body.captures = std::move(inner.captures);
  body.formals = body.graph->inputs.size() - body.captures.size();
  call.bodies.push_back(std::move(body));
  return {};
}

// @name: the attribute of the node whose body this is, else its default; nothing if it has neither.
Result<std::optional<Attr>> GraphParser::parse_reference() {
  const size_t pos = lex_.position();
  SDX_TRY(const std::string_view name, lex_.identifier("the name of an attribute"));
  if (host == nullptr) return lex_.error(pos, "@ has a meaning only in the body of an operator");
  if (const Attr* a = host->find_attr(name)) return std::optional(*a);
  const AttrDef* d = host->op->find_attr(name);
  if (d == nullptr) return lex_.error(pos, cat(host->op->name, " has no attribute ", quoted(name)));
  if (!d->has_default) return std::optional<Attr>();
  Attr a;
  a.name = name;
  a.type = d->type;
  a.i = d->i;
  a.f = static_cast<float>(d->f);
  a.s = d->s;
  a.ints.assign(d->ints.begin(), d->ints.end());
  a.floats.assign(d->floats.begin(), d->floats.end());
  return std::optional(std::move(a));
}

Result<Attr> GraphParser::parse_attr_value(Hint hint) {
  if (lex_.peek() == '[') return parse_attr_list(hint);
  if (lex_.peek() == '"') {
    SDX_TRY(std::string s, lex_.string("text"));
    return Attr::of_string("", std::move(s));
  }
  if (lex_.at_number()) {
    SDX_TRY(const Number n, lex_.number());
    if (!n.is_int || (hint && *hint == AttrType::kFloat)) return Attr::of_float("", static_cast<float>(n.real));
    const uint64_t limit = uint64_t{1} << 63;
    if (n.magnitude > limit - (n.negative ? 0 : 1)) return lex_.error(lex_.position(), "the number does not fit int64");
    return Attr::of_int("", static_cast<int64_t>(n.negative ? uint64_t{0} - n.magnitude : n.magnitude));
  }
  if (dtype_from_name(lex_.peek_identifier()) == DType::kUndefined)
    return lex_.expected("the value of an attribute (a number, text, a list, a tensor or a graph)");
  SymbolTable none;
  SDX_TRY(const Fact type, parse_type(lex_, none));
  if (!type.has_rank) return lex_.expected("a constant with extents");
  if (lex_.at_name()) SDX_RETURN_IF_ERROR(lex_.name("a name").status());
  lex_.take('=');
  SDX_TRY(Tensor t, parse_elements(lex_, type.dtype(), type.shape));
  return Attr::of_tensor("", std::move(t));
}

// Elements of one kind; the list is one of floats if any element is. An empty list has the type that the operator
// expects.
Result<Attr> GraphParser::parse_attr_list(Hint hint) {
  constexpr AttrType kFloat = AttrType::kFloat;
  const size_t pos = lex_.position();
  SDX_RETURN_IF_ERROR(lex_.expect('['));
  std::vector<Attr> items;
  while (lex_.peek() != ']') {
    if (lex_.peek() == '[') return lex_.expected("an element");
    SDX_TRY(Attr a, parse_attr_value(hint && *hint == AttrType::kFloats ? &kFloat : nullptr));
    items.push_back(std::move(a));
    if (!lex_.take(',')) break;
  }
  SDX_RETURN_IF_ERROR(lex_.expect(']'));
  Attr out;
  out.type = hint ? *hint : AttrType::kInts;
  bool numbers = true, reals = false;
  for (const Attr& a : items) {
    numbers &= a.type == AttrType::kInt || a.type == AttrType::kFloat;
    reals |= a.type == AttrType::kFloat;
    if (!numbers && a.type != items[0].type) return lex_.error(pos, "the elements of the list differ in kind");
  }
  if (items.empty()) return out;
  out.type = numbers                              ? (reals ? AttrType::kFloats : AttrType::kInts)
             : items[0].type == AttrType::kString ? AttrType::kStrings
                                                  : AttrType::kTensors;
  for (Attr& a : items) {
    if (out.type == AttrType::kFloats) out.floats.push_back(a.type == AttrType::kInt ? static_cast<float>(a.i) : a.f);
    if (out.type == AttrType::kInts) out.ints.push_back(a.i);
    if (out.type == AttrType::kStrings) out.strings.push_back(std::move(a.s));
    if (out.type == AttrType::kTensors) out.tensors.push_back(std::move(a.tensor));
  }
  return out;
}

}  // namespace sardonyx
