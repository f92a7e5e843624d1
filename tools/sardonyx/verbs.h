// One function per verb of the command, in the file of its name. They print to standard output and return true for
// success, false when the model or its data is not as it should be (already said), or an error.
#pragma once
#include "input_args.h"
#include "session_args.h"

namespace sardonyx {

struct RunArgs {
  SessionArgs session;
  InputArgs input;
  std::string output;  // folder for the outputs
  std::string labels;  // file with one label per line
  int top = 0;
  std::string check;  // folder of reference data, alone or within the model's folder
  double rtol = 1e-3, atol = 1e-5;
  bool json = false;
};
Result<bool> run_verb(const RunArgs& args);

struct InspectArgs {
  std::string model, graph;  // graph: loaded, decluttered, lowered or ""
  bool json = false;
};
Result<bool> inspect_verb(const InspectArgs& args);

struct CheckArgs {
  std::vector<std::string> models;
  bool json = false;
};
Result<bool> check_verb(const CheckArgs& args);

struct BenchArgs {
  SessionArgs session;
  InputArgs input;
  std::vector<int> threads;
  double ms = 1000;
  int rounds = 0;               // 0: one, or three with `against`
  std::string against;          // library to measure side by side
  std::string worker, results;  // for the processes that the verb starts: see bench_worker.h
  bool json = false;
};
Result<bool> bench_verb(const BenchArgs& args);

struct ProfileArgs {
  SessionArgs session;
  InputArgs input;
  int runs = 10, rows = 20;
  std::string trace;
  bool json = false;
};
Result<bool> profile_verb(const ProfileArgs& args);

struct ExplainArgs {
  SessionArgs session;
  InputArgs input;  // if there is any, the model runs once and the plans of that run are shown
  bool json = false;
};
Result<bool> explain_verb(const ExplainArgs& args);

struct OptimizeArgs {
  SessionArgs session;
  std::string output;   // file
  std::string weights;  // name of the file beside it for large weights; "" keeps them inside
  bool json = false;
};
Result<bool> optimize_verb(const OptimizeArgs& args);

struct OpsArgs {
  std::string domain;
  bool one_domain = false;
  bool json = false;
  bool schemas = false;  // with json: types, inputs, outputs and attributes too
};
Result<bool> ops_verb(const OpsArgs& args);

struct CompareArgs {
  SessionArgs session;
  InputArgs input;
  double rtol = 1e-3, atol = 1e-4;
  std::string other;  // a second model; "" is the same one at level none
  bool all = false;   // keep every value of the model, which prevents fusions
  bool json = false;
};
Result<bool> compare_verb(const CompareArgs& args);

}  // namespace sardonyx
