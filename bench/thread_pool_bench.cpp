// What a run of the pool costs by itself: dispatch to hot workers, and after a pause that lets them sleep.
#include <benchmark/benchmark.h>

#include <chrono>
#include <thread>

#include "parallel/thread_pool.h"

namespace sardonyx {
namespace {

void bench_dispatch(benchmark::State& state) {
  ThreadPool pool(static_cast<int>(state.range(0)));
  for (auto _ : state) pool.parallel_for(pool.threads(), 1, [](Range r, int) { benchmark::DoNotOptimize(r.begin); });
}
BENCHMARK(bench_dispatch)->Name("thread_pool/dispatch")->Arg(1)->Arg(2)->Arg(4)->UseRealTime();

void bench_dispatch_after_pause(benchmark::State& state) {
  ThreadPool pool(2);
  for (auto _ : state) {
    std::this_thread::sleep_for(std::chrono::microseconds(state.range(0)));
    const auto start = std::chrono::steady_clock::now();
    pool.parallel_for(2, 1, [](Range r, int) { benchmark::DoNotOptimize(r.begin); });
    state.SetIterationTime(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
}
BENCHMARK(bench_dispatch_after_pause)->Name("thread_pool/dispatch_after_us")->Arg(20)->Arg(1000)->UseManualTime();

}  // namespace
}  // namespace sardonyx
