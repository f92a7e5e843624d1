#include "cases/runner.h"

#include <algorithm>
#include <cstring>

#include "cases/case_values.h"
#include "exec/session.h"
#include "ir/text_reader.h"
#include "ir/text_types.h"
#include "ir/verify.h"
#include "ops/table.h"

namespace sardonyx::cases {
namespace {

struct Loaded {
  std::unique_ptr<Graph> graph;
  std::vector<std::string> output_names;
};

Result<Loaded> load(const Case& c, bool symbolic) {
  Loaded out;
  ParseOptions options;
  if (c.opset) options.opset = c.opset;
  if (c.ml_opset) options.ml_opset = c.ml_opset;
  options.output_names = &out.output_names;
  options.symbolic_inputs = symbolic;
  SDX_TRY(out.graph, parse_graph(c.graph, ops(), options));
  SDX_RETURN_IF_ERROR(verify(*out.graph));
  return out;
}

const Binding* find(const Case& c, std::string_view name) {
  for (const Binding& b : c.bindings)
    if (b.name == name) return &b;
  return nullptr;
}

// The type written in the binding, else what the graph says.
Result<Fact> type_of(const Binding& b, const Fact& declared) {
  if (b.type.empty()) return declared;
  Lexer lex(b.type);
  SymbolTable scratch;
  return parse_type(lex, scratch);
}

Result<std::vector<Value>> make_inputs(const Case& c, const Graph& g) {
  std::vector<Value> inputs;
  for (ValueId v : g.inputs) {
    const std::string& name = g.value(v).name;
    const Binding* b = find(c, name);
    if (b == nullptr || !b->value) return fail(Code::kProto, "the input ", quoted(name), " has no value");
    SDX_TRY(const Fact type, type_of(*b, g.fact(v)));
    auto value = make_value(*b->value, type);
    if (!value.ok()) return fail(Code::kProto, "input ", quoted(name), ": ", value.status().message());
    inputs.push_back(std::move(*value));
  }
  return inputs;
}

// Every binding must name something, so that a misspelt name is not a check that never happens.
Status check_names(const Case& c, const Loaded& l) {
  for (const Binding& b : c.bindings) {
    const bool input = std::any_of(l.graph->inputs.begin(), l.graph->inputs.end(),
                                   [&](ValueId v) { return l.graph->value(v).name == b.name; });
    const bool output = std::find(l.output_names.begin(), l.output_names.end(), b.name) != l.output_names.end();
    if (!input && !output) return fail(Code::kProto, quoted(b.name), " is neither an input nor an output of the graph");
  }
  return {};
}

// Turns the inputs into constants and infers again with what they hold.
Status bake(Graph& g, std::vector<Value>& inputs) {
  for (const Value& v : inputs)
    if (!v.is_tensor()) return {};
  const std::vector<ValueId> old = std::move(g.inputs);
  g.inputs.clear();
  for (size_t i = 0; i < old.size(); ++i)
    g.replace_uses(old[i], g.add_constant(inputs[i].tensor(), g.value(old[i]).name));
  inputs.clear();
  SDX_TRY(const std::vector<NodeId> order, g.order());
  for (NodeId n : order) SDX_RETURN_IF_ERROR(g.infer(n));
  return {};
}

Result<std::unique_ptr<Session>> open(Loaded l, const Config& config) {
  Model model;
  for (ValueId v : l.graph->inputs) model.inputs.emplace_back().name = l.graph->value(v).name;
  for (std::string& name : l.output_names) model.outputs.emplace_back().name = std::move(name);
  model.graph = std::move(l.graph);
  SessionOptions options;
  options.threads = config.threads;
  options.bodies_only = config.bodies_only;
  if (config.passes_off) options.level = OptLevel::kDisableAll;
  return Session::open(std::move(model), options);
}

// Tensors like the results, with other contents, for the session to fill in place.
Result<std::vector<Value>> buffers_like(const std::vector<Value>& results) {
  std::vector<Value> out;
  for (const Value& v : results) {
    if (!v.is_tensor() || v.tensor().dtype() == DType::kString) {
      out.emplace_back();
      continue;
    }
    SDX_TRY(Tensor t, Tensor::make(v.tensor().dtype(), v.tensor().dims()));
    std::memset(t.data(), 0x5A, t.bytes());
    out.emplace_back(std::move(t));
  }
  return out;
}

std::string check_outputs(const Case& c, const Loaded& plain, const std::vector<Value>& got) {
  for (size_t k = 0; k < plain.output_names.size(); ++k) {
    const std::string& name = plain.output_names[k];
    const Binding* b = find(c, name);
    if (b == nullptr) return cat("the output ", quoted(name), " is not checked");
    Fact declared = plain.graph->fact(plain.graph->outputs[k]);
    if (declared.type.kind == Type::Kind::kUnknown && got[k].is_tensor())
      declared.type = Type::tensor(got[k].tensor().dtype());
    auto type = type_of(*b, declared);
    if (!type.ok()) return type.status().message();
    if (std::string d = compare_type(*type, got[k]);
        !d.empty() && !(b->value && b->value->kind == Literal::Kind::kNone))
      return cat("output ", quoted(name), " ", d, ", expected ",
                 b->type.empty() ? print_fact(*type, plain.graph->symbols()) : b->type);
    if (!b->value) continue;
    auto want = make_value(*b->value, *type);
    if (!want.ok()) return cat("output ", quoted(name), ": ", want.status().message());
    if (std::string d = compare(*want, got[k], {c.rtol, c.atol}); !d.empty())
      return cat("output ", quoted(name), " ", d);
  }
  return {};
}

// Twice on one session: what the first run leaves behind must not matter, and the second fills buffers of the caller.
std::string run(const Case& c, const Config& config) {
  auto plain = load(c, false);
  if (!plain.ok()) return plain.status().to_string();
  if (Status s = check_names(c, *plain); !s.ok()) return s.message();
  auto inputs = make_inputs(c, *plain->graph);
  if (!inputs.ok()) return inputs.status().message();
  auto loaded = load(c, config.symbolic && !c.static_extents);
  if (!loaded.ok()) return loaded.status().to_string();
  if (config.constant_inputs)
    if (Status s = bake(*loaded->graph, *inputs); !s.ok()) return cat("with constant inputs: ", s.to_string());
  auto session = open(std::move(*loaded), config);
  if (!session.ok()) return session.status().to_string();
  std::vector<Value> outputs(plain->output_names.size());
  RunOptions options;
  options.poison = config.poison;
  for (const char* when : {"", "second run: "}) {
    if (Status s = (*session)->run(*inputs, outputs, options); !s.ok()) return when + s.to_string();
    if (std::string d = check_outputs(c, *plain, outputs); !d.empty()) return when + d;
    auto buffers = buffers_like(outputs);
    if (!buffers.ok()) return buffers.status().to_string();
    outputs = std::move(*buffers);
  }
  return {};
}

// `?` stands for an extent that is not known; anything else must be the same expression.
bool same_dim(const SymbolTable& sym, Dim want, Dim got) {
  const std::string text = sym.to_string(want);
  const bool any = !want.known() && text.size() > 1 && text[0] == '_' && text[1] >= '0' && text[1] <= '9';
  return any ? !got.known() : want == got;
}

Status check_fact(const Binding& b, const Fact& got, SymbolTable& sym) {
  if (!b.type.empty()) {
    Lexer lex(b.type);
    SDX_TRY(const Fact want, parse_type(lex, sym));
    bool same = want.type == got.type && want.has_rank == got.has_rank &&
                (!want.has_rank || want.shape.size() == got.shape.size());
    for (size_t i = 0; same && want.has_rank && i < want.shape.size(); ++i)
      same = same_dim(sym, want.shape[i], got.shape[i]);
    if (!same) return fail(Code::kProto, quoted(b.name), " is ", print_fact(got, sym), ", expected ", b.type);
  }
  if (b.value_text.empty()) return {};
  if (!got.ints)
    return fail(Code::kProto, "nothing is known of the contents of ", quoted(b.name), ", expected ", b.value_text);
  Lexer lex(b.value_text);
  Dims want;
  const bool list = lex.take('[');
  while (!lex.at_end() && lex.peek() != ']') {
    SDX_TRY(const Dim d, parse_dim(lex, sym));
    want.push_back(d);
    if (!lex.take(',')) break;
  }
  bool same = want.size() == got.ints->size() && list == (got.shape.size() == 1);
  for (size_t i = 0; same && i < want.size(); ++i) same = same_dim(sym, want[i], (*got.ints)[i]);
  if (!same)
    return fail(Code::kProto, quoted(b.name), " holds ", sym.to_string(*got.ints), ", expected ", b.value_text);
  return {};
}

std::string check_facts(const Case& c) {
  auto l = load(c, false);
  if (!l.ok()) return l.status().to_string();
  if (c.bindings.empty()) return "no fact is expected";
  for (const Binding& b : c.bindings) {
    const auto at = std::find(l->output_names.begin(), l->output_names.end(), b.name);
    if (at == l->output_names.end()) return cat(quoted(b.name), " is not an output of the graph");
    const ValueId v = l->graph->outputs[static_cast<size_t>(at - l->output_names.begin())];
    if (Status s = check_fact(b, l->graph->fact(v), l->graph->symbols()); !s.ok()) return s.message();
  }
  return {};
}

// Reads, opens, and if all inputs are given runs.
Status provoke(const Case& c, const Config& config) {
  auto l = load(c, false);
  if (!l.ok()) return l.take_status();
  auto inputs = make_inputs(c, *l->graph);
  std::vector<Value> outputs(l->output_names.size());
  SDX_TRY(const std::unique_ptr<Session> session, open(std::move(*l), config));
  if (!inputs.ok()) return {};
  return session->run(*inputs, outputs, {});
}

std::string check_error(const Case& c, const Config& config) {
  const Status s = provoke(c, config);
  if (s.ok()) return "no error, expected " + c.error;
  const std::string text = s.to_string();
  if (!matches(c.error, text)) return cat("the error is\n    ", text, "\n  expected\n    ", c.error);
  if (text.size() > 300) return cat("the message has ", text.size(), " characters; 300 are enough");
  if (text.find('"') == text.npos) return cat("the message names nothing in quotes: ", text);
  return {};
}

}  // namespace

std::string run_case(const Case& c, const Config& config) {
  if (c.kind == Case::Kind::kRun) return run(c, config);
  if (!config.plain()) return {};
  return c.kind == Case::Kind::kFacts ? check_facts(c) : check_error(c, config);
}

}  // namespace sardonyx::cases
