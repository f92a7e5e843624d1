// Where messages about sessions and runs go. Nothing is logged unless a Log is given. wants() and write() may be called
// from any thread, also at once.
#pragma once
#include <cstdint>
#include <string_view>

namespace sardonyx {

// In the order, and with the numbers, of the C interface's logging levels.
enum class Severity : uint8_t { kVerbose, kInfo, kWarning, kError, kFatal };

class Log {
 public:
  virtual ~Log() = default;
  // Whether messages of this severity are kept. Asked first, so that texts nobody reads are not made.
  virtual bool wants(Severity severity) const = 0;
  // where: the function that speaks, such as "Session::open".
  virtual void write(Severity severity, std::string_view where, std::string_view message) const = 0;
};

}  // namespace sardonyx
