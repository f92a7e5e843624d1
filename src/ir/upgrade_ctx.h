// UpgradeCtx: what a history rule sees: one node of an older opset on its way into the graph. A rule edits the draft
// (operator, inputs, attributes) and may emit nodes before it. Input facts are available.
#pragma once
#include "ir/graph.h"

namespace sardonyx {

struct NodeDraft {
  std::string domain, op, name;
  ValueIds inputs;
  std::vector<Attr> attrs;
  std::vector<std::string> outputs;
  int opset = 0;  // version of its domain the node was written for
};

class UpgradeCtx {
 public:
  UpgradeCtx(Graph& graph, NodeDraft& draft, const OpLookup& ops) : graph_(graph), draft_(draft), ops_(ops) {}
  NodeDraft& draft() { return draft_; }
  Graph& graph() { return graph_; }
  int opset() const { return draft_.opset; }
  bool has(int i) const {
    return i < static_cast<int>(draft_.inputs.size()) && draft_.inputs[static_cast<size_t>(i)] != kNone;
  }
  // Of an absent input: a fact that says nothing.
  const Fact& fact(int i) const { return has(i) ? graph_.fact(draft_.inputs[static_cast<size_t>(i)]) : nothing_; }
  Attr* attr(std::string_view name);
  void drop_attr(std::string_view name);
  void set_attr(Attr a);             // adds or replaces
  void set_input(int i, ValueId v);  // grows the list with absent inputs
  ValueId constant(Tensor t) { return graph_.add_constant(std::move(t)); }
  ValueId ints(std::span<const int64_t> v);  // int64 vector constant
  ValueId scalar_like(int input, double v);  // rank-0 constant of that input's element type
  // Emits a node of the canonical opset before the draft; one output.
  Result<ValueId> emit(std::string_view op, ValueIds inputs, std::vector<Attr> attrs = {});
  // Makes the draft another operator: emits the draft as it is (canonical already), then continues with `op` on its
  // first output. The draft counts as canonical from then on. Operators of other domains are written
  // "ai.sardonyx.QConv", here and in emit().
  Status then(std::string_view op, ValueIds more_inputs = {}, std::vector<Attr> attrs = {});

 private:
  std::string fresh_name(std::string_view op) const;

  Graph& graph_;
  NodeDraft& draft_;
  const OpLookup& ops_;
  Fact nothing_;
};

// Shared rules (src/ir/upgrade_rules.cpp).
Status rule_drop_attr(UpgradeCtx& u, const Upgrade& r);  // consumed_inputs and the like
// ints → int64 vector, floats → float vector, int → int64 scalar, float → scalar of input 0's element type, as constant
// input `index`. Nothing if the attribute is absent.
Status rule_attr_to_input(UpgradeCtx& u, const Upgrade& r);
Status rule_set_attr_int(UpgradeCtx& u, const Upgrade& r);      // attribute `name` = index, if missing
Status rule_legacy_broadcast(UpgradeCtx& u, const Upgrade& r);  // opset < 7 `broadcast`, `axis`
constexpr Upgrade drop_attr(int to, std::string_view name) { return {to, rule_drop_attr, name}; }
constexpr Upgrade drop_consumed_inputs(int to = 6) { return {to, rule_drop_attr, "consumed_inputs"}; }
constexpr Upgrade attr_to_input(int to, std::string_view name, int input) {
  return {to, rule_attr_to_input, name, input};
}
// The same for an int attribute that becomes a vector of one element instead of a scalar.
constexpr Upgrade attr_to_vector_input(int to, std::string_view name, int input) {
  return {to, rule_attr_to_input, name, input, "vector"};
}
constexpr Upgrade set_attr_int(int to, std::string_view name, int value) {
  return {to, rule_set_attr_int, name, value};
}
constexpr Upgrade legacy_broadcast(int to = 7) { return {to, rule_legacy_broadcast}; }

}  // namespace sardonyx
