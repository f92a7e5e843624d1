// OrtLogger: where messages go (a caller's function, or stderr in ONNX Runtime's format) and from which severity on.
// Immutable while in use, except the severity of an environment's logger. log() may be called from any thread.
#pragma once
#include <atomic>
#include <string>
#include <string_view>

#include "base/log.h"
#include "capi/slots.h"

struct OrtLogger final : sardonyx::Log {
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
  // What the native session says.
  bool wants(sardonyx::Severity s) const override { return wants(static_cast<OrtLoggingLevel>(s)); }
  void write(sardonyx::Severity s, std::string_view where, std::string_view message) const override {
    log(static_cast<OrtLoggingLevel>(s), where, message);
  }

  OrtLoggingFunction sink = nullptr;  // null: stderr
  void* param = nullptr;
  std::atomic<OrtLoggingLevel> severity{ORT_LOGGING_LEVEL_WARNING};
  std::string id;
};
