// Calls a fuzz target without a fuzzer: on every file of the folders given, and on some changed copies of each, always
// the same ones. <target> [--copies N] FOLDER...
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

void call(const std::string& bytes) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
}

std::string changed(std::string bytes, std::mt19937& random) {
  for (unsigned edits = 1 + random() % 3; edits > 0 && !bytes.empty(); --edits) {
    const size_t at = random() % bytes.size(), length = 1 + random() % 8;
    switch (random() % 5) {
      case 0: bytes[at] = static_cast<char>(random()); break;
      case 1: bytes[at] = static_cast<char>(bytes[at] + (random() % 2 == 0 ? 1 : -1)); break;
      case 2: bytes.erase(at, length); break;
      case 3: bytes.insert(at, bytes.substr(random() % bytes.size(), length)); break;
      case 4: bytes[at] = "\0\x01\x7f\x80\xff 9-"[random() % 8]; break;
    }
  }
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  int copies = 0;
  std::vector<std::filesystem::path> files;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--copies") == 0 && i + 1 < argc) {
      copies = std::atoi(argv[++i]);
    } else if (std::filesystem::is_directory(argv[i])) {
      for (const auto& f : std::filesystem::directory_iterator(argv[i])) files.push_back(f.path());
    } else {
      files.emplace_back(argv[i]);
    }
  }
  std::sort(files.begin(), files.end());
  if (files.empty()) return std::fprintf(stderr, "no inputs\n"), 1;
  std::mt19937 random(20261120);
  const char* const trace = std::getenv("SDX_FUZZ_LAST");  // a file that holds the latest input, to find a crash again
  for (const auto& path : files) {
    std::ifstream in(path, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    call(bytes);
    for (int n = 0; n < copies; ++n) {
      const std::string copy = changed(bytes, random);
      if (trace != nullptr) std::ofstream(trace, std::ios::binary) << copy;
      call(copy);
    }
  }
  std::printf("summary: %zu inputs and %d changed copies of each\n", files.size(), copies);
  return 0;
}
