#include "ir/body_ctx.h"

#include <algorithm>

#include "ir/import_node.h"
#include "ir/opset.h"
#include "ir/text_reader.h"
#include "tensor/element.h"

namespace sardonyx {
namespace {

// What new values of an expansion are named after.
std::string name_base(const Graph& g, const Node& n) {
  for (ValueId v : n.outputs)
    if (v != kNone && !g.value(v).name.empty()) return g.value(v).name;
  return n.name;
}

const AttrDef* default_of(const Node& n, std::string_view name) { return n.op->find_attr(name); }

}  // namespace

BodyCtx::Ref BodyCtx::in(int i) const { return i >= 0 && i < inputs() ? node().inputs[static_cast<size_t>(i)] : kNone; }

bool BodyCtx::wants(int o) const {
  return o < static_cast<int>(node().outputs.size()) && node().outputs[static_cast<size_t>(o)] != kNone;
}

int64_t BodyCtx::attr_int(std::string_view name) const {
  if (const Attr* a = node().find_attr(name)) return a->i;
  const AttrDef* d = default_of(node(), name);
  return d ? d->i : 0;
}
float BodyCtx::attr_float(std::string_view name) const {
  if (const Attr* a = node().find_attr(name)) return a->f;
  const AttrDef* d = default_of(node(), name);
  return d ? static_cast<float>(d->f) : 0;
}
std::string_view BodyCtx::attr_string(std::string_view name) const {
  if (const Attr* a = node().find_attr(name)) return a->s;
  const AttrDef* d = default_of(node(), name);
  return d ? d->s : std::string_view();
}
std::span<const int64_t> BodyCtx::attr_ints(std::string_view name) const {
  if (const Attr* a = node().find_attr(name)) return a->ints;
  const AttrDef* d = default_of(node(), name);
  return d ? d->ints : std::span<const int64_t>();
}

BodyCtx::Ref BodyCtx::op(std::string_view name, std::initializer_list<Ref> in, std::vector<Attr> attrs) {
  return op_n(name, 1, in, std::move(attrs))[0];
}

BodyCtx::Ref BodyCtx::op_in(std::string_view domain, std::string_view name, std::initializer_list<Ref> in,
                            std::vector<Attr> attrs) {
  return op_n(domain.empty() ? std::string(name) : cat(domain, ".", name), 1, in, std::move(attrs))[0];
}

std::vector<BodyCtx::Ref> BodyCtx::op_n(std::string_view qualified, int count, std::initializer_list<Ref> in,
                                        std::vector<Attr> attrs) {
  std::vector<Ref> out(static_cast<size_t>(count), kNone);
  if (!status_.ok()) return out;
  const OpName name = split_op_name(qualified);
  const OpDef* def = ops_.find(name.domain, name.name);
  if (def == nullptr) {
    status_ = fail(Code::kNoKernel, "its body needs the operator ", quoted(qualified), ", which this build lacks");
    return out;
  }
  const std::string base = name_base(graph_, node());
  std::vector<std::string> outputs;
  for (int i = 0; i < count; ++i)
    outputs.push_back(cat(base, "/", name.name, "_", graph_.value_count() + static_cast<size_t>(i)));
  auto id = graph_.add_node(def, node().name.empty() ? base : node().name, ValueIds(in), std::move(attrs),
                            std::move(outputs));
  if (!id.ok()) {
    status_ = id.take_status();
    return out;
  }
  for (size_t i = 0; i < out.size(); ++i) out[i] = graph_.node(*id).outputs[i];
  return out;
}

BodyCtx::Ref BodyCtx::scalar(double v, Ref like) {
  if (!status_.ok()) return kNone;
  auto t = make_scalar(like == kNone ? DType::kUndefined : fact(like).dtype(), v);
  if (t.ok()) return constant(std::move(*t));
  status_ = t.take_status();
  return kNone;
}

BodyCtx::Ref BodyCtx::ints(std::initializer_list<int64_t> v) { return ints(std::span(v.begin(), v.size())); }

BodyCtx::Ref BodyCtx::ints(std::span<const int64_t> v) {
  auto t = Tensor::vector_i64(v);
  if (t.ok()) return constant(std::move(*t));
  if (status_.ok()) status_ = t.take_status();
  return kNone;
}

BodyCtx::Ref BodyCtx::int_scalar(int64_t v) {
  auto t = Tensor::scalar_i64(v);
  if (t.ok()) return constant(std::move(*t));
  if (status_.ok()) status_ = t.take_status();
  return kNone;
}

BodyCtx::Ref BodyCtx::cast(Ref x, DType to) {
  if (!status_.ok() || x == kNone || fact(x).dtype() == to) return x;
  return op("Cast", {x}, {Attr::of_int("to", static_cast<int64_t>(to))});
}

std::vector<BodyCtx::Ref> BodyCtx::text(std::string_view statements, std::initializer_list<Named> in,
                                        std::initializer_list<std::string_view> outputs) {
  std::vector<Ref> none(outputs.size(), kNone);
  if (!status_.ok()) return none;
  Node host;
  host.op = node().op;
  host.attrs = node().attrs;
  BodyScope scope;
  scope.host = &host;
  const std::string base = name_base(graph_, node());
  scope.prefix = cat(base, "/", graph_.value_count(), "/");
  scope.node_name = node().name.empty() ? base : node().name;
  for (const Named& n : in) scope.inputs.emplace_back(n.name, n.ref);
  scope.outputs.assign(outputs.begin(), outputs.end());
  auto made = parse_body(statements, graph_, scope, ops_);
  if (made.ok()) return std::move(*made);
  status_ = made.take_status();
  return none;
}

std::vector<BodyCtx::Ref> BodyCtx::inline_body(size_t which, std::initializer_list<Ref> in) {
  const Graph& body = *node().bodies[which];
  std::vector<Ref> out(body.outputs.size(), kNone), to(body.value_count(), kNone);
  if (!status_.ok()) return out;
  const size_t captures = static_cast<size_t>(node().captures), formal = static_cast<size_t>(node().formal_inputs());
  if (body.inputs.size() != in.size() + captures) {
    status_ = fail(Code::kProto, "body ", quoted(node().body_names[which]), " has ", body.inputs.size() - captures,
                   " inputs, it needs ", in.size());
    return out;
  }
  for (size_t i = 0; i < body.inputs.size(); ++i)
    to[static_cast<size_t>(body.inputs[i])] = i < in.size() ? in.begin()[i] : node().inputs[formal + i - in.size()];
  const auto outer = [&](ValueId v) {
    if (v == kNone) return kNone;
    Ref& there = to[static_cast<size_t>(v)];
    if (there == kNone && body.is_constant(v)) there = graph_.add_constant(body.fact(v).constant, body.value(v).name);
    return there;
  };
  auto order = body.order();
  if (!order.ok()) status_ = order.take_status();
  const std::string base = name_base(graph_, node());
  for (size_t k = 0; status_.ok() && k < order->size(); ++k) {
    const Node& n = body.node((*order)[k]);
    ValueIds inputs;
    for (ValueId v : n.inputs) inputs.push_back(outer(v));
    std::vector<std::string> names;
    for (ValueId v : n.outputs) names.push_back(v == kNone ? std::string() : cat(base, "/", body.value(v).name));
    std::vector<std::unique_ptr<Graph>> bodies;
    for (const auto& b : n.bodies) bodies.push_back(b->clone());
    auto id = graph_.add_node(n.op, n.name, std::move(inputs), n.attrs, std::move(names), std::move(bodies),
                              n.body_names, n.captures);
    if (!id.ok()) {
      status_ = id.take_status();
      break;
    }
    const ValueIds& made = graph_.node(*id).outputs;
    for (size_t o = 0; o < made.size(); ++o)
      if (n.outputs[o] != kNone) to[static_cast<size_t>(n.outputs[o])] = made[o];
  }
  for (size_t o = 0; status_.ok() && o < out.size(); ++o) out[o] = outer(body.outputs[o]);
  return out;
}

Status BodyCtx::outputs(std::initializer_list<Ref> refs) { return outputs(std::span(refs.begin(), refs.size())); }

Status BodyCtx::outputs(std::span<const Ref> refs) {
  results_.assign(refs.begin(), refs.end());
  return status_;
}

namespace {

Result<std::vector<ValueId>> expand_text(Graph& g, NodeId id, const OpLookup& ops) {
  Node host;  // a copy of what the text may refer to: the node itself moves as the graph grows
  host.op = g.node(id).op;
  host.attrs = g.node(id).attrs;
  BodyScope scope;
  scope.host = &host;
  const std::string base = name_base(g, g.node(id));
  scope.prefix = base + "/";
  scope.node_name = g.node(id).name.empty() ? base : g.node(id).name;
  const Node& n = g.node(id);
  for (size_t i = 0; i < host.op->inputs.size(); ++i)
    scope.inputs.emplace_back(host.op->inputs[i].name,
                              i < static_cast<size_t>(n.formal_inputs()) ? n.inputs[i] : kNone);
  for (size_t o = 0; o < n.outputs.size() && o < host.op->outputs.size(); ++o)
    scope.outputs.push_back(host.op->outputs[o].name);
  return parse_body(host.op->body, g, scope, ops);
}

Result<std::vector<ValueId>> expand_code(Graph& g, NodeId id, const OpLookup& ops) {
  BodyCtx ctx(g, id, ops);
  SDX_RETURN_IF_ERROR(g.node(id).op->expand(ctx));
  SDX_RETURN_IF_ERROR(ctx.status());
  return ctx.results();
}

// The body's values must be what inference promised of the node.
Status check_results(const Graph& g, const Node& n, std::span<const ValueId> results) {
  for (size_t o = 0; o < n.outputs.size(); ++o) {
    if (n.outputs[o] == kNone) continue;
    if (o >= results.size() || results[o] == kNone) return fail(Code::kInternal, "the body gives no output ", o);
    const Type &want = g.fact(n.outputs[o]).type, &got = g.fact(results[o]).type;
    if (want.kind != Type::Kind::kUnknown && got.kind != Type::Kind::kUnknown && !(want == got))
      return fail(Code::kInternal, "output ", o, " of the body is ", to_string(got), ", the operator's is ",
                  to_string(want));
  }
  return {};
}

// What was known of a value stays known when the body's inference knows less.
void keep_known(const Fact& old, Fact& now) {
  if (now.type.kind == Type::Kind::kUnknown) now.type = old.type;
  if (!old.has_rank) return;
  if (!now.has_rank) {
    now.has_rank = true;
    now.shape = old.shape;
  }
  for (size_t i = 0; i < now.shape.size() && i < old.shape.size(); ++i)
    if (!now.shape[i].known()) now.shape[i] = old.shape[i];
  if (!now.ints) now.ints = old.ints;
}

}  // namespace

Status expand_node(Graph& g, NodeId id, const OpLookup& ops) {
  const OpDef& op = *g.node(id).op;
  const std::string origin = g.origin(id);
  if (op.body.empty() && op.expand == nullptr) return fail(Code::kNoKernel, "the operator has no body").at(origin);
  const NodeId first_new = static_cast<NodeId>(g.node_count());
  auto results = op.expand ? expand_code(g, id, ops) : expand_text(g, id, ops);
  Status s = results.ok() ? check_results(g, g.node(id), *results) : results.take_status();
  if (!s.ok()) {
    for (NodeId n = static_cast<NodeId>(g.node_count()); n-- > first_new;) g.erase(n);
    return std::move(s).at(origin);
  }
  const ValueIds outputs = g.node(id).outputs;
  for (size_t o = 0; o < outputs.size(); ++o) {
    if (outputs[o] == kNone) continue;
    const ValueId made = (*results)[o];
    if (g.value(made).producer >= first_new) {
      keep_known(g.fact(outputs[o]), g.value(made).fact);
      std::swap(g.value(made).name, g.value(outputs[o]).name);
    }
    g.replace_uses(outputs[o], made);
  }
  g.erase(id);
  return {};
}

}  // namespace sardonyx
