// Runs this very program again with other arguments, for measurements that need a process of their own.
#pragma once
#include <string>
#include <vector>

#include "base/status.h"

namespace sardonyx {

// Waits for it and returns what it wrote to standard output; its standard error is ours. An exit code other than 0 or a
// signal is an error.
Result<std::string> run_self(const std::vector<std::string>& arguments);

// A folder under $TMPDIR that disappears, with what it holds, when this object does.
class TemporaryFolder {
 public:
  static Result<TemporaryFolder> make();
  TemporaryFolder(TemporaryFolder&& o) noexcept : path_(std::move(o.path_)) { o.path_.clear(); }
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  ~TemporaryFolder();
  const std::string& path() const { return path_; }

 private:
  explicit TemporaryFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace sardonyx
