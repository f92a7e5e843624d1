// Importer: nodes in an order in which producers come first, and the names that they use.
#include <set>

#include "ir/import_node.h"
#include "ir/opset.h"
#include "onnx/importer.h"

namespace sardonyx {

using namespace proto;

namespace {

constexpr size_t kMostAttrs = 256;        // of one node
constexpr size_t kMostInlined = 200'000;  // nodes that writing functions out may make

Status too_many_attrs(size_t n) { return fail(Code::kProto, "has ", n, " attributes, more than ", kMostAttrs); }

}  // namespace

std::string origin_of(const NodeMsg& n) {
  View shown = n.name;
  for (View o : n.outputs)
    if (shown.empty()) shown = o;
  return cat(n.op.empty() ? "node" : identifier_or_quoted(n.op), " ", quoted(shown));
}

Status Importer::import_nodes(Scope& s) {
  for (uint32_t i = 0; i < s.nodes.size(); ++i) SDX_RETURN_IF_ERROR(import_at(s, i));
  return {};
}

// Imports a node after those of the same scope that it needs; an explicit stack, since files may hold long chains in
// reverse.
Status Importer::import_at(Scope& s, uint32_t node) {
  std::vector<uint32_t> stack{node};
  while (!stack.empty()) {
    const uint32_t at = stack.back();
    if (s.state[at] == Scope::State::kDone) {
      stack.pop_back();
      continue;
    }
    const NodeMsg n = read_node_msg(s.nodes[at]);
    s.state[at] = Scope::State::kOpen;
    bool ready = true;
    for (View name : n.inputs) {
      const auto it = s.names.find(name);
      if (name.empty() || it == s.names.end() || it->second.value != kPending) continue;
      const uint32_t maker = static_cast<uint32_t>(it->second.node);
      if (s.state[maker] == Scope::State::kOpen)
        return fail(Code::kProto, "the graph has a cycle through ", origin_of(read_node_msg(s.nodes[maker])), " and ",
                    origin_of(n));
      if (s.state[maker] == Scope::State::kDone) continue;  // its operator turned out not to have that output
      stack.push_back(maker);
      ready = false;
    }
    if (!ready) continue;
    SDX_RETURN_IF_ERROR(import_one(s, n));
    s.state[at] = Scope::State::kDone;
    stack.pop_back();
  }
  return {};
}

Status Importer::import_one(Scope& s, const NodeMsg& n) {
  const auto at_node = [&](Status status) { return status.ok() ? status : Status(std::move(status).at(origin_of(n))); };
  if (open_calls_ > 0 && ++inlined_ > kMostInlined)
    return fail(Code::kProto, "the model has more than ", kMostInlined, " nodes when its functions are written out");
  if (n.op.empty()) return at_node(fail(Code::kProto, "the node has no operator type"));
  auto attrs = resolve_attrs(s, n);
  if (!attrs.ok()) return at_node(attrs.take_status());
  if (Function* f = find_function(n)) return at_node(call_function(s, n, *f));
  if (n.op == "Constant" && canonical_domain(n.domain).empty()) return at_node(import_constant(s, n, *attrs));
  return at_node(import_operator(s, n, *attrs));
}

Status Importer::import_operator(Scope& s, const NodeMsg& n, std::vector<ResolvedAttr>& attrs) {
  NodeDraft draft;
  draft.domain = canonical_domain(n.domain);
  draft.op = n.op;
  draft.name = s.prefix.empty() || n.name.empty() ? std::string(n.name) : cat(s.prefix, n.name);
  draft.opset = s.opset_of(draft.domain);
  for (View name : n.inputs) {
    SDX_TRY(const ValueId v, resolve(s, name));
    draft.inputs.push_back(v);
  }
  for (View name : n.outputs) draft.outputs.push_back(s.shown_name(name));
  for (ResolvedAttr& a : attrs) {
    if (!a.msg.graphs.empty()) continue;
    SDX_TRY(Attr attr, make_attr(a));
    draft.attrs.push_back(std::move(attr));
  }
  std::vector<Body> bodies;
  SDX_RETURN_IF_ERROR(import_bodies(attrs, s, draft, bodies));
  int captures = 0;
  std::vector<std::unique_ptr<Graph>> graphs;
  std::vector<std::string> names;
  if (!bodies.empty())
    for (ValueId v : bodies[0].level->captured) draft.inputs.push_back(v), ++captures;
  for (Body& b : bodies) graphs.push_back(std::move(b.graph)), names.push_back(std::move(b.name));
  SDX_TRY(const NodeId id,
          import_node(s.graph(), std::move(draft), std::move(graphs), std::move(names), captures, ops_));
  const ValueIds& outputs = s.graph().node(id).outputs;
  for (size_t i = 0; i < n.outputs.size() && i < outputs.size(); ++i)
    if (!n.outputs[i].empty() && outputs[i] != kNone) SDX_RETURN_IF_ERROR(s.define(n.outputs[i], outputs[i]));
  return {};
}

Result<ValueId> Importer::resolve(Scope& s, View name) {
  if (name.empty()) return kNone;
  for (Scope* c = &s; c != nullptr; c = c->outer) {
    auto it = c->names.find(name);
    if (it == c->names.end()) continue;
    if (it->second.value == kPending) {
      // A body uses what a later node of an enclosing graph makes.
      const uint32_t maker = static_cast<uint32_t>(it->second.node);
      if (c->state[maker] == Scope::State::kOpen)
        return fail(Code::kProto, "the graph has a cycle: ", origin_of(read_node_msg(c->nodes[maker])), " makes ",
                    quoted(name), ", which is needed to make it");
      Nested nested(*this);
      SDX_RETURN_IF_ERROR(nested.status());
      SDX_RETURN_IF_ERROR(import_at(*c, maker));
      it = c->names.find(name);
    }
    if (it->second.value == kPending)
      return fail(Code::kProto, "the value ", quoted(name), " is used, but ",
                  origin_of(read_node_msg(c->nodes[static_cast<size_t>(it->second.node)])),
                  " does not make it in the current version of its operator");
    return it->second.value == kNone ? kNone : capture(*s.level, *c->level, it->second.value);
  }
  Status undefined = fail(Code::kProto, "the value ", quoted(name),
                          " is used, but it is no input, no initializer and no node's output");
  const View near = s.nearest_name(name);
  if (near.empty()) return undefined;
  return std::move(undefined).hint(cat("did you mean ", quoted(near), "?"));
}

Result<std::vector<Importer::ResolvedAttr>> Importer::resolve_attrs(Scope& s, const NodeMsg& n) {
  if (n.attrs.size() > kMostAttrs) return too_many_attrs(n.attrs.size());
  std::vector<ResolvedAttr> attrs;
  std::set<View> seen;
  for (View message : n.attrs) {
    ResolvedAttr a{read_attr_msg(message), &s};
    const View name = a.msg.name;
    if (name.empty()) return fail(Code::kAttr, "an attribute has no name");
    if (!seen.insert(name).second) return fail(Code::kAttr, "attribute ", quoted(name), " is given twice");
    if (!a.msg.ref.empty()) {
      if (s.attrs == nullptr)
        return fail(Code::kAttr, "attribute ", quoted(name), " refers to ", quoted(a.msg.ref),
                    ", but this is not in a function");
      const AttrBinding* bound = nullptr;
      for (const AttrBinding& b : *s.attrs)
        if (b.name == a.msg.ref) bound = &b;
      if (bound == nullptr) continue;  // the call leaves it out and the function has no default: left out here too
      a = {read_attr_msg(bound->message), bound->written_in};
      a.msg.name = name;
    }
    attrs.push_back(std::move(a));
  }
  return attrs;
}

Status Importer::import_constant(Scope& s, const NodeMsg& n, const std::vector<ResolvedAttr>& attrs) {
  if (n.outputs.size() != 1 || n.outputs[0].empty()) return fail(Code::kProto, "a constant must have one output");
  if (!n.inputs.empty()) return fail(Code::kProto, "a constant has no inputs");
  if (attrs.size() != 1) return fail(Code::kAttr, "a constant must have one attribute, this one has ", attrs.size());
  SDX_TRY(Tensor t, constant_of(attrs[0]));
  return s.define(n.outputs[0], s.graph().add_constant(std::move(t), s.shown_name(n.outputs[0])));
}

}  // namespace sardonyx
