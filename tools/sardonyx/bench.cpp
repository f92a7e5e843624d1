#include <algorithm>
#include <filesystem>
#include <fstream>

#include "bench_worker.h"
#include "child_process.h"
#include "common/compare.h"
#include "common/data_set.h"
#include "onnx/value_pb.h"
#include "value_report.h"

namespace sardonyx {
namespace {

namespace fs = std::filesystem;

constexpr int kRoundsAgainst = 3;  // of alternating measurements

// How many times better ours is: above 1 is faster, or smaller.
struct Ratio {
  double open = 0, first = 0, run = 0, peak = 0;
};

// What one thread count gave.
struct Outcome {
  Measured ours, theirs;
  Ratio ratio;
};

double median(std::vector<double> v) {
  std::sort(v.begin(), v.end());
  const size_t n = v.size();
  return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

template <class F>
double median_of(const std::vector<Outcome>& rounds, F field) {
  std::vector<double> v;
  for (const Outcome& r : rounds) v.push_back(field(r));
  return median(std::move(v));
}

// Every figure is the median over the rounds; ratios are taken within a round first, so that a machine whose speed
// drifts does not decide.
Outcome summarise(const std::vector<Outcome>& rounds, bool against) {
  Outcome all = rounds.front();
  for (Measured Outcome::*who : {&Outcome::ours, &Outcome::theirs}) {
    for (double Measured::*f : {&Measured::open_ms, &Measured::first_ms, &Measured::median_ms, &Measured::min_ms,
                                &Measured::p90_ms, &Measured::per_second, &Measured::peak_bytes})
      all.*who.*f = median_of(rounds, [&](const Outcome& r) { return r.*who.*f; });
  }
  if (!against) return all;
  const auto ratio = [&](double Measured::*f) {
    return median_of(rounds, [&](const Outcome& r) { return r.theirs.*f / r.ours.*f; });
  };
  all.ratio = {ratio(&Measured::open_ms), ratio(&Measured::first_ms), ratio(&Measured::median_ms),
               ratio(&Measured::peak_bytes)};
  return all;
}

// The inputs as files, and the types of the outputs.
Result<std::vector<Type>> write_data(const BenchArgs& args, const std::string& folder) {
  SessionArgs plain = args.session;
  plain.level = "none";
  SDX_TRY(const std::unique_ptr<Session> session, open_session(plain));
  SDX_TRY(const std::vector<Value> inputs, make_inputs(*session, args.input, args.session.model));
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs[i].is_tensor()) std::ofstream(cat(folder, "/", kNotTensors)) << "see the model\n";
    SDX_TRY(const std::string bytes, write_value_pb(inputs[i], session->inputs()[i].type));
    std::ofstream file(cat(folder, "/input_", i, ".pb"), std::ios::binary);
    if (!file.write(bytes.data(), static_cast<std::streamsize>(bytes.size())).flush())
      return fail(Code::kFile, "cannot write the inputs to ", quoted(folder));
  }
  std::vector<Type> types;
  for (const Port& p : session->outputs()) types.push_back(p.type);
  return types;
}

Result<Measured> measure_apart(const BenchArgs& args, const std::string& library, int threads, const std::string& data,
                               const std::string& results) {
  std::vector<std::string> arguments{"bench",     args.session.model,      "--worker", library,
                                     "--level",   args.session.level,      "--ms",     general(args.ms, 10),
                                     "--threads", std::to_string(threads), "--data",   data};
  for (const std::string& d : args.session.dims) arguments.insert(arguments.end(), {"--dim", d});
  for (const std::string& s : args.session.shapes) arguments.insert(arguments.end(), {"--shape", s});
  if (!results.empty()) arguments.insert(arguments.end(), {"--results", results});
  SDX_TRY(const std::string text, run_self(arguments));
  const auto json =
      nlohmann::json::parse(text.substr(text.rfind('{') == text.npos ? 0 : text.rfind('{')), nullptr, false);
  if (json.is_discarded()) return fail(Code::kInternal, "the measuring process wrote no result");
  if (json.contains("message"))
    return Status(static_cast<Code>(json.value("code", 0)), json.value("message", std::string()));
  return measured_of(json);
}

Result<Value> read_output(const std::string& folder, size_t k, const Type& type) {
  std::ifstream file(cat(folder, "/output_", k, ".pb"), std::ios::binary);
  if (!file) return fail(Code::kFile, "the libraries have different numbers of outputs");
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  return read_value_pb(bytes, type);
}

// The largest difference between the libraries' outputs, as a share of the largest value.
Result<double> difference(const std::string& ours, const std::string& theirs, std::span<const Type> types) {
  double worst = 0;
  for (size_t k = 0; k < types.size(); ++k) {
    SDX_TRY(const Value got, read_output(ours, k, types[k]));
    SDX_TRY(const Value want, read_output(theirs, k, types[k]));
    const Difference d = compare(got, want, {1e30, 1e30});
    if (!d.same) return fail(Code::kRange, "output ", k, ": ", d.text);
    worst = std::max(worst, d.relative());
  }
  return worst;
}

std::vector<std::string> row(const Measured& m) {
  return {cat(m.threads),
          m.library,
          fixed(m.open_ms, 1),
          fixed(m.first_ms, 2),
          fixed(m.median_ms, 3),
          fixed(m.min_ms, 3),
          fixed(m.p90_ms, 3),
          fixed(m.per_second, 1),
          cat(m.runs),
          m.arena_bytes > 0 ? bytes_text(m.arena_bytes) : "",
          bytes_text(m.peak_bytes)};
}

std::string times_text(double v) { return cat(fixed(v, 2), "x"); }

nlohmann::json to_json(const Outcome& o, bool against) {
  if (!against) return to_json(o.ours);
  return {{"threads", o.ours.threads},
          {"ours", to_json(o.ours)},
          {"theirs", to_json(o.theirs)},
          {"ratio",
           {{"speed", o.ratio.run}, {"open", o.ratio.open}, {"first_run", o.ratio.first}, {"peak", o.ratio.peak}}}};
}

Status validate(const BenchArgs& args) {
  if (!(args.ms > 0)) return fail(Code::kOption, "--ms must be positive");
  if (args.rounds < 0) return fail(Code::kOption, "--rounds must be at least 1");
  for (int t : args.threads)
    if (t < 0) return fail(Code::kOption, "--threads must be at least 0");
  if (!args.against.empty() && !fs::exists(args.against))
    return fail(Code::kFile, "no such library: ", quoted(args.against));
  return {};
}

}  // namespace

Result<bool> bench_verb(const BenchArgs& args) {
  if (!args.worker.empty()) {
    BenchArgs one = args;
    one.session.checked = true;
    one.session.threads = args.threads.empty() ? 0 : args.threads[0];
    return bench_worker(one);
  }
  SDX_RETURN_IF_ERROR(validate(args));
  const bool against = !args.against.empty();
  const std::string library = against ? fs::absolute(args.against).string() : "";
  const int rounds = args.rounds > 0 ? args.rounds : against ? kRoundsAgainst : 1;
  SDX_TRY(const TemporaryFolder folder, TemporaryFolder::make());
  const std::string ours = folder.path() + "/ours", theirs = folder.path() + "/theirs";
  fs::create_directory(ours);
  fs::create_directory(theirs);
  SDX_TRY(const std::vector<Type> types, write_data(args, folder.path()));
  Table table({">threads", "library", ">open ms", ">first ms", ">median ms", ">min ms", ">p90 ms", ">runs/s", ">runs",
               ">arena", ">peak"});
  nlohmann::json json = {{"model", args.session.model}, {"level", args.session.level}, {"rounds", rounds}};
  Result<double> differs = 0.0;
  for (int t : args.threads.empty() ? std::vector<int>{0} : args.threads) {
    std::vector<Outcome> all(static_cast<size_t>(rounds));
    for (Outcome& o : all) {
      const bool first = against && json["results"].empty() && &o == &all.front();
      SDX_TRY(o.ours, measure_apart(args, kThisLibrary, t, folder.path(), first ? ours : ""));
      if (!against) continue;
      SDX_TRY(o.theirs, measure_apart(args, library, t, folder.path(), first ? theirs : ""));
      o.theirs.threads = o.ours.threads;
      if (first) differs = difference(ours, theirs, types);
    }
    const Outcome o = summarise(all, against);
    json["results"].push_back(to_json(o, against));
    table.add(row(o.ours));
    if (!against) continue;
    table.add(row(o.theirs));
    table.add({"", "ours is better by", times_text(o.ratio.open), times_text(o.ratio.first), times_text(o.ratio.run),
               "", "", "", "", "", times_text(o.ratio.peak)});
  }
  if (against && differs.ok()) json["difference"] = *differs;
  if (against && !differs.ok()) json["difference_text"] = differs.status().message();
  if (args.json) {
    print_json(json);
    return true;
  }
  table.print(stdout);
  if (against && differs.ok())
    std::printf("\n  largest difference of the outputs: %.2g of the largest value\n", *differs);
  if (against && !differs.ok()) std::printf("\n  the outputs differ: %s\n", differs.status().message().c_str());
  return true;
}

}  // namespace sardonyx
