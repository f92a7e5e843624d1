#include <cstdio>

#include "onnx/unknown_operators.h"
#include "ops/table.h"
#include "value_report.h"
#include "verbs.h"

namespace sardonyx {
namespace {

// Opening stops at the first operator that is not known; who wants to know wants to know of all.
std::vector<UnknownOperator> more_unknown(const std::string& model, const Status& status) {
  if (status.code() != Code::kOpUnknown) return {};
  return unknown_operators(model, ops());
}

std::string text_of(const UnknownOperator& u) {
  return cat(u.domain.empty() ? "ai.onnx" : u.domain, ".", u.name, ": ", u.nodes,
             u.nodes == 1 ? " node, " : " nodes, first ", quoted(u.node));
}

}  // namespace

Result<bool> check_verb(const CheckArgs& args) {
  bool good = true;
  nlohmann::json json = nlohmann::json::array();
  for (const std::string& model : args.models) {
    SessionOptions options;
    options.level = OptLevel::kDisableAll;
    const Status status = Session::open(model, options).take_status();
    good = good && status.ok();
    json.push_back({{"model", model}, {"ok", status.ok()}});
    if (!status.ok())
      json.back()["code"] = std::string(code_name(status.code())), json.back()["message"] = status.message();
    const std::vector<UnknownOperator> unknown = more_unknown(model, status);
    for (const UnknownOperator& u : unknown)
      json.back()["unknown_operators"].push_back(
          {{"domain", u.domain}, {"operator", u.name}, {"nodes", u.nodes}, {"first", u.node}});
    if (args.json) continue;
    const bool many = args.models.size() > 1;
    std::printf("%s%s%s\n", many ? model.c_str() : "", many ? ": " : "", status.to_string().c_str());
    for (const UnknownOperator& u : unknown) std::printf("  not known: %s\n", text_of(u).c_str());
    std::fflush(stdout);
  }
  if (args.json) print_json(json);
  return good;
}

}  // namespace sardonyx
