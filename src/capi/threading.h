// OrtThreadingOptions: the global thread pools of an environment.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "capi/slots.h"
#include "parallel/thread_pool.h"

// How a caller wants threads to be made and joined.
struct SdxThreadFunctions {
  OrtCustomCreateThreadFn create = nullptr;
  OrtCustomJoinThreadFn join = nullptr;
  void* options = nullptr;
};

struct OrtThreadingOptions {
  int intra_op = 0, inter_op = 0;  // 0: chosen from the CPUs
  bool spin = true;
  int spin_us = -1;  // how long; -1: chosen
  bool denormal_as_zero = false;
  std::string affinity;
  SdxThreadFunctions threads;
  sardonyx::WorkCallbacks callbacks;
};

namespace sardonyx::capi {

std::shared_ptr<ThreadPool> make_pool(const OrtThreadingOptions& options);
// "1,2;3-4": CPUs of each worker, counted from 1. An error names what cannot be read.
Result<std::vector<std::vector<int>>> parse_affinity(std::string_view text);

}  // namespace sardonyx::capi
