#include <filesystem>
#include <set>

#include "onnx/model_writer.h"
#include "ops/table.h"
#include "value_report.h"
#include "verbs.h"

namespace sardonyx {
namespace {

namespace fs = std::filesystem;

size_t live_nodes(const Graph& g) {
  size_t n = 0;
  for (NodeId i = 0; i < static_cast<NodeId>(g.node_count()); ++i) {
    if (g.node(i).dead) continue;
    ++n;
    for (const auto& body : g.node(i).bodies) n += live_nodes(*body);
  }
  return n;
}

void find_own_operators(const Graph& g, std::set<std::string>& names) {
  for (NodeId i = 0; i < static_cast<NodeId>(g.node_count()); ++i) {
    if (g.node(i).dead) continue;
    if (g.node(i).op->domain == "ai.sardonyx") names.insert(std::string(g.node(i).op->name));
    for (const auto& body : g.node(i).bodies) find_own_operators(*body, names);
  }
}

double file_bytes(const std::string& path) {
  std::error_code error;
  const auto bytes = fs::file_size(path, error);
  return error ? 0 : static_cast<double>(bytes);
}

}  // namespace

Result<bool> optimize_verb(const OptimizeArgs& args) {
  SDX_TRY(const SessionOptions options, session_options(args.session));
  SDX_TRY(Model model, load_model(args.session.model, ops(), options.load));
  const size_t before = live_nodes(*model.graph);
  SDX_TRY(const PassReport report, optimise(model, options));
  SaveOptions save = save_options_of(model);
  save.producer_version = SDX_VERSION;
  save.external_file = args.weights;
  SDX_RETURN_IF_ERROR(save_model(*model.graph, args.output, save));
  const size_t after = live_nodes(*model.graph);
  std::set<std::string> own;
  find_own_operators(*model.graph, own);
  const double bytes =
      file_bytes(args.output) +
      (args.weights.empty() ? 0 : file_bytes((fs::path(args.output).parent_path() / args.weights).string()));
  nlohmann::json json = {{"model", args.session.model}, {"output", args.output},
                         {"level", args.session.level}, {"nodes_before", before},
                         {"nodes_after", after},        {"bytes", bytes},
                         {"own_operators", own},        {"passes", nlohmann::json::array()}};
  Table passes({"pass", ">rewrites", ">ms"});
  for (const PassTiming& p : report) {
    passes.add({std::string(p.name), cat(p.rewrites), fixed(p.ms, 2)});
    json["passes"].push_back({{"name", p.name}, {"rewrites", p.rewrites}, {"ms", p.ms}});
  }
  if (args.json) {
    print_json(json);
    return true;
  }
  passes.print(stdout);
  std::printf("\n  %zu nodes became %zu; wrote %s, %s\n", before, after, args.output.c_str(),
              bytes_text(bytes).c_str());
  if (!own.empty())
    std::printf("  only Sardonyx opens it: it has operators of the domain ai.sardonyx (--level basic avoids them)\n");
  return true;
}

}  // namespace sardonyx
