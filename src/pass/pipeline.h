// The passes in their order, run by level. Each pass is named, timed, can be switched off, and is followed by verify()
// in checked builds.
#pragma once
#include <atomic>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "ir/graph.h"
#include "tensor/value.h"

namespace sardonyx {

enum class OptLevel : uint8_t { kDisableAll, kBasic, kExtended, kAll };

// Runs one node on constants; used for folding.
using ConstEval = std::function<Result<std::vector<Value>>(const Graph&, NodeId, std::span<const Value>)>;

struct PassOptions {
  OptLevel level = OptLevel::kAll;
  std::vector<std::string> off;  // names of passes to leave out; SDX_PASS_OFF=a,b adds to it
  ConstEval eval;
  const std::atomic<bool>* cancel = nullptr;  // no pass begins after it becomes true: kCancelled
};

struct PassTiming {
  std::string_view name;
  double ms = 0;
  int rewrites = 0;
  std::vector<std::string> notes;  // what it nearly did, and why not
};
using PassReport = std::vector<PassTiming>;

struct PassInfo {
  std::string_view name, why;
  OptLevel level;
};
// Every pass, in the order in which they run.
std::vector<PassInfo> all_passes();

// Optimises the graph and its bodies in place.
Result<PassReport> run_passes(Graph& graph, const PassOptions& options);

}  // namespace sardonyx
