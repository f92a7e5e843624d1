// scan: no operators
#include "ops/control/bodies.h"

#include <algorithm>
#include <optional>

namespace sardonyx {

bool BodyView::hands_through(int o, int i) const {
  ValueId v = body_.outputs[static_cast<size_t>(o)];
  while (true) {
    if (v == body_.inputs[static_cast<size_t>(i)]) return true;
    const NodeId p = body_.value(v).producer;
    if (p == kNone || body_.node(p).op->name != "Identity") return false;
    v = body_.node(p).inputs[0];
  }
}

Result<const Graph*> body_named(const Node& node, std::string_view name) {
  for (size_t i = 0; i < node.bodies.size() && i < node.body_names.size(); ++i) {
    if (node.body_names[i] == name) return const_cast<const Graph*>(node.bodies[i].get());
  }
  return internal_error(__FILE__, __LINE__, cat("a node of ", node.op->name, " has no body ", name));
}

Result<Type> common_type(const Type& a, const Type& b, std::string_view what) {
  if (a == b || b.kind == Type::Kind::kUnknown) return a;
  if (a.kind == Type::Kind::kUnknown) return b;
  const auto holds = [](const Type& o, const Type& t) {
    return o.kind == Type::Kind::kOptional && (!o.inner || o.inner->kind == Type::Kind::kUnknown || *o.inner == t);
  };
  if (holds(a, b)) return Type::optional(b);
  if (holds(b, a)) return Type::optional(a);
  return fail(Code::kType, what, " has types ", to_string(a), " and ", to_string(b), ", expected one type");
}

Status set_output(InferCtx& c, int o, Type t, const Shape* shape) {
  if (!t.is_tensor()) return c.set_type(o, std::move(t));
  return shape != nullptr ? c.set(o, t.elem, *shape) : c.set_unknown_rank(o, t.elem);
}

namespace {

// Collects the symbols of an expression by evaluating it.
const std::optional<int64_t> note_symbol(void* ids, uint32_t symbol) {
  static_cast<std::vector<uint32_t>*>(ids)->push_back(symbol);
  return int64_t{1};
}

std::vector<uint32_t> symbols_of(const SymbolTable& sym, Dim d) {
  std::vector<uint32_t> ids;
  sym.eval(d, note_symbol, &ids);
  return ids;
}

}  // namespace

void OuterSymbols::add(const Fact& f) {
  const auto add_dim = [&](Dim d) {
    if (d.known()) return;
    for (uint32_t id : symbols_of(sym_, d)) ids_.push_back(id);
  };
  if (f.has_rank) std::for_each(f.shape.begin(), f.shape.end(), add_dim);
  if (f.ints) std::for_each(f.ints->begin(), f.ints->end(), add_dim);
}

bool OuterSymbols::explains(Dim d) const {
  if (d.known()) return true;
  const std::vector<uint32_t> used = symbols_of(sym_, d);
  return !used.empty() && std::all_of(used.begin(), used.end(), [&](uint32_t id) {
    return std::find(ids_.begin(), ids_.end(), id) != ids_.end();
  });
}

}  // namespace sardonyx
