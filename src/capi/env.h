// OrtEnv: what the sessions of a process share: default logging, global thread pool, allocators. As in ONNX Runtime
// there is one per process: creating another while one lives gives the same again, and it goes when all have been
// released. Sessions hold it too, so it may be released before them. Thread-safe.
#pragma once
#include <memory>
#include <mutex>
#include <vector>

#include "capi/allocator.h"
#include "capi/key_values.h"
#include "capi/logger.h"
#include "capi/threading.h"
#include "parallel/thread_pool.h"

struct OrtEnv {
  struct SharedAllocator {
    OrtMemoryInfo info;
    OrtAllocator* allocator;  // the caller's, or the default one
  };

  OrtLogger logger;
  std::shared_ptr<sardonyx::ThreadPool> pool;  // null without global thread pools
  OrtThreadingOptions threading;               // of the pool
  OrtKeyValuePairs config;

  std::mutex mutex;  // guards what follows
  std::vector<SharedAllocator> allocators;
  sardonyx::WorkCallbacks callbacks;  // of the thread pools that sessions make for themselves
  int references = 0;                 // guarded by the registry's mutex (env.cpp)
};

namespace sardonyx::capi {

// A share of the environment.
class EnvRef {
 public:
  EnvRef() = default;
  explicit EnvRef(const OrtEnv* env);
  EnvRef(EnvRef&& o) noexcept : env_(o.env_) { o.env_ = nullptr; }
  EnvRef& operator=(EnvRef&& o) noexcept {
    std::swap(env_, o.env_);
    return *this;
  }
  ~EnvRef();
  // A share that is already counted.
  static EnvRef adopt(OrtEnv* env) {
    EnvRef r;
    r.env_ = env;
    return r;
  }
  OrtEnv* get() const { return env_; }
  OrtEnv* operator->() const { return env_; }

 private:
  OrtEnv* env_ = nullptr;
};

// The process's environment, or an empty share if none was made.
EnvRef current_env();

}  // namespace sardonyx::capi
