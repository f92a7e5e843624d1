// Profiler: collects the events of a session and writes them in ONNX Runtime's JSON format (an array of Chrome trace
// events) when profiling ends. Thread-safe.
#pragma once
#include <mutex>
#include <string>
#include <vector>

#include "exec/session.h"

namespace sardonyx::capi {

class Profiler final : public StepObserver {
 public:
  // The file will be called prefix_<date>_<time>.json.
  explicit Profiler(std::string prefix);

  void step(const Program& program, int32_t step, int64_t begin_ns, int64_t end_ns) override;
  // An event of the session: loading, a run.
  void session_event(std::string_view name, int64_t begin_ns, int64_t end_ns);
  // Nanoseconds since 1970 at which time 0 of the events lies.
  uint64_t start_ns() const { return wall_start_ns_; }
  // Writes the file and returns its name; "" when it was written before.
  Result<std::string> finish();

  static int64_t now_ns();

 private:
  struct Event {
    const Program* program;  // null: of the session
    int32_t step;
    long thread;
    int64_t begin, end;
    std::string name;
  };
  std::string render() const;

  std::mutex mutex_;
  const std::string path_;
  const int64_t start_ns_;
  const uint64_t wall_start_ns_;
  bool finished_ = false;
  std::vector<Event> events_;
};

}  // namespace sardonyx::capi
