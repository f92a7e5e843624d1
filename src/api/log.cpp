#include "api/log.h"

#include <cstdio>

#include "base/str.h"

namespace sdx {

void SinkLog::write(sardonyx::Severity s, std::string_view where, std::string_view message) const {
  if (!wants(s)) return;
  if (sink_) return sink_(static_cast<Severity>(s), where, message);
  constexpr std::string_view kNames[] = {"verbose", "info", "warning", "error", "fatal"};
  const std::string line = sardonyx::cat("sardonyx ", kNames[static_cast<size_t>(s)], ": ", where, ": ", message, "\n");
  std::fwrite(line.data(), 1, line.size(), stderr);  // one call, so that lines of threads do not mix
}

}  // namespace sdx
