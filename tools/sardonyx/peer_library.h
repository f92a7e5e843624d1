// Another inference library, loaded at run time through the C interface of ONNX Runtime (OrtGetApiBase), for
// measurements side by side. One model at a time; not thread-safe; the library is never unloaded.
#pragma once
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "exec/session.h"

namespace sardonyx {

class PeerSession {
 public:
  struct Options {
    OptLevel level = OptLevel::kAll;
    int threads = 0;                                   // 0: the library's default
    std::map<std::string, int64_t, std::less<>> dims;  // symbolic extents by name
  };

  // kFile if the library cannot be loaded or lacks the interface; kOption for what it refuses, in its own words.
  static Result<std::unique_ptr<PeerSession>> open(const std::string& library, const std::string& model,
                                                   const Options& options);
  ~PeerSession();

  const std::string& version() const;
  double open_ms() const;  // what the library took to open the model
  size_t input_count() const;
  // Converts once; the session keeps what the library needs of them. Tensors, and sequences and maps of them.
  Status set_inputs(std::span<const Value> inputs);
  Status run();                                // forgets the outputs of the run before
  Result<std::vector<Value>> outputs() const;  // of the latest run, copied

 private:
  struct Impl;
  explicit PeerSession(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sardonyx
