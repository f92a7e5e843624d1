// A run is published in one of a few job slots. Workers join an open job, take chunks from its counter, and leave; the
// caller does the same, closes the job, and waits only for workers that are still inside. A worker that wakes too late
// finds the job closed and costs the caller nothing.
#include "parallel/thread_pool.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <climits>
#include <new>

#include "base/platform.h"
#include "parallel/cpu_count.h"
#include "parallel/float_mode.h"

namespace sardonyx {
namespace {

constexpr int kJobs = 8;       // concurrent callers that can share the workers; more run alone
constexpr int64_t kShare = 2;  // a chunk is a thread's share of the tasks left, divided by this
constexpr int kWakeAll = INT_MAX;
constexpr int kMaxAvoiding = 8;  // largest pool whose workers keep off their waker's CPU
constexpr int64_t kMaxSpinNs = 50'000;
constexpr int64_t kMinSpinNs = 2'000;

// A job's state: run number << 32 | kOpen | kCallerSleeps | workers inside.
constexpr uint64_t kOpen = 1u << 31;
constexpr uint64_t kCallerSleeps = 1u << 30;
constexpr uint64_t kInside = kCallerSleeps - 1;

constinit std::atomic<uint32_t> g_forks{0};  // how many forks lie between the first process and this one

void watch_forks() {
  static const bool watched = [] {
    platform::after_fork([] { g_forks.fetch_add(1, std::memory_order_relaxed); });
    return true;
  }();
  (void)watched;
}

int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

int64_t longest_spin_ns(const ThreadPoolOptions& o) { return o.spin_us < 0 ? kMaxSpinNs : int64_t{1000} * o.spin_us; }

// Polls done() for about `budget_ns`; returns its last answer.
template <class Done>
bool spin_until(Done done, int64_t budget_ns) {
  if (budget_ns <= 0) return done();
  const int64_t start = now_ns();
  do {
    for (int i = 0; i < 16; ++i) {
      if (done()) return true;
      platform::pause_briefly();
    }
  } while (now_ns() - start < budget_ns);
  return false;
}

struct alignas(64) Job {
  std::atomic<uint64_t> state{0};
  std::atomic<uint32_t> finished{0};  // run number of the last run whose caller had to be woken
  std::atomic<bool> taken{false};
  std::atomic<bool> out_of_memory{false};
  ThreadPool::Fn fn = nullptr;
  void* ctx = nullptr;
  int64_t tasks = 0, grain = 0;
  // With callbacks: what enqueue returned for each worker that is wanted, and how many have come for theirs.
  std::unique_ptr<void*[]> tickets;
  int ticket_count = 0;
  std::atomic<int> tickets_taken{0};
  alignas(64) std::atomic<int64_t> next{0};
};

// Marks this thread as inside a task of `pool`, so that nested runs stay on it.
class TaskScope {
 public:
  TaskScope(const void* pool, int thread) : outer_pool_(t_pool), outer_thread_(t_thread) {
    t_pool = pool;
    t_thread = thread;
  }
  ~TaskScope() {
    t_pool = outer_pool_;
    t_thread = outer_thread_;
  }
  static const void* pool() { return t_pool; }
  static int thread() { return t_thread; }

 private:
  static constinit thread_local const void* t_pool;
  static constinit thread_local int t_thread;
  const void* outer_pool_;
  int outer_thread_;
};
constinit thread_local const void* TaskScope::t_pool = nullptr;
constinit thread_local int TaskScope::t_thread = 0;

}  // namespace

struct ThreadPool::Impl {
  explicit Impl(const ThreadPoolOptions& options);
  ~Impl();
  void run(int64_t tasks, int64_t grain, Fn fn, void* ctx);
  void run_alone(int64_t tasks, Fn fn, void* ctx);

  struct Worker {
    Impl* pool = nullptr;
    int thread = 0;
    platform::ThreadHandle handle = 0;
    void* custom = nullptr;  // what options.create returned
  };

  bool ensure_started();
  void start();
  bool start_worker(Worker& worker);
  void pin(int thread);
  Job* claim_job();
  int publish(Job& job, int64_t tasks, int64_t grain, int callers, Fn fn, void* ctx);
  void issue_tickets(Job& job, int wanted);
  void withdraw_tickets(Job& job);
  Range take(Job& job) const;
  bool drain(Job& job, int thread);
  bool drain_announced(Job& job, int thread);
  void finish(Job& job);
  void leave(Job& job);
  void notify(int wanted, int callers);
  void keep_off_this_cpu();
  void work(int thread);
  void help(int thread, uint32_t (&drained)[kJobs]);
  void wait_for_news(uint32_t news, int64_t& spin_ns);

  // Callers and helping workers together never exceed `threads`: the workers with the highest numbers stay away.
  bool may_help(int thread) const { return thread + callers_.load(std::memory_order_relaxed) <= threads; }

  const ThreadPoolOptions options;
  const int threads;
  const int64_t max_spin_ns;
  const bool announces;  // work to callbacks
  std::unique_ptr<Worker[]> workers_;
  int started_workers_ = 0;
  platform::CpuMask allowed_;         // the CPUs that the workers were started with
  std::atomic<int> avoided_cpu_{-1};  // the one that they now keep off
  std::atomic<uint64_t> started_{0};  // 2 * forks + 1 while workers start, + 2 when they run
  std::atomic<bool> stop_{false};
  Job jobs_[kJobs];
  alignas(64) std::atomic<uint32_t> news_{0};  // changes whenever there may be something to help with
  alignas(64) std::atomic<int> sleepers_{0};
  alignas(64) std::atomic<int> callers_{0};
};

// Spinning helps only while every thread has a CPU of its own.
ThreadPool::Impl::Impl(const ThreadPoolOptions& o)
    : options(o),
      threads(o.threads > 0 ? o.threads : ThreadPool::available_cpus()),
      max_spin_ns(o.spin && threads > 1 && threads <= ThreadPool::available_cpus() ? longest_spin_ns(o) : 0),
      announces(o.callbacks.any()),
      workers_(new Worker[static_cast<size_t>(threads)]) {
  watch_forks();
  if (announces)
    for (Job& job : jobs_) job.tickets.reset(new void*[static_cast<size_t>(threads)]);
}

ThreadPool::Impl::~Impl() {
  if (started_.load(std::memory_order_acquire) != 2 * uint64_t{g_forks.load(std::memory_order_relaxed)} + 2) return;
  stop_.store(true, std::memory_order_relaxed);
  news_.fetch_add(1, std::memory_order_seq_cst);
  platform::wake(news_, kWakeAll);
  for (int i = 0; i < started_workers_; ++i) {
    const Worker& worker = workers_[static_cast<size_t>(i)];
    if (worker.custom == nullptr)
      platform::join_thread(worker.handle);
    else if (options.join != nullptr)
      options.join(worker.custom);
  }
}

// Workers start with the first run that wants them, and again in a forked child, which inherits none. The thread that
// loses the race to start them works alone meanwhile: a lock could be inherited locked.
bool ThreadPool::Impl::ensure_started() {
  const uint64_t ready = 2 * uint64_t{g_forks.load(std::memory_order_relaxed)} + 2;
  uint64_t seen = started_.load(std::memory_order_acquire);
  if (seen == ready) return true;
  if (seen == ready - 1 || !started_.compare_exchange_strong(seen, ready - 1)) return false;
  start();
  started_.store(ready, std::memory_order_release);
  return true;
}

void ThreadPool::Impl::start() {
  callers_.store(0);
  sleepers_.store(0);
  for (Job& job : jobs_) {
    job.state.store(0);
    job.finished.store(0);
    job.taken.store(false);
  }
  avoided_cpu_.store(-1);
  allowed_ = platform::allowed_cpus();
  started_workers_ = 0;
  platform::with_signals_blocked([this] {
    for (int i = 0; i < threads - 1; ++i) {
      Worker& worker = workers_[static_cast<size_t>(i)];
      worker.pool = this;
      worker.thread = i + 1;
      if (!start_worker(worker)) break;
      ++started_workers_;
    }
  });
}

bool ThreadPool::Impl::start_worker(Worker& worker) {
  const auto body = [](void* arg) {
    Worker& self = *static_cast<Worker*>(arg);
    if (self.pool->options.flush_denormals) flush_denormals();
    self.pool->pin(self.thread);
    self.pool->work(self.thread);
  };
  if (options.create != nullptr) {
    worker.custom = options.create(options.context, body, &worker);
    return worker.custom != nullptr;
  }
  struct Start {
    static void* run(void* arg) {
      decltype(body){}(arg);
      return nullptr;
    }
  };
  return platform::start_thread(worker.handle, Start::run, &worker);
}

void ThreadPool::Impl::pin(int thread) {
  const size_t i = static_cast<size_t>(thread) - 1;
  if (i >= options.cpus.size() || options.cpus[i].empty()) return;
  platform::CpuMask cpus;
  for (int cpu : options.cpus[i])
    if (cpu >= 0) cpus.set(static_cast<size_t>(cpu));
  platform::keep_this_thread_on(cpus);
}

Job* ThreadPool::Impl::claim_job() {
  for (Job& job : jobs_)
    if (!job.taken.load(std::memory_order_relaxed) && !job.taken.exchange(true, std::memory_order_acquire)) return &job;
  return nullptr;
}

// Returns how many workers are wanted.
int ThreadPool::Impl::publish(Job& job, int64_t tasks, int64_t grain, int callers, Fn fn, void* ctx) {
  job.fn = fn;
  job.ctx = ctx;
  job.tasks = tasks;
  job.grain = grain;
  job.out_of_memory.store(false, std::memory_order_relaxed);
  job.next.store(0, std::memory_order_relaxed);
  const int64_t chunks = (tasks - 1) / grain + 1;
  const int wanted = static_cast<int>(std::min<int64_t>(threads - callers, chunks - 1));
  if (announces) issue_tickets(job, wanted);
  const uint64_t run_number = static_cast<uint32_t>((job.state.load(std::memory_order_relaxed) >> 32) + 1);
  job.state.store(run_number << 32 | kOpen, std::memory_order_release);
  return wanted;
}

void ThreadPool::Impl::issue_tickets(Job& job, int wanted) {
  const WorkCallbacks& to = options.callbacks;
  job.ticket_count = std::max(wanted, 0);
  for (int i = 0; i < job.ticket_count; ++i)
    job.tickets[static_cast<size_t>(i)] = to.enqueue != nullptr ? to.enqueue(to.context) : nullptr;
  job.tickets_taken.store(0, std::memory_order_relaxed);
}

// After the job's end: no worker comes any more.
void ThreadPool::Impl::withdraw_tickets(Job& job) {
  const WorkCallbacks& to = options.callbacks;
  if (to.abandon == nullptr) return;
  for (int i = job.tickets_taken.load(std::memory_order_relaxed); i < job.ticket_count; ++i)
    to.abandon(to.context, job.tickets[static_cast<size_t>(i)]);
}

// The next chunk, empty when none is left. Chunks become smaller towards the end, so that threads that started late or
// run slower end with the others.
Range ThreadPool::Impl::take(Job& job) const {
  int64_t begin = job.next.load(std::memory_order_relaxed), end = begin;
  do {
    if (begin >= job.tasks) return {job.tasks, job.tasks};
    const int64_t left = job.tasks - begin;
    end = begin + std::min(left, std::max(job.grain, left / (threads * kShare)));
  } while (!job.next.compare_exchange_weak(begin, end, std::memory_order_relaxed));
  return {begin, end};
}

// True when no chunk is left; false when a worker makes room for another caller.
bool ThreadPool::Impl::drain(Job& job, int thread) {
  const TaskScope scope(this, thread);
  for (;;) {
    if (thread > 0 && !may_help(thread)) return false;
    const Range chunk = take(job);
    if (chunk.begin == chunk.end) return true;
    try {
      job.fn(job.ctx, chunk, thread);
    } catch (const std::bad_alloc&) {
      job.out_of_memory.store(true, std::memory_order_relaxed);
      job.next.store(job.tasks, std::memory_order_relaxed);
    }
  }
}

// A worker without a ticket was not announced, so it stays away.
bool ThreadPool::Impl::drain_announced(Job& job, int thread) {
  const WorkCallbacks& to = options.callbacks;
  const int ticket = job.tickets_taken.fetch_add(1, std::memory_order_relaxed);
  if (ticket >= job.ticket_count) return true;
  void* const data = job.tickets[static_cast<size_t>(ticket)];
  if (to.start != nullptr) to.start(to.context, data);
  const bool drained = drain(job, thread);
  if (to.stop != nullptr) to.stop(to.context, data);
  return drained;
}

void ThreadPool::Impl::finish(Job& job) {
  const uint64_t closed = job.state.fetch_and(~kOpen, std::memory_order_acq_rel);
  if ((closed & kInside) == 0) return;
  const auto empty = [&] { return (job.state.load(std::memory_order_acquire) & kInside) == 0; };
  if (spin_until(empty, max_spin_ns)) return;
  if ((job.state.fetch_or(kCallerSleeps, std::memory_order_acq_rel) & kInside) == 0) return;
  const uint32_t run_number = static_cast<uint32_t>(closed >> 32);
  for (uint32_t seen; (seen = job.finished.load(std::memory_order_acquire)) != run_number;)
    platform::wait_while(job.finished, seen);
}

void ThreadPool::Impl::leave(Job& job) {
  const uint64_t state = job.state.fetch_sub(1, std::memory_order_acq_rel) - 1;
  if ((state & (kOpen | kCallerSleeps | kInside)) != kCallerSleeps) return;
  job.finished.store(static_cast<uint32_t>(state >> 32), std::memory_order_release);
  platform::wake(job.finished, 1);
}

// The kernel may queue a woken worker behind its waker although another CPU idles: on virtual machines a halted CPU
// looks busy. The worker then waits for the end of the very run it was to help. Small pools prevent that by affinity.
void ThreadPool::Impl::keep_off_this_cpu() {
  const int cpu = platform::current_cpu();
  if (options.create != nullptr || !options.cpus.empty()) return;  // where they run is not ours to decide
  if (threads > kMaxAvoiding || cpu < 0 || avoided_cpu_.exchange(cpu, std::memory_order_relaxed) == cpu) return;
  platform::CpuMask others = allowed_;
  others.reset(static_cast<size_t>(cpu));
  if (others.none()) return;
  for (int i = 0; i < started_workers_; ++i) platform::keep_thread_on(workers_[static_cast<size_t>(i)].handle, others);
}

// The count of sleepers is read after news_ changed, and a worker raises it before it looks at news_ for the last time:
// one of the two sees the other.
void ThreadPool::Impl::notify(int wanted, int callers) {
  if (callers == 1 && sleepers_.load(std::memory_order_relaxed) > 0) keep_off_this_cpu();
  news_.fetch_add(1, std::memory_order_seq_cst);
  const int asleep = sleepers_.load(std::memory_order_seq_cst);
  if (asleep == 0 || wanted <= 0) return;
  if (callers > 1) {
    platform::wake(news_, kWakeAll);  // only some numbers may help, and a wake-up cannot choose
  } else if (const int awake = started_workers_ - asleep; wanted > awake) {
    platform::wake(news_, wanted - awake);
  }
}

void ThreadPool::Impl::run(int64_t tasks, int64_t grain, Fn fn, void* ctx) {
  Job* job = ensure_started() ? claim_job() : nullptr;
  if (job == nullptr) return run_alone(tasks, fn, ctx);
  const int callers = callers_.fetch_add(1, std::memory_order_relaxed) + 1;
  notify(publish(*job, tasks, grain, callers, fn, ctx), callers);
  drain(*job, 0);
  finish(*job);
  if (announces) withdraw_tickets(*job);
  const bool out_of_memory = job->out_of_memory.load(std::memory_order_relaxed);
  job->taken.store(false, std::memory_order_release);
  const int others = callers_.fetch_sub(1, std::memory_order_relaxed) - 1;
  if (others > 0) notify(threads - others, callers);  // a worker that made room may help the others now
  if (out_of_memory) throw std::bad_alloc();
}

void ThreadPool::Impl::run_alone(int64_t tasks, Fn fn, void* ctx) {
  const int thread = TaskScope::pool() == this ? TaskScope::thread() : 0;
  const TaskScope scope(this, thread);
  fn(ctx, Range{0, tasks}, thread);
}

void ThreadPool::Impl::help(int thread, uint32_t (&drained)[kJobs]) {
  for (int i = 0; i < kJobs; ++i) {
    Job& job = jobs_[i];
    uint64_t state = job.state.load(std::memory_order_acquire);
    const uint32_t run_number = static_cast<uint32_t>(state >> 32);
    if (drained[i] == run_number) continue;
    bool inside = false;
    while (!inside && (state & kOpen) != 0 && static_cast<uint32_t>(state >> 32) == run_number && may_help(thread))
      inside = job.state.compare_exchange_weak(state, state + 1, std::memory_order_acquire);
    if (!inside) continue;
    if (announces ? drain_announced(job, thread) : drain(job, thread)) drained[i] = run_number;
    leave(job);
  }
}

void ThreadPool::Impl::wait_for_news(uint32_t news, int64_t& spin_ns) {
  const int64_t start = now_ns();
  const auto changed = [&] { return news_.load(std::memory_order_acquire) != news; };
  if (spin_until(changed, spin_ns)) {
    spin_ns = max_spin_ns;
    return;
  }
  sleepers_.fetch_add(1, std::memory_order_seq_cst);
  while (news_.load(std::memory_order_seq_cst) == news) platform::wait_while(news_, news);
  sleepers_.fetch_sub(1, std::memory_order_relaxed);
  // Spin longer next time if that would have met the news, less if the pool is mostly idle.
  const bool would_have_met = now_ns() - start <= max_spin_ns;
  spin_ns = would_have_met ? max_spin_ns : std::min(std::max(spin_ns / 2, kMinSpinNs), max_spin_ns);
}

void ThreadPool::Impl::work(int thread) {
  uint32_t drained[kJobs] = {};
  int64_t spin_ns = max_spin_ns;
  for (;;) {
    const uint32_t news = news_.load(std::memory_order_acquire);
    if (stop_.load(std::memory_order_relaxed)) return;
    help(thread, drained);
    wait_for_news(news, spin_ns);
  }
}

ThreadPool::ThreadPool(int threads)
    : ThreadPool([&] {
        ThreadPoolOptions o;
        o.threads = threads;
        return o;
      }()) {}
ThreadPool::ThreadPool(const ThreadPoolOptions& options) : impl_(new Impl(options)) {}
ThreadPool::~ThreadPool() = default;

int ThreadPool::threads() const { return impl_->threads; }

void ThreadPool::run(int64_t tasks, int64_t grain, Fn fn, void* ctx) {
  if (tasks <= 0) return;
  grain = std::max<int64_t>(grain, 1);
  if (impl_->threads == 1 || tasks <= grain || TaskScope::pool() != nullptr) return impl_->run_alone(tasks, fn, ctx);
  impl_->run(tasks, grain, fn, ctx);
}

const std::shared_ptr<ThreadPool>& ThreadPool::shared() {
  static const auto* const pool = new std::shared_ptr<ThreadPool>(std::make_shared<ThreadPool>());
  return *pool;
}

int ThreadPool::available_cpus() { return count_cpus(); }

}  // namespace sardonyx
