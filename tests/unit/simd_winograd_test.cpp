// Winograd convolutions of every compiled target, both tile sizes, against a sum in double, cut in several ways.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "simd/conv_kernel.h"
#include "simd/winograd.h"
#include "simd_test_util.h"

namespace sardonyx::simd {
namespace {

struct Spec {
  int64_t batch = 1, in_channels = 16, out_channels = 16, in_h = 4, in_w = 4;
  int64_t pad[4] = {1, 1, 1, 1};  // top, left, bottom, right
  int64_t x_extra = 0, y_extra = 0;
  bool bias = true, residual = false;
  Act act = Act::kNone;
  float p0 = 0, p1 = 0;
};

std::vector<float> random_floats(int64_t n, uint32_t seed) {
  std::mt19937 gen(seed);
  std::uniform_real_distribution<float> dist(-1, 1);
  std::vector<float> v(static_cast<size_t>(n));
  for (float& x : v) x = dist(gen);
  return v;
}

// Floats at a 64-byte boundary, with a guard behind them.
class Block {
 public:
  Block(size_t bytes, float value) : n_(bytes / sizeof(float)), storage_(n_ + 32, value), guard_(value) {
    const auto misplaced = reinterpret_cast<uintptr_t>(storage_.data()) / sizeof(float) % 16;
    first_ = (16 - misplaced) % 16;
  }
  float* data() { return storage_.data() + first_; }
  bool intact() const {
    for (size_t i = first_ + n_; i < storage_.size(); ++i)
      if (storage_[i] != guard_ && !(std::isnan(storage_[i]) && std::isnan(guard_))) return false;
    return true;
  }
  size_t size() const { return n_; }

 private:
  size_t n_, first_;
  std::vector<float> storage_;
  float guard_;
};

class Problem {
 public:
  explicit Problem(const Spec& s) : spec(s) {
    args.batch = s.batch, args.in_channels = s.in_channels, args.out_channels = s.out_channels;
    args.in[1] = s.in_h, args.in[2] = s.in_w;
    args.kernel[1] = args.kernel[2] = 3;
    args.pad_begin[1] = s.pad[0], args.pad_begin[2] = s.pad[1];
    args.out[1] = s.in_h + s.pad[0] + s.pad[2] - 2, args.out[2] = s.in_w + s.pad[1] + s.pad[3] - 2;
    args.x_ld = s.in_channels + s.x_extra, args.y_ld = s.out_channels + s.y_extra;
    out_pixels = s.batch * args.out[1] * args.out[2];
    x = random_floats(s.batch * s.in_h * s.in_w * args.x_ld, 1);
    w = random_floats(s.in_channels * s.out_channels * 9, 2);
    bias = random_floats(s.out_channels, 3);
    residual = random_floats(out_pixels * args.y_ld, 4);
  }

  // parts: into how many ranges tasks are cut; they run last to first.
  std::vector<float> run(const ConvTable& f, int tile, int parts) {
    ConvArgs c = args;
    Block packed(winograd_packed_weight_bytes(f, c, tile), 555);
    const int64_t packs = winograd_pack_tasks(f, c);
    for (int i = parts - 1; i >= 0; --i)
      winograd_pack_weights(f, c, tile, w.data(), packs * i / parts, packs * (i + 1) / parts, packed.data());
    EXPECT_TRUE(packed.intact());
    for (size_t i = 0; i < packed.size(); ++i) EXPECT_NE(packed.data()[i], 555) << "never packed: " << i;
    std::vector<float> y(static_cast<size_t>(out_pixels * c.y_ld + 1), 777);
    c.x = x.data(), c.packed_w = packed.data(), c.y = y.data();
    if (spec.bias) c.ep.col_bias = bias.data();
    if (spec.residual) c.ep.residual = residual.data(), c.ep.residual_ld = c.y_ld, c.ep.residual_scale = 0.5f;
    c.ep.act = spec.act, c.ep.p0 = spec.p0, c.ep.p1 = spec.p1;
    const WinogradPlan p = plan_winograd(f, c, tile);
    const float nan = std::numeric_limits<float>::quiet_NaN();
    Block shared(p.shared_bytes, nan), own(p.thread_bytes, nan);
    const int64_t n = p.transform_tasks;
    for (int i = parts - 1; i >= 0; --i) winograd_transform(f, c, p, n * i / parts, n * (i + 1) / parts, shared.data());
    for (int i = parts - 1; i >= 0; --i)
      winograd_run(f, c, p, p.tasks * i / parts, p.tasks * (i + 1) / parts, shared.data(), own.data());
    EXPECT_TRUE(shared.intact() && own.intact());
    EXPECT_EQ(y.back(), 777);
    y.pop_back();
    return y;
  }

  void reference() {
    want.clear();
    for (int64_t p = 0; p < out_pixels; ++p)
      for (int64_t o = 0; o < spec.out_channels; ++o) want.push_back(value(p, o));
  }

  // Errors are relative to the size of the sum, sqrt(9 * channels) / 3 for these numbers.
  void check(const std::vector<float>& y, double tolerance) const {
    const double bound = tolerance * (2 + std::sqrt(static_cast<double>(spec.in_channels)));
    for (int64_t p = 0; p < out_pixels; ++p) {
      for (int64_t o = 0; o < args.y_ld; ++o) {
        const float got = y[static_cast<size_t>(p * args.y_ld + o)];
        if (o >= spec.out_channels) {
          ASSERT_EQ(got, 777) << "written beside the channels of pixel " << p;
        } else {
          ASSERT_NEAR(got, want[static_cast<size_t>(p * spec.out_channels + o)], bound) << "pixel " << p << " ch " << o;
        }
      }
    }
  }

  Spec spec;
  ConvArgs args;
  int64_t out_pixels;
  std::vector<float> x, w, bias, residual;
  std::vector<double> want;

 private:
  double value(int64_t p, int64_t o) const {
    const int64_t ow = p % args.out[2], oh = p / args.out[2] % args.out[1], n = p / args.out[2] / args.out[1];
    double v = 0;
    for (int64_t k = 0; k < 9; ++k) {
      const int64_t h = oh + k / 3 - spec.pad[0], l = ow + k % 3 - spec.pad[1];
      if (h < 0 || h >= spec.in_h || l < 0 || l >= spec.in_w) continue;
      const float* pixel = &x[static_cast<size_t>(((n * spec.in_h + h) * spec.in_w + l) * args.x_ld)];
      for (int64_t c = 0; c < spec.in_channels; ++c)
        v += static_cast<double>(pixel[c]) * w[static_cast<size_t>((o * spec.in_channels + c) * 9 + k)];
    }
    if (spec.bias) v += bias[static_cast<size_t>(o)];
    if (spec.residual) v += 0.5 * residual[static_cast<size_t>(p * args.y_ld + o)];
    if (spec.act == Act::kRelu) v = std::max(v, 0.0);
    if (spec.act == Act::kClip) v = std::clamp<double>(v, spec.p0, spec.p1);
    if (spec.act == Act::kSilu) v = v / (1 + std::exp(-v));
    return v;
  }
};

void check_winograd(const Spec& s) {
  Problem p(s);
  p.reference();
  for (Target t : targets_to_test()) {
    const ConvTable* f = conv_for(t);
    if (f == nullptr) continue;
    for (int tile : {2, 4}) {
      SCOPED_TRACE(testing::Message() << target_name(t) << " F" << tile << ": " << s.batch << "x" << s.in_h << "x"
                                      << s.in_w << "x" << s.in_channels << " to " << s.out_channels);
      const std::vector<float> y = p.run(*f, tile, 1);
      p.check(y, tile == 2 ? 4e-6 : 2e-5);
      for (int parts : {2, 3}) EXPECT_EQ(p.run(*f, tile, parts), y) << "differs when cut in " << parts;
      if (testing::Test::HasFailure()) return;
    }
  }
}

TEST(SimdWinograd, PictureSizes) {
  for (int64_t h : {1, 2, 3, 4, 5, 7, 9}) {
    for (int64_t w : {1, 2, 6, 8, 13}) check_winograd({.in_h = h, .in_w = w, .act = Act::kRelu});
  }
}

TEST(SimdWinograd, ChannelCounts) {
  for (int64_t in : {1, 3, 15, 16, 17, 40}) {
    for (int64_t out : {1, 7, 16, 31, 33, 70})
      check_winograd({.in_channels = in, .out_channels = out, .in_h = 7, .in_w = 6, .residual = out % 2 == 1});
  }
}

TEST(SimdWinograd, Padding) {
  check_winograd({.in_h = 6, .in_w = 7, .pad = {0, 0, 0, 0}});
  check_winograd({.in_h = 6, .in_w = 7, .pad = {2, 0, 1, 3}, .bias = false});
  check_winograd({.in_h = 2, .in_w = 3, .pad = {7, 9, 8, 6}});
}

TEST(SimdWinograd, SlicesBatchesAndActivations) {
  check_winograd({.batch = 3,
                  .in_channels = 20,
                  .out_channels = 18,
                  .in_h = 5,
                  .in_w = 9,
                  .x_extra = 3,
                  .y_extra = 5,
                  .residual = true,
                  .act = Act::kSilu});
  check_winograd({.batch = 2, .in_h = 7, .in_w = 7, .residual = true, .act = Act::kClip, .p0 = -1, .p1 = 2});
}

// Few blocks with their own transform tasks, and many that transform for themselves.
TEST(SimdWinograd, BothWaysOfCutting) {
  const GemmTable& g = gemm();
  Spec many{.in_channels = 24, .out_channels = 40, .in_h = 6, .in_w = 0, .act = Act::kRelu};
  many.in_w = 4 * 4 * 8 * g.mr + 3;
  check_winograd(many);
  Problem p(many), few(Spec{.in_channels = 300, .out_channels = 40, .in_h = 14, .in_w = 14});
  EXPECT_EQ(plan_winograd(conv(), p.args, 4).transform_tasks, 0);
  EXPECT_GT(plan_winograd(conv(), few.args, 4).transform_tasks, 0);
  check_winograd(few.spec);
}

TEST(SimdWinograd, NothingToDo) {
  Problem p(Spec{.batch = 0});
  const WinogradPlan plan = plan_winograd(conv(), p.args, 4);
  EXPECT_EQ(plan.tasks, 0);
  EXPECT_EQ(plan.transform_tasks, 0);
}

// What is not finite stays within the tiles that read it.
TEST(SimdWinograd, NonFiniteValuesStayInTheirTiles) {
  for (int tile : {2, 4}) {
    Problem p(Spec{.in_h = 24, .in_w = 24});
    const int64_t h = 9, l = 10;
    p.x[static_cast<size_t>((h * 24 + l) * 16 + 3)] = std::numeric_limits<float>::quiet_NaN();
    const std::vector<float> y = p.run(conv(), tile, 2);
    for (int64_t i = 0; i < 24 * 24; ++i) {
      const int64_t oh = i / 24, ow = i % 24;
      const bool in_window = std::abs(oh - h) <= 1 && std::abs(ow - l) <= 1;
      const bool far = std::abs(oh - h) > tile || std::abs(ow - l) > tile;
      const float v = y[static_cast<size_t>(i * 16)];
      if (in_window) {
        EXPECT_TRUE(std::isnan(v)) << i;
      }
      if (far) {
        EXPECT_TRUE(std::isfinite(v)) << i;
      }
    }
  }
}

TEST(SimdWinograd, Choice) {
  const auto choice = [](int64_t in, int64_t out, int64_t side, int64_t stride = 1, int64_t kernel = 3) {
    ConvArgs c;
    c.in_channels = c.x_ld = in, c.out_channels = c.y_ld = out;
    for (int i = 1; i < 3; ++i)
      c.in[i] = side, c.out[i] = side / stride, c.kernel[i] = kernel, c.stride[i] = stride, c.pad_begin[i] = kernel / 2;
    const WinogradChoice w = choose_winograd(conv(), c);
    EXPECT_EQ(w.tile == 0, w.reason != nullptr);
    return w.tile;
  };
  if (conv().target == Target::kScalar) {
    EXPECT_EQ(choice(64, 64, 56), 0);
    return;
  }
  EXPECT_EQ(choice(64, 64, 56), 4);
  EXPECT_EQ(choice(64, 64, 56, 2), 0);
  EXPECT_EQ(choice(64, 64, 56, 1, 5), 0);
  EXPECT_EQ(choice(3, 64, 224), 0);
  EXPECT_EQ(choice(512, 512, 7), 0);
  EXPECT_EQ(choice(64, 64, 0), 0);
}

}  // namespace
}  // namespace sardonyx::simd
