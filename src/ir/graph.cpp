#include "ir/graph.h"

#include <algorithm>

#include "ir/infer_ctx.h"

namespace sardonyx {

const Attr* Node::find_attr(std::string_view attr) const {
  for (const Attr& a : attrs)
    if (a.name == attr) return &a;
  return nullptr;
}

Graph::Graph(std::shared_ptr<SymbolTable> symbols) : symbols_(std::move(symbols)) {}
Graph::~Graph() = default;

std::unique_ptr<Graph> Graph::clone() const {
  auto g = std::make_unique<Graph>(symbols_);
  g->name = name;
  g->inputs = inputs;
  g->outputs = outputs;
  g->values_ = values_;
  g->nodes_.reserve(nodes_.size());
  for (const Node& n : nodes_) {
    Node c;
    c.op = n.op, c.name = n.name, c.inputs = n.inputs, c.outputs = n.outputs, c.attrs = n.attrs;
    c.body_names = n.body_names, c.captures = n.captures, c.opset = n.opset, c.dead = n.dead;
    for (const auto& b : n.bodies) c.bodies.push_back(b->clone());
    g->nodes_.push_back(std::move(c));
  }
  return g;
}

ValueId Graph::add_input(std::string value_name, Fact fact) {
  const ValueId id = static_cast<ValueId>(values_.size());
  values_.push_back({std::move(value_name), std::move(fact), kNone, 0, {}});
  inputs.push_back(id);
  return id;
}

ValueId Graph::add_constant(Tensor t, std::string value_name) {
  const ValueId id = static_cast<ValueId>(values_.size());
  values_.push_back({std::move(value_name), Fact::of(t), kNone, 0, {}});
  return id;
}

Result<NodeId> Graph::add_node(const OpDef* op, std::string node_name, ValueIds in, std::vector<Attr> attrs,
                               std::vector<std::string> out_names, std::vector<std::unique_ptr<Graph>> bodies,
                               std::vector<std::string> body_names, int captures) {
  const NodeId id = static_cast<NodeId>(nodes_.size());
  const size_t first_value = values_.size();
  while (!out_names.empty() && out_names.back().empty() && out_names.size() > 1) out_names.pop_back();
  {
    Node n;
    n.op = op, n.name = std::move(node_name), n.inputs = std::move(in), n.attrs = std::move(attrs);
    n.bodies = std::move(bodies), n.body_names = std::move(body_names), n.captures = captures;
    for (size_t i = 0; i < out_names.size(); ++i) {
      if (out_names[i].empty() && out_names.size() > 1) {
        n.outputs.push_back(kNone);
        continue;
      }
      n.outputs.push_back(static_cast<ValueId>(values_.size()));
      values_.push_back({std::move(out_names[i]), Fact{}, id, static_cast<int>(i), {}});
    }
    nodes_.push_back(std::move(n));
  }
  if (Status s = infer(id); !s.ok()) {
    nodes_.pop_back();
    values_.resize(first_value);
    return s;
  }
  for (ValueId v : nodes_.back().inputs)
    if (v != kNone) value(v).users.push_back(id);
  return id;
}

bool Graph::is_output(ValueId v) const { return std::find(outputs.begin(), outputs.end(), v) != outputs.end(); }

Status Graph::infer(NodeId id) {
  Node& n = node(id);
  SmallVec<const Fact*, 8> in;
  for (int i = 0; i < n.formal_inputs(); ++i) {
    const ValueId v = n.inputs[static_cast<size_t>(i)];
    in.push_back(v == kNone ? nullptr : &fact(v));
  }
  std::vector<Fact> out(n.outputs.size());
  if (Status s = infer_node(n, in, out, *symbols_); !s.ok()) return std::move(s).at(origin(id));
  for (size_t o = 0; o < out.size(); ++o)
    if (n.outputs[o] != kNone) value(n.outputs[o]).fact = std::move(out[o]);
  return {};
}

std::string Graph::origin(NodeId id) const {
  const Node& n = node(id);
  std::string_view shown = n.name;
  if (shown.empty() && !n.outputs.empty() && n.outputs[0] != kNone) shown = value(n.outputs[0]).name;
  return cat(n.op->name, " ", quoted(shown));
}

Result<std::vector<NodeId>> Graph::order() const {
  // Depth-first with an explicit stack, in insertion order: already sorted graphs come out unchanged.
  enum : uint8_t { kNew, kOpen, kDone };
  std::vector<uint8_t> state(nodes_.size(), kNew);
  std::vector<NodeId> out, stack;
  out.reserve(nodes_.size());
  for (NodeId root = 0; root < static_cast<NodeId>(nodes_.size()); ++root) {
    if (node(root).dead || state[static_cast<size_t>(root)] == kDone) continue;
    stack.push_back(root);
    while (!stack.empty()) {
      const NodeId id = stack.back();
      uint8_t& st = state[static_cast<size_t>(id)];
      if (st == kDone) {
        stack.pop_back();
        continue;
      }
      bool ready = true;
      for (ValueId v : node(id).inputs) {
        const NodeId p = v == kNone ? kNone : value(v).producer;
        if (p == kNone || state[static_cast<size_t>(p)] == kDone) continue;
        if (state[static_cast<size_t>(p)] == kOpen || node(p).dead)
          return fail(Code::kProto, "the graph has a cycle through ", origin(p), " and ", origin(id));
        stack.push_back(p);
        ready = false;
      }
      if (!ready) {
        st = kOpen;
        continue;
      }
      st = kDone;
      out.push_back(id);
      stack.pop_back();
    }
  }
  return out;
}

namespace {
void drop_use(std::vector<NodeId>& users, NodeId n) {
  if (auto it = std::find(users.begin(), users.end(), n); it != users.end()) users.erase(it);
}
}  // namespace

void Graph::set_input(NodeId n, int i, ValueId v) {
  ValueId& slot = node(n).inputs[static_cast<size_t>(i)];
  if (slot != kNone) drop_use(value(slot).users, n);
  slot = v;
  if (v != kNone) value(v).users.push_back(n);
}

void Graph::replace_uses(ValueId from, ValueId to) {
  if (from == to) return;
  for (NodeId n : value(from).users)
    for (ValueId& v : node(n).inputs)
      if (v == from) v = to;
  auto& users = value(to).users;
  users.insert(users.end(), value(from).users.begin(), value(from).users.end());
  value(from).users.clear();
  std::replace(outputs.begin(), outputs.end(), from, to);
}

void Graph::erase(NodeId id) {
  Node& n = node(id);
  for (ValueId v : n.inputs)
    if (v != kNone) drop_use(value(v).users, id);
  n.inputs.clear();
  n.bodies.clear();
  n.captures = 0;
  n.dead = true;
}

void Graph::add_capture(NodeId id, ValueId outer, Fact inner_fact) {
  Node& n = node(id);
  for (auto& b : n.bodies) b->add_input(value(outer).name, inner_fact);
  n.inputs.push_back(outer);
  ++n.captures;
  value(outer).users.push_back(id);
}

}  // namespace sardonyx
