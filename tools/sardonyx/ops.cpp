#include "cpu/table.h"
#include "op_schema.h"
#include "ops/table.h"
#include "value_report.h"
#include "verbs.h"

namespace sardonyx {
namespace {

std::vector<std::string> kernels_of(const OpDef& op) {
  std::vector<std::string> names;
  for (const KernelEntry* k : cpu_kernels(op_symbol(op))) names.push_back(cat(k->provider, " ", k->variant));
  return names;
}

std::string joined(const std::vector<std::string>& words) {
  std::string s;
  for (const std::string& w : words) s += cat(s.empty() ? "" : ", ", w);
  return s;
}

}  // namespace

Result<bool> ops_verb(const OpsArgs& args) {
  const std::string domain = args.domain == "ai.onnx" ? "" : args.domain;
  Table table({"operator", "opsets", "body", "kernels"});
  nlohmann::json json = nlohmann::json::array();
  size_t shown = 0, without = 0;
  for (const OpDef* op : all_ops()) {
    if (args.one_domain && op->domain != domain) continue;
    ++shown;
    const std::vector<std::string> kernels = kernels_of(*op);
    const bool view = op->has(kView), body = !op->body.empty() || op->expand != nullptr;
    if (kernels.empty() && !view && !body) ++without;
    if (args.json || args.schemas) {
      json.push_back({{"domain", op->domain.empty() ? "ai.onnx" : std::string(op->domain)},
                      {"name", std::string(op->name)},
                      {"first", op->first},
                      {"since", op->since},
                      {"view", view},
                      {"body", body},
                      {"kernels", kernels}});
      if (args.schemas) json.back().update(schema_json(*op));
      continue;
    }
    table.add({op->domain.empty() ? std::string(op->name) : cat(op->domain, ".", op->name),
               op->first == op->since ? cat(op->since) : cat(op->first, "..", op->since), body ? "yes" : "",
               view && kernels.empty() ? "view" : joined(kernels)});
  }
  if (shown == 0) return fail(Code::kOption, "no operator is of domain ", quoted(args.domain));
  if (args.json || args.schemas) {
    print_json(json);
    return true;
  }
  table.print(stdout);
  std::printf("\n  %zu operators; %zu have neither kernel nor body\n", shown, without);
  return true;
}

}  // namespace sardonyx
