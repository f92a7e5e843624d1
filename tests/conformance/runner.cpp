// Runs the official ONNX backend cases and compares the outcome with a manifest: a case that fails unexpectedly and a
// case that passes unexpectedly are both errors. usage: conformance_runner DATA_ROOT MANIFEST [--filter text]
// [--level L] [--threads N] [--saved LEVEL] [--verbose]. --saved opens what is saved of each model optimised that far.
// DATA_ROOT has suites (node, simple, …) of cases (model.onnx, test_data_set_0). Cases run in a
// child process each batch, so that a crash is one case's result.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>

#include "common/compare.h"
#include "common/data_set.h"
#include "light.h"
#include "onnx/model_writer.h"
#include "ops/table.h"

namespace sardonyx {
namespace {

namespace fs = std::filesystem;

struct Outcome {
  bool pass = false;
  std::string text;
};

std::string first_line(std::string s) {
  if (const size_t at = s.find('\n'); at != s.npos) s.resize(at);
  std::replace(s.begin(), s.end(), '\t', ' ');
  return s.substr(0, 300);
}

struct Settings {
  SessionOptions options;
  std::optional<OptLevel> saved;  // each model is optimised this far, saved and opened again
  std::string keep;               // folder for the saved models
};

Status keep(const std::string& bytes, const std::string& folder, const std::string& model_folder) {
  const fs::path model(model_folder);
  const std::string path =
      cat(folder, "/", model.parent_path().filename().string(), ".", model.filename().string(), ".onnx");
  std::ofstream file(path, std::ios::binary);
  if (!file.write(bytes.data(), static_cast<std::streamsize>(bytes.size())).flush())
    return fail(Code::kFile, "cannot write ", quoted(path));
  return {};
}

Status run_set(const Session& session, const std::string& folder) {
  SDX_TRY(DataSet data, read_data_set(folder, session));
  std::vector<Value> out(session.outputs().size());
  SDX_RETURN_IF_ERROR(session.run(data.inputs, out));
  for (size_t k = 0; k < data.outputs.size(); ++k) {
    const Difference d = compare(out[k], data.outputs[k], {});
    if (!d.same) return fail(Code::kRange, "output ", quoted(session.outputs()[k].name), " ", d.text);
  }
  return {};
}

Result<std::unique_ptr<Session>> open_case(const std::string& folder, const std::string& path, const Settings& s) {
  if (!s.saved) return Session::open(path, s.options);
  SessionOptions saving = s.options;
  saving.level = *s.saved;
  SDX_TRY(Model model, load_model(path, ops()));
  SDX_TRY(const PassReport report, optimise(model, saving));
  SDX_TRY(SavedModel saved, write_model(*model.graph, save_options_of(model)));
  if (!s.keep.empty()) SDX_RETURN_IF_ERROR(keep(saved.bytes, s.keep, folder));
  const auto bytes = std::make_shared<std::string>(std::move(saved.bytes));
  return Session::open(Buffer::wrap(bytes->data(), bytes->size(), [bytes] {}), s.options);
}

Outcome run_case(const std::string& folder, const Settings& settings) {
  const std::string light = cat(folder, ".onnx");
  const bool is_light = is_light_case(light);
  auto session = open_case(folder, is_light ? light : cat(folder, "/model.onnx"), settings);
  if (!session.ok()) return {false, first_line(session.status().to_string())};
  if (is_light) {
    const Status s = run_light_case(**session, light);
    return {s.ok(), first_line(s.to_string())};
  }
  for (const std::string& set : data_set_folders(folder))
    if (Status s = run_set(**session, set); !s.ok()) return {false, first_line(s.to_string())};
  return {true, {}};
}

// Runs cases from `at` on in a child, which reports each over a pipe; returns how many were reported.
size_t run_batch(const std::vector<std::string>& names, const std::string& root, const Settings& settings, size_t at,
                 std::map<std::string, Outcome>& results) {
  int fd[2];
  if (pipe(fd) != 0) return names.size();
  const pid_t child = fork();
  if (child == 0) {
    close(fd[0]);
    FILE* out = fdopen(fd[1], "w");
    for (size_t i = at; i < names.size(); ++i) {
      alarm(60);
      const Outcome o = run_case(cat(root, "/", names[i]), settings);
      std::fprintf(out, "%s\t%d\t%s\n", names[i].c_str(), o.pass, o.text.c_str());
      std::fflush(out);
    }
    _exit(0);
  }
  close(fd[1]);
  FILE* in = fdopen(fd[0], "r");
  char line[4096];
  size_t done = at;
  while (std::fgets(line, sizeof line, in)) {
    std::stringstream s(line);
    std::string name, pass, text;
    std::getline(s, name, '\t');
    std::getline(s, pass, '\t');
    std::getline(s, text);
    results[name] = {pass == "1", text};
    ++done;
  }
  std::fclose(in);
  int status = 0;
  waitpid(child, &status, 0);
  if (done < names.size()) {
    const int sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    results[names[done]] = {false, cat("the process died: ", sig == SIGALRM ? "no end in 60 s" : strsignal(sig))};
    ++done;
  }
  return done;
}

std::vector<std::string> list_cases(const std::string& root, const std::string& filter) {
  std::vector<std::string> names;
  for (const auto& suite : fs::directory_iterator(root)) {
    if (!suite.is_directory()) continue;
    for (const auto& c : fs::directory_iterator(suite)) {
      const bool is_light = is_light_case(c.path().string());
      if (!is_light && !fs::exists(c.path() / "model.onnx")) continue;
      const fs::path last = is_light ? c.path().stem() : c.path().filename();
      std::string name = cat(suite.path().filename().string(), "/", last.string());
      if (filter.empty() || name.find(filter) != name.npos) names.push_back(std::move(name));
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

struct Expected {
  std::string status,
      reason;  // "fail", or "random": only type, extents and the absence of errors count; cases not listed must pass
};

std::map<std::string, Expected> read_manifest(const std::string& path) {
  std::map<std::string, Expected> m;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::stringstream s(line);
    std::string name;
    Expected e;
    s >> name >> e.status;
    std::getline(s >> std::ws, e.reason);
    m[name] = e;
  }
  return m;
}

int report(const std::vector<std::string>& names, const std::map<std::string, Outcome>& results,
           const std::map<std::string, Expected>& expected, bool verbose) {
  int passed = 0, unexpected = 0, known = 0, random = 0;
  for (const std::string& n : names) {
    const auto r = results.find(n);
    const auto e = expected.find(n);
    const bool pass = r != results.end() && r->second.pass;
    passed += pass;
    // The values of random outputs are not comparable: a difference in them, or none by chance, says nothing.
    if (e != expected.end() && e->second.status == "random" && r != results.end() &&
        (pass || r->second.text.find("elements differ") != std::string::npos)) {
      passed -= pass;
      ++random;
      continue;
    }
    if (pass == (e == expected.end())) {
      known += !pass;
      if (!pass && verbose) std::printf("known failure    %s: %s\n", n.c_str(), r->second.text.c_str());
      continue;
    }
    ++unexpected;
    if (pass)
      std::printf("unexpected pass  %s (the manifest says: %s)\n", n.c_str(), e->second.reason.c_str());
    else
      std::printf("unexpected fail  %s: %s\n", n.c_str(), r == results.end() ? "no result" : r->second.text.c_str());
  }
  std::printf("conformance: %zu cases, %d pass, %d random, %d known failures, %d unexpected\n", names.size(), passed,
              random, known, unexpected);
  return unexpected == 0 ? 0 : 1;
}

OptLevel level_of(std::string_view name) {
  return name == "none"       ? OptLevel::kDisableAll
         : name == "basic"    ? OptLevel::kBasic
         : name == "extended" ? OptLevel::kExtended
                              : OptLevel::kAll;
}

int main_(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr,
                 "usage: %s DATA_ROOT MANIFEST [--filter TEXT] [--threads N] [--level none|basic|extended|all] "
                 "[--saved LEVEL [--keep FOLDER]] [--verbose]\n",
                 argv[0]);
    return 2;
  }
  std::string filter;
  bool verbose = false;
  Settings settings;
  settings.options.threads = 1;
  for (int i = 3; i < argc; ++i) {
    const std::string_view a = argv[i];
    const bool more = i + 1 < argc;
    if (a == "--filter" && more)
      filter = argv[++i];
    else if (a == "--threads" && more)
      settings.options.threads = std::atoi(argv[++i]);
    else if (a == "--level" && more)
      settings.options.level = level_of(argv[++i]);
    else if (a == "--saved" && more)
      settings.saved = level_of(argv[++i]);
    else if (a == "--keep" && more)
      settings.keep = argv[++i];
    else if (a == "--verbose")
      verbose = true;
  }
  const std::vector<std::string> names = list_cases(argv[1], filter);
  std::map<std::string, Outcome> results;
  for (size_t at = 0; at < names.size();) at = run_batch(names, argv[1], settings, at, results);
  return report(names, results, read_manifest(argv[2]), verbose);
}

}  // namespace
}  // namespace sardonyx

int main(int argc, char** argv) { return sardonyx::main_(argc, argv); }
