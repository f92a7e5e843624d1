#include <sys/resource.h>

#include <algorithm>

#include "stopwatch.h"
#include "value_report.h"
#include "verbs.h"

namespace sardonyx {
namespace {

constexpr size_t kLeastRuns = 3;
constexpr size_t kMostRuns = 1000000;

struct Measured {
  int threads = 0;
  size_t runs = 0;
  double open_ms = 0, first_ms = 0, median_ms = 0, min_ms = 0, p90_ms = 0, per_second = 0;
  double peak_bytes = 0;   // of the process so far
  double arena_bytes = 0;  // of this session's plans
};

double peak_memory() {
  rusage usage{};
  return getrusage(RUSAGE_SELF, &usage) == 0 ? static_cast<double>(usage.ru_maxrss) * 1024 : 0;
}

Result<Measured> measure(const BenchArgs& args, int threads) {
  Measured m;
  SessionArgs session_args = args.session;
  session_args.threads = threads;
  const Stopwatch opening;
  SDX_TRY(const std::unique_ptr<Session> session, open_session(session_args));
  m.open_ms = opening.ms();
  m.threads = session->pool()->threads();
  SDX_TRY(const std::vector<Value> inputs, make_inputs(*session, args.input));
  std::vector<Value> outputs(session->outputs().size());
  const Stopwatch first;
  SDX_RETURN_IF_ERROR(session->run(inputs, outputs));
  m.first_ms = first.ms();
  for (const Stopwatch warming; warming.ms() < args.ms / 10;) {
    std::fill(outputs.begin(), outputs.end(), Value());
    SDX_RETURN_IF_ERROR(session->run(inputs, outputs));
  }
  std::vector<double> times;
  for (const Stopwatch all; times.size() < kMostRuns && (times.size() < kLeastRuns || all.ms() < args.ms);) {
    std::fill(outputs.begin(), outputs.end(), Value());
    const Stopwatch one;
    SDX_RETURN_IF_ERROR(session->run(inputs, outputs));
    times.push_back(one.ms());
  }
  std::sort(times.begin(), times.end());
  double sum = 0;
  for (double t : times) sum += t;
  m.runs = times.size();
  m.min_ms = times.front();
  m.median_ms = times[times.size() / 2];
  m.p90_ms = times[times.size() * 9 / 10];
  m.per_second = 1000 * static_cast<double>(times.size()) / sum;
  m.arena_bytes = static_cast<double>(session->executor().arena_bytes());
  m.peak_bytes = peak_memory();
  return m;
}

nlohmann::json to_json(const Measured& m) {
  return {{"threads", m.threads},         {"runs", m.runs},
          {"open_ms", m.open_ms},         {"first_run_ms", m.first_ms},
          {"median_ms", m.median_ms},     {"min_ms", m.min_ms},
          {"p90_ms", m.p90_ms},           {"runs_per_second", m.per_second},
          {"arena_bytes", m.arena_bytes}, {"peak_bytes", m.peak_bytes}};
}

}  // namespace

Result<bool> bench_verb(const BenchArgs& args) {
  if (!(args.ms > 0)) return fail(Code::kOption, "--ms must be positive");
  const std::vector<int> threads = args.threads.empty() ? std::vector<int>{0} : args.threads;
  Table table(
      {">threads", ">open ms", ">first ms", ">median ms", ">min ms", ">p90 ms", ">runs/s", ">runs", ">arena", ">peak"});
  nlohmann::json json = {{"model", args.session.model}, {"level", args.session.level}};
  for (int t : threads) {
    SDX_TRY(const Measured m, measure(args, t));
    json["results"].push_back(to_json(m));
    table.add({cat(m.threads), fixed(m.open_ms, 1), fixed(m.first_ms, 2), fixed(m.median_ms, 3), fixed(m.min_ms, 3),
               fixed(m.p90_ms, 3), fixed(m.per_second, 1), cat(m.runs), bytes_text(m.arena_bytes),
               bytes_text(m.peak_bytes)});
  }
  if (args.json)
    print_json(json);
  else
    table.print(stdout);
  return true;
}

}  // namespace sardonyx
