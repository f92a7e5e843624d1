// Importer: bodies of control-flow nodes, with the values that they capture made explicit.
#include <algorithm>

#include "onnx/importer.h"

namespace sardonyx {

using namespace proto;

namespace {

constexpr size_t kMostBodies = 64;  // of one node

struct Formal {
  View name;
  DeclaredType declared;
};

Fact without_contents(const Fact& f) {
  Fact r = f;
  r.constant = {};
  r.ints.reset();
  return r;
}

// What the body declares; symbolic extents are the body's own.
Fact fact_of(const DeclaredType& d, SymbolTable& symbols) {
  Fact f{d.type, d.has_rank, {}, {}, {}};
  std::vector<std::pair<View, Dim>> named;
  for (const DimMsg& dim : d.dims) {
    if (dim.kind == DimMsg::Kind::kValue && dim.value >= 0) {
      f.shape.push_back(Dim(dim.value));
      continue;
    }
    const auto known = std::find_if(named.begin(), named.end(), [&](const auto& n) { return n.first == dim.param; });
    if (known != named.end()) {
      f.shape.push_back(known->second);
      continue;
    }
    f.shape.push_back(symbols.fresh());
    if (names_an_extent(dim.param)) named.emplace_back(dim.param, f.shape.back());
  }
  return f;
}

// A loop-carried value: its type is the initial value's; its extents may change with every iteration, except where the
// body declares what the initial value has.
Fact carried(const Fact* initial, const DeclaredType& d, SymbolTable& symbols) {
  Fact f{d.type, false, {}, {}, {}};
  if (initial == nullptr) return f;
  const bool wrapped = d.type.kind == Type::Kind::kOptional && initial->type.kind != Type::Kind::kOptional;
  if (initial->type.kind != Type::Kind::kUnknown && !wrapped) f.type = initial->type;
  if (!f.type.is_tensor() || !d.has_rank || (initial->has_rank && initial->shape.size() != d.dims.size())) return f;
  f.has_rank = true;
  for (size_t i = 0; i < d.dims.size(); ++i) {
    const bool same =
        initial->has_rank && d.dims[i].kind == DimMsg::Kind::kValue && initial->shape[i].is(d.dims[i].value);
    f.shape.push_back(same ? initial->shape[i] : symbols.fresh());
  }
  return f;
}

// One step of a scanned input: without `axis` (and, in opset 8, without the batch extent before it).
Fact slice_of(const Fact& whole, int64_t axis, bool batched) {
  Fact f = without_contents(whole);
  const int64_t rank = static_cast<int64_t>(f.shape.size());
  if (axis < 0) axis += rank;
  if (!f.has_rank || axis < 0 || axis >= rank) {
    f.has_rank = false;
    f.shape.clear();
    return f;
  }
  f.shape.erase(static_cast<size_t>(axis));
  if (batched && !f.shape.empty()) f.shape.erase(0);
  return f;
}

// An element of a sequence: what the sequence says about types, what the body says about rank.
Fact element_of(const Fact& sequence, const DeclaredType& d, SymbolTable& symbols) {
  Fact f{sequence.type.inner ? *sequence.type.inner : d.type, false, {}, {}, {}};
  if (f.type.kind == Type::Kind::kUnknown) f.type = d.type;
  if (!f.type.is_tensor() || !d.has_rank) return f;
  f.has_rank = true;
  for (size_t i = 0; i < d.dims.size(); ++i) f.shape.push_back(symbols.fresh());
  return f;
}

class FormalFacts {
 public:
  FormalFacts(const NodeDraft& draft, const Graph& around, std::span<const Formal> formals, SymbolTable& symbols)
      : draft_(draft), around_(around), formals_(formals), symbols_(symbols) {}

  Result<std::vector<Fact>> get() {
    if (draft_.domain.empty()) {
      if (draft_.op == "Loop") return loop();
      if (draft_.op == "Scan") return scan();
      if (draft_.op == "SequenceMap") return sequence_map();
    }
    for (const Formal& f : formals_) facts_.push_back(fact_of(f.declared, symbols_));
    return facts_;
  }

 private:
  bool expect(size_t n) const { return formals_.size() == n; }
  Status wrong_count(size_t expected) const {
    return fail(Code::kProto, "the body has ", formals_.size(), " inputs, this node gives it ", expected);
  }
  const Fact* input(size_t i) const {
    return i < draft_.inputs.size() && draft_.inputs[i] != kNone ? &around_.fact(draft_.inputs[i]) : nullptr;
  }
  const Attr* attr(std::string_view name) const {
    for (const Attr& a : draft_.attrs)
      if (a.name == name) return &a;
    return nullptr;
  }

  Result<std::vector<Fact>> loop() {
    const size_t n = draft_.inputs.size();
    const size_t expected = std::max<size_t>(n, 2);
    if (!expect(expected)) return wrong_count(expected);
    facts_.push_back(Fact::of(DType::kI64, {}));
    facts_.push_back(Fact::of(DType::kBool, {}));
    for (size_t i = 2; i < n; ++i) facts_.push_back(carried(input(i), formals_[i].declared, symbols_));
    return facts_;
  }

  // Extents of states do not change. Opset 8: sequence lengths first, a batch extent everywhere, which the body does
  // not see.
  Result<std::vector<Fact>> scan() {
    const bool batched = draft_.opset < 9;
    const size_t first = batched ? 1 : 0;
    const size_t given = draft_.inputs.size() - std::min(first, draft_.inputs.size());
    if (!expect(given)) return wrong_count(given);
    const Attr* count = attr("num_scan_inputs");
    if (count == nullptr || count->i < 1 || count->i > static_cast<int64_t>(given))
      return fail(Code::kAttr, "num_scan_inputs is ", count ? count->i : 0, ", expected 1 to ", given);
    const Attr* axes = attr("scan_input_axes");
    const size_t states = given - static_cast<size_t>(count->i);
    for (size_t i = 0; i < given; ++i) {
      const Fact* f = input(first + i);
      if (f == nullptr) return fail(Code::kProto, "input ", first + i, " is missing");
      if (i >= states) {
        const size_t s = i - states;
        facts_.push_back(slice_of(*f, batched ? 1 : axes && s < axes->ints.size() ? axes->ints[s] : 0, batched));
      } else {
        facts_.push_back(batched ? slice_of(*f, 0, false) : without_contents(*f));
      }
    }
    return facts_;
  }

  Result<std::vector<Fact>> sequence_map() {
    const size_t n = draft_.inputs.size();
    if (!expect(n)) return wrong_count(n);
    for (size_t i = 0; i < n; ++i) {
      const Fact* f = input(i);
      if (f == nullptr) return fail(Code::kProto, "input ", i, " is missing");
      facts_.push_back(f->type.kind == Type::Kind::kSequence ? element_of(*f, formals_[i].declared, symbols_)
                                                             : without_contents(*f));
    }
    return facts_;
  }

  const NodeDraft& draft_;
  const Graph& around_;
  std::span<const Formal> formals_;
  SymbolTable& symbols_;
  std::vector<Fact> facts_;
};

}  // namespace

Result<Importer::Body> Importer::import_body(const ResolvedAttr& a, View message, Scope& s, const NodeDraft& draft) {
  Nested nested(*this);
  SDX_RETURN_IF_ERROR(nested.status());
  GraphMsg g;
  add_graph_msg(message, g);
  Body body{std::make_unique<Graph>(symbols_), std::make_unique<Level>(), std::string(a.msg.name)};
  body.graph->name = g.name;
  body.level->graph = body.graph.get();
  body.level->outer = s.level;
  Scope inner;
  inner.level = body.level.get();
  inner.outer = a.written_in;
  inner.opsets = a.written_in->opsets;
  inner.attrs = a.written_in->attrs;

  // Branches have no inputs; what some producers list there are names of the graph around, found like any other.
  const bool branch = draft.domain.empty() && draft.op == "If";
  std::vector<Formal> formals;
  for (View input : branch ? Views() : g.inputs) {
    const ValueInfoMsg v = read_value_info_msg(input);
    SDX_TRY(DeclaredType t, read_type(v.type));
    formals.push_back({v.name, std::move(t)});
  }
  SDX_TRY(std::vector<Fact> facts, FormalFacts(draft, s.graph(), formals, *symbols_).get());
  for (size_t i = 0; i < formals.size(); ++i)
    SDX_RETURN_IF_ERROR(
        inner.define(formals[i].name, body.graph->add_input(std::string(formals[i].name), std::move(facts[i]))));
  SDX_RETURN_IF_ERROR(import_initializers(g, inner, nullptr));
  SDX_RETURN_IF_ERROR(inner.add_nodes(g.nodes));
  SDX_RETURN_IF_ERROR(import_nodes(inner));
  for (View output : g.outputs) {
    const View name = read_value_info_msg(output).name;
    SDX_TRY(const ValueId v, resolve(inner, name));
    if (v == kNone) return fail(Code::kProto, "an output of the body has no name or no value");
    body.graph->outputs.push_back(v);
  }
  return body;
}

// Imports the bodies in the order that control flow expects, then gives all of them the same captured inputs in the
// same order.
Status Importer::import_bodies(std::vector<ResolvedAttr>& attrs, Scope& s, const NodeDraft& draft,
                               std::vector<Body>& bodies) {
  std::stable_partition(attrs.begin(), attrs.end(), [](const ResolvedAttr& a) { return a.msg.name == "then_branch"; });
  for (const ResolvedAttr& a : attrs) {
    if (bodies.size() + a.msg.graphs.size() > kMostBodies)
      return fail(Code::kProto, "has more than ", kMostBodies, " bodies");
    for (View message : a.msg.graphs) {
      SDX_TRY(Body b, import_body(a, message, s, draft));
      bodies.push_back(std::move(b));
    }
  }
  if (bodies.size() < 2) return {};
  std::vector<ValueId> all;
  std::unordered_map<ValueId, bool> seen;
  for (const Body& b : bodies)
    for (ValueId v : b.level->captured)
      if (seen.try_emplace(v, true).second) all.push_back(v);
  for (Body& b : bodies) {
    Graph& g = *b.graph;
    std::vector<ValueId> inputs(g.inputs.begin(),
                                g.inputs.end() - static_cast<std::ptrdiff_t>(b.level->captured.size()));
    for (ValueId v : all) {
      const auto here = b.level->inner_of.find(v);
      inputs.push_back(here != b.level->inner_of.end() ? here->second
                                                       : g.add_input(s.graph().value(v).name, s.graph().fact(v)));
    }
    g.inputs = std::move(inputs);
    b.level->captured = all;
  }
  return {};
}

}  // namespace sardonyx
