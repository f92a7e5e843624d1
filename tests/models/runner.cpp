// Runs models that have reference data under several configurations and prints one line each: largest error, time,
// memory.
// usage: models_runner [--threads 1,2] [--levels none,all] [--dims as_is,static,symbolic] [--ms N] [--only a,b]
//                      [--rtol R] [--known FILE] [--json] [--saved LEVEL --keep FOLDER] FOLDER...
// --dims: extents as the model declares them; all of them fixed to those of the data; or all of them left open.
// --saved LEVEL optimises each model that far, saves it to the folder of --keep and opens what was saved.
// FILE lists models that are expected to fail: a name (or name@level) and the reason per line; one that passes all the
// same is an error. output_<k>.ort_opt_all.pb, where it lies beside output_<k>.pb, is what the peer's optimised graph
// gives, and the reference of optimised levels; where the two differ, nobody is held to less than their difference (a
// float sum in another order may turn a quantised value by a whole step). FOLDER holds model folders (model.onnx,
// test_data_set_<k>), or is one. meta.json's "tolerance" bounds max|diff| / max|ref|. --json prints one object per line
// in place of text.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <sstream>

#include "common/compare.h"
#include "common/data_set.h"
#include "onnx/model_writer.h"
#include "ops/table.h"

namespace sardonyx {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kOptimised = "ort_opt_all";

struct Settings {
  std::vector<int> threads{1};
  std::vector<std::string> dims{"as_is"};
  std::vector<OptLevel> levels{OptLevel::kDisableAll, OptLevel::kAll};
  std::vector<std::string> only, folders;
  std::set<std::string> known;  // models that are expected to fail
  double ms = 0, rtol = 1e-3;
  bool json = false;
  std::optional<OptLevel> saved;
  std::string keep = ".";
};

double now_ms() {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string level_name(OptLevel l) {
  return l == OptLevel::kDisableAll ? "none"
         : l == OptLevel::kBasic    ? "basic"
         : l == OptLevel::kExtended ? "extended"
                                    : "all";
}

OptLevel level_of(const std::string& name) {
  return name == "none"       ? OptLevel::kDisableAll
         : name == "basic"    ? OptLevel::kBasic
         : name == "extended" ? OptLevel::kExtended
                              : OptLevel::kAll;
}

// "tolerance": number of meta.json, or -1.
double tolerance_of(const std::string& folder) {
  std::ifstream in(folder + "/meta.json");
  std::stringstream s;
  s << in.rdbuf();
  const std::string text = s.str();
  const size_t at = text.find("\"tolerance\"");
  return at == text.npos ? -1 : std::atof(text.c_str() + text.find(':', at) + 1);
}

double median_ms(const Session& session, const DataSet& data, double budget) {
  std::vector<Value> out(session.outputs().size());
  std::vector<double> times;
  const double begin = now_ms();
  while (times.size() < 3 || now_ms() - begin < budget) {
    for (Value& v : out) v = Value();
    const double t = now_ms();
    if (!session.run(data.inputs, out).ok()) return -1;
    times.push_back(now_ms() - t);
    if (times.size() >= 3 && now_ms() - begin > budget) break;
  }
  std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2), times.end());
  return times[times.size() / 2];
}

// Largest difference between the two references of a set, 0 where there is one.
Result<double> spread_of(const Session& session, const std::string& set) {
  SDX_TRY(const DataSet plain, read_data_set(set, session));
  SDX_TRY(const DataSet optimised, read_data_set(set, session, kOptimised));
  double spread = 0;
  for (size_t k = 0; k < plain.outputs.size(); ++k)
    spread = std::max(spread, compare(plain.outputs[k], optimised.outputs[k], {1e30, 1e30}).relative());
  return spread;
}

// tolerance: of max|diff| / max|ref|; < 0: each element has to agree to rtol.
Status check_set(const Session& session, const DataSet& data, double tolerance, double rtol, double& worst) {
  std::vector<Value> out(session.outputs().size());
  SDX_RETURN_IF_ERROR(session.run(data.inputs, out));
  for (size_t k = 0; k < data.outputs.size(); ++k) {
    const Difference d =
        compare(out[k], data.outputs[k], tolerance >= 0 ? Tolerance{1e30, 1e30} : Tolerance{rtol, rtol, true});
    worst = std::max(worst, d.relative());
    if (!d.same) return fail(Code::kRange, "output ", quoted(session.outputs()[k].name), " ", d.text);
    if (tolerance >= 0 && d.relative() > tolerance)
      return fail(Code::kRange, "output ", quoted(session.outputs()[k].name), " is off by ", d.relative(),
                  " of its largest value");
  }
  return {};
}

// Extents for every ranked tensor input: those of the data, or all open.
Result<LoadOptions> load_options(const Model& model, const std::string& dims, const std::string& set) {
  LoadOptions options;
  if (dims == "as_is") return options;
  if (dims == "symbolic") {
    for (const ModelValue& v : model.inputs)
      if (v.type.is_tensor() && v.has_rank) options.input_extents[v.name].assign(v.shape.size(), -1);
    return options;
  }
  if (dims != "static") return fail(Code::kOption, "--dims ", quoted(dims), " should be as_is, static or symbolic");
  std::vector<Type> types;
  for (const ModelValue& v : model.inputs) types.push_back(v.type);
  SDX_TRY(const std::vector<Value> data, read_data_set_inputs(set, types));
  std::set<std::string> ambiguous;
  for (size_t i = 0; i < data.size(); ++i) {
    const ModelValue& v = model.inputs[i];
    if (!data[i].is_tensor()) continue;
    const Extents extents = data[i].tensor().dims();
    options.input_extents[v.name].assign(extents.begin(), extents.end());
    for (size_t k = 0; v.has_rank && k < v.shape.size() && k < extents.size(); ++k) {
      if (v.shape[k].known()) continue;
      const std::string name = model.graph->symbols().to_string(v.shape[k]);
      if (const auto [at, added] = options.symbol_values.emplace(name, extents[k]); !added && at->second != extents[k])
        ambiguous.insert(name);
    }
  }
  for (const std::string& name : ambiguous) options.symbol_values.erase(name);
  return options;
}

struct Line {
  std::string name, level, dims;
  int threads = 0, set = 0;
  bool ok = false;
  double error = 0, create_ms = 0, run_ms = 0, arena_mb = 0;
  std::string text;
};

void print_line(const Line& l, bool json) {
  if (json) {
    std::string text;
    for (char c : l.text)
      text += c == '"' || c == '\\' ? cat("\\", std::string(1, c)) : std::string(1, c < ' ' && c >= 0 ? ' ' : c);
    std::printf(
        "{\"model\": \"%s\", \"level\": \"%s\", \"dims\": \"%s\", \"threads\": %d, \"set\": %d, \"ok\": %s, "
        "\"error\": %.3g, \"text\": \"%s\"}\n",
        l.name.c_str(), l.level.c_str(), l.dims.c_str(), l.threads, l.set, l.ok ? "true" : "false",
        std::isfinite(l.error) ? l.error : 1e300, text.c_str());
  } else {
    std::printf("%-40s %-5s %-8s %d  %s  err %8.2g  create %8.1f ms  run %9.3f ms  arena %7.1f MB  %s\n",
                l.name.c_str(), l.level.c_str(), l.dims.c_str(), l.threads, l.ok ? "ok  " : "FAIL", l.error,
                l.create_ms, l.run_ms, l.arena_mb, l.text.c_str());
  }
  std::fflush(stdout);
}

// The model, or what is saved of it once it is optimised to the level of the settings, beside the original's external
// data.
Result<std::unique_ptr<Session>> open_model(const std::string& folder, const SessionOptions& options,
                                            const Settings& s) {
  if (!s.saved) return Session::open(folder + "/model.onnx", options);
  SessionOptions saving = options;
  saving.level = *s.saved;
  SDX_TRY(Model model, load_model(folder + "/model.onnx", ops(), saving.load));
  SDX_TRY(const PassReport report, optimise(model, saving));
  const std::string path = cat(s.keep, "/", fs::path(folder).filename().string(), ".onnx");
  SDX_RETURN_IF_ERROR(save_model(*model.graph, path, save_options_of(model)));
  SessionOptions again = options;
  again.load = {};
  return Session::open(path, again);
}

Status run_set(const std::string& folder, const std::string& set, const SessionOptions& options, const Settings& s,
               Line& l) {
  const double begin = now_ms();
  SDX_TRY(const std::unique_ptr<Session> session, open_model(folder, options, s));
  l.create_ms = now_ms() - begin;
  SDX_TRY(const DataSet data, read_data_set(set, *session, options.level >= OptLevel::kExtended ? kOptimised : ""));
  SDX_TRY(const double spread, spread_of(*session, set));
  const double tolerance = spread > s.rtol ? spread : tolerance_of(folder);
  SDX_RETURN_IF_ERROR(check_set(*session, data, tolerance, s.rtol, l.error));
  if (s.ms > 0) l.run_ms = median_ms(*session, data, s.ms);
  l.arena_mb = static_cast<double>(session->executor().arena_bytes()) / 1e6;
  return {};
}

bool run_model(const std::string& folder, const Settings& s) {
  bool good = true;
  const std::vector<std::string> sets = data_set_folders(folder);
  auto model = load_model(folder + "/model.onnx", ops());
  for (OptLevel level : s.levels) {
    bool passed = true;
    for (int threads : s.threads)
      for (const std::string& dims : s.dims)
        for (size_t k = 0; k < std::max<size_t>(sets.size(), 1); ++k) {
          Line l;
          l.name = fs::path(folder).filename().string();
          l.level = level_name(level), l.dims = dims, l.threads = threads, l.set = static_cast<int>(k);
          const Status status = [&]() -> Status {
            if (!model.ok()) return model.status();
            SessionOptions o;
            o.level = level, o.threads = threads;
            if (sets.empty()) return Session::open(folder + "/model.onnx", o).take_status();
            SDX_TRY(o.load, load_options(*model, dims, sets[k]));
            return run_set(folder, sets[k], o, s, l);
          }();
          l.ok = status.ok();
          if (!l.ok) l.text = status.to_string();
          print_line(l, s.json);
          passed = passed && l.ok;
        }
    const std::string name = cat(fs::path(folder).filename().string(), "@", level_name(level));
    const bool known = s.known.contains(name);
    if (known && passed) std::printf("%-40s passes, but is listed as a known failure\n", name.c_str());
    good = good && known != passed;
  }
  return good;
}

std::vector<std::string> split(const std::string& s) {
  std::vector<std::string> out;
  std::stringstream in(s);
  for (std::string part; std::getline(in, part, ',');) out.push_back(part);
  return out;
}

std::set<std::string> read_known(const std::string& path) {
  std::set<std::string> names;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);)
    if (!line.empty() && line[0] != '#') names.insert(line.substr(0, line.find_first_of(" \t")));
  return names;
}

Settings parse(int argc, char** argv) {
  Settings s;
  for (int i = 1; i < argc; ++i) {
    const std::string a = argv[i];
    const auto next = [&] { return i + 1 < argc ? std::string(argv[++i]) : std::string(); };
    if (a == "--threads") {
      s.threads.clear();
      for (const std::string& t : split(next())) s.threads.push_back(std::atoi(t.c_str()));
    } else if (a == "--levels") {
      s.levels.clear();
      for (const std::string& l : split(next())) s.levels.push_back(level_of(l));
    } else if (a == "--dims")
      s.dims = split(next());
    else if (a == "--saved")
      s.saved = level_of(next());
    else if (a == "--keep")
      s.keep = next();
    else if (a == "--json")
      s.json = true;
    else if (a == "--ms")
      s.ms = std::atof(next().c_str());
    else if (a == "--rtol")
      s.rtol = std::atof(next().c_str());
    else if (a == "--only")
      s.only = split(next());
    else if (a == "--known")
      s.known = read_known(next());
    else
      s.folders.push_back(a);
  }
  return s;
}

int main_(int argc, char** argv) {
  const Settings s = parse(argc, argv);
  std::vector<std::string> models;
  for (const std::string& f : s.folders) {
    if (fs::exists(f + "/model.onnx"))
      models.push_back(f);
    else if (fs::is_directory(f))
      for (const auto& e : fs::directory_iterator(f))
        if (fs::exists(e.path() / "model.onnx")) models.push_back(e.path().string());
  }
  std::sort(models.begin(), models.end());
  int passed = 0, failed = 0, known = 0;
  for (const std::string& m : models) {
    const std::string name = fs::path(m).filename().string();
    if (!s.only.empty() && std::find(s.only.begin(), s.only.end(), name) == s.only.end()) continue;
    const bool expected = !s.known.contains(name), good = run_model(m, s);
    if (good && !expected) std::printf("%-40s passes, but is listed as a known failure\n", name.c_str());
    if (good == expected)
      ++(good ? passed : known);
    else
      ++failed;
  }
  std::fprintf(s.json ? stderr : stdout, "models: %d passed, %d known failures, %d unexpected\n", passed, known,
               failed);
  return failed ? 1 : 0;
}

}  // namespace
}  // namespace sardonyx

int main(int argc, char** argv) { return sardonyx::main_(argc, argv); }
