// OrtThreadingOptions: the global thread pools of an environment.
#pragma once
#include <string>

#include "capi/slots.h"

// How a caller wants threads to be made and joined.
struct SdxThreadFunctions {
  OrtCustomCreateThreadFn create = nullptr;
  OrtCustomJoinThreadFn join = nullptr;
  void* options = nullptr;
};

struct OrtThreadingOptions {
  int intra_op = 0, inter_op = 0;  // 0: chosen from the CPUs
  bool spin = true;
  bool denormal_as_zero = false;
  std::string affinity;
  SdxThreadFunctions threads;
};
