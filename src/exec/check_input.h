// What a run is given, against what the model declares.
#pragma once
#include "exec/session.h"

namespace sardonyx {

// Type, rank and the dimensions that are fixed. Errors name the input and say what was expected.
Status check_input(const Port& port, const Value& value);

}  // namespace sardonyx
