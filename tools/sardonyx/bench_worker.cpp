#include "bench_worker.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "common/data_set.h"
#include "onnx/value_pb.h"
#include "ops/table.h"
#include "peer_library.h"
#include "stopwatch.h"

namespace sardonyx {
namespace {

constexpr size_t kLeastRuns = 3;
constexpr size_t kMostRuns = 1000000;

// The largest resident memory of this program alone: getrusage's figure counts what the process was before, too.
double peak_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    double kilobytes = 0;
    if (word == "VmHWM:" && status >> kilobytes) return kilobytes * 1024;
  }
  rusage usage{};
  return getrusage(RUSAGE_SELF, &usage) == 0 ? static_cast<double>(usage.ru_maxrss) * 1024 : 0;
}

// A model that is open in one of the libraries.
class Subject {
 public:
  virtual ~Subject() = default;
  virtual Status set_inputs(const std::string& folder) = 0;
  virtual Status run() = 0;
  virtual Result<std::vector<Value>> outputs() = 0;
};

class Ours final : public Subject {
 public:
  explicit Ours(std::unique_ptr<Session> session)
      : session_(std::move(session)), outputs_(session_->outputs().size()) {}
  const Session& session() const { return *session_; }

  Status set_inputs(const std::string& folder) override {
    SDX_TRY(DataSet data, read_data_set(folder, *session_));
    inputs_ = std::move(data.inputs);
    return {};
  }
  Status run() override {
    std::fill(outputs_.begin(), outputs_.end(), Value());
    return session_->run(inputs_, outputs_);
  }
  Result<std::vector<Value>> outputs() override { return outputs_; }

 private:
  std::unique_ptr<Session> session_;
  std::vector<Value> inputs_, outputs_;
};

class Theirs final : public Subject {
 public:
  Theirs(std::unique_ptr<PeerSession> session, std::string model)
      : session_(std::move(session)), model_(std::move(model)) {}

  Status set_inputs(const std::string& folder) override {
    std::vector<Type> types(session_->input_count());
    for (Type& t : types) t.kind = Type::Kind::kTensor;
    if (std::filesystem::exists(cat(folder, "/", kNotTensors))) {
      SDX_TRY(const Model model, load_model(model_, ops()));
      for (size_t i = 0; i < std::min(types.size(), model.inputs.size()); ++i) types[i] = model.inputs[i].type;
    }
    SDX_TRY(const std::vector<Value> inputs, read_data_set_inputs(folder, types));
    return session_->set_inputs(inputs);
  }
  Status run() override { return session_->run(); }
  Result<std::vector<Value>> outputs() override { return session_->outputs(); }

 private:
  std::unique_ptr<PeerSession> session_;
  std::string model_;
};

Result<std::unique_ptr<Subject>> open_ours(const BenchArgs& args, Measured& m) {
  const Stopwatch opening;
  SDX_TRY(std::unique_ptr<Session> session, open_session(args.session));
  m.open_ms = opening.ms();
  m.library = kThisLibrary;
  m.threads = session->pool()->threads();
  return std::unique_ptr<Subject>(new Ours(std::move(session)));
}

Result<std::unique_ptr<Subject>> open_theirs(const BenchArgs& args, Measured& m) {
  PeerSession::Options options;
  SDX_TRY(options.level, parse_level(args.session.level));
  SDX_TRY(options.dims, parse_dims(args.session.dims));
  options.threads = args.session.threads;
  SDX_TRY(std::unique_ptr<PeerSession> session, PeerSession::open(args.worker, args.session.model, options));
  m.open_ms = session->open_ms();
  m.library = cat(std::filesystem::path(args.worker).filename().string(), " ", session->version());
  m.threads = args.session.threads;
  return std::unique_ptr<Subject>(new Theirs(std::move(session), args.session.model));
}

Status time_runs(Subject& subject, double ms, Measured& m) {
  const Stopwatch first;
  SDX_RETURN_IF_ERROR(subject.run());
  m.first_ms = first.ms();
  for (const Stopwatch warming; warming.ms() < ms / 10;) SDX_RETURN_IF_ERROR(subject.run());
  std::vector<double> times;
  for (const Stopwatch all; times.size() < kMostRuns && (times.size() < kLeastRuns || all.ms() < ms);) {
    const Stopwatch one;
    SDX_RETURN_IF_ERROR(subject.run());
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
  return {};
}

Status write_results(Subject& subject, const BenchArgs& args) {
  SDX_TRY(const Model model, load_model(args.session.model, ops()));
  SDX_TRY(const std::vector<Value> values, subject.outputs());
  for (size_t k = 0; k < std::min(values.size(), model.outputs.size()); ++k) {
    SDX_TRY(const std::string bytes, write_value_pb(values[k], model.outputs[k].type));
    std::ofstream file(cat(args.results, "/output_", k, ".pb"), std::ios::binary);
    if (!file.write(bytes.data(), static_cast<std::streamsize>(bytes.size())).flush())
      return fail(Code::kFile, "cannot write outputs to ", quoted(args.results));
  }
  return {};
}

Result<Measured> measure(const BenchArgs& args) {
  Measured m;
  const bool ours = args.worker == kThisLibrary;
  SDX_TRY(const std::unique_ptr<Subject> subject, ours ? open_ours(args, m) : open_theirs(args, m));
  SDX_RETURN_IF_ERROR(subject->set_inputs(args.input.data));
  SDX_RETURN_IF_ERROR(time_runs(*subject, args.ms, m));
  if (ours) m.arena_bytes = static_cast<double>(static_cast<Ours&>(*subject).session().executor().arena_bytes());
  m.peak_bytes = peak_memory();
  if (!args.results.empty()) SDX_RETURN_IF_ERROR(write_results(*subject, args));
  return m;
}

}  // namespace

nlohmann::json to_json(const Measured& m) {
  return {{"library", m.library},         {"threads", m.threads},       {"runs", m.runs},
          {"open_ms", m.open_ms},         {"first_run_ms", m.first_ms}, {"median_ms", m.median_ms},
          {"min_ms", m.min_ms},           {"p90_ms", m.p90_ms},         {"runs_per_second", m.per_second},
          {"arena_bytes", m.arena_bytes}, {"peak_bytes", m.peak_bytes}};
}

Measured measured_of(const nlohmann::json& j) {
  Measured m;
  m.library = j.value("library", "");
  m.threads = j.value("threads", 0);
  m.runs = j.value("runs", size_t{0});
  m.open_ms = j.value("open_ms", 0.0);
  m.first_ms = j.value("first_run_ms", 0.0);
  m.median_ms = j.value("median_ms", 0.0);
  m.min_ms = j.value("min_ms", 0.0);
  m.p90_ms = j.value("p90_ms", 0.0);
  m.per_second = j.value("runs_per_second", 0.0);
  m.arena_bytes = j.value("arena_bytes", 0.0);
  m.peak_bytes = j.value("peak_bytes", 0.0);
  return m;
}

Result<bool> bench_worker(const BenchArgs& args) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // whoever stops the command stops the measurement
  const auto m = measure(args);
  const nlohmann::json json =
      m.ok() ? to_json(*m)
             : nlohmann::json{{"code", static_cast<int>(m.status().code())}, {"message", m.status().message()}};
  std::printf("%s\n", json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
  std::fflush(stdout);
  return true;
}

}  // namespace sardonyx
