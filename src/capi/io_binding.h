// OrtIoBinding: values given to inputs and outputs once, for many runs. One thread at a time.
#pragma once
#include <string>
#include <vector>

#include "capi/value.h"

struct OrtIoBinding {
  struct Bound {
    std::string name;
    sardonyx::Value value;  // outputs: a tensor is filled in place, without one a new value is made
    bool in_place = false;
  };
  OrtSession* session = nullptr;
  std::vector<Bound> inputs, outputs;  // outputs in the order in which they were bound
};
