// Writes the graphs of the case files as inputs for text_fuzz and model_fuzz: case_seeds CASES TEXT_FOLDER
// MODEL_FOLDER.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "cases/case_file.h"
#include "ir/text_reader.h"
#include "onnx/model_writer.h"
#include "ops/table.h"

namespace {

using namespace sardonyx;

constexpr size_t kMostPerFile = 4;  // cases of one operator
constexpr size_t kMostBytes = 4096;

void write(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return std::fprintf(stderr, "usage: case_seeds CASES TEXT_FOLDER MODEL_FOLDER\n"), 1;
  const std::filesystem::path text_folder = argv[2], model_folder = argv[3];
  std::filesystem::create_directories(text_folder);
  std::filesystem::create_directories(model_folder);
  for (const auto& file : std::filesystem::directory_iterator(argv[1])) {
    if (file.path().extension() != ".case") continue;
    std::stringstream text;
    text << std::ifstream(file.path()).rdbuf();
    const auto parsed = cases::parse_cases(text.str());
    if (!parsed.ok()) return std::fprintf(stderr, "%s\n", parsed.status().to_string().c_str()), 1;
    size_t written = 0;
    for (const cases::Case& c : *parsed) {
      if (c.kind != cases::Case::Kind::kRun || written == kMostPerFile || c.graph.size() > kMostBytes) continue;
      const std::string name = cat(file.path().stem().string(), "-", c.name);
      ParseOptions options;
      if (c.opset != 0) options.opset = c.opset;
      if (c.ml_opset != 0) options.ml_opset = c.ml_opset;
      const auto graph = parse_graph(c.graph, ops(), options);
      if (!graph.ok()) continue;
      ++written;
      const int age = c.opset == 0 ? 0 : std::min(kCanonicalOpset - c.opset, 19);
      write(text_folder / name, std::string(1, static_cast<char>(2 * std::max(age, 0))) + c.graph);
      if (const auto saved = write_model(**graph); saved.ok() && saved->bytes.size() <= kMostBytes)
        write(model_folder / name, saved->bytes);
    }
  }
  return 0;
}
