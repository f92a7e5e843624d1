#include "base/memory.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "base/platform.h"

namespace sardonyx {
namespace {

// The number that the file holds; SIZE_MAX if there is none ("max", no such file).
size_t number_in(const char* path) {
  std::FILE* file = std::fopen(path, "re");
  if (file == nullptr) return SIZE_MAX;
  char text[32] = {};
  const size_t n = std::fread(text, 1, sizeof text - 1, file);
  std::fclose(file);
  if (n == 0 || text[0] < '0' || text[0] > '9') return SIZE_MAX;
  return static_cast<size_t>(std::min<unsigned long long>(std::strtoull(text, nullptr, 10), SIZE_MAX));
}

size_t find_limit() {
  return std::min({platform::memory_bytes(), number_in("/sys/fs/cgroup/memory.max"),
                   number_in("/sys/fs/cgroup/memory/memory.limit_in_bytes")});
}

}  // namespace

size_t memory_limit() {
  static const size_t limit = find_limit();
  return limit;
}

}  // namespace sardonyx
