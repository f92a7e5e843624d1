#include <cstdio>

#include "verbs.h"

namespace sardonyx {

Result<bool> check_verb(const std::vector<std::string>& models) {
  bool good = true;
  for (const std::string& model : models) {
    SessionOptions options;
    options.level = OptLevel::kDisableAll;
    const Status status = Session::open(model, options).take_status();
    std::printf("%s%s%s\n", models.size() > 1 ? model.c_str() : "", models.size() > 1 ? ": " : "",
                status.to_string().c_str());
    good = good && status.ok();
  }
  return good;
}

}  // namespace sardonyx
