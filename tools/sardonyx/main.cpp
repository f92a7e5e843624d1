// The sardonyx command: parses the command line and hands over to one function per verb.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "base/status.h"
#include "demo.h"

namespace {

// 0: as promised; 1: it ran, with a result that is not as promised; 2: an error, on standard error.
int exit_status(const sardonyx::Result<bool>& result) {
  if (result.ok()) return *result ? 0 : 1;
  std::fprintf(stderr, "%s\n", result.status().to_string().c_str());
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Runs ONNX models.", "sardonyx");
  app.set_version_flag("--version", "sardonyx " SDX_VERSION);
  app.require_subcommand(1);
  int status = 0;

  std::string folder = "examples/digits";
  CLI::App* demo = app.add_subcommand("demo", "Read handwritten digits with a small network");
  demo->add_option("folder", folder, "Folder with digits.onnx, labels.txt, samples and the held-out set")
      ->capture_default_str();
  demo->callback([&] { status = exit_status(sardonyx::run_digits_demo(folder, stdout)); });

  CLI11_PARSE(app, argc, argv);
  return status;
}
