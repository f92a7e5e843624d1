#include <algorithm>
#include <filesystem>
#include <map>

#include "ir/text_printer.h"
#include "ops/table.h"
#include "value_report.h"
#include "verbs.h"

namespace sardonyx {
namespace {

struct Contents {
  std::map<std::string, int64_t> operators;   // "Conv", "com.microsoft.Gelu"
  std::map<std::string, int64_t> parameters;  // elements by element type
  int64_t nodes = 0, bytes = 0, elements = 0;
};

void count(const Graph& g, Contents& c) {
  for (NodeId n = 0; n < static_cast<NodeId>(g.node_count()); ++n) {
    const Node& node = g.node(n);
    if (node.dead) continue;
    ++c.nodes;
    ++c.operators[node.op->domain.empty() ? std::string(node.op->name) : cat(node.op->domain, ".", node.op->name)];
    for (const auto& body : node.bodies) count(*body, c);
  }
  for (ValueId v = 0; v < static_cast<ValueId>(g.value_count()); ++v) {
    const ValueInfo& value = g.value(v);
    if (!g.is_constant(v) || value.producer != kNone) continue;
    const Tensor& t = value.fact.constant;
    c.parameters[std::string(dtype_name(t.dtype()))] += t.count();
    c.elements += t.count();
    c.bytes += static_cast<int64_t>(t.bytes());
  }
}

std::string extents_of(const ModelValue& v, const Graph& g) {
  if (!v.has_rank) return "?";
  std::string s = "[";
  for (size_t k = 0; k < v.shape.size(); ++k) {
    const std::string text = g.symbols().to_string(v.shape[k]);
    s += cat(k ? "," : "", is_name(text) ? text : "?");
  }
  return s + "]";
}

nlohmann::json values_json(const std::vector<ModelValue>& values, const Graph& g) {
  nlohmann::json list = nlohmann::json::array();
  for (const ModelValue& v : values) {
    nlohmann::json j = {{"name", v.name}, {"type", to_string(v.type)}, {"shape", nullptr}};
    if (v.has_rank) {
      j["shape"] = nlohmann::json::array();
      for (Dim d : v.shape)
        if (const std::string text = g.symbols().to_string(d); d.known())
          j["shape"].push_back(d.value());
        else
          j["shape"].push_back(is_name(text) ? nlohmann::json(text) : nlohmann::json());
    }
    if (!v.denotation.empty()) j["denotation"] = v.denotation;
    if (!v.doc.empty()) j["doc"] = v.doc;
    list.push_back(std::move(j));
  }
  return list;
}

int64_t file_bytes(const std::string& path) {
  std::error_code error;
  const auto bytes = std::filesystem::file_size(path, error);
  return error ? 0 : static_cast<int64_t>(bytes);
}

nlohmann::json opsets_json(const Model& m) {
  nlohmann::json j = nlohmann::json::object();
  for (const auto& [domain, version] : m.opsets) j[domain.empty() ? "ai.onnx" : domain] = version;
  return j;
}

void inspect_json(const std::string& path, const Model& m, const Contents& c) {
  nlohmann::json metadata = nlohmann::json::object();
  for (const auto& [key, value] : m.metadata) metadata[key] = value;
  print_json({{"model", path},
              {"graph", m.graph->name},
              {"ir_version", m.ir_version},
              {"model_version", m.model_version},
              {"producer", m.producer},
              {"producer_version", m.producer_version},
              {"domain", m.domain},
              {"doc", m.doc},
              {"opsets", opsets_json(m)},
              {"inputs", values_json(m.inputs, *m.graph)},
              {"outputs", values_json(m.outputs, *m.graph)},
              {"nodes", c.nodes},
              {"operators", c.operators},
              {"parameters", c.parameters},
              {"parameter_count", c.elements},
              {"parameter_bytes", c.bytes},
              {"file_bytes", file_bytes(path)},
              {"metadata", metadata}});
}

void print_ports(const Model& m) {
  Table table({"", "name", "type", "shape"});
  for (const ModelValue& v : m.inputs) table.add({"input", v.name, to_string(v.type), extents_of(v, *m.graph)});
  for (const ModelValue& v : m.outputs) table.add({"output", v.name, to_string(v.type), extents_of(v, *m.graph)});
  table.print(stdout);
}

void inspect_text(const std::string& path, const Model& m, const Contents& c) {
  std::string opsets;
  for (const auto& [domain, version] : m.opsets)
    opsets += cat(opsets.empty() ? "" : ", ", domain.empty() ? "ai.onnx" : domain, " ", version);
  std::printf("%s\n", path.c_str());
  std::printf("  graph %s, IR %lld, opsets %s\n", quoted(m.graph->name).c_str(), static_cast<long long>(m.ir_version),
              opsets.c_str());
  std::printf("  by %s %s\n\n", m.producer.empty() ? "an unnamed producer" : m.producer.c_str(),
              m.producer_version.c_str());
  print_ports(m);
  std::string types;
  for (const auto& [type, n] : c.parameters) types += cat(types.empty() ? "" : ", ", n, " ", type);
  std::printf("\n  %lld parameters (%s), %s; file %s\n\n", static_cast<long long>(c.elements), types.c_str(),
              bytes_text(static_cast<double>(c.bytes)).c_str(),
              bytes_text(static_cast<double>(file_bytes(path))).c_str());
  std::vector<std::pair<std::string, int64_t>> sorted(c.operators.begin(), c.operators.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  Table table({cat("operator (", c.nodes, " nodes, newest opset)"), ">nodes"});
  for (const auto& [name, n] : sorted) table.add({name, std::to_string(n)});
  table.print(stdout);
  if (!m.metadata.empty()) std::printf("\n");
  for (const auto& [key, value] : m.metadata) std::printf("  %s = %s\n", key.c_str(), quoted(value).c_str());
}

Status print_stage(const InspectArgs& args) {
  if (args.graph != "loaded" && args.graph != "decluttered" && args.graph != "lowered")
    return fail(Code::kOption, "--graph ", quoted(args.graph), " should be loaded, decluttered or lowered");
  std::string text;
  if (args.graph == "loaded") {
    SDX_TRY(const Model model, load_model(args.model, ops()));
    text = print_graph(*model.graph, {.facts = true});
  } else {
    SessionOptions options;
    options.keep_graph = true;
    SDX_TRY(const auto session, Session::open(args.model, options));
    SDX_TRY(text, session->dump(args.graph));
  }
  if (args.json)
    print_json({{"model", args.model}, {"stage", args.graph}, {"text", text}});
  else
    std::printf("%s\n", text.c_str());
  return {};
}

}  // namespace

Result<bool> inspect_verb(const InspectArgs& args) {
  if (!args.graph.empty()) {
    SDX_RETURN_IF_ERROR(print_stage(args));
    return true;
  }
  SDX_TRY(const Model model, load_model(args.model, ops()));
  Contents contents;
  count(*model.graph, contents);
  if (args.json)
    inspect_json(args.model, model, contents);
  else
    inspect_text(args.model, model, contents);
  return true;
}

}  // namespace sardonyx
