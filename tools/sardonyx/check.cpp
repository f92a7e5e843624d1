#include <cstdio>

#include "value_report.h"
#include "verbs.h"

namespace sardonyx {

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
    if (args.json) continue;
    const bool many = args.models.size() > 1;
    std::printf("%s%s%s\n", many ? model.c_str() : "", many ? ": " : "", status.to_string().c_str());
    std::fflush(stdout);
  }
  if (args.json) print_json(json);
  return good;
}

}  // namespace sardonyx
