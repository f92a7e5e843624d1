// Worker threads and the one way to use them: parallel_for over a range of tasks.
// One pool per process by default (sized from the affinity mask and the cgroup CPU quota); a session may own one.
// Thread-safe. Nested calls from inside a task run inline on the calling thread. Which thread runs which task is
// unspecified, so a task's result must not depend on it. The one exception that may leave a task is std::bad_alloc: the
// tasks not yet begun are dropped, and the caller of the run throws it.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

namespace sardonyx {

// Half-open range of task numbers.
struct Range {
  int64_t begin = 0, end = 0;
  int64_t size() const { return end - begin; }
};

// Functions called when work is shared with workers. Each enqueue, on the thread that shares, is followed by one start
// and one stop on the worker that helps, or by one abandon on the sharing thread if none came. Null ones are left out.
struct WorkCallbacks {
  void* (*enqueue)(void* context) = nullptr;  // what it returns goes to the other three
  void (*start)(void* context, void* data) = nullptr;
  void (*stop)(void* context, void* data) = nullptr;
  void (*abandon)(void* context, void* data) = nullptr;
  void* context = nullptr;
  bool any() const { return enqueue != nullptr || start != nullptr || stop != nullptr || abandon != nullptr; }
};

struct ThreadPoolOptions {
  int threads = 0;                     // counts the caller too: 1 means "no workers". 0 means available_cpus()
  bool spin = true;                    // workers poll for a moment before they sleep
  int spin_us = -1;                    // the longest moment; -1: chosen
  bool flush_denormals = false;        // in workers: subnormal numbers are taken as zero and never made
  std::vector<std::vector<int>> cpus;  // of worker 1, 2, …; those without an entry may use every CPU
  // Whoever starts and joins threads instead of the system; `create` returns null if it cannot.
  void* (*create)(void* context, void (*work)(void*), void* arg) = nullptr;
  void (*join)(void* thread) = nullptr;
  void* context = nullptr;
  WorkCallbacks callbacks;
};

class ThreadPool {
 public:
  // threads counts the caller too: 1 means "no workers". 0 means available_cpus().
  explicit ThreadPool(int threads = 0);
  explicit ThreadPool(const ThreadPoolOptions& options);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const;

  // Calls fn(ctx, range, thread) until every task in [0, tasks) has been handed out exactly once, then returns.
  // Ranges hold at least `grain` tasks (except the last). thread is in [0, threads()): usable to index scratch.
  // The caller takes part. No allocation. With one thread, or tasks <= grain, fn runs once, inline.
  using Fn = void (*)(void* ctx, Range range, int thread);
  void run(int64_t tasks, int64_t grain, Fn fn, void* ctx);

  template <class F>
  void parallel_for(int64_t tasks, int64_t grain, F&& f) {
    run(
        tasks, grain, [](void* c, Range r, int t) { (*static_cast<std::remove_reference_t<F>*>(c))(r, t); },
        const_cast<void*>(static_cast<const void*>(&f)));
  }

  // The process's shared pool; made on first use. It survives a fork, as every pool does: the child starts workers of
  // its own on first use.
  static const std::shared_ptr<ThreadPool>& shared();

  // CPUs this process may use: min(affinity mask, cgroup v1/v2 quota rounded up), at least 1.
  static int available_cpus();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sardonyx
