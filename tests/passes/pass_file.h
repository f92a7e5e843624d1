// Pass files: tests/passes/<pass>.pass, as text. See README.md beside this file for the format.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"

namespace sardonyx::passes {

struct PassCase {
  std::string name;
  int line = 0;
  bool keep = false;                    // the graph must stay as it is
  std::vector<std::string> also;        // passes that run besides the file's
  std::map<std::string, int64_t> dims;  // extents for symbols when it is run
  int opset = 0;
  std::optional<double> rtol, atol;
  std::string before, after;
  std::vector<std::string> notes;  // each must be part of a note of the pass
};

Result<std::vector<PassCase>> parse_pass_file(std::string_view text);

}  // namespace sardonyx::passes
