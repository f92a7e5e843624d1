// How a verb opens its model: what the command line says about the session, and the parsing that verbs share.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "exec/session.h"

namespace sardonyx {

struct SessionArgs {
  std::string model;
  std::vector<std::string> dims;    // "seq=128"
  std::vector<std::string> shapes;  // "image=1,3,224,224"; "?" leaves an extent open
  std::string level = "all";        // none, basic, extended, all
  int threads = 0;
  bool checked = false;  // the names in dims are known to be right
};

// "name=value" at the first '='.
Result<std::pair<std::string, std::string>> split_pair(const std::string& text);
Result<OptLevel> parse_level(const std::string& text);
using DimValues = std::map<std::string, int64_t, std::less<>>;
Result<DimValues> parse_dims(const std::vector<std::string>& texts);
// `options` gives what the arguments do not say. Names in dims must be symbols of the model's inputs.
Result<std::unique_ptr<Session>> open_session(const SessionArgs& args, SessionOptions options = {});
// What the arguments say about loading; the same rule for dims.
Result<SessionOptions> session_options(const SessionArgs& args, SessionOptions options = {});
// Whether the model names the extent: symbols that were made for nameless ones are called "_1", "_2", …
bool is_name(std::string_view symbol);
// "[batch,3,224,224]", or "?" where not even the rank is known.
std::string extents_text(const Port& port);

}  // namespace sardonyx
