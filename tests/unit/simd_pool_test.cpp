// Channels-last pooling of every compiled target against a double reference.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "simd/conv_kernel.h"
#include "simd/pool.h"

namespace sardonyx::simd {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

struct Reference {
  double value;
  int64_t inside;
};

// Visits every tap, inside or not.
Reference pool_one(const PoolArgs& p, const std::vector<float>& x, int64_t n, const int64_t* o, int64_t c) {
  double sum = 0, most = -INFINITY;
  int64_t inside = 0, padded = 0;
  bool nan = false;
  for (int64_t i = 0; i < p.kernel[0] * p.kernel[1] * p.kernel[2]; ++i) {
    const int64_t k[3] = {i / p.kernel[2] / p.kernel[1], i / p.kernel[2] % p.kernel[1], i % p.kernel[2]};
    int64_t at[3];
    bool in = true, pad = true;
    for (int q = 0; q < 3; ++q) {
      at[q] = o[q] * p.stride[q] - p.pad_begin[q] + k[q] * p.dilation[q];
      in &= at[q] >= 0 && at[q] < p.in[q];
      pad &= at[q] < p.in[q] + p.pad_end[q];
    }
    padded += pad, inside += in;
    if (!in) continue;
    const double v = x[(((n * p.in[0] + at[0]) * p.in[1] + at[1]) * p.in[2] + at[2]) * p.x_ld + c];
    sum += v, most = std::max(most, v), nan |= std::isnan(v);
  }
  if (!p.average) return {nan ? kNan : most, inside};
  const int64_t divisor = p.count_padding ? padded : inside;
  return {divisor > 0 ? sum / static_cast<double>(divisor) : 0, inside};
}

void check(PoolArgs p, int64_t extra = 0, bool with_nan = false, float low = -1) {
  p.x_ld = p.channels + extra, p.y_ld = p.channels + 2 * extra;
  std::mt19937 gen(1);
  std::uniform_real_distribution<float> dist(low, 1);
  std::vector<float> x(p.batch * p.in[0] * p.in[1] * p.in[2] * p.x_ld);
  for (float& v : x) v = dist(gen);
  if (with_nan) x[x.size() / 2] = kNan, x[x.size() / 3] = INFINITY;
  const int64_t pixels = p.batch * p.out[0] * p.out[1] * p.out[2];
  for (Target t : compiled_targets()) {
    if (!conv_for(t) || !cpu_runs(t)) continue;
    SCOPED_TRACE(std::string(target_name(t)) + " channels " + std::to_string(p.channels));
    std::vector<float> y(pixels * p.y_ld + 1, 777);
    p.x = x.data(), p.y = y.data();
    for (int64_t task = pool_tasks(p) - 1; task >= 0; --task) pool_run(*conv_for(t), p, task, task + 1);
    ASSERT_EQ(y.back(), 777);
    for (int64_t i = 0; i < pixels; ++i) {
      const int64_t o[3] = {i / p.out[2] / p.out[1] % p.out[0], i / p.out[2] % p.out[1], i % p.out[2]};
      for (int64_t c = 0; c < p.y_ld; ++c) {
        const float got = y[i * p.y_ld + c];
        if (c >= p.channels) {
          ASSERT_EQ(got, 777);
          continue;
        }
        const double want = pool_one(p, x, i / p.out[2] / p.out[1] / p.out[0], o, c).value;
        if (std::isnan(want) || std::isinf(want)) {
          ASSERT_TRUE(std::isnan(want) ? std::isnan(got) : got == want) << got << " pixel " << i << " channel " << c;
        } else {
          ASSERT_NEAR(got, want, p.average ? 2e-6 : 0) << "pixel " << i << " channel " << c;
        }
      }
    }
  }
}

TEST(SimdPool, WindowsWithPadding) {
  for (bool average : {false, true}) {
    for (bool count : {false, true}) {
      for (int64_t channels : {1, 3, 8, 16, 17, 64, 70}) {
        check({.average = average,
               .count_padding = count,
               .batch = 2,
               .channels = channels,
               .in = {1, 7, 9},
               .kernel = {1, 3, 3},
               .stride = {1, 2, 2},
               .pad_begin = {0, 1, 1},
               .pad_end = {0, 1, 1},
               .out = {1, 4, 5}},
              1);
        // ceil_mode: the last windows hang over the padding.
        check({.average = average,
               .count_padding = count,
               .channels = channels,
               .in = {1, 8, 8},
               .kernel = {1, 3, 3},
               .stride = {1, 3, 3},
               .pad_begin = {0, 1, 0},
               .pad_end = {0, 0, 1},
               .out = {1, 3, 3}});
      }
    }
  }
}

TEST(SimdPool, DilationAndThreeDimensions) {
  for (bool average : {false, true}) {
    for (bool count : {false, true}) {
      check({.average = average,
             .count_padding = count,
             .channels = 5,
             .in = {4, 6, 7},
             .kernel = {2, 3, 2},
             .stride = {1, 2, 1},
             .dilation = {2, 2, 3},
             .pad_begin = {1, 2, 2},
             .pad_end = {1, 2, 2},
             .out = {4, 3, 8}},
            2);
    }
  }
}

TEST(SimdPool, WindowsWithoutInput) {
  check({.channels = 3,
         .in = {1, 2, 2},
         .kernel = {1, 1, 1},
         .pad_begin = {0, 2, 2},
         .pad_end = {0, 2, 2},
         .out = {1, 6, 6}});
  check({.average = true,
         .channels = 3,
         .in = {1, 2, 2},
         .pad_begin = {0, 2, 2},
         .pad_end = {0, 2, 2},
         .out = {1, 6, 6}});
}

TEST(SimdPool, NanWinsAndInfinityStays) {
  for (bool average : {false, true}) {
    for (int64_t channels : {1, 4, 16, 33}) {
      check({.average = average, .channels = channels, .in = {1, 6, 6}, .kernel = {1, 3, 3}, .out = {1, 4, 4}}, 0,
            true);
    }
  }
}

TEST(SimdPool, Global) {
  for (int64_t channels : {1, 10, 512, 1000}) {
    check({.average = true, .batch = 2, .channels = channels, .in = {1, 7, 7}, .kernel = {1, 7, 7}, .out = {1, 1, 1}});
    check({.channels = channels, .in = {1, 31, 17}, .kernel = {1, 31, 17}, .out = {1, 1, 1}});
  }
}

TEST(SimdPool, LongAveragesKeepTheirPrecision) {
  check({.average = true, .channels = 3, .in = {1, 500, 500}, .kernel = {1, 500, 500}, .out = {1, 1, 1}}, 0, false,
        0.5f);
}

TEST(SimdPool, EmptyExtents) {
  PoolArgs p;
  p.batch = 0;
  EXPECT_EQ(pool_tasks(p), 0);
  p.batch = 1, p.channels = 0;
  EXPECT_EQ(pool_tasks(p), 0);
}

}  // namespace
}  // namespace sardonyx::simd
