// case_runner [--filter=Op[/case]] [--passes=off] [--kernels=body_only] [--target=scalar] [--threads=n]
// [--dims=symbolic]
//             [--inputs=constant] [--arena=poison] [--skip-missing] [--meta | --self] [folder]
// Exit status: 0 all hold, 1 some do not, 2 wrong usage.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "cases/runner.h"
#include "cases/self_test.h"
#include "ops/table.h"
#include "simd/choose.h"

namespace sardonyx::cases {
namespace {

namespace fs = std::filesystem;

struct Options {
  Config config;
  std::string filter_op, filter_case;
  std::string folder = SDX_CASES_DIR;
  bool skip_missing = false, meta = false, self = false;
};

bool parse_option(std::string_view arg, Options& o) {
  const size_t eq = arg.find('=');
  const std::string_view key = arg.substr(0, eq), value = eq == arg.npos ? std::string_view() : arg.substr(eq + 1);
  if (key == "--filter") {
    const size_t slash = value.find('/');
    o.filter_op = value.substr(0, slash);
    if (slash != value.npos) o.filter_case = value.substr(slash + 1);
    return !value.empty();
  }
  if (key == "--threads") return (o.config.threads = std::atoi(std::string(value).c_str())) > 0;
  if (key == "--target") {
    std::string lower(value);
    for (char& c : lower) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    const auto t = simd::target_from_name(lower);
    return t && simd::force_target(*t);
  }
  bool* const flag = arg == "--passes=off"          ? &o.config.passes_off
                     : arg == "--kernels=body_only" ? &o.config.bodies_only
                     : arg == "--dims=symbolic"     ? &o.config.symbolic
                     : arg == "--inputs=constant"   ? &o.config.constant_inputs
                     : arg == "--arena=poison"      ? &o.config.poison
                     : arg == "--skip-missing"      ? &o.skip_missing
                     : arg == "--meta"              ? &o.meta
                     : arg == "--self"              ? &o.self
                                                    : nullptr;
  if (flag != nullptr) return *flag = true;
  if (arg.starts_with("-")) return false;
  o.folder = arg;
  return true;
}

struct File {
  std::string op;
  fs::path path;
};

std::vector<File> case_files(const Options& o) {
  std::vector<File> files;
  for (const auto& entry : fs::directory_iterator(o.folder))
    if (entry.path().extension() == ".case") files.push_back({entry.path().stem().string(), entry.path()});
  std::sort(files.begin(), files.end(), [](const File& a, const File& b) { return a.op < b.op; });
  return files;
}

Result<std::vector<Case>> read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  if (!in) return fail(Code::kFile, "cannot be read");
  return parse_cases(text.str());
}

const OpDef* operator_of(std::string_view symbol) {
  for (const OpDef* op : all_ops())
    if (op_symbol(*op) == symbol) return op;
  return nullptr;
}

int run_all(const Options& o) {
  int ran = 0, failed = 0, skipped = 0, lacking = 0;
  for (const File& f : case_files(o)) {
    if (!o.filter_op.empty() && f.op != o.filter_op) continue;
    if (o.skip_missing && operator_of(f.op) == nullptr) {
      std::printf("skipped %s: this build lacks the operator\n", f.op.c_str());
      ++skipped;
      continue;
    }
    auto cases = read_file(f.path);
    if (!cases.ok()) {
      std::printf("FAILED %s.case: %s\n", f.op.c_str(), cases.status().message().c_str());
      ++failed;
      continue;
    }
    for (const Case& c : *cases) {
      if (!o.filter_case.empty() && c.name != o.filter_case) continue;
      ++ran;
      const std::string wrong = run_case(c, o.config);
      if (wrong.empty()) continue;
      if (o.skip_missing && wrong.find("SDX_E_NO_KERNEL") != wrong.npos) {
        std::printf("skipped %s/%s: this build lacks a kernel\n", f.op.c_str(), c.name.c_str());
        --ran;
        ++lacking;
        continue;
      }
      std::printf("FAILED %s.case:%d %s\n  %s\n", f.op.c_str(), c.line, c.name.c_str(), wrong.c_str());
      ++failed;
    }
  }
  if (lacking != 0) std::printf("%d cases skipped: this build lacks their kernels\n", lacking);
  std::printf("%d cases, %d failed, %d files skipped\n", ran, failed, skipped);
  return failed || (ran == 0 && skipped == 0) ? 1 : 0;
}

// Every operator has a case file and the reverse; what ONNX does not know has a body; every step of every history has
// an older case.
int run_meta(const Options& o) {
  std::set<std::string> files;
  int wrong = 0;
  const auto report = [&](const std::string& what) {
    std::printf("FAILED %s\n", what.c_str());
    ++wrong;
  };
  for (const File& f : case_files(o)) {
    files.insert(f.op);
    const OpDef* op = operator_of(f.op);
    if (op == nullptr) report(cat(f.op, ".case: there is no such operator"));
    auto cases = read_file(f.path);
    if (!cases.ok() || op == nullptr) continue;
    int oldest = op->since;
    for (const Case& c : *cases) {
      const int opset = op->domain.empty() ? c.opset : op->domain == "ai.onnx.ml" ? c.ml_opset : 0;
      if (opset) oldest = std::min(oldest, opset);
    }
    for (const Upgrade& u : op->history)
      if (oldest >= u.to)
        report(cat(f.op, ".case: no case is older than opset ", u.to, ", for which the operator has a rule"));
  }
  for (const OpDef* op : all_ops()) {
    const std::string symbol = op_symbol(*op);
    if (!files.contains(symbol)) report(cat("there is no ", symbol, ".case"));
    if (op->domain == "ai.sardonyx" && op->body.empty() && op->expand == nullptr && !op->has(kControlFlow))
      report(cat(symbol, " has no body"));
  }
  std::printf("%zu operators, %zu case files, %d findings\n", all_ops().size(), files.size(), wrong);
  return wrong ? 1 : 0;
}

}  // namespace
}  // namespace sardonyx::cases

int main(int argc, char** argv) {
  sardonyx::cases::Options o;
  for (int i = 1; i < argc; ++i)
    if (!sardonyx::cases::parse_option(argv[i], o)) {
      std::fprintf(stderr, "cannot use %s\n", argv[i]);
      return 2;
    }
  if (o.self) return sardonyx::cases::self_test();
  return o.meta ? sardonyx::cases::run_meta(o) : sardonyx::cases::run_all(o);
}
