// Which operators of a file nobody here knows, all of them at once; opening stops at the first.
#pragma once
#include <string>
#include <vector>

#include "onnx/model.h"

namespace sardonyx {

struct UnknownOperator {
  std::string domain, name;  // domain as the file spells it
  std::string node;          // the first of them
  int64_t nodes = 0;
};
// In the order of the file, bodies included; calls of the model's own functions are known. An unreadable file has none.
std::vector<UnknownOperator> unknown_operators(const std::string& path, const OpLookup& ops);

}  // namespace sardonyx
