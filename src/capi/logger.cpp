#include "capi/logger.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <ctime>

#include "capi/status.h"

namespace sardonyx::capi {

namespace {

// A line for stderr, in colour on a terminal: time, severity, category, id, place, text.
void print(OrtLoggingLevel level, std::string_view id, std::string_view location, std::string_view message) {
  constexpr char kLetters[] = "VIWEF";
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
  const std::time_t seconds = static_cast<std::time_t>(ns / 1'000'000'000);
  std::tm tm{};
  localtime_r(&seconds, &tm);
  char when[32];
  std::strftime(when, sizeof when, "%F %T", &tm);
  char fraction[16];
  std::snprintf(fraction, sizeof fraction, ".%09d", static_cast<int>(ns % 1'000'000'000));
  const std::string line = cat(when, fraction, " [", std::string_view(kLetters + level, 1), ":onnxruntime:", id, ", ",
                               location, "] ", message, "\n");
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace

OrtStatus* Logger_LogMessage(const OrtLogger* logger, OrtLoggingLevel log_severity_level, const char* message,
                             const ORTCHAR_T* file_path, int line_number, const char* func_name) {
  logger->log(log_severity_level,
              cat(file_path != nullptr ? file_path : "", ":", line_number, " ", func_name != nullptr ? func_name : ""),
              message);
  return nullptr;
}

OrtStatus* Logger_GetLoggingSeverityLevel(const OrtLogger* logger, OrtLoggingLevel* out) {
  *out = logger->severity.load();
  return nullptr;
}

}  // namespace sardonyx::capi

void OrtLogger::log(OrtLoggingLevel level, std::string_view location, std::string_view message) const {
  if (level < ORT_LOGGING_LEVEL_VERBOSE || level > ORT_LOGGING_LEVEL_FATAL || !wants(level)) return;
  if (sink == nullptr) return sardonyx::capi::print(level, id, location, message);
  sink(param, level, "onnxruntime", id.c_str(), std::string(location).c_str(), std::string(message).c_str());
}
