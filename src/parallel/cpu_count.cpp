#include "parallel/cpu_count.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <optional>

#include "base/platform.h"

namespace sardonyx {
namespace {

std::optional<std::string> read_file(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "re");
  if (file == nullptr) return std::nullopt;
  std::string text;
  char buffer[1024];
  for (size_t n; (n = std::fread(buffer, 1, sizeof buffer, file)) > 0;) text.append(buffer, n);
  std::fclose(file);
  return text;
}

// The integer at the front of text, which is then cut off together with the space after it.
std::optional<int64_t> take_int(std::string_view& text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  if (!text.empty()) text.remove_prefix(1);
  return value;
}

int whole_cpus(std::optional<int64_t> quota, std::optional<int64_t> period) {
  if (!quota || !period || *quota <= 0 || *period <= 0) return 0;
  return static_cast<int>(std::min<int64_t>((*quota - 1) / *period + 1, 1 << 20));
}

// cgroup v2: one file, "max 100000" or "150000 100000".
int quota_v2(const std::string& folder) {
  const std::optional<std::string> text = read_file(folder + "/cpu.max");
  if (!text) return 0;
  std::string_view rest = *text;
  const std::optional<int64_t> quota = take_int(rest);
  return whole_cpus(quota, take_int(rest));
}

// cgroup v1: two files; a quota of -1 means none.
int quota_v1(const std::string& folder) {
  const std::optional<std::string> quota = read_file(folder + "/cpu.cfs_quota_us");
  const std::optional<std::string> period = read_file(folder + "/cpu.cfs_period_us");
  if (!quota || !period) return 0;
  std::string_view q = *quota, p = *period;
  return whole_cpus(take_int(q), take_int(p));
}

// A container often sees its path as the host knows it, while only the mount's root exists inside: folders that are
// missing are passed over on the way up.
int smallest_on_path(const std::string& mount, std::string_view path, int (*quota)(const std::string&)) {
  int smallest = 0;
  for (;;) {
    while (!path.empty() && path.back() == '/') path.remove_suffix(1);
    const int here = quota(mount + std::string(path));
    if (here > 0 && (smallest == 0 || here < smallest)) smallest = here;
    if (path.empty()) return smallest;
    const size_t slash = path.rfind('/');
    path = slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
  }
}

bool lists_cpu(std::string_view controllers) {
  while (!controllers.empty()) {
    const size_t comma = controllers.find(',');
    if (controllers.substr(0, comma) == "cpu") return true;
    if (comma == std::string_view::npos) return false;
    controllers.remove_prefix(comma + 1);
  }
  return false;
}

}  // namespace

int affinity_cpus() { return platform::count_allowed_cpus(); }

int quota_cpus(std::string_view membership, const std::string& mount) {
  int smallest = 0;
  const auto offer = [&](int cpus) {
    if (cpus > 0 && (smallest == 0 || cpus < smallest)) smallest = cpus;
  };
  while (!membership.empty()) {  // lines of "id:controllers:path"
    const size_t end = membership.find('\n');
    const std::string_view line = membership.substr(0, end);
    membership.remove_prefix(end == std::string_view::npos ? membership.size() : end + 1);
    const size_t first = line.find(':');
    const size_t second = first == std::string_view::npos ? first : line.find(':', first + 1);
    if (second == std::string_view::npos) continue;
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    const std::string_view path = line.substr(second + 1);
    if (controllers.empty()) {
      offer(smallest_on_path(mount, path, quota_v2));
      offer(smallest_on_path(mount + "/unified", path, quota_v2));
    } else if (lists_cpu(controllers)) {
      offer(smallest_on_path(mount + "/" + std::string(controllers), path, quota_v1));
      offer(smallest_on_path(mount + "/cpu", path, quota_v1));
    }
  }
  return smallest;
}

int count_cpus() {
  const int allowed = affinity_cpus();
  static const int quota = [] {
    const std::optional<std::string> membership = read_file("/proc/self/cgroup");
    return membership ? quota_cpus(*membership, "/sys/fs/cgroup") : 0;
  }();
  return quota > 0 ? std::min(allowed, quota) : allowed;
}

}  // namespace sardonyx
