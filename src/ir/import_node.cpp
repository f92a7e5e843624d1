#include "ir/import_node.h"

#include <algorithm>
#include <climits>

#include "ir/opset.h"

namespace sardonyx {
namespace {

constexpr size_t kRuleInputs = 16;

std::string_view shown_domain(std::string_view domain) { return domain.empty() ? std::string_view("ai.onnx") : domain; }

Status unknown_operator(const NodeDraft& draft, const OpLookup& ops) {
  std::vector<std::string_view> here;
  std::string elsewhere;
  for (const OpDef* op : ops.all()) {
    if (op->domain == draft.domain) here.push_back(op->name);
    if (op->name == draft.op) elsewhere = shown_domain(op->domain);
  }
  Status s =
      fail(Code::kOpUnknown, "domain ", quoted(shown_domain(draft.domain)), " has no operator ", quoted(draft.op));
  if (!elsewhere.empty()) return std::move(s).hint(cat("domain ", quoted(elsewhere), " has it"));
  if (const std::string_view near = nearest(draft.op, here); !near.empty())
    return std::move(s).hint(cat("did you mean ", quoted(near), "?"));
  if (here.empty())
    return std::move(s).hint(
        "if it is a custom operator, register the library that defines it before loading the model");
  return s;
}

Status check_version(const NodeDraft& draft, const OpDef& op) {
  const std::string_view domain = shown_domain(draft.domain);
  if (draft.opset < kMinOpset) return fail(Code::kOpset, "the model imports no opset of domain ", quoted(domain));
  if ((draft.domain.empty() || draft.domain == "ai.onnx.ml") && draft.opset > newest_opset(draft.domain))
    return fail(Code::kOpset, "opset ", draft.opset, " of domain ", quoted(domain), " is newer than ",
                newest_opset(draft.domain), ", the newest supported one");
  if (draft.opset < op.first)
    return fail(Code::kOpset, "the operator exists since opset ", op.first, " of domain ", quoted(domain),
                ", the model imports opset ", draft.opset);
  return {};
}

// Brings the draft to the canonical version of whatever operator it ends as.
Result<const OpDef*> upgrade(Graph& graph, NodeDraft& draft, const OpDef* op, const OpLookup& ops) {
  UpgradeCtx ctx(graph, draft, ops);
  int version = draft.opset;
  size_t next = 0;  // of op->history
  while (next < op->history.size()) {
    const Upgrade& step = op->history[next++];
    if (step.to <= version) continue;
    SDX_RETURN_IF_ERROR(step.apply(ctx, step));
    draft.domain = canonical_domain(draft.domain);
    const bool renamed = draft.op != op->name || draft.domain != op->domain;
    version = std::max(version, draft.opset);
    if (!renamed) continue;
    version = draft.domain != op->domain ? INT_MAX : std::max(version, step.to);
    next = 0;
    op = ops.find(draft.domain, draft.op);
    if (op == nullptr) return unknown_operator(draft, ops);
  }
  return op;
}

// Errors of inference speak of the newest schema; say so when rules brought the node there.
Status with_opset(Status s, int written_for, const OpDef& op) {
  const bool changed =
      std::any_of(op.history.begin(), op.history.end(), [&](const Upgrade& u) { return u.to > written_for; });
  if (!changed || (s.code() != Code::kAttr && s.code() != Code::kType)) return s;
  return std::move(s).hint(
      cat("the node was written for opset ", written_for, "; this is about its form in opset ", op.since));
}

}  // namespace

std::string draft_origin(const NodeDraft& draft) {
  std::string_view shown = draft.name;
  for (const std::string& o : draft.outputs)
    if (shown.empty()) shown = o;
  return cat(identifier_or_quoted(draft.op), " ", quoted(shown));
}

Result<NodeId> import_node(Graph& graph, NodeDraft draft, std::vector<std::unique_ptr<Graph>> bodies,
                           std::vector<std::string> body_names, int captures, const OpLookup& ops) {
  draft.domain = canonical_domain(draft.domain);
  const std::string origin = draft_origin(draft);
  const int written_for = draft.opset;
  const OpDef* op = ops.find_for(draft.domain, draft.op, draft.opset);
  if (op == nullptr) return unknown_operator(draft, ops).at(origin);
  if (Status s = check_version(draft, *op); !s.ok()) return std::move(s).at(origin);

  ValueIds captured;
  for (size_t i = draft.inputs.size() - static_cast<size_t>(captures); i < draft.inputs.size(); ++i)
    captured.push_back(draft.inputs[i]);
  draft.inputs.resize(draft.inputs.size() - static_cast<size_t>(captures));
  // Rules may look at any input of their operator, whatever the model gives.
  const size_t given = draft.inputs.size();
  if (!op->history.empty()) draft.inputs.resize(std::max(given, kRuleInputs), kNone);
  auto newest = upgrade(graph, draft, op, ops);
  if (!newest.ok()) return newest.take_status().at(origin);
  const size_t least = captures == 0 ? 0 : given;
  while (draft.inputs.size() > least && draft.inputs.back() == kNone) draft.inputs.pop_back();
  for (ValueId v : captured) draft.inputs.push_back(v);

  auto id = graph.add_node(*newest, std::move(draft.name), std::move(draft.inputs), std::move(draft.attrs),
                           std::move(draft.outputs), std::move(bodies), std::move(body_names), captures);
  if (!id.ok()) return with_opset(id.take_status(), written_for, **newest);
  if (graph.node(*id).op == op) graph.node(*id).opset = written_for;
  return *id;
}

}  // namespace sardonyx
