// Channels-last convolutions of every compiled target against a double reference written as a scatter.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "simd/conv.h"
#include "simd/conv_kernel.h"

namespace sardonyx::simd {
namespace {

std::vector<float> random_floats(size_t n, uint32_t seed) {
  std::mt19937 gen(seed);
  std::uniform_real_distribution<float> dist(-1, 1);
  std::vector<float> v(n);
  for (float& x : v) x = dist(gen);
  return v;
}

struct Spec {
  int64_t batch = 1, groups = 1, in_channels = 1, out_channels = 1;
  std::array<int64_t, 3> in = {1, 1, 1}, kernel = {1, 1, 1}, stride = {1, 1, 1}, dilation = {1, 1, 1};
  std::array<int64_t, 3> pad_begin = {0, 0, 0}, pad_end = {0, 0, 0};
  bool transposed = false;
  int64_t x_extra = 0, y_extra = 0;  // channels of the tensors that do not belong to this convolution
  bool bias = true, residual = false, in_place = false;
  Act act = Act::kNone;
  float p0 = 0, p1 = 0;
};

class ConvProblem {
 public:
  explicit ConvProblem(const Spec& s) : spec(s) {
    args.batch = s.batch, args.groups = s.groups, args.in_channels = s.in_channels, args.out_channels = s.out_channels;
    args.transposed = s.transposed;
    for (int i = 0; i < 3; ++i) {
      args.in[i] = s.in[i], args.kernel[i] = s.kernel[i], args.stride[i] = s.stride[i];
      args.dilation[i] = s.dilation[i], args.pad_begin[i] = s.pad_begin[i];
      const int64_t reach = (s.kernel[i] - 1) * s.dilation[i] + 1, pads = s.pad_begin[i] + s.pad_end[i];
      args.out[i] =
          s.transposed ? (s.in[i] - 1) * s.stride[i] + reach - pads : (s.in[i] + pads - reach) / s.stride[i] + 1;
    }
    args.x_ld = s.in_channels + s.x_extra, args.y_ld = s.out_channels + s.y_extra;
    in_pixels = s.batch * args.in[0] * args.in[1] * args.in[2];
    out_pixels = s.batch * args.out[0] * args.out[1] * args.out[2];
    const int64_t taps = s.kernel[0] * s.kernel[1] * s.kernel[2];
    x = random_floats(in_pixels * args.x_ld, 1);
    w = random_floats(s.in_channels * s.out_channels / s.groups * taps, 2);
    bias = random_floats(s.out_channels, 3);
    residual = random_floats(out_pixels * args.y_ld, 4);
    reference();
  }

  std::vector<float> run(const ConvTable& f, int ranges) const {
    ConvArgs c = args;
    const int64_t packed = static_cast<int64_t>(conv_packed_weight_bytes(f, c) / sizeof(float));
    std::vector<float> pw(packed + 1, 555), y(out_pixels * args.y_ld + 1, 777);
    const int64_t packs = conv_pack_tasks(f, c);
    for (int i = ranges - 1; i >= 0; --i) {
      conv_pack_weights(f, c, w.data(), packs * i / ranges, packs * (i + 1) / ranges, pw.data());
    }
    EXPECT_EQ(pw.back(), 555);
    for (int64_t i = 0; i < packed; ++i) EXPECT_NE(pw[i], 555) << "never packed: " << i;
    c.x = x.data(), c.packed_w = pw.data(), c.y = y.data();
    if (spec.bias) c.ep.col_bias = bias.data();
    if (spec.residual) {
      c.ep.residual = residual.data(), c.ep.residual_ld = args.y_ld, c.ep.residual_scale = 0.5f;
      if (spec.in_place) {
        for (int64_t i = 0; i < out_pixels; ++i) {
          std::memcpy(&y[i * args.y_ld], &residual[i * args.y_ld], spec.out_channels * sizeof(float));
        }
        c.ep.residual = y.data();
      }
    }
    c.ep.act = spec.act, c.ep.p0 = spec.p0, c.ep.p1 = spec.p1;
    std::vector<float> scratch(conv_scratch_bytes(f, c) / sizeof(float) + 1, std::numeric_limits<float>::quiet_NaN());
    const int64_t tasks = conv_tasks(f, c);
    for (int i = ranges - 1; i >= 0; --i) conv_run(f, c, tasks * i / ranges, tasks * (i + 1) / ranges, scratch.data());
    EXPECT_EQ(y.back(), 777);
    y.pop_back();
    return y;
  }

  void check(const std::vector<float>& y) const {
    for (int64_t i = 0; i < out_pixels; ++i) {
      for (int64_t o = 0; o < args.y_ld; ++o) {
        const int64_t at = i * args.y_ld + o;
        if (o >= args.out_channels) {
          ASSERT_EQ(y[at], 777) << "written beside the channels of pixel " << i;
        } else {
          ASSERT_NEAR(y[at], want[i * args.out_channels + o], bound[i * args.out_channels + o])
              << "pixel " << i << " channel " << o;
        }
      }
    }
  }

  Spec spec;
  ConvArgs args;
  int64_t in_pixels, out_pixels;
  std::vector<float> x, w, bias, residual;
  std::vector<double> want, bound;

 private:
  // Pairs every input pixel with every kernel element and finds the output they belong to.
  void reference() {
    want.assign(out_pixels * args.out_channels, 0);
    bound.assign(want.size(), 0);
    const ConvArgs& c = args;
    for (int64_t n = 0; n < c.batch; ++n) {
      for_each3(c.in, [&](const int64_t* i) {
        for_each3(c.kernel, [&](const int64_t* k) {
          int64_t o[3];
          for (int q = 0; q < 3; ++q) {
            if (c.transposed) {
              o[q] = i[q] * c.stride[q] - c.pad_begin[q] + k[q] * c.dilation[q];
            } else {
              const int64_t at = i[q] + c.pad_begin[q] - k[q] * c.dilation[q];
              if (at < 0 || at % c.stride[q] != 0) return;
              o[q] = at / c.stride[q];
            }
            if (o[q] < 0 || o[q] >= c.out[q]) return;
          }
          accumulate(((n * c.in[0] + i[0]) * c.in[1] + i[1]) * c.in[2] + i[2],
                     ((n * c.out[0] + o[0]) * c.out[1] + o[1]) * c.out[2] + o[2],
                     (k[0] * c.kernel[1] + k[1]) * c.kernel[2] + k[2]);
        });
      });
    }
    for (int64_t p = 0; p < out_pixels; ++p) {
      for (int64_t o = 0; o < c.out_channels; ++o) {
        double& v = want[p * c.out_channels + o];
        double& b = bound[p * c.out_channels + o];
        if (spec.bias) v += bias[o];
        if (spec.residual) v += 0.5 * residual[p * c.y_ld + o];
        b = 2e-6 * (b + 2);
        if (spec.act == Act::kRelu) v = std::max(v, 0.0);
        if (spec.act == Act::kClip) v = std::clamp<double>(v, spec.p0, spec.p1);
        if (spec.act == Act::kSilu) v = v / (1 + std::exp(-v));
      }
    }
  }

  template <class F>
  static void for_each3(const int64_t* extent, F f) {
    int64_t i[3];
    for (i[0] = 0; i[0] < extent[0]; ++i[0]) {
      for (i[1] = 0; i[1] < extent[1]; ++i[1]) {
        for (i[2] = 0; i[2] < extent[2]; ++i[2]) f(i);
      }
    }
  }

  void accumulate(int64_t in_pixel, int64_t out_pixel, int64_t k) {
    const ConvArgs& c = args;
    const int64_t cg = c.in_channels / c.groups, og = c.out_channels / c.groups;
    const int64_t taps = c.kernel[0] * c.kernel[1] * c.kernel[2];
    for (int64_t o = 0; o < c.out_channels; ++o) {
      const int64_t g = o / og;
      for (int64_t ci = 0; ci < cg; ++ci) {
        const int64_t at = c.transposed ? (g * cg + ci) * og + o % og : o * cg + ci;
        const double v = double{x[in_pixel * c.x_ld + g * cg + ci]} * w[at * taps + k];
        want[out_pixel * c.out_channels + o] += v;
        bound[out_pixel * c.out_channels + o] += std::abs(v);
      }
    }
  }
};

void check_conv(const Spec& s) {
  const ConvProblem p(s);
  for (Target t : compiled_targets()) {
    if (!conv_for(t) || !cpu_runs(t)) continue;
    SCOPED_TRACE(std::string(target_name(t)) + " C " + std::to_string(s.in_channels) + " O " +
                 std::to_string(s.out_channels) + " G " + std::to_string(s.groups) + " HW " + std::to_string(s.in[1]) +
                 "x" + std::to_string(s.in[2]) + " k " + std::to_string(s.kernel[1]) + "x" +
                 std::to_string(s.kernel[2]) + " s " + std::to_string(s.stride[1]) +
                 (s.transposed ? " transposed" : ""));
    const std::vector<float> one = p.run(*conv_for(t), 1);
    p.check(one);
    const std::vector<float> many = p.run(*conv_for(t), 5);
    ASSERT_EQ(std::memcmp(one.data(), many.data(), one.size() * sizeof(float)), 0) << "depends on the split";
    if (::testing::Test::HasFatalFailure()) return;
  }
}

TEST(SimdConv, Pointwise) {
  for (int64_t hw : {1, 3, 7, 14, 15}) {
    check_conv({.batch = 2, .in_channels = 19, .out_channels = 37, .in = {1, hw, hw}, .act = Act::kRelu});
    check_conv({.in_channels = 64, .out_channels = 32, .in = {1, hw, 1}, .x_extra = 3, .y_extra = 5, .residual = true});
  }
  check_conv(
      {.in_channels = 1300, .out_channels = 9, .in = {1, 3, 5}, .residual = true, .in_place = true, .act = Act::kRelu});
}

TEST(SimdConv, PointwiseWithStrideOrPadding) {
  check_conv({.in_channels = 24, .out_channels = 40, .in = {1, 13, 29}, .stride = {1, 2, 2}});
  check_conv({.in_channels = 8, .out_channels = 8, .in = {1, 5, 5}, .pad_begin = {0, 1, 2}, .pad_end = {0, 2, 1}});
}

TEST(SimdConv, ThreeByThree) {
  for (int64_t w : {1, 2, 3, 5, 6, 7, 12, 14, 15, 28, 31}) {
    for (int64_t s : {1, 2}) {
      check_conv({.batch = 2,
                  .in_channels = 16,
                  .out_channels = 33,
                  .in = {1, 6, w},
                  .kernel = {1, 3, 3},
                  .stride = {1, s, s},
                  .pad_begin = {0, 1, 1},
                  .pad_end = {0, 1, 1},
                  .act = Act::kRelu});
    }
  }
}

TEST(SimdConv, FirstLayers) {
  for (int64_t c : {1, 2, 3, 4}) {
    check_conv({.in_channels = c,
                .out_channels = 20,
                .in = {1, 23, 37},
                .kernel = {1, 7, 7},
                .stride = {1, 2, 2},
                .pad_begin = {0, 3, 3},
                .pad_end = {0, 3, 3},
                .act = Act::kRelu});
    check_conv({.batch = 3,
                .in_channels = c,
                .out_channels = 9,
                .in = {1, 9, 11},
                .kernel = {1, 3, 3},
                .stride = {1, 1, 1},
                .pad_begin = {0, 1, 1},
                .pad_end = {0, 1, 1},
                .x_extra = 1});
  }
}

TEST(SimdConv, PaddingLargerThanTheKernel) {
  check_conv({.in_channels = 5,
              .out_channels = 6,
              .in = {1, 4, 4},
              .kernel = {1, 3, 2},
              .pad_begin = {0, 5, 4},
              .pad_end = {0, 4, 6}});
  check_conv({.in_channels = 5,
              .out_channels = 6,
              .in = {1, 2, 1},
              .kernel = {1, 5, 3},
              .dilation = {1, 2, 3},
              .pad_begin = {0, 7, 8},
              .pad_end = {0, 5, 6}});
}

TEST(SimdConv, Dilation) {
  for (int64_t d : {2, 3}) {
    check_conv({.in_channels = 12,
                .out_channels = 18,
                .in = {1, 15, 17},
                .kernel = {1, 3, 3},
                .dilation = {1, d, d},
                .pad_begin = {0, d, d},
                .pad_end = {0, d, d}});
    check_conv({.in_channels = 3,
                .out_channels = 5,
                .in = {1, 15, 17},
                .kernel = {1, 2, 4},
                .stride = {1, 2, 3},
                .dilation = {1, d, 1},
                .pad_begin = {0, 1, 2},
                .pad_end = {0, 0, 1}});
  }
}

TEST(SimdConv, DeepChannels) {
  check_conv({.in_channels = 300,
              .out_channels = 34,
              .in = {1, 7, 7},
              .kernel = {1, 3, 3},
              .pad_begin = {0, 1, 1},
              .pad_end = {0, 1, 1},
              .residual = true,
              .act = Act::kRelu});
  check_conv({.in_channels = 700,
              .out_channels = 16,
              .in = {1, 2, 20},
              .kernel = {1, 1, 3},
              .pad_begin = {0, 0, 1},
              .pad_end = {0, 0, 1},
              .act = Act::kClip,
              .p0 = -1,
              .p1 = 1});
}

TEST(SimdConv, Groups) {
  for (int64_t cg : {1, 2, 4, 5, 8, 16}) {
    for (int64_t og : {1, 2, 3, 4, 8, 16}) {
      check_conv({.batch = 2,
                  .groups = 4,
                  .in_channels = 4 * cg,
                  .out_channels = 4 * og,
                  .in = {1, 5, 15},
                  .kernel = {1, 3, 3},
                  .pad_begin = {0, 1, 1},
                  .pad_end = {0, 1, 1},
                  .residual = true,
                  .act = Act::kRelu});
    }
  }
  check_conv(
      {.groups = 2, .in_channels = 70, .out_channels = 90, .in = {1, 4, 9}, .kernel = {1, 3, 3}, .stride = {1, 2, 2}});
}

TEST(SimdConv, Depthwise) {
  for (int64_t c : {2, 3, 8, 15, 16, 17, 33, 64, 100}) {
    for (int64_t k : {1, 2, 3, 5}) {
      for (int64_t s : {1, 2}) {
        check_conv({.groups = c,
                    .in_channels = c,
                    .out_channels = c,
                    .in = {1, 9, 19},
                    .kernel = {1, k, k},
                    .stride = {1, s, s},
                    .pad_begin = {0, k / 2, k / 2},
                    .pad_end = {0, k / 2, k / 2},
                    .residual = c % 2 == 0,
                    .act = Act::kClip,
                    .p0 = 0,
                    .p1 = 6});
      }
    }
  }
  check_conv({.batch = 2,
              .groups = 6,
              .in_channels = 6,
              .out_channels = 6,
              .in = {3, 4, 5},
              .kernel = {3, 3, 3},
              .dilation = {1, 2, 2},
              .pad_begin = {1, 2, 3},
              .pad_end = {1, 2, 1},
              .x_extra = 2,
              .y_extra = 1,
              .act = Act::kSilu});
  check_conv({.groups = 7,
              .in_channels = 7,
              .out_channels = 7,
              .in = {1, 1, 2},
              .kernel = {1, 5, 7},
              .pad_begin = {0, 4, 6},
              .pad_end = {0, 4, 6},
              .residual = true,
              .in_place = true});
  check_conv({.groups = 5, .in_channels = 5, .out_channels = 15, .in = {1, 6, 6}, .kernel = {1, 3, 3}});
}

TEST(SimdConv, OneAndThreeDimensions) {
  check_conv({.batch = 2,
              .in_channels = 11,
              .out_channels = 13,
              .in = {1, 1, 50},
              .kernel = {1, 1, 5},
              .stride = {1, 1, 2},
              .pad_begin = {0, 0, 2},
              .pad_end = {0, 0, 2}});
  check_conv({.batch = 2,
              .in_channels = 6,
              .out_channels = 17,
              .in = {5, 6, 7},
              .kernel = {3, 3, 3},
              .stride = {2, 1, 1},
              .pad_begin = {1, 1, 1},
              .pad_end = {1, 1, 1},
              .act = Act::kRelu});
  check_conv({.in_channels = 3,
              .out_channels = 4,
              .in = {4, 5, 16},
              .kernel = {2, 3, 2},
              .dilation = {2, 1, 3},
              .pad_begin = {0, 1, 2},
              .pad_end = {1, 0, 1}});
}

TEST(SimdConv, Transposed) {
  for (int64_t k : {1, 2, 3, 4, 5}) {
    for (int64_t s : {1, 2, 3}) {
      for (int64_t d : {1, 2}) {
        check_conv({.batch = 2,
                    .in_channels = 7,
                    .out_channels = 18,
                    .in = {1, 5, 9},
                    .kernel = {1, k, k},
                    .stride = {1, s, s},
                    .dilation = {1, d, d},
                    .pad_begin = {0, k > 1, k > 1},
                    .transposed = true,
                    .residual = true,
                    .act = Act::kRelu});
      }
    }
  }
  check_conv({.groups = 3,
              .in_channels = 12,
              .out_channels = 6,
              .in = {2, 3, 4},
              .kernel = {2, 3, 4},
              .stride = {2, 2, 1},
              .pad_begin = {0, 1, 2},
              .pad_end = {1, 0, 1},
              .transposed = true,
              .x_extra = 4,
              .y_extra = 3});
  check_conv({.groups = 9,
              .in_channels = 9,
              .out_channels = 9,
              .in = {1, 4, 6},
              .kernel = {1, 4, 4},
              .stride = {1, 2, 2},
              .pad_begin = {0, 1, 1},
              .pad_end = {0, 1, 1},
              .transposed = true,
              .bias = false,
              .act = Act::kSilu});
  check_conv({.in_channels = 4,
              .out_channels = 4,
              .in = {1, 3, 3},
              .kernel = {1, 2, 2},
              .stride = {1, 4, 4},
              .pad_end = {0, -3, -1},
              .transposed = true});
}

TEST(SimdConv, EmptyBatch) {
  const ConvTable& f = conv();
  ConvArgs c;
  c.batch = 0;
  EXPECT_EQ(conv_tasks(f, c), 0);
  conv_run(f, c, 0, 0, nullptr);
}

// A NaN or infinity reaches exactly the outputs whose window and group contain it, also through zero weights.
TEST(SimdConv, NonFiniteValuesStayInTheirWindow) {
  for (int64_t groups : {1, 4, 8}) {
    ConvProblem p({.groups = groups,
                   .in_channels = 8,
                   .out_channels = 8,
                   .in = {1, 9, 9},
                   .kernel = {1, 3, 3},
                   .pad_begin = {0, 1, 1},
                   .pad_end = {0, 1, 1}});
    p.x[(4 * 9 + 4) * 8 + 1] = std::numeric_limits<float>::infinity();
    p.x[(4 * 9 + 4) * 8 + 0] = std::numeric_limits<float>::quiet_NaN();
    for (Target t : compiled_targets()) {
      if (!conv_for(t) || !cpu_runs(t)) continue;
      const std::vector<float> y = p.run(*conv_for(t), 2);
      for (int64_t i = 0; i < 81; ++i) {
        const bool near = std::abs(i / 9 - 4) <= 1 && std::abs(i % 9 - 4) <= 1;
        for (int64_t o = 0; o < 8; ++o) {
          const int64_t first = o / (8 / groups) * (8 / groups);
          EXPECT_EQ(std::isfinite(y[i * 8 + o]), !(near && first <= 1)) << target_name(t) << " " << i << " " << o;
        }
      }
    }
  }
}

}  // namespace
}  // namespace sardonyx::simd
