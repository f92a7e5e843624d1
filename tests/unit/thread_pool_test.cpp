#include "parallel/thread_pool.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "parallel/float_mode.h"
#include "unit/alloc_counter.h"

#if defined(__SANITIZE_THREAD__)
#define SDX_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SDX_TSAN 1
#endif
#endif

namespace sardonyx {
namespace {

using std::chrono::steady_clock;

// Waits for a condition that other threads bring about; false after ten seconds.
template <class Condition>
bool eventually(Condition condition) {
  const auto end = steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

int64_t parallel_sum(ThreadPool& pool, int64_t tasks, int64_t grain) {
  std::atomic<int64_t> sum{0};
  pool.parallel_for(tasks, grain, [&](Range r, int) {
    int64_t part = 0;
    for (int64_t i = r.begin; i < r.end; ++i) part += i;
    sum += part;
  });
  return sum;
}

// Runs one task per thread that ends only when all have begun: proof that every worker takes part.
bool all_threads_meet(ThreadPool& pool) {
  std::atomic<int> arrived{0}, gave_up{0};
  pool.parallel_for(pool.threads(), 1, [&](Range, int) {
    ++arrived;
    if (!eventually([&] { return arrived == pool.threads(); })) ++gave_up;
  });
  return gave_up == 0;
}

TEST(ThreadPool, HandsOutEveryTaskOnceInRangesOfAtLeastGrain) {
  for (int threads : {1, 2, 3, 7}) {
    ThreadPool pool(threads);
    EXPECT_EQ(pool.threads(), threads);
    for (int64_t tasks : {1, 2, 3, 7, 8, 63, 64, 65, 1000}) {
      for (int64_t grain : {-3, 0, 1, 2, 5, 64, 2000}) {
        std::vector<std::atomic<int>> done(static_cast<size_t>(tasks));
        std::atomic<int> short_ranges{0}, bad_threads{0};
        pool.parallel_for(tasks, grain, [&](Range r, int thread) {
          if (r.size() < grain && r.end != tasks) ++short_ranges;
          if (thread < 0 || thread >= threads) ++bad_threads;
          for (int64_t i = r.begin; i < r.end; ++i) ++done[static_cast<size_t>(i)];
        });
        EXPECT_TRUE(std::all_of(done.begin(), done.end(), [](const auto& n) { return n == 1; }))
            << threads << " threads, " << tasks << " tasks, grain " << grain;
        EXPECT_EQ(short_ranges, 0);
        EXPECT_EQ(bad_threads, 0);
      }
    }
  }
}

TEST(ThreadPool, NoTasksMeansNoCall) {
  ThreadPool pool(2);
  int calls = 0;
  pool.parallel_for(0, 1, [&](Range, int) { ++calls; });
  pool.parallel_for(-5, 1, [&](Range, int) { ++calls; });
  EXPECT_EQ(calls, 0);
}

TEST(ThreadPool, SmallRunsStayOnTheCaller) {
  const auto me = std::this_thread::get_id();
  const auto expect_one_inline_call = [&](ThreadPool& pool, int64_t tasks, int64_t grain) {
    int calls = 0;
    pool.parallel_for(tasks, grain, [&](Range r, int thread) {
      ++calls;
      EXPECT_EQ(r.begin, 0);
      EXPECT_EQ(r.end, tasks);
      EXPECT_EQ(thread, 0);
      EXPECT_EQ(std::this_thread::get_id(), me);
    });
    EXPECT_EQ(calls, 1);
  };
  ThreadPool one(1), four(4);
  expect_one_inline_call(one, 1000, 1);
  expect_one_inline_call(four, 10, 10);
  expect_one_inline_call(four, 3, 10);
}

TEST(ThreadPool, WorkersReallyWorkAtTheSameTime) {
  for (int threads : {2, 4}) {
    ThreadPool pool(threads);
    std::atomic<int> arrived{0};
    std::vector<std::atomic<int>> used(static_cast<size_t>(threads));
    std::atomic<bool> met{true};
    pool.parallel_for(threads, 1, [&](Range, int thread) {
      ++arrived;
      ++used[static_cast<size_t>(thread)];
      if (!eventually([&] { return arrived == threads; })) met = false;
    });
    EXPECT_TRUE(met);
    EXPECT_TRUE(std::all_of(used.begin(), used.end(), [](const auto& n) { return n == 1; }));
  }
}

TEST(ThreadPool, ReleasesWorkersAfterTheySlept) {
  ThreadPool pool(2);
  for (int round = 0; round < 5; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    EXPECT_TRUE(all_threads_meet(pool));
  }
}

TEST(ThreadPool, NestedRunsStayOnTheirThread) {
  ThreadPool pool(3), other(3);
  std::atomic<int> wrong{0};
  std::atomic<int64_t> inner_tasks{0};
  pool.parallel_for(64, 1, [&](Range outer, int thread) {
    const auto me = std::this_thread::get_id();
    for (int64_t i = outer.begin; i < outer.end; ++i) {
      pool.parallel_for(100, 1, [&](Range r, int inner) {
        if (std::this_thread::get_id() != me || inner != thread || r.size() != 100) ++wrong;
        inner_tasks += r.size();
      });
      other.parallel_for(10, 1, [&](Range r, int inner) {
        if (std::this_thread::get_id() != me || inner != 0) ++wrong;
        inner_tasks += r.size();
      });
    }
  });
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(inner_tasks, 64 * 110);
}

TEST(ThreadPool, ManyCallersShareOnePool) {
  ThreadPool pool(4);
  std::atomic<int> wrong{0};
  std::vector<std::thread> callers;
  for (int c = 0; c < 12; ++c) {
    callers.emplace_back([&, c] {
      for (int i = 0; i < 400; ++i) {
        const int64_t tasks = 1 + (i * 7 + c) % 300;
        if (parallel_sum(pool, tasks, 1 + i % 3) != tasks * (tasks - 1) / 2) ++wrong;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(wrong, 0);
}

TEST(ThreadPool, ACallerNeverWaitsForAnotherCallersTasks) {
  ThreadPool pool(2);
  std::atomic<bool> first_is_inside{false}, second_is_done{false}, in_time{true};
  std::thread first([&] {
    pool.parallel_for(2, 1, [&](Range, int) {
      first_is_inside = true;
      if (!eventually([&] { return second_is_done.load(); })) in_time = false;
    });
  });
  EXPECT_TRUE(eventually([&] { return first_is_inside.load(); }));
  EXPECT_EQ(parallel_sum(pool, 1000, 1), 999 * 1000 / 2);
  second_is_done = true;
  first.join();
  EXPECT_TRUE(in_time);
}

TEST(ThreadPool, UnevenTasksFinish) {
  ThreadPool pool(3);
  for (int round = 0; round < 3; ++round) {
    std::atomic<int> done{0};
    pool.parallel_for(9, 1, [&](Range r, int) {
      for (int64_t i = r.begin; i < r.end; ++i) {
        if (i % 4 == 3) std::this_thread::sleep_for(std::chrono::milliseconds(3));
        ++done;
      }
    });
    EXPECT_EQ(done, 9);
  }
}

TEST(ThreadPool, RunsDoNotAllocate) {
  ThreadPool pool(2);
  parallel_sum(pool, 100, 1);
  const int64_t before = testing::allocation_count();
  for (int i = 0; i < 100; ++i) parallel_sum(pool, 100, 1);
  EXPECT_EQ(testing::allocation_count(), before);
}

TEST(ThreadPool, StartsAndStopsWithoutRuns) {
  for (int i = 0; i < 20; ++i) {
    ThreadPool idle(4);
    ThreadPool used(4);
    parallel_sum(used, 10, 1);
  }
}

TEST(ThreadPool, SharedPoolIsOne) {
  EXPECT_EQ(ThreadPool::shared().get(), ThreadPool::shared().get());
  EXPECT_EQ(ThreadPool::shared()->threads(), ThreadPool::available_cpus());
  EXPECT_EQ(parallel_sum(*ThreadPool::shared(), 1000, 1), 999 * 1000 / 2);
}

TEST(ThreadPool, ForkedChildGetsWorkersOfItsOwn) {
#ifdef SDX_TSAN
  GTEST_SKIP() << "ThreadSanitizer does not support new threads in a forked child";
#endif
  ThreadPool pool(3);
  ASSERT_TRUE(all_threads_meet(pool));  // a thread that is still starting may hold a sanitizer's lock across the fork
  ASSERT_TRUE(all_threads_meet(*ThreadPool::shared()));
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    alarm(20);
    const bool ok = all_threads_meet(pool) && all_threads_meet(*ThreadPool::shared()) && all_threads_meet(pool);
    pool.~ThreadPool();
    _exit(ok ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "status " << status;
  EXPECT_EQ(parallel_sum(pool, 100, 1), 4950);
}

TEST(ThreadPool, PoolOfTheParentCanBeDestroyedInTheChild) {
  const pid_t child = [] {
    auto pool = std::make_unique<ThreadPool>(3);
    all_threads_meet(*pool);
    const pid_t pid = fork();
    if (pid == 0) {
      alarm(20);
      pool.reset();
      _exit(0);
    }
    return pid;
  }();
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "status " << status;
}

TEST(ThreadPool, AvailableCpusFollowsTheAffinityMask) {
  EXPECT_GE(ThreadPool::available_cpus(), 1);
  std::thread([] {
    cpu_set_t allowed, one;
    ASSERT_EQ(sched_getaffinity(0, sizeof allowed, &allowed), 0);
    CPU_ZERO(&one);
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
      if (!CPU_ISSET(cpu, &allowed)) continue;
      CPU_SET(cpu, &one);
      break;
    }
    ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
    EXPECT_EQ(ThreadPool::available_cpus(), 1);
    EXPECT_EQ(ThreadPool(0).threads(), 1);
  }).join();
}

struct Made {
  std::atomic<int> created{0}, joined{0};
};
Made g_made;

TEST(ThreadPool, ThreadsMadeElsewhere) {
  ThreadPoolOptions options;
  options.threads = 3;
  options.spin = false;
  options.context = &g_made;
  options.create = [](void* context, void (*work)(void*), void* arg) -> void* {
    ++static_cast<Made*>(context)->created;
    return new std::thread(work, arg);
  };
  options.join = [](void* thread) {
    const std::unique_ptr<std::thread> t(static_cast<std::thread*>(thread));
    t->join();
    ++g_made.joined;
  };
  {
    ThreadPool pool(options);
    all_threads_meet(pool);
    EXPECT_EQ(parallel_sum(pool, 1000, 1), 499500);
  }
  EXPECT_EQ(g_made.created, 2);
  EXPECT_EQ(g_made.joined, 2);
}

// Every announcement ends in one start and one stop on a worker, or in one abandon.
TEST(ThreadPool, AnnouncesSharedWork) {
  struct Seen {
    std::atomic<int> enqueued{0}, started{0}, stopped{0}, abandoned{0}, wrong{0};
    std::thread::id caller = std::this_thread::get_id();
  } seen;
  ThreadPoolOptions options;
  options.threads = 3;
  options.callbacks.context = &seen;
  options.callbacks.enqueue = [](void* c) -> void* {
    Seen& s = *static_cast<Seen*>(c);
    s.wrong += std::this_thread::get_id() != s.caller;
    ++s.enqueued;
    return new int(0);
  };
  options.callbacks.start = [](void* c, void* data) {
    Seen& s = *static_cast<Seen*>(c);
    s.wrong += std::this_thread::get_id() == s.caller || ++*static_cast<int*>(data) != 1;
    ++s.started;
  };
  options.callbacks.stop = [](void* c, void* data) {
    Seen& s = *static_cast<Seen*>(c);
    s.wrong += ++*static_cast<int*>(data) != 2;
    ++s.stopped;
    delete static_cast<int*>(data);
  };
  options.callbacks.abandon = [](void* c, void* data) {
    Seen& s = *static_cast<Seen*>(c);
    s.wrong += *static_cast<int*>(data) != 0;
    ++s.abandoned;
    delete static_cast<int*>(data);
  };
  ThreadPool pool(options);
  pool.parallel_for(1, 1, [](Range, int) {});  // not shared
  EXPECT_EQ(seen.enqueued, 0);
  EXPECT_TRUE(all_threads_meet(pool));
  EXPECT_EQ(seen.enqueued, 2);
  EXPECT_EQ(seen.started, 2);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(parallel_sum(pool, 50, 1), 1225);
  EXPECT_EQ(seen.enqueued, 2002);
  EXPECT_EQ(seen.started, seen.stopped);
  EXPECT_EQ(seen.enqueued, seen.started + seen.abandoned);
  EXPECT_EQ(seen.wrong, 0);
}

TEST(ThreadPool, WorkersFlushDenormalsOnDemand) {
  for (const bool flush : {false, true}) {
    ThreadPoolOptions options;
    options.threads = 2;
    options.flush_denormals = flush;
    ThreadPool pool(options);
    std::atomic<int> here{0}, flushed{0};
    pool.parallel_for(2, 1, [&](Range, int thread) {
      ++here;
      eventually([&] { return here == 2; });
      if (thread == 1 && (float_mode() & kFlushBits) != 0) ++flushed;
    });
    EXPECT_EQ(flushed, flush ? 1 : 0);
  }
}

TEST(ThreadPool, WorkersStayOnTheirCpus) {
  cpu_set_t allowed;
  ASSERT_EQ(sched_getaffinity(0, sizeof allowed, &allowed), 0);
  int last = 0;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
    if (CPU_ISSET(cpu, &allowed)) last = cpu;
  ThreadPoolOptions options;
  options.threads = 2;
  options.cpus = {{last}};
  ThreadPool pool(options);
  std::atomic<int> here{0}, cpus{0};
  pool.parallel_for(2, 1, [&](Range, int thread) {
    ++here;
    eventually([&] { return here == 2; });
    cpu_set_t mine;
    if (thread == 1 && sched_getaffinity(0, sizeof mine, &mine) == 0 && CPU_ISSET(last, &mine)) cpus = CPU_COUNT(&mine);
  });
  EXPECT_EQ(cpus, 1);
}

TEST(FloatMode, ScopesRestoreIt) {
  const uint64_t before = float_mode();
  {
    const FlushDenormals on(true);
    EXPECT_NE(float_mode() & kFlushBits, 0u);
    const FlushDenormals nothing(false);
  }
  EXPECT_EQ(float_mode(), before);
}

}  // namespace
}  // namespace sardonyx
