// Milliseconds since it was made. Not thread-safe; copy it freely.
#pragma once
#include <chrono>

namespace sardonyx {

class Stopwatch {
 public:
  double ms() const {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace sardonyx
