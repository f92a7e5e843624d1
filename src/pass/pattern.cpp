#include "pass/pattern.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "ir/text_reader.h"
#include "pass/pattern_conditions.h"

namespace sardonyx {

namespace {

using Kind = PatternTerm::Kind;

bool near(const Rewriter& r, ValueId v, double want) {
  const auto x = r.scalar(v);
  if (!x) return false;
  const DType t = r.fact(v).dtype();
  const double tolerance = t == DType::kF16 || t == DType::kBF16 ? 4e-3 : is_float(t) ? 1e-4 : 0;
  return std::fabs(*x - want) <= tolerance * std::fabs(want);
}

class Matcher {
 public:
  Matcher(const Rewriter& r, const Pattern& p) : r_(r), p_(p) {}

  bool match(ValueId root, Match& out) {
    out_ = &out;
    Match m;
    m.values.emplace_back(p_.root().name, root);
    return solve(std::move(m), {{&p_.root().term, root}});
  }

 private:
  struct Goal {
    const PatternTerm* term;
    ValueId value;
  };
  using Goals = std::vector<Goal>;

  // All goals must hold together; where one can hold in several ways, each is tried with the rest.
  bool solve(Match m, Goals goals) {
    while (!goals.empty()) {
      const Goal g = goals.back();
      goals.pop_back();
      if (g.value == kNone) return false;
      switch (g.term->kind) {
        case Kind::kNumber:
          if (!near(r_, g.value, g.term->number)) return false;
          break;
        case Kind::kName:
          if (const ValueId known = m.find(g.term->name); known != kNone) {
            if (known != g.value) return false;
            break;
          }
          m.values.emplace_back(g.term->name, g.value);
          if (const PatternTerm* d = p_.definition(g.term->name)) goals.push_back({d, g.value});
          break;
        case Kind::kEither:
          for (const PatternTerm& a : g.term->args) {
            Goals with = goals;
            with.push_back({&a, g.value});
            if (solve(m, std::move(with))) return true;
          }
          return false;
        case Kind::kCall: {
          const NodeId id = call(*g.term, g.value, m);
          if (id == kNone) return false;
          const ValueIds in = r_.node(id).inputs;
          if (g.term->args.size() == 2 && g.term->op->has(kCommutative)) {
            Goals with = goals;
            with.push_back({&g.term->args[1], in[0]});
            with.push_back({&g.term->args[0], in[1]});
            if (solve(m, std::move(with))) return true;
          }
          for (size_t i = in.size(); i-- > 0;) goals.push_back({&g.term->args[i], in[i]});
        }
      }
    }
    *out_ = std::move(m);
    return true;
  }

  // The node that computes v, if it is this operator with these attributes.
  NodeId call(const PatternTerm& t, ValueId v, Match& m) const {
    const NodeId id = r_.producer_id(v);
    if (id == kNone) return kNone;
    const Node& n = r_.node(id);
    if (n.op != t.op || t.op == nullptr || n.inputs.size() != t.args.size() || n.outputs[0] != v) return kNone;
    for (size_t o = 1; o < n.outputs.size(); ++o)
      if (!r_.unused(n.outputs[o])) return kNone;
    for (const PatternAttr& a : t.attrs)
      if (!attribute(n, a, m)) return kNone;
    for (const Attr& a : n.attrs) {
      const bool written =
          std::any_of(t.attrs.begin(), t.attrs.end(), [&](const PatternAttr& p) { return p.name == a.name; });
      if (!written && !is_default(n, a)) return kNone;
    }
    m.nodes.push_back(id);
    return id;
  }

  static Attr default_of(const Node& n, std::string_view name) {
    const AttrDef* d = n.op->find_attr(name);
    Attr a;
    if (d == nullptr) return a;
    a.name = name, a.type = d->type, a.i = d->i, a.f = static_cast<float>(d->f), a.s = d->s;
    return a;
  }
  static bool same(const Attr& a, const Attr& b) {
    if (a.type == AttrType::kString || b.type == AttrType::kString) return a.s == b.s;
    const auto number = [](const Attr& x) { return x.type == AttrType::kFloat ? x.f : static_cast<float>(x.i); };
    return std::fabs(number(a) - number(b)) <= 1e-4f * std::fabs(number(b));
  }
  static bool is_default(const Node& n, const Attr& a) {
    const AttrDef* d = n.op->find_attr(a.name);
    if (d == nullptr || !d->has_default) return false;
    return a.type != AttrType::kInts && a.type != AttrType::kFloats && same(a, default_of(n, a.name));
  }
  bool attribute(const Node& n, const PatternAttr& want, Match& m) const {
    const Attr* found = n.find_attr(want.name);
    Attr a = found ? *found : default_of(n, want.name);
    if (want.bind.empty()) return same(a, want.value);
    a.name = want.bind;
    m.attrs.push_back(std::move(a));
    return true;
  }

  const Rewriter& r_;
  const Pattern& p_;
  Match* out_ = nullptr;
};

// Why the matched nodes cannot all go, or "".
std::string used_elsewhere(const Rewriter& r, const Match& m, ValueId root) {
  for (NodeId id : m.nodes) {
    const ValueId v = r.node(id).outputs[0];
    if (v == root) continue;
    bool inside = !r.is_output(v);
    for (NodeId user : r.users(v)) inside = inside && std::find(m.nodes.begin(), m.nodes.end(), user) != m.nodes.end();
    if (!inside) return cat("the result of ", r.origin(id), " is used elsewhere");
  }
  return {};
}

// Names after '@' in the replacement become attributes: of constants whose scalar value they need.
std::string bind_scalars(const Rewriter& r, const Pattern& p, Match& m) {
  for (size_t at = p.replacement.find('@'); at != std::string_view::npos; at = p.replacement.find('@', at + 1)) {
    std::string_view name = p.replacement.substr(at + 1);
    size_t n = 0;
    while (n < name.size() && is_identifier(name.substr(0, n + 1))) ++n;
    name = name.substr(0, n);
    if (m.find_attr(name) != nullptr) continue;
    const ValueId v = m.find(name);
    const auto x = v == kNone ? std::nullopt : r.scalar(v);
    if (!x) return cat(name, " is not a constant number");
    m.attrs.push_back(Attr::of_float(std::string(name), static_cast<float>(*x)));
  }
  return {};
}

std::string replace(Rewriter& r, const Pattern& p, const Match& m, NodeId id, ValueId root) {
  Graph& g = r.graph();
  if (!g.fact(root).has_rank) return "the rank is not known";
  Node host;
  host.attrs = m.attrs;
  BodyScope scope;
  scope.inputs = m.values;
  std::erase_if(scope.inputs, [&](const auto& v) { return v.first == p.root().name; });
  scope.outputs = {p.root().name};
  scope.host = &host;
  scope.node_name = g.node(id).name.empty() ? g.value(root).name : g.node(id).name;
  scope.prefix = scope.node_name + "/";
  auto made = parse_body(p.replacement, g, scope, r.ops());
  if (!made.ok()) return made.status().message();
  const ValueId result = (*made)[0];
  const Fact &before = g.fact(root), &after = g.fact(result);
  if (!(before.type == after.type && after.has_rank && before.shape == after.shape)) {
    r.erase_if_unused(r.producer_id(result));
    return "the extents would differ";
  }
  r.replace(root, result);
  r.erase_if_unused(id);
  return {};
}

// True if the node is gone.
bool try_pattern(Rewriter& r, const Pattern& p, NodeId id) {
  Match m;
  const ValueId root = r.node(id).outputs[0];
  if (!Matcher(r, p).match(root, m)) return false;
  std::string reason = used_elsewhere(r, m, root);
  for (const PatternCondition& c : p.conditions)
    if (reason.empty()) reason = check_condition(r, c, m);
  if (reason.empty()) reason = bind_scalars(r, p, m);
  if (reason.empty()) {
    if (!r.allow()) return false;
    reason = replace(r, p, m, id, root);
  }
  if (!reason.empty()) r.note(cat(p.name, " at ", r.origin(id), ": ", reason));
  return reason.empty();
}

// False where no pattern of this text can match, which is found out faster than the text is read: a pattern has two
// nodes at least, and starts at an operator that it names.
bool may_match(const Rewriter& r, const std::vector<NodeId>& order, std::string_view text) {
  if (order.size() < 2) return false;
  const OpDef* last = nullptr;
  return std::any_of(order.begin(), order.end(), [&](NodeId id) {
    const OpDef* op = r.node(id).op;
    return std::exchange(last, op) != op && text.find(op->name) != text.npos;
  });
}

}  // namespace

Status rewrite_patterns(Rewriter& r, std::string_view text) {
  SDX_TRY(const std::vector<NodeId> order, r.graph().order());
  if (!may_match(r, order, text)) return {};
  SDX_TRY(const std::vector<Pattern> patterns, parse_patterns(text, r.ops()));
  for (auto it = order.rbegin(); it != order.rend(); ++it) {
    for (const Pattern& p : patterns) {
      if (r.node(*it).dead || r.node(*it).outputs.empty() || r.node(*it).outputs[0] == kNone) break;
      if (!p.may_start_at(r.node(*it).op)) continue;
      if (try_pattern(r, p, *it)) break;
    }
  }
  return {};
}

}  // namespace sardonyx
