// OrtLoraAdapter: named parameters that a run gives to the model besides its inputs.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "capi/value.h"

struct OrtLoraAdapter {
  std::vector<std::pair<std::string, sardonyx::Value>> parameters;
  sardonyx::BufferPtr file;  // what the parameters point into
};
