// The digits demonstration: runs the model of a folder like examples/digits (see the README there) on its sample
// pictures and its held-out set, and prints what it sees, what it says, how sure it is and how long that took.
#pragma once
#include <cstdio>
#include <string>

#include "base/status.h"

namespace sardonyx {

// True if the accuracy on the held-out set is the one that training recorded in the model.
Result<bool> run_digits_demo(const std::string& folder, std::FILE* out);

}  // namespace sardonyx
