// pass_runner [--filter=pass[/case]] [folder]
// Runs every case of every <pass>.pass: the pass alone makes `after` of `before`, and both compute the same on random
// inputs. Every pass must have a file. Exit status: 0 all hold, 1 some do not, 2 wrong usage.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "cases/case_values.h"
#include "exec/session.h"
#include "ir/text_reader.h"
#include "ir/verify.h"
#include "ops/table.h"
#include "passes/graph_text.h"
#include "passes/pass_file.h"

namespace sardonyx::passes {
namespace {

Result<std::unique_ptr<Graph>> read(const std::string& text, int opset) {
  ParseOptions options;
  if (opset) options.opset = opset;
  SDX_TRY(std::unique_ptr<Graph> g, parse_graph(text, ops(), options));
  SDX_RETURN_IF_ERROR(verify(*g));
  return g;
}

Result<PassReport> optimise(Graph& g, const PassCase& c, const std::string& pass) {
  PassOptions options;
  options.eval = eval_node;
  for (const PassInfo& p : all_passes())
    if (p.name != pass && std::count(c.also.begin(), c.also.end(), p.name) == 0) options.off.emplace_back(p.name);
  SDX_TRY(PassReport report, run_passes(g, options));
  SDX_RETURN_IF_ERROR(verify(g));
  return report;
}

// What ctx names: extents of symbols.
struct Extent {
  const SymbolTable& symbols;
  const PassCase& c;
};
const std::optional<int64_t> extent_of(void* ctx, uint32_t symbol) {
  const Extent& e = *static_cast<Extent*>(ctx);
  const auto it = e.c.dims.find(e.symbols.to_string(Dim::expr(symbol)));
  return it == e.c.dims.end() ? std::nullopt : std::optional(it->second);
}

// Random values for the inputs, with the case's extents for symbols.
Result<std::vector<Value>> make_inputs(const Graph& g, const PassCase& c) {
  std::vector<Value> inputs;
  Extent extents{g.symbols(), c};
  for (size_t i = 0; i < g.inputs.size(); ++i) {
    Fact f = g.fact(g.inputs[i]);
    for (Dim& d : f.shape) {
      const std::optional<int64_t> value =
          d.known() ? std::optional(d.value()) : g.symbols().eval(d, extent_of, &extents);
      if (!value) return fail(Code::kProto, "dims must say what ", g.symbols().to_string(d), " is");
      d = Dim(*value);
    }
    cases::Literal random;
    random.kind = cases::Literal::Kind::kRandom;
    random.args = {Number::of_real(static_cast<double>(i + 1)), Number::of_real(is_float(f.dtype()) ? -2 : 0),
                   Number::of_real(2)};
    SDX_TRY(Value v, cases::make_value(random, f));
    inputs.push_back(std::move(v));
  }
  return inputs;
}

Result<std::vector<Value>> compute(std::unique_ptr<Graph> g, const std::vector<Value>& inputs) {
  Model model;
  for (ValueId v : g->inputs) model.inputs.emplace_back().name = g->value(v).name;
  for (size_t k = 0; k < g->outputs.size(); ++k) model.outputs.emplace_back().name = cat("output ", k);
  std::vector<Value> outputs(g->outputs.size());
  model.graph = std::move(g);
  SessionOptions options;
  options.threads = 1;
  options.level = OptLevel::kDisableAll;
  SDX_TRY(const std::unique_ptr<Session> session, Session::open(std::move(model), options));
  SDX_RETURN_IF_ERROR(session->run(inputs, outputs, {}));
  return outputs;
}

std::string compare_values(std::unique_ptr<Graph> before, std::unique_ptr<Graph> after, const PassCase& c) {
  auto inputs = make_inputs(*before, c);
  if (!inputs.ok()) return inputs.status().message();
  auto want = compute(std::move(before), *inputs);
  if (!want.ok()) return cat("before the pass: ", want.status().to_string());
  auto got = compute(std::move(after), *inputs);
  if (!got.ok()) return cat("after the pass: ", got.status().to_string());
  for (size_t k = 0; k < want->size(); ++k)
    if (std::string d = cases::compare((*want)[k], (*got)[k], {c.rtol, c.atol}); !d.empty())
      return cat("output ", k, " ", d);
  return {};
}

std::string check_notes(const PassReport& report, const PassCase& c) {
  for (const std::string& want : c.notes) {
    std::string all;
    bool found = false;
    for (const PassTiming& t : report)
      for (const std::string& note : t.notes) {
        all += "\n    " + note;
        found = found || note.find(want) != std::string::npos;
      }
    if (!found) return cat("no note says ", quoted(want), "; notes:", all);
  }
  return {};
}

std::string run_case(const PassCase& c, const std::string& pass) {
  auto plain = read(c.before, c.opset), changed = read(c.before, c.opset);
  if (!plain.ok()) return cat("before: ", plain.status().to_string());
  const std::string original = graph_text(**plain);
  auto report = optimise(**changed, c, pass);
  if (!report.ok()) return report.status().to_string();
  std::string want = original;
  if (!c.keep) {
    auto after = read(c.after, 0);
    if (!after.ok()) return cat("after: ", after.status().to_string());
    want = graph_text(**after);
    if (want == original) return "before and after are the same graph";
  }
  if (const std::string got = graph_text(**changed); got != want) return cat("expected\n", want, "got\n", got);
  if (std::string d = check_notes(*report, c); !d.empty()) return d;
  return compare_values(std::move(*plain), std::move(*changed), c);
}

struct Options {
  std::string pass, name, folder = SDX_PASSES_DIR;
};

int run_all(const Options& o) {
  int ran = 0, failed = 0;
  const auto report = [&](const std::string& what) {
    std::printf("FAILED %s\n", what.c_str());
    ++failed;
  };
  std::set<std::string> known, tested;
  for (const PassInfo& p : all_passes())
    if (!p.name.ends_with("_again")) known.insert(std::string(p.name));
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(o.folder))
    if (entry.path().extension() == ".pass") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const auto& path : files) {
    const std::string pass = path.stem().string();
    tested.insert(pass);
    if (!o.pass.empty() && pass != o.pass) continue;
    if (!known.contains(pass)) report(cat(pass, ".pass: there is no such pass"));
    std::ifstream in(path, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    auto cases = parse_pass_file(text.str());
    if (!cases.ok()) {
      report(cat(pass, ".pass: ", cases.status().message()));
      continue;
    }
    for (const PassCase& c : *cases) {
      if (!o.name.empty() && c.name != o.name) continue;
      ++ran;
      if (std::string wrong = run_case(c, pass); !wrong.empty())
        report(cat(pass, ".pass:", c.line, " ", c.name, "\n  ", wrong));
    }
  }
  for (const std::string& pass : known)
    if (!tested.contains(pass)) report(cat("there is no ", pass, ".pass"));
  std::printf("%d cases, %d failed\n", ran, failed);
  return failed || ran == 0 ? 1 : 0;
}

}  // namespace
}  // namespace sardonyx::passes

int main(int argc, char** argv) {
  sardonyx::passes::Options o;
  for (int i = 1; i < argc; ++i) {
    const std::string_view arg = argv[i];
    if (arg.starts_with("--filter=")) {
      const std::string_view value = arg.substr(9);
      const size_t slash = std::min(value.find('/'), value.size());
      o.pass = value.substr(0, slash);
      o.name = value.substr(std::min(slash + 1, value.size()));
    } else if (arg.starts_with("-")) {
      std::fprintf(stderr, "cannot use %s\n", argv[i]);
      return 2;
    } else {
      o.folder = arg;
    }
  }
  return sardonyx::passes::run_all(o);
}
