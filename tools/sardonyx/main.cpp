// The sardonyx command: parses the command line and hands over to one function per verb.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "base/contain.h"
#include "demo.h"
#include "verbs.h"

namespace {

using sardonyx::contained;
using sardonyx::Result;
using sardonyx::Status;

constexpr int kOk = 0, kFailed = 1, kUsage = 2;
constexpr const char* kFooter =
    "Exit codes: 0 as it should be; 1 the model or its data failed; 2 wrong usage.\n"
    "Errors are one line on standard error: error: SDX_E_CODE what and where.";

void print_error(std::string text) {
  for (size_t at = 0; (at = text.find('\n', at)) != text.npos;) text.replace(at, 1, "; ");
  std::fprintf(stderr, "error: %s\n", text.c_str());
}

int exit_status(const Result<bool>& result) {
  if (result.ok()) return *result ? kOk : kFailed;
  print_error(result.status().to_string());
  return result.status().code() == sardonyx::Code::kOption ? kUsage : kFailed;
}

class Command {
 public:
  Command() {
    app_.set_version_flag("--version", "sardonyx " SDX_VERSION);
    app_.require_subcommand(1);
    app_.footer(kFooter);
    add_run();
    add_inspect();
    add_check();
    add_bench();
    add_profile();
    add_explain();
    add_optimize();
    add_ops();
    add_compare();
    add_demo();
  }

  int run(int argc, char** argv) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
      if (e.get_exit_code() == 0) return app_.exit(e);
      const auto verbs = app_.get_subcommands();
      print_error("SDX_E_OPTION " + std::string(e.what()) + "; see sardonyx " +
                  (verbs.empty() ? "" : verbs[0]->get_name() + " ") + "--help");
      return kUsage;
    }
    return status_;
  }

 private:
  template <class F>
  CLI::App* add(const char* verb, const char* what, const std::string& example, F act) {
    CLI::App* v = app_.add_subcommand(verb, what);
    v->footer("Example: " + example + "\n" + kFooter);
    v->callback([this, act] { status_ = exit_status(contained("running the command", act)); });
    return v;
  }

  static void session_options(CLI::App* v, sardonyx::SessionArgs& a, bool threads = true) {
    v->add_option("model", a.model, "ONNX file")->required();
    v->add_option("--dim", a.dims, "Fix a symbolic dimension: NAME=N")->allow_extra_args(false);
    v->add_option("--shape", a.shapes, "Fix an input's shape: NAME=1,3,224,224, with ? for open dimensions")
        ->allow_extra_args(false);
    v->add_option("--level", a.level, "Optimisation: none, basic, extended or all")->capture_default_str();
    if (threads) v->add_option("--threads", a.threads, "Threads; 0 is one per CPU")->capture_default_str();
  }

  static void input_options(CLI::App* v, sardonyx::InputArgs& a) {
    v->add_option("--input", a.inputs,
                  "NAME=FILE (.npy .npz .pb .json .png .jpg .bmp .ppm), NAME=random, or values: ids=[[1,2]]")
        ->allow_extra_args(false);
    v->add_option("--data", a.data, "Folder with input_0.pb …, alone or within the model's folder, for all inputs");
    v->add_option("--mean", a.mean, "Subtracted from pictures after scaling to 0..1: m or r,g,b");
    v->add_option("--std", a.deviation, "Divides pictures after that: s or r,g,b");
  }

  void add_run() {
    auto& a = run_;
    CLI::App* v =
        add("run", "Run a model once and describe its outputs",
            "sardonyx run resnet.onnx --input image=cat.png --top 5 --labels names.txt", [&a] { return run_verb(a); });
    session_options(v, a.session);
    input_options(v, a.input);
    v->add_flag("--random", a.input.random, "Random data for inputs that are not given");
    v->add_option("--output", a.output, "Write the outputs as .npy (or .pb) files to this folder");
    v->add_option("--top", a.top, "Show the N largest values along the last axis");
    v->add_option("--labels", a.labels, "File with one label per line, for --top");
    v->add_option("--check", a.check, "Folder with input_0.pb …, output_0.pb …: run it and compare");
    v->add_option("--rtol", a.rtol, "Relative tolerance of --check")->capture_default_str();
    v->add_option("--atol", a.atol, "Absolute tolerance of --check")->capture_default_str();
    v->add_flag("--json", a.json, "Print JSON");
  }

  void add_inspect() {
    auto& a = inspect_;
    CLI::App* v = add("inspect", "What a model is made of", "sardonyx inspect model.onnx --graph lowered",
                      [&a] { return inspect_verb(a); });
    v->add_option("model", a.model, "ONNX file")->required();
    v->add_option("--graph", a.graph, "Print the graph as text: loaded, decluttered or lowered");
    v->add_flag("--json", a.json, "Print JSON");
  }

  void add_check() {
    auto& a = check_;
    CLI::App* v = add("check", "Say whether models can be opened", "sardonyx check a.onnx b.onnx",
                      [&a] { return check_verb(a); });
    v->add_option("models", a.models, "ONNX files")->required();
    v->add_flag("--json", a.json, "Print JSON");
  }

  void add_bench() {
    auto& a = bench_;
    a.input.random = true;
    CLI::App* v =
        add("bench", "Measure opening and running; inputs are random unless given",
            "sardonyx bench bert.onnx --dim batch=1 --dim seq=128 --threads 1,2", [&a] { return bench_verb(a); });
    session_options(v, a.session, false);
    input_options(v, a.input);
    v->add_option("--threads", a.threads, "Thread counts, separated by commas; 0 is one per CPU")->delimiter(',');
    v->add_option("--ms", a.ms, "Milliseconds to measure for, each time")->capture_default_str();
    v->add_option("--rounds", a.rounds, "Measurements to take the median of (1, or 3 with --against)");
    v->add_option("--against", a.against, "Measure this libonnxruntime.so in turn with Sardonyx and print ratios");
    v->add_option("--worker", a.worker)->group("");
    v->add_option("--results", a.results)->group("");
    v->add_flag("--json", a.json, "Print JSON");
  }

  void add_profile() {
    auto& a = profile_;
    a.input.random = true;
    CLI::App* v = add("profile", "Where the time of a run goes; inputs are random unless given",
                      "sardonyx profile model.onnx --trace trace.json", [&a] { return profile_verb(a); });
    session_options(v, a.session);
    input_options(v, a.input);
    v->add_option("--runs", a.runs, "Runs to average")->capture_default_str();
    v->add_option("--rows", a.rows, "Rows per table")->capture_default_str();
    v->add_option("--trace", a.trace, "Write the last run as Chrome trace JSON");
    v->add_flag("--json", a.json, "Print JSON");
  }

  void add_explain() {
    auto& a = explain_;
    CLI::App* v = add("explain", "Which kernel runs each step, where its result lives, and why not a better one",
                      "sardonyx explain model.onnx --random", [&a] { return explain_verb(a); });
    session_options(v, a.session);
    input_options(v, a.input);
    v->add_flag("--random", a.input.random,
                "Run once on random data, so that there is a plan where dimensions are open");
    v->add_flag("--json", a.json, "Print JSON");
  }

  void add_optimize() {
    auto& a = optimize_;
    a.session.level = "basic";
    CLI::App* v = add("optimize", "Save the optimised model as an ONNX file",
                      "sardonyx optimize model.onnx -o smaller.onnx --dim batch=1", [&a] { return optimize_verb(a); });
    session_options(v, a.session, false);
    v->add_option("-o,--output", a.output, "File to write")->required();
    v->add_option("--weights", a.weights, "Write large weights to a file of this name beside it (beyond 2 GB: needed)");
    v->add_flag("--json", a.json, "Print JSON");
  }

  void add_ops() {
    auto& a = ops_;
    CLI::App* v = add("ops", "Operators that this build supports", "sardonyx ops --domain ai.onnx.ml",
                      [&a] { return ops_verb(a); });
    v->add_option("--domain", a.domain, "Only this domain")->each([&a](const std::string&) { a.one_domain = true; });
    v->add_flag("--json", a.json, "Print JSON");
    v->add_flag("--schemas", a.schemas, "Print JSON with types, inputs, outputs and attributes");
  }

  void add_compare() {
    auto& a = compare_;
    a.input.random = true;
    CLI::App* v =
        add("compare",
            "Find where a model's values begin to differ: from its own at level none, from another model's "
            "of the same names, and with --data from reference outputs",
            "sardonyx compare model.onnx exported_again.onnx --data test_data_set_0", [&a] { return compare_verb(a); });
    session_options(v, a.session);
    input_options(v, a.input);
    v->add_option("other", a.other, "A second ONNX file");
    v->add_flag("--json", a.json, "Print JSON");
    v->add_flag("--all", a.all, "Compare every value; this keeps operators from being fused");
    v->add_option("--rtol", a.rtol, "Relative tolerance")->capture_default_str();
    v->add_option("--atol", a.atol, "Absolute tolerance, as a share of the value's largest element")
        ->capture_default_str();
  }

  void add_demo() {
    CLI::App* v = add("demo", "Read handwritten digits with a small network", "sardonyx demo examples/digits",
                      [this] { return sardonyx::run_digits_demo(folder_, stdout); });
    v->add_option("folder", folder_, "Folder with digits.onnx, labels.txt, samples and the held-out set")
        ->capture_default_str();
  }

  CLI::App app_{"Runs ONNX models.", "sardonyx"};
  int status_ = kOk;
  sardonyx::RunArgs run_;
  sardonyx::InspectArgs inspect_;
  sardonyx::CheckArgs check_;
  sardonyx::BenchArgs bench_;
  sardonyx::ProfileArgs profile_;
  sardonyx::ExplainArgs explain_;
  sardonyx::OptimizeArgs optimize_;
  sardonyx::OpsArgs ops_;
  sardonyx::CompareArgs compare_;
  std::string folder_ = "examples/digits";
};

}  // namespace

int main(int argc, char** argv) { return Command().run(argc, argv); }
