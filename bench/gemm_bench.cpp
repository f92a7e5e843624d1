// f32 matrix products with a packed constant B, one thread: GFLOP/s per shape and target.
#include <benchmark/benchmark.h>

#include <string>

#include "aligned.h"
#include "simd/gemm.h"

namespace sardonyx::simd {
namespace {

struct Shape {
  int64_t m, n, k;
};

constexpr Shape kShapes[] = {{384, 768, 768},  {384, 3072, 768}, {384, 768, 3072}, {1, 768, 768},   {1, 50257, 768},
                             {197, 2304, 768}, {197, 768, 768},  {1000, 10, 512},  {3136, 64, 256}, {1024, 1024, 1024}};

void run_packed(benchmark::State& state, const GemmTable& f, Shape s, bool packed) {
  AlignedFloats a(s.m * s.k, 0.5f), b(s.k * s.n, 0.25f), c(s.m * s.n, 0);
  AlignedFloats w(static_cast<int64_t>(gemm_packed_b_bytes(f, s.k, s.n) / sizeof(float)), 0);
  gemm_pack_b(f, s.k, s.n, b.data(), s.n, false, 0, gemm_b_panels(f, s.n), w.data());
  GemmArgs g{
      .m = s.m, .n = s.n, .k = s.k, .a = a.data(), .lda = s.k, .b = b.data(), .ldb = s.n, .c = c.data(), .ldc = s.n};
  if (packed) g.packed_b = w.data();
  AlignedFloats scratch(static_cast<int64_t>(gemm_scratch_bytes(f, g) / sizeof(float)), 0);
  const int64_t tasks = gemm_tasks(f, g);
  for (auto _ : state) {
    gemm_run(f, g, 0, tasks, scratch.data());
    benchmark::ClobberMemory();
  }
  state.counters["GFLOP/s"] =
      benchmark::Counter(2e-9 * static_cast<double>(s.m * s.n * s.k), benchmark::Counter::kIsIterationInvariantRate);
  state.counters["tasks"] = static_cast<double>(tasks);
}

const int kRegistered = [] {
  for (Target t : compiled_targets()) {
    const GemmTable* f = gemm_for(t);
    if (!f || !cpu_runs(t) || t == Target::kScalar) continue;
    for (const Shape& s : kShapes) {
      for (bool packed : {true, false}) {
        const std::string name = "gemm/" + std::string(target_name(t)) + (packed ? "/packed/" : "/runtime/") +
                                 std::to_string(s.m) + "x" + std::to_string(s.n) + "x" + std::to_string(s.k);
        benchmark::RegisterBenchmark(name.c_str(),
                                     [f, s, packed](benchmark::State& st) { run_packed(st, *f, s, packed); });
      }
    }
  }
  return 0;
}();

}  // namespace
}  // namespace sardonyx::simd
