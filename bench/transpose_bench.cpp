// Layout changes between NCHW and NHWC: bytes read plus bytes written per second, one thread.
#include <benchmark/benchmark.h>

#include <string>

#include "aligned.h"
#include "simd/transpose.h"

namespace sardonyx::simd {
namespace {

const int kRegistered = [] {
  struct Shape {
    int64_t rows, cols;
  };
  for (Target t : compiled_targets()) {
    const TransposeTable* f = transpose_for(t);
    if (!f || !cpu_runs(t) || t == Target::kScalar) continue;
    for (const Shape s : {Shape{64, 56 * 56}, {56 * 56, 64}, {256, 14 * 14}, {196, 256}, {3, 224 * 224}, {197, 768}}) {
      const std::string name =
          "transpose/" + std::string(target_name(t)) + "/" + std::to_string(s.rows) + "x" + std::to_string(s.cols);
      benchmark::RegisterBenchmark(name.c_str(), [f, s](benchmark::State& state) {
        AlignedFloats src(s.rows * s.cols, 1), dst(s.rows * s.cols, 0);
        const TransposeArgs a{1, s.rows, s.cols, 4, src.data(), dst.data()};
        const int64_t tasks = transpose_tasks(a);
        for (auto _ : state) {
          transpose_run(*f, a, 0, tasks);
          benchmark::ClobberMemory();
        }
        state.SetBytesProcessed(state.iterations() * 8 * s.rows * s.cols);
      });
    }
  }
  return 0;
}();

}  // namespace
}  // namespace sardonyx::simd
