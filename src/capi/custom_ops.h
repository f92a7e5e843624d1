// OrtCustomOpDomain: operators that a caller defines, by domain. The caller owns the domain and the operators, and
// keeps them as long as sessions use them.
#pragma once
#include <string>
#include <vector>

#include "capi/slots.h"

struct OrtCustomOpDomain {
  std::string name;
  std::vector<const OrtCustomOp*> ops;
};
