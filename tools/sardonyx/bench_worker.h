// One measurement of one library in a process that does nothing else, so that opening is cold and the largest memory is
// this model's own. The bench verb starts such processes and reads their results.
#pragma once
#include <nlohmann/json.hpp>
#include <string>

#include "verbs.h"

namespace sardonyx {

struct Measured {
  std::string library;
  int threads = 0;
  size_t runs = 0;
  double open_ms = 0, first_ms = 0, median_ms = 0, min_ms = 0, p90_ms = 0, per_second = 0;
  double peak_bytes = 0;   // of the process
  double arena_bytes = 0;  // of the session's plans; 0 for other libraries
};

nlohmann::json to_json(const Measured& m);
Measured measured_of(const nlohmann::json& json);

// Name of the file, beside the inputs, that says that not all of them are tensors.
inline constexpr const char* kNotTensors = "not_tensors";

// Measures what args.worker names (kThisLibrary or the file of another library) with the data of args.input.data, and
// writes one line of JSON; an error is a line, too. Outputs go to args.results if it is not empty.
inline constexpr const char* kThisLibrary = "sardonyx";
Result<bool> bench_worker(const BenchArgs& args);

}  // namespace sardonyx
