// The public log options as the Log that sessions know. Threads: as Log.
#pragma once
#include "base/log.h"
#include "sardonyx/sardonyx.h"

namespace sdx {

class SinkLog final : public sardonyx::Log {
 public:
  // An empty sink means stderr.
  SinkLog(Severity from, LogSink sink) : from_(from), sink_(std::move(sink)) {}
  SinkLog(Severity from, const SinkLog& other) : from_(from), sink_(other.sink_) {}

  bool wants(sardonyx::Severity s) const override { return s >= static_cast<sardonyx::Severity>(from_); }
  void write(sardonyx::Severity s, std::string_view where, std::string_view message) const override;

 private:
  Severity from_;
  LogSink sink_;
};

}  // namespace sdx
