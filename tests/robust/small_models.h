// Small good models of every kind of compute, as bytes, with an input for each.
#pragma once
#include <string>
#include <vector>

#include "tensor/value.h"

namespace sardonyx::testing {

struct SmallModel {
  std::string name, bytes;
  std::vector<Value> inputs;
  bool steady;  // a repeated run with buffers of the caller's allocates nothing
};

// convolutions, matrices, attention, recurrent, integers, control flow, sequences, strings, data-dependent extents,
// trees.
const std::vector<SmallModel>& small_models();
const SmallModel& small_model(std::string_view name);

}  // namespace sardonyx::testing
