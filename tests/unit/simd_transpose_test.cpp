// Transposes of every compiled target, element size and awkward extent.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "simd/transpose.h"

namespace sardonyx::simd {
namespace {

template <typename T>
void check(int64_t batch, int64_t rows, int64_t cols) {
  std::vector<T> src(batch * rows * cols);
  for (size_t i = 0; i < src.size(); ++i) src[i] = static_cast<T>(i * 0x9E3779B97F4A7C15u >> 5);
  for (Target t : compiled_targets()) {
    const TransposeTable* f = transpose_for(t);
    if (!f || !cpu_runs(t)) continue;
    SCOPED_TRACE(std::string(target_name(t)) + " " + std::to_string(sizeof(T)) + " bytes " + std::to_string(batch) +
                 "x" + std::to_string(rows) + "x" + std::to_string(cols));
    std::vector<T> dst(src.size() + 1, T{77});
    const TransposeArgs a{batch, rows, cols, sizeof(T), src.data(), dst.data()};
    const int64_t tasks = transpose_tasks(a);
    for (int64_t task = tasks - 1; task >= 0; --task) transpose_run(*f, a, task, task + 1);
    ASSERT_EQ(dst.back(), T{77});
    for (int64_t b = 0; b < batch; ++b) {
      for (int64_t r = 0; r < rows; ++r) {
        for (int64_t c = 0; c < cols; ++c) {
          ASSERT_EQ(dst[(b * cols + c) * rows + r], src[(b * rows + r) * cols + c]) << b << " " << r << " " << c;
        }
      }
    }
  }
}

TEST(SimdTranspose, AllElementSizes) {
  for (int64_t rows : {0, 1, 2, 3, 4, 7, 8, 15, 16, 17, 33, 64, 65}) {
    for (int64_t cols : {0, 1, 3, 4, 5, 8, 16, 31, 32, 33, 66, 130}) {
      check<uint8_t>(2, rows, cols);
      check<uint16_t>(2, rows, cols);
      check<uint32_t>(2, rows, cols);
      check<uint64_t>(2, rows, cols);
    }
  }
}

TEST(SimdTranspose, ManyTasks) {
  check<uint32_t>(1, 67, 5000);
  check<uint32_t>(1, 5000, 67);
  check<uint32_t>(3000, 3, 5);
  check<uint8_t>(3, 1000, 300);
  check<uint64_t>(2, 130, 700);
}

}  // namespace
}  // namespace sardonyx::simd
