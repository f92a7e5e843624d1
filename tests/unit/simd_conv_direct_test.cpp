// Direct convolutions of every compiled target, in all layouts, against a double reference.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "simd/conv_direct.h"
#include "simd_test_util.h"

namespace sardonyx::simd {
namespace {

struct Spec {
  int64_t batch = 1, groups = 1, in_channels = 1, out_channels = 1;
  int64_t in[2] = {1, 1}, kernel[2] = {1, 1}, stride[2] = {1, 1}, dilation[2] = {1, 1};
  int64_t pad_begin[2] = {0, 0}, pad_end[2] = {0, 0};
  bool bias = true, residual = false, in_place = false;
  Act act = Act::kNone;
};

enum class Form { kPlanes, kLastToFirst, kFirstToLast, kLast };

std::vector<float> random_floats(int64_t n, uint32_t seed) {
  std::mt19937 gen(seed);
  std::uniform_real_distribution<float> dist(-1, 1);
  std::vector<float> v(static_cast<size_t>(n));
  for (float& x : v) x = dist(gen);
  return v;
}

// [n][channels][pixels] to [n][pixels][channels].
std::vector<float> channels_last(const std::vector<float>& v, int64_t batch, int64_t channels, int64_t pixels) {
  std::vector<float> to(v.size());
  for (int64_t n = 0; n < batch; ++n)
    for (int64_t c = 0; c < channels; ++c)
      for (int64_t p = 0; p < pixels; ++p)
        to[static_cast<size_t>((n * pixels + p) * channels + c)] =
            v[static_cast<size_t>((n * channels + c) * pixels + p)];
  return to;
}

class Problem {
 public:
  explicit Problem(const Spec& s) : spec(s) {
    args.batch = s.batch, args.groups = s.groups, args.in_channels = s.in_channels, args.out_channels = s.out_channels;
    for (int i = 0; i < 2; ++i) {
      args.in[i + 1] = s.in[i], args.kernel[i + 1] = s.kernel[i], args.stride[i + 1] = s.stride[i];
      args.dilation[i + 1] = s.dilation[i], args.pad_begin[i + 1] = s.pad_begin[i];
      const int64_t reach = (s.kernel[i] - 1) * s.dilation[i] + 1;
      args.out[i + 1] = (s.in[i] + s.pad_begin[i] + s.pad_end[i] - reach) / s.stride[i] + 1;
    }
    in_pixels = s.in[0] * s.in[1], out_pixels = args.out[1] * args.out[2];
    x = random_floats(s.batch * s.in_channels * in_pixels, 1);
    w = random_floats(s.out_channels * s.in_channels / s.groups * s.kernel[0] * s.kernel[1], 2);
    bias = random_floats(s.out_channels, 3);
    residual = random_floats(s.batch * s.out_channels * out_pixels, 4);
    reference();
  }

  // The result channels-first, whatever the form.
  std::vector<float> run(const DirectTable& f, Form form, int ranges) const {
    const bool x_last = form == Form::kLast || form == Form::kLastToFirst;
    const bool y_last = form == Form::kLast || form == Form::kFirstToLast;
    ConvArgs c = args;
    std::vector<float> packed(direct_packed_bytes(f, c, y_last) / sizeof(float) + 1, 555);
    direct_pack(f, c, x_last, y_last, w.data(), packed.data());
    EXPECT_EQ(packed.back(), 555);
    const std::vector<float> xl = x_last ? channels_last(x, spec.batch, spec.in_channels, in_pixels) : x;
    const std::vector<float> rl =
        y_last ? channels_last(residual, spec.batch, spec.out_channels, out_pixels) : residual;
    std::vector<float> y(residual.size() + 1, 777);
    c.x = xl.data(), c.packed_w = packed.data(), c.y = y.data();
    if (spec.bias) c.ep.col_bias = bias.data();
    if (spec.residual) {
      c.ep.residual = rl.data(), c.ep.residual_scale = 0.5f;
      if (spec.in_place) std::copy(rl.begin(), rl.end(), y.begin()), c.ep.residual = y.data();
    }
    c.ep.act = spec.act, c.ep.p0 = -0.5f, c.ep.p1 = 0.75f;
    const DirectPlan p = plan_direct(f, c, x_last, y_last);
    std::vector<float> scratch(p.scratch_bytes / sizeof(float) + 1, std::numeric_limits<float>::quiet_NaN());
    for (int i = ranges - 1; i >= 0; --i)
      direct_run(f, c, p, p.tasks * i / ranges, p.tasks * (i + 1) / ranges, scratch.data());
    EXPECT_EQ(y.back(), 777);
    EXPECT_TRUE(std::isnan(scratch.back()));
    y.pop_back();
    return y_last ? channels_last(y, spec.batch, out_pixels, spec.out_channels) : y;
  }

  void check(const std::vector<float>& y) const {
    for (size_t i = 0; i < want.size(); ++i) ASSERT_NEAR(y[i], want[i], bound[i]) << "element " << i;
  }

  Spec spec;
  ConvArgs args;
  int64_t in_pixels, out_pixels;
  std::vector<float> x, w, bias, residual;
  std::vector<double> want, bound;

 private:
  void reference() {
    for (int64_t n = 0; n < spec.batch; ++n)
      for (int64_t o = 0; o < spec.out_channels; ++o)
        for (int64_t p = 0; p < out_pixels; ++p) element(n, o, p / args.out[2], p % args.out[2]);
  }

  void element(int64_t n, int64_t o, int64_t row, int64_t col) {
    const int64_t cg = spec.in_channels / spec.groups, group = o / (spec.out_channels / spec.groups);
    double sum = 0, size = 0;
    for (int64_t c = 0; c < cg; ++c) {
      for (int64_t k = 0; k < spec.kernel[0] * spec.kernel[1]; ++k) {
        const int64_t r = row * spec.stride[0] - spec.pad_begin[0] + k / spec.kernel[1] * spec.dilation[0];
        const int64_t q = col * spec.stride[1] - spec.pad_begin[1] + k % spec.kernel[1] * spec.dilation[1];
        if (r < 0 || r >= spec.in[0] || q < 0 || q >= spec.in[1]) continue;
        const int64_t at = ((n * spec.in_channels + group * cg + c) * spec.in[0] + r) * spec.in[1] + q;
        const double v = double{x[static_cast<size_t>(at)]} *
                         w[static_cast<size_t>((o * cg + c) * spec.kernel[0] * spec.kernel[1] + k)];
        sum += v, size += std::abs(v);
      }
    }
    if (spec.bias) sum += bias[static_cast<size_t>(o)];
    if (spec.residual) sum += 0.5 * residual[want.size()];
    if (spec.act == Act::kRelu) sum = std::max(sum, 0.0);
    if (spec.act == Act::kClip) sum = std::clamp(sum, -0.5, 0.75);
    if (spec.act == Act::kSilu) sum /= 1 + std::exp(-sum);
    want.push_back(sum), bound.push_back(2e-6 * (size + 2));
  }
};

void check_direct(const Spec& s) {
  const Problem p(s);
  for (Target t : targets_to_test()) {
    const DirectTable* f = conv_direct_for(t);
    if (f == nullptr) continue;
    for (Form form : {Form::kPlanes, Form::kLastToFirst, Form::kFirstToLast, Form::kLast}) {
      if (form >= Form::kFirstToLast && s.groups > 1) continue;
      SCOPED_TRACE(std::string(target_name(t)) + " form " + std::to_string(static_cast<int>(form)) + " C " +
                   std::to_string(s.in_channels) + " O " + std::to_string(s.out_channels) + " HW " +
                   std::to_string(s.in[0]) + "x" + std::to_string(s.in[1]) + " k " + std::to_string(s.kernel[0]) + "x" +
                   std::to_string(s.kernel[1]) + " s " + std::to_string(s.stride[1]));
      const std::vector<float> one = p.run(*f, form, 1), many = p.run(*f, form, 3);
      p.check(one);
      ASSERT_TRUE(one.empty() || std::memcmp(one.data(), many.data(), one.size() * sizeof(float)) == 0)
          << "depends on the split";
      if (::testing::Test::HasFatalFailure()) return;
    }
  }
}

TEST(SimdConvDirect, Widths) {
  for (int64_t w = 1; w <= 33; ++w)
    check_direct({.in_channels = 3,
                  .out_channels = 1 + w % 9,
                  .in = {5, w},
                  .kernel = {3, 3},
                  .pad_begin = {1, 1},
                  .pad_end = {1, 1},
                  .act = Act::kRelu});
}

TEST(SimdConvDirect, OutputChannels) {
  for (int64_t o = 1; o <= 35; ++o)
    check_direct({.in_channels = 2, .out_channels = o, .in = {4, 70}, .kernel = {2, 3}, .residual = o % 2 == 0});
}

TEST(SimdConvDirect, Strides) {
  for (int64_t s = 1; s <= 7; ++s)
    for (int64_t w : {9, 16, 31, 67, 130})
      check_direct({.in_channels = 3,
                    .out_channels = 5,
                    .in = {17, w},
                    .kernel = {7, 5},
                    .stride = {8 - s, s},
                    .pad_begin = {3, s},
                    .pad_end = {3, 1}});
}

TEST(SimdConvDirect, PaddingBeyondTheKernel) {
  for (int64_t pad : {4, 9, 40})
    for (int64_t s : {1, 2, 3}) {
      check_direct({.in_channels = 2,
                    .out_channels = 3,
                    .in = {3, 11},
                    .kernel = {3, 3},
                    .stride = {s, s},
                    .pad_begin = {pad, pad},
                    .pad_end = {pad, 2 * pad}});
      check_direct({.out_channels = 2, .in = {1, 2}, .kernel = {1, 2}, .stride = {1, s}, .pad_end = {0, pad}});
    }
}

TEST(SimdConvDirect, NegativePaddingCrops) {
  for (int64_t s : {1, 2, 3})
    check_direct({.in_channels = 2,
                  .out_channels = 3,
                  .in = {9, 25},
                  .kernel = {3, 3},
                  .stride = {1, s},
                  .pad_begin = {-2, -3},
                  .pad_end = {-1, -2}});
}

TEST(SimdConvDirect, Dilation) {
  for (int64_t d : {2, 3, 5})
    for (int64_t s : {1, 2, 3})
      check_direct({.in_channels = 4,
                    .out_channels = 6,
                    .in = {14, 29},
                    .kernel = {3, 3},
                    .stride = {s, s},
                    .dilation = {d, d},
                    .pad_begin = {d, d},
                    .pad_end = {d, d}});
}

TEST(SimdConvDirect, Batches) {
  for (int64_t n : {0, 1, 3})
    check_direct({.batch = n, .in_channels = 3, .out_channels = 4, .in = {40, 50}, .kernel = {3, 3}, .bias = false});
}

TEST(SimdConvDirect, Groups) {
  for (int64_t g : {2, 3, 6})
    check_direct({.batch = 2,
                  .groups = g,
                  .in_channels = 6,
                  .out_channels = 12,
                  .in = {8, 37},
                  .kernel = {3, 3},
                  .pad_begin = {1, 1},
                  .pad_end = {1, 1}});
  check_direct({.groups = 5, .in_channels = 5, .out_channels = 5, .in = {6, 200}, .kernel = {1, 9}, .stride = {1, 2}});
}

TEST(SimdConvDirect, ManyTasks) {
  check_direct({.batch = 2,
                .in_channels = 6,
                .out_channels = 16,
                .in = {61, 160},
                .kernel = {5, 5},
                .pad_begin = {2, 2},
                .pad_end = {2, 2}});
}

TEST(SimdConvDirect, Epilogues) {
  for (Act a : {Act::kNone, Act::kRelu, Act::kClip, Act::kSilu})
    for (bool in_place : {false, true})
      check_direct({.batch = 2,
                    .in_channels = 3,
                    .out_channels = 19,
                    .in = {7, 45},
                    .kernel = {3, 3},
                    .pad_begin = {1, 1},
                    .pad_end = {1, 1},
                    .residual = true,
                    .in_place = in_place,
                    .act = a});
}

TEST(SimdConvDirect, NaNStaysWhereItIs) {
  Problem p({.in_channels = 1, .out_channels = 2, .in = {3, 20}, .kernel = {1, 1}, .act = Act::kRelu});
  p.x[27] = std::numeric_limits<float>::quiet_NaN();
  for (Target t : targets_to_test()) {
    if (conv_direct_for(t) == nullptr) continue;
    for (Form form : {Form::kPlanes, Form::kLastToFirst, Form::kFirstToLast, Form::kLast}) {
      const std::vector<float> y = p.run(*conv_direct_for(t), form, 1);
      for (size_t i = 0; i < y.size(); ++i) EXPECT_EQ(std::isnan(y[i]), i % 60 == 27) << i;
    }
  }
}

}  // namespace
}  // namespace sardonyx::simd
