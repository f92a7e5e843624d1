// OrtLogger: where messages go (a caller's function, or stderr in ONNX Runtime's format) and from which severity on.
// Immutable while in use, except the severity of an environment's logger. log() may be called from any thread.
#pragma once
#include <atomic>
#include <string>
#include <string_view>

#include "capi/slots.h"

struct OrtLogger {
  OrtLogger() = default;
  OrtLogger(OrtLoggingFunction sink, void* param, OrtLoggingLevel severity, std::string id)
      : sink(sink), param(param), severity(severity), id(std::move(id)) {}
  OrtLogger(const OrtLogger& o) : sink(o.sink), param(o.param), severity(o.severity.load()), id(o.id) {}
  OrtLogger& operator=(const OrtLogger& o) {
    sink = o.sink, param = o.param, severity = o.severity.load(), id = o.id;
    return *this;
  }

  bool wants(OrtLoggingLevel level) const { return level >= severity.load(std::memory_order_relaxed); }
  // `location` is file:line or a function's name. Does nothing below the severity.
  void log(OrtLoggingLevel level, std::string_view location, std::string_view message) const;

  OrtLoggingFunction sink = nullptr;  // null: stderr
  void* param = nullptr;
  std::atomic<OrtLoggingLevel> severity{ORT_LOGGING_LEVEL_WARNING};
  std::string id;
};
