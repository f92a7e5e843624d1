// OrtModelMetadata: what a model says about itself; a copy that is the caller's.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "capi/slots.h"

struct OrtModelMetadata {
  std::string producer, graph_name, domain, description, graph_description;
  int64_t version = 0;
  std::vector<std::pair<std::string, std::string>> custom;
};
