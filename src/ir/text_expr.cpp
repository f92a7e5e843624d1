// Operands and calls of the text format.
#include <algorithm>

#include "base/checked.h"
#include "ir/text_parser.h"

namespace sardonyx {
namespace {

Number fold(char op, const Number& a, const Number& b) {
  const auto whole = [](const Number& n) -> std::optional<int64_t> {
    if (!n.is_int || n.magnitude > static_cast<uint64_t>(INT64_MAX)) return std::nullopt;
    return n.negative ? -static_cast<int64_t>(n.magnitude) : static_cast<int64_t>(n.magnitude);
  };
  const auto x = whole(a), y = whole(b);
  std::optional<int64_t> r;
  if (x && y && op == '+') r = checked_add(*x, *y);
  if (x && y && op == '-') r = checked_add(*x, -*y);
  if (x && y && op == '*') r = checked_mul(*x, *y);
  if (r) return Number::of(*r);
  return Number::of_real(op == '+'   ? a.real + b.real
                         : op == '-' ? a.real - b.real
                         : op == '*' ? a.real * b.real
                                     : a.real / b.real);
}

}  // namespace

int GraphParser::opset_of(std::string_view domain) const {
  const auto it = opsets_.find(canonical_domain(domain));
  return it == opsets_.end() ? 1 : it->second;
}

Result<GraphParser::Operand> GraphParser::parse_sum(Scope& scope) {
  const Nesting nesting(depth_);
  if (depth_ > kMaxTextDepth) return too_deep();
  SDX_TRY(Operand a, parse_product(scope));
  for (;;) {
    const char op = lex_.peek();
    if (op != '+' && op != '-') return a;
    lex_.take(op);
    SDX_TRY(Operand b, parse_product(scope));
    SDX_TRY(a, infix(scope, op, std::move(a), std::move(b)));
  }
}

Result<GraphParser::Operand> GraphParser::parse_product(Scope& scope) {
  SDX_TRY(Operand a, parse_primary(scope));
  for (;;) {
    const char op = lex_.peek();
    if (op != '*' && op != '/') return a;
    lex_.take(op);
    SDX_TRY(Operand b, parse_primary(scope));
    SDX_TRY(a, infix(scope, op, std::move(a), std::move(b)));
  }
}

Result<GraphParser::Operand> GraphParser::infix(Scope& scope, char op, Operand a, Operand b) {
  using Kind = Operand::Kind;
  Operand out;
  out.pos = a.pos;
  if (a.kind == Kind::kNumber && b.kind == Kind::kNumber) {
    out.kind = Kind::kNumber;
    out.numbers = {fold(op, a.numbers[0], b.numbers[0])};
    return out;
  }
  const auto is_literal = [](const Operand& o) { return o.kind == Kind::kNumber || o.kind == Kind::kList; };
  for (Operand* o : {&a, &b}) {
    if (is_literal(*o)) continue;
    const size_t pos = o->pos;
    SDX_TRY(o->value, materialize(scope, std::move(*o), DType::kUndefined));
    o->kind = Kind::kValue;
    if (o->value == kNone) return lex_.error(pos, "an absent value cannot be an operand");
  }
  for (auto [literal, other] : {std::pair(&a, &b), std::pair(&b, &a)}) {
    if (!is_literal(*literal)) continue;
    const DType type = other->value == kNone ? DType::kUndefined : scope.graph.fact(other->value).dtype();
    SDX_TRY(literal->value, materialize(scope, std::move(*literal), type));
  }
  out.kind = Kind::kCall;
  out.call.op = op == '+' ? "Add" : op == '-' ? "Sub" : op == '*' ? "Mul" : "Div";
  out.call.inputs = {a.value, b.value};
  return out;
}

Result<GraphParser::Operand> GraphParser::parse_primary(Scope& scope) {
  Operand out;
  const char c = lex_.peek();
  out.pos = lex_.position();
  if (c == '(') {
    lex_.take('(');
    SDX_TRY(out, parse_sum(scope));
    SDX_RETURN_IF_ERROR(lex_.expect(')'));
    return out;
  }
  if (c == '[') return parse_list();
  if (c == '-' && !lex_.at_number()) {
    const Nesting nesting(depth_);
    if (depth_ > kMaxTextDepth) return too_deep();
    lex_.take('-');
    SDX_TRY(Operand x, parse_primary(scope));
    SDX_TRY(const ValueId v, materialize(scope, std::move(x), DType::kUndefined));
    out.kind = Operand::Kind::kCall;
    out.call.op = "Neg";
    out.call.inputs = {v};
    return out;
  }
  if (c == '@') {
    lex_.take('@');
    SDX_TRY(const std::optional<Attr> a, parse_reference());
    if (!a || (a->type != AttrType::kInt && a->type != AttrType::kFloat))
      return lex_.error(out.pos, "an attribute used as an operand must be a number");
    out.kind = Operand::Kind::kNumber;
    out.numbers = {a->type == AttrType::kInt ? Number::of(a->i) : Number::of_real(static_cast<double>(a->f))};
    return out;
  }
  if (lex_.at_name()) return parse_named(scope);
  if (!lex_.at_number()) return lex_.expected("a value, a number or a call");
  SDX_TRY(const Number n, lex_.number());
  out.kind = Operand::Kind::kNumber;
  out.numbers = {n};
  return out;
}

// What begins with a name: a call, a tensor with its type, inf and nan (unless values are called so), a value.
Result<GraphParser::Operand> GraphParser::parse_named(Scope& scope) {
  Operand out;
  out.pos = lex_.position();
  const std::string_view id = lex_.peek_identifier();
  SDX_TRY(const std::string name, lex_.name("a value"));
  const char next = lex_.peek();
  const bool shadowed = lookup(scope, name).has_value();
  if (!id.empty() && (next == '(' || next == '<' || next == '.')) {
    lex_.seek(out.pos);
    return parse_call(scope);
  }
  if (const DType type = dtype_from_name(id); type != DType::kUndefined && (next == '[' || next == '{') && !shadowed) {
    lex_.seek(out.pos);
    SDX_TRY(const Fact f, parse_type(lex_, scope.graph.symbols()));
    SDX_TRY(Tensor t, parse_elements(lex_, type, f.shape));
    out.kind = Operand::Kind::kValue;
    out.value = scope.graph.add_constant(std::move(t), fresh_name(scope, "constant"));
    return out;
  }
  if ((id == "inf" || id == "nan") && !shadowed) {
    lex_.seek(out.pos);
    SDX_TRY(const Number n, lex_.number());
    out.kind = Operand::Kind::kNumber;
    out.numbers = {n};
    return out;
  }
  if (name.empty()) return out;
  SDX_TRY(out.value, resolve(scope, name, out.pos));
  out.kind = out.value == kNone ? Operand::Kind::kAbsent : Operand::Kind::kValue;
  return out;
}

Result<GraphParser::Operand> GraphParser::parse_list() {
  Operand out;
  out.kind = Operand::Kind::kList;
  out.pos = lex_.position();
  SDX_RETURN_IF_ERROR(lex_.expect('['));
  while (lex_.peek() != ']') {
    SDX_TRY(const Number n, lex_.number());
    out.numbers.push_back(n);
    if (!lex_.take(',')) break;
  }
  SDX_RETURN_IF_ERROR(lex_.expect(']'));
  return out;
}

// domain.Op <attributes> (arguments), or the attributes last.
Result<GraphParser::Operand> GraphParser::parse_call(Scope& scope) {
  Operand out;
  out.kind = Operand::Kind::kCall;
  out.pos = lex_.position();
  std::string qualified(lex_.take_identifier());
  while (lex_.take('.')) {
    SDX_TRY(const std::string_view part, lex_.identifier("the rest of an operator's name"));
    qualified += cat(".", part);
  }
  const OpName name = split_op_name(qualified);
  out.call.domain = name.domain;
  out.call.op = name.name;
  SDX_RETURN_IF_ERROR(parse_attributes(scope, out));
  const bool attributes_first = !out.call.attrs.empty() || !out.bodies.empty();
  SDX_TRY(std::vector<Operand> args, parse_arguments(scope));
  if (!attributes_first) SDX_RETURN_IF_ERROR(parse_attributes(scope, out));
  SDX_RETURN_IF_ERROR(bind_arguments(scope, out, std::move(args)));
  return out;
}

Result<std::vector<GraphParser::Operand>> GraphParser::parse_arguments(Scope& scope) {
  std::vector<Operand> args;
  SDX_RETURN_IF_ERROR(lex_.expect('('));
  while (lex_.peek() != ')') {
    if (lex_.take(',')) {
      args.emplace_back();
      continue;
    }
    SDX_TRY(Operand a, parse_sum(scope));
    args.push_back(std::move(a));
    if (!lex_.take(',')) break;
  }
  SDX_RETURN_IF_ERROR(lex_.expect(')'));
  return args;
}

// Numbers take the type of another argument with the same type variable, or the only type that the parameter allows.
Status GraphParser::bind_arguments(Scope& scope, Operand& call, std::vector<Operand> args) {
  using Kind = Operand::Kind;
  const OpDef* def = ops_.find(call.call.domain, call.call.op);
  const auto variable = [&](size_t i) -> std::string_view {
    if (def == nullptr || def->inputs.empty()) return {};
    return def->inputs[std::min(i, def->inputs.size() - 1)].type;
  };
  const auto is_literal = [&](size_t i) { return args[i].kind == Kind::kNumber || args[i].kind == Kind::kList; };
  ValueIds& in = call.call.inputs;
  in.resize(args.size(), kNone);
  for (size_t i = 0; i < args.size(); ++i)
    if (!is_literal(i)) {
      SDX_TRY(in[i], materialize(scope, std::move(args[i]), DType::kUndefined));
    }
  for (size_t i = 0; i < args.size(); ++i) {
    if (!is_literal(i)) continue;
    DType type = DType::kUndefined;
    for (size_t j = 0; j < args.size() && type == DType::kUndefined; ++j)
      if (!is_literal(j) && in[j] != kNone && variable(j) == variable(i)) type = scope.graph.fact(in[j]).dtype();
    const TypeVar* var = def && type == DType::kUndefined ? def->find_type(variable(i)) : nullptr;
    if (var != nullptr && var->tensors != 0 && (var->tensors & (var->tensors - 1)) == 0)
      type = static_cast<DType>(__builtin_ctz(var->tensors));
    SDX_TRY(in[i], materialize(scope, std::move(args[i]), type));
  }
  return {};
}

// The value of an operand: calls are made under a name of their own, numbers become constants.
Result<ValueId> GraphParser::materialize(Scope& scope, Operand operand, DType type) {
  using Kind = Operand::Kind;
  if (operand.kind == Kind::kAbsent || operand.kind == Kind::kValue) return operand.value;
  if (operand.kind == Kind::kCall) {
    std::string name = fresh_name(scope, operand.call.op);
    SDX_TRY(const ValueIds made, emit(scope, std::move(operand), {std::move(name)}));
    return made[0];
  }
  bool real = false;
  for (const Number& n : operand.numbers) real |= !n.is_int;
  if (type == DType::kUndefined) type = real ? DType::kF32 : DType::kI64;
  const int64_t count = static_cast<int64_t>(operand.numbers.size());
  SDX_TRY(Tensor t,
          Tensor::make(type, operand.kind == Kind::kList ? std::span(&count, 1) : std::span<const int64_t>()));
  for (int64_t i = 0; i < count; ++i)
    if (!store_number(t, i, operand.numbers[static_cast<size_t>(i)]))
      return lex_.error(operand.pos, cat("the number is not a value of type ", dtype_name(type)));
  return scope.graph.add_constant(std::move(t), fresh_name(scope, "constant"));
}

// Adds the node and gives its outputs. Its bodies get the same captures in the same order. A Constant becomes a
// constant of the graph.
Result<ValueIds> GraphParser::emit(Scope& scope, Operand call, std::vector<std::string> outputs) {
  std::vector<ValueId> outer;
  for (const Body& b : call.bodies)
    for (const Capture& c : b.captures)
      if (std::find(outer.begin(), outer.end(), c.outer) == outer.end()) outer.push_back(c.outer);
  std::vector<std::unique_ptr<Graph>> bodies;
  std::vector<std::string> body_names;
  for (Body& b : call.bodies) {
    std::vector<ValueId> inputs(b.graph->inputs.begin(), b.graph->inputs.begin() + static_cast<ptrdiff_t>(b.formals));
    for (ValueId o : outer) {
      const auto own =
          std::find_if(b.captures.begin(), b.captures.end(), [&](const Capture& c) { return c.outer == o; });
      inputs.push_back(own != b.captures.end() ? own->inner
                                               : b.graph->add_input(scope.graph.value(o).name, scope.graph.fact(o)));
    }
    b.graph->inputs = std::move(inputs);
    bodies.push_back(std::move(b.graph));
    body_names.push_back(std::move(b.attr));
  }
  NodeDraft& draft = call.call;
  for (ValueId o : outer) draft.inputs.push_back(o);
  draft.outputs = std::move(outputs);
  draft.opset = opset_of(draft.domain);
  if (draft.name.empty()) draft.name = node_name;
  SDX_TRY(const NodeId id, import_node(scope.graph, std::move(draft), std::move(bodies), std::move(body_names),
                                       static_cast<int>(outer.size()), ops_));
  const ValueIds made = scope.graph.node(id).outputs;
  if (scope.graph.node(id).op->name != "Constant" || !scope.graph.is_constant(made[0])) return made;
  const Tensor value = scope.graph.fact(made[0]).constant;
  scope.graph.erase(id);
  return ValueIds{scope.graph.add_constant(value, scope.graph.value(made[0]).name)};
}

}  // namespace sardonyx
