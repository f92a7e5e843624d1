#include "base/memory.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#ifdef __linux__
#include <sys/sysinfo.h>
#endif

namespace sardonyx {
namespace {

#ifdef __linux__
// The number that the file holds; SIZE_MAX if there is none ("max", no such file).
size_t number_in(const char* path) {
  std::FILE* file = std::fopen(path, "re");
  if (file == nullptr) return SIZE_MAX;
  char text[32] = {};
  const size_t n = std::fread(text, 1, sizeof text - 1, file);
  std::fclose(file);
  if (n == 0 || text[0] < '0' || text[0] > '9') return SIZE_MAX;
  return std::strtoull(text, nullptr, 10);
}

size_t find_limit() {
  struct sysinfo info;
  if (::sysinfo(&info) != 0) return SIZE_MAX / 2;
  const size_t machine = (size_t{info.totalram} + size_t{info.totalswap}) * info.mem_unit;
  return std::min(
      {machine, number_in("/sys/fs/cgroup/memory.max"), number_in("/sys/fs/cgroup/memory/memory.limit_in_bytes")});
}
#else
size_t find_limit() { return SIZE_MAX / 2; }
#endif

}  // namespace

size_t memory_limit() {
  static const size_t limit = find_limit();
  return limit;
}

}  // namespace sardonyx
