#include "onnx/scope.h"

#include <algorithm>

#include "ir/opset.h"

namespace sardonyx {

using namespace proto;

ValueId capture(Level& to, const Level& from, ValueId v) {
  if (&to == &from) return v;
  const ValueId outside = capture(*to.outer, from, v);
  if (const auto it = to.inner_of.find(outside); it != to.inner_of.end()) return it->second;
  const ValueInfo& info = to.outer->graph->value(outside);
  ValueId inside;
  if (info.fact.constant.valid()) {
    inside = to.graph->add_constant(info.fact.constant, info.name);
  } else {
    inside = to.graph->add_input(info.name, info.fact);
    to.captured.push_back(outside);
  }
  to.inner_of.emplace(outside, inside);
  return inside;
}

Status Scope::define(View name, ValueId v) {
  const auto [it, is_new] = names.try_emplace(name, Binding{v});
  if (is_new) return {};
  if (it->second.value != kPending) return fail(Code::kProto, "the name ", quoted(name), " is given to two values");
  it->second.value = v;
  return {};
}

namespace {
bool is_constant_node(View message) {
  View op;
  for (Fields f(message); f.next();) {
    if (f.key() == blob(4))
      op = f.view();
    else
      f.skip();
  }
  return op == "Constant";
}
}  // namespace

Status Scope::add_nodes(const Views& messages) {
  nodes = messages;
  state.assign(nodes.size(), State::kNew);
  names.reserve(names.size() + nodes.size() + nodes.size() / 4);
  for (size_t i = 0; i < nodes.size(); ++i) {
    for (Fields f(nodes[i]); f.next();) {
      if (f.key() != blob(2)) {
        f.skip();
        continue;
      }
      const View name = f.view();
      if (name.empty()) continue;
      const auto [it, is_new] = names.try_emplace(name, Binding{kPending, static_cast<int32_t>(i)});
      if (is_new) continue;
      // Tools that edit models add a Constant node of the same name behind the first; the last one counts.
      const int32_t first = it->second.node;
      if (first < 0 || !is_constant_node(nodes[i]) || !is_constant_node(nodes[static_cast<size_t>(first)]))
        return fail(Code::kProto, "the name ", quoted(name), " is given to two values");
      state[static_cast<size_t>(first)] = State::kDone;
      it->second.node = static_cast<int32_t>(i);
    }
  }
  return {};
}

int Scope::opset_of(View domain) const {
  for (const Opset& o : *opsets)
    if (o.domain == domain) return static_cast<int>(std::clamp<int64_t>(o.version, 0, 1 << 20));
  return domain.empty() || domain == "ai.onnx.ml" ? 0 : 1;
}

std::string Scope::shown_name(View name) const {
  if (name.empty()) return {};
  if (const auto it = public_names.find(name); it != public_names.end()) return it->second;
  return prefix.empty() ? std::string(name) : cat(prefix, name);
}

View Scope::nearest_name(View name) const {
  constexpr size_t kMostNames = 5000, kLongest = 100;
  std::vector<View> known;
  for (const Scope* s = this; s != nullptr && name.size() <= kLongest; s = s->outer)
    for (const auto& [n, binding] : s->names)
      if (n.size() <= kLongest && known.size() < kMostNames) known.push_back(n);
  return nearest(name, known);
}

}  // namespace sardonyx
