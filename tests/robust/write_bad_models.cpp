// write_bad_models FOLDER: writes every bad model there as <name>.onnx, and good.onnx; prints "name<tab>pattern" lines.
#include <cstdio>
#include <fstream>

#include "robust/bad_models.h"

int main(int argc, char** argv) {
  if (argc != 2) return std::fprintf(stderr, "usage: write_bad_models FOLDER\n"), 1;
  const auto write = [&](const std::string& name, const std::string& bytes) {
    std::ofstream out(std::string(argv[1]) + "/" + name + ".onnx", std::ios::binary);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return out.good();
  };
  if (!write("good", sardonyx::testing::good_model())) return 1;
  for (const auto& m : sardonyx::testing::all_bad_models()) {
    if (!write(m.name, m.bytes)) return 1;
    std::printf("%s\t%s\n", m.name.c_str(), m.error.c_str());
  }
  return 0;
}
