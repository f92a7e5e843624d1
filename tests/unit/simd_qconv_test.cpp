// Convolutions and products of bytes of every compiled target against a plain reference; results must be equal.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "simd/qconv.h"
#include "simd/qgemm_kernel.h"

namespace sardonyx::simd {
namespace {

std::vector<Target> qgemm_targets() {
  std::vector<Target> out;
  for (Target t : compiled_targets()) {
    if (qgemm_for(t) && cpu_runs(t)) out.push_back(t);
  }
  return out;
}

// Bytes with many extremes: 0, 127, 128 and 255 are -128, -1 and so on in the signed reading.
std::vector<uint8_t> random_bytes(int64_t n, uint32_t seed) {
  std::mt19937 gen(seed);
  const uint8_t extreme[] = {0, 127, 128, 255};
  std::vector<uint8_t> v(static_cast<size_t>(n));
  for (uint8_t& x : v) x = gen() % 3 == 0 ? extreme[gen() % 4] : static_cast<uint8_t>(gen());
  return v;
}

int32_t number(uint8_t byte, bool is_signed) { return is_signed ? static_cast<int8_t>(byte) : byte; }

struct Case {
  ConvArgs shape;
  bool x_signed = false, w_signed = true;
  uint8_t x_zero = 0;
  int w_zeros = 0;  // 0: the weights are symmetric; 1 or out_channels of them
  int w_scales = 1;
  QOutput out = {};
  bool bias = false, extreme = false;
};

struct Problem {
  explicit Problem(const Case& c) : spec(c), s(c.shape) {
    const int64_t taps = s.kernel[0] * s.kernel[1] * s.kernel[2];
    x = random_bytes(s.batch * s.in[0] * s.in[1] * s.in[2] * s.x_ld, 1);
    w = random_bytes(s.out_channels * (s.in_channels / s.groups) * taps, 2);
    if (c.extreme) {
      for (uint8_t& b : x) b = c.x_signed ? 128 : 255;
      for (uint8_t& b : w) b = c.w_signed ? 128 : 255;
    }
    w_zero = random_bytes(std::max(1, c.w_zeros), 3);
    if (c.w_zeros == 0) w_zero[0] = c.w_signed ? 0 : 128;
    std::mt19937 gen(4);
    for (int i = 0; i < c.w_scales; ++i)
      w_scale.push_back(std::ldexp(1.0f + static_cast<float>(gen() % 100) / 100, -6));
    for (int64_t i = 0; i < s.out_channels; ++i) {
      bias.push_back(static_cast<int32_t>(gen() % 20001) - 10000);
      float_bias.push_back(static_cast<float>(gen() % 100) - 50);
    }
    for (int64_t i = 0; i < pixels() * s.out_channels; ++i) sums.push_back(sum(i / s.out_channels, i % s.out_channels));
  }
  int64_t pixels() const { return s.batch * s.out[0] * s.out[1] * s.out[2]; }

  int32_t sum(int64_t pixel, int64_t o) const {
    const int64_t cg = s.in_channels / s.groups, og = s.out_channels / s.groups, g = o / og;
    const int64_t taps = s.kernel[0] * s.kernel[1] * s.kernel[2];
    int64_t pos[3], n = pixel;
    for (int i = 2; i >= 0; --i) pos[i] = n % s.out[i], n /= s.out[i];
    const int32_t xz = number(spec.x_zero, spec.x_signed);
    const int32_t wz = number(w_zero[spec.w_zeros > 1 ? static_cast<size_t>(o) : 0], spec.w_signed);
    uint32_t total = 0;
    for (int64_t t = 0; t < taps; ++t) {
      const int64_t k[3] = {t / s.kernel[2] / s.kernel[1], t / s.kernel[2] % s.kernel[1], t % s.kernel[2]};
      int64_t at = n;
      bool inside = true;
      for (int i = 0; i < 3; ++i) {
        const int64_t p = pos[i] * s.stride[i] - s.pad_begin[i] + k[i] * s.dilation[i];
        inside = inside && p >= 0 && p < s.in[i];
        at = at * s.in[i] + p;
      }
      if (!inside) continue;
      for (int64_t c = 0; c < cg; ++c) {
        const int32_t a = number(x[static_cast<size_t>(at * s.x_ld + g * cg + c)], spec.x_signed) - xz;
        const int32_t b = number(w[static_cast<size_t>((o * cg + c) * taps + t)], spec.w_signed) - wz;
        total += static_cast<uint32_t>(a * b);
      }
    }
    return static_cast<int32_t>(total);
  }

  QConvArgs args(const QGemmTable& f) {
    QConvArgs c;
    c.shape = s, c.x_signed = spec.x_signed, c.w_signed = spec.w_signed;
    c.x_pad = spec.x_zero, c.x = x.data(), c.out = spec.out;
    packed.assign(qconv_packed_bytes(f, c) + 1, 77);
    for (int64_t t = qconv_pack_tasks(f, c) - 1; t >= 0; --t) qconv_pack(f, c, w.data(), t, t + 1, packed.data());
    EXPECT_EQ(packed.back(), 77);
    finish_args(f, c);
    return c;
  }
  void finish_args(const QGemmTable& f, QConvArgs& c) {
    c.packed_w = packed.data();
    QParams p;
    p.x_zero = number(spec.x_zero, spec.x_signed), p.x_scale = 0.3f, p.y_scale = 0.7f;
    p.w_scale = w_scale.data(), p.w_scales = spec.w_scales;
    p.w_zero = w_zero.data(), p.w_zeros = std::max(1, spec.w_zeros);
    p.bias = spec.bias && spec.out.kind != QOut::kF32 ? bias.data() : nullptr;
    p.float_bias = spec.bias && spec.out.kind == QOut::kF32 ? float_bias.data() : nullptr;
    columns.assign(qconv_columns_bytes(f, c) / 4 + 1, 12345);
    c.columns = qconv_columns(f, c, p, columns.data());
    EXPECT_EQ(columns.back(), 12345);
  }

  double want(int64_t i) const {
    const int64_t o = i % s.out_channels;
    int32_t sum = sums[static_cast<size_t>(i)];
    if (spec.bias && spec.out.kind != QOut::kF32) sum += bias[static_cast<size_t>(o)];
    if (spec.out.kind == QOut::kI32) return sum;
    const float scale = 0.3f * w_scale[spec.w_scales == 1 ? 0 : static_cast<size_t>(o)];
    if (spec.out.kind == QOut::kF32) {
      const float y = static_cast<float>(sum) * scale + (spec.bias ? float_bias[static_cast<size_t>(o)] : 0);
      return spec.out.act == Act::kRelu ? std::max(0.0f, y) : y;
    }
    const float y = static_cast<float>(sum) * (scale / 0.7f);
    return std::clamp(std::nearbyint(static_cast<double>(y)) + spec.out.zero, double(spec.out.low),
                      double(spec.out.high));
  }

  // Last task range first; the output starts as a pattern to see that nothing beyond it is written.
  std::vector<double> run(const QGemmTable& f, QConvArgs c, int64_t ranges) {
    const int64_t size = c.out.kind == QOut::kU8 || c.out.kind == QOut::kI8 ? 1 : 4, n = pixels() * s.y_ld;
    std::vector<uint8_t> y(static_cast<size_t>(n * size) + 1, 0xA5);
    std::vector<uint8_t> scratch(qconv_scratch_bytes(f, c) + 65, 0x5A);
    uint8_t* aligned = scratch.data() + (64 - reinterpret_cast<uintptr_t>(scratch.data()) % 64) % 64;
    c.y = y.data();
    const int64_t tasks = qconv_tasks(f, c);
    for (int64_t r = ranges - 1; r >= 0; --r) qconv_run(f, c, tasks * r / ranges, tasks * (r + 1) / ranges, aligned);
    EXPECT_EQ(y.back(), 0xA5);
    std::vector<double> got;
    for (int64_t p = 0; p < pixels(); ++p) {
      for (int64_t o = 0; o < s.y_ld; ++o) {
        const size_t i = static_cast<size_t>(p * s.y_ld + o);
        if (o >= s.out_channels) {
          EXPECT_EQ(y[i * static_cast<size_t>(size)], 0xA5);
        } else if (c.out.kind == QOut::kF32) {
          got.push_back(reinterpret_cast<const float*>(y.data())[i]);
        } else {
          got.push_back(c.out.kind == QOut::kI32 ? reinterpret_cast<const int32_t*>(y.data())[i]
                                                 : number(y[i], c.out.kind == QOut::kI8));
        }
      }
    }
    return got;
  }

  void check(const std::string& name) {
    for (Target target : qgemm_targets()) {
      const QGemmTable& f = *qgemm_for(target);
      compare(f, args(f), name + " " + std::string(target_name(target)));
    }
  }
  void compare(const QGemmTable& f, const QConvArgs& c, const std::string& name) {
    for (int64_t ranges : {1, 3}) {
      const std::vector<double> got = run(f, c, ranges);
      ASSERT_EQ(got.size(), sums.size());
      for (size_t i = 0; i < got.size(); ++i)
        ASSERT_EQ(got[i], want(static_cast<int64_t>(i))) << name << " at " << i << " in " << ranges << " ranges";
    }
  }

  Case spec;
  ConvArgs s;
  std::vector<uint8_t> x, w, w_zero;
  std::vector<float> w_scale, float_bias;
  std::vector<int32_t> bias, sums, columns;
  std::vector<int8_t> packed;
};

ConvArgs shape(int64_t batch, int64_t groups, int64_t in_channels, int64_t out_channels, int64_t h, int64_t w,
               int64_t kernel, int64_t stride, int64_t dilation, int64_t pad) {
  ConvArgs c;
  c.batch = batch, c.groups = groups, c.in_channels = c.x_ld = in_channels, c.out_channels = c.y_ld = out_channels;
  c.in[1] = h, c.in[2] = w;
  for (int i : {1, 2}) {
    c.kernel[i] = kernel, c.stride[i] = stride, c.dilation[i] = dilation, c.pad_begin[i] = pad;
    c.out[i] = (c.in[i] + 2 * pad - dilation * (kernel - 1) - 1) / stride + 1;
  }
  return c;
}

const QOutput kByteOut{QOut::kU8, 3, 0, 255}, kSignedOut{QOut::kI8, -5, -128, 127}, kInt32Out{};

TEST(SimdQConv, ProductsOfAwkwardSizes) {
  for (int64_t m : {1, 2, 5, 14, 31})
    for (int64_t n : {1, 7, 16, 33, 65})
      for (int64_t k : {1, 3, 4, 17, 64, 130}) Problem({.shape = qmatmul_shape(m, n, k), .x_zero = 9}).check("product");
}

TEST(SimdQConv, SignsZeroPointsAndExtremes) {
  for (bool xs : {false, true})
    for (bool ws : {false, true})
      for (int zeros : {0, 1, 37})
        for (bool extreme : {false, true}) {
          Case c{.shape = qmatmul_shape(9, 37, 101), .x_signed = xs, .w_signed = ws};
          c.x_zero = 200, c.w_zeros = zeros, c.extreme = extreme;
          Problem(c).check("signs");
        }
}

TEST(SimdQConv, Outputs) {
  for (const QOutput& out : {kByteOut, kSignedOut, QOutput{QOut::kU8, 100, 100, 255}, QOutput{QOut::kI8, 0, -7, 11},
                             QOutput{.kind = QOut::kF32}, QOutput{.kind = QOut::kF32, .act = Act::kRelu}})
    for (bool bias : {false, true})
      for (int scales : {1, 37}) {
        Case c{.shape = qmatmul_shape(20, 37, 33), .x_zero = 77, .w_scales = scales, .out = out, .bias = bias};
        Problem(c).check("output");
        c.shape = shape(1, 37, 37, 37, 5, 6, 3, 1, 1, 1);
        Problem(c).check("output by lanes");
        c.w_zeros = 37;
        Problem(c).check("output by lanes with zero points");
      }
}

TEST(SimdQConv, Geometries) {
  int i = 0;
  for (const ConvArgs& s : {shape(2, 1, 3, 20, 11, 9, 7, 2, 1, 3), shape(1, 1, 8, 5, 6, 6, 3, 1, 2, 2),
                            shape(1, 2, 8, 12, 7, 5, 3, 1, 1, 1), shape(2, 1, 12, 40, 9, 9, 1, 2, 1, 0),
                            shape(1, 70, 70, 70, 7, 8, 3, 2, 1, 1), shape(1, 4, 4, 4, 3, 3, 5, 1, 1, 2),
                            shape(1, 130, 130, 130, 4, 4, 3, 1, 2, 2), shape(1, 3, 3, 9, 6, 6, 3, 1, 1, 1),
                            shape(1, 1, 5, 6, 1, 30, 1, 1, 1, 0), shape(2, 1, 1, 8, 9, 20, 5, 1, 1, 2),
                            shape(1, 1, 2, 20, 10, 9, 3, 2, 1, 1), shape(1, 1, 1, 4, 3, 2, 3, 1, 1, 3),
                            shape(1, 1, 4, 40, 7, 40, 4, 3, 1, 0), shape(1, 48, 48, 48, 5, 33, 3, 3, 1, 1),
                            shape(2, 96, 96, 96, 2, 3, 4, 1, 1, 3)})
    for (bool xs : {false, true})
      for (int zeros : {0, 1}) {
        Case c{.shape = s, .x_signed = xs, .x_zero = 131, .w_zeros = zeros, .out = ++i % 2 ? kByteOut : kInt32Out};
        c.bias = i % 3 == 0;
        Problem(c).check("geometry " + std::to_string(i));
      }
}

TEST(SimdQConv, SlicesOfWiderTensorsAndDepth) {
  Case c{.shape = shape(1, 1, 8, 10, 5, 5, 3, 1, 1, 1), .x_zero = 5, .out = kByteOut};
  c.shape.x_ld = 11, c.shape.y_ld = 13;
  Problem(c).check("slices");
  c.shape = shape(1, 6, 6, 6, 5, 5, 3, 1, 1, 1);
  c.shape.x_ld = 9, c.shape.y_ld = 8;
  Problem(c).check("slices by lanes");
  c.shape = shape(1, 1, 4, 6, 4, 4, 3, 1, 1, 1);
  c.shape.in[0] = 4, c.shape.kernel[0] = 2, c.shape.out[0] = 3;
  Problem(c).check("depth");
}

TEST(SimdQConv, ProductsPackedByRowsAndColumns) {
  for (Target target : qgemm_targets()) {
    const QGemmTable& f = *qgemm_for(target);
    for (bool w_signed : {false, true}) {
      Problem p({.shape = qmatmul_shape(6, 83, 45), .w_signed = w_signed, .x_zero = 3, .w_zeros = 1});
      std::vector<uint8_t> b(45 * 90);
      for (int64_t n = 0; n < 83; ++n)
        for (int64_t k = 0; k < 45; ++k) b[static_cast<size_t>(k * 90 + n)] = p.w[static_cast<size_t>(n * 45 + k)];
      QConvArgs c = p.args(f);
      for (bool trans : {false, true}) {
        std::fill(p.packed.begin(), p.packed.end(), 55);
        for (int64_t t = qconv_pack_tasks(f, c) - 1; t >= 0; --t)
          qmatmul_pack(f, c, trans ? p.w.data() : b.data(), trans ? 45 : 90, trans, t, t + 1, p.packed.data());
        EXPECT_EQ(p.packed.back(), 55);
        p.finish_args(f, c);
        p.compare(f, c, "packed");
      }
    }
  }
}

TEST(SimdQConv, NothingToDo) {
  for (Target target : qgemm_targets()) {
    Problem none({.shape = qmatmul_shape(0, 5, 4)});
    EXPECT_EQ(qconv_tasks(*qgemm_for(target), none.args(*qgemm_for(target))), 0);
  }
  Problem({.shape = qmatmul_shape(3, 5, 0), .out = kByteOut, .bias = true}).check("no depth");
}

TEST(SimdQConv, MaximaAndSums) {
  const std::vector<uint8_t> x = random_bytes(5 * 200, 8);
  for (Target target : qgemm_targets()) {
    const QGemmTable& f = *qgemm_for(target);
    for (int64_t n : {1, 3, 16, 63, 64, 65, 200})
      for (uint8_t flip : {0, 0x80}) {
        const uint8_t* taps[] = {x.data(), x.data() + 200, x.data() + 400, x.data() + 600, x.data() + 800};
        std::vector<uint8_t> most(static_cast<size_t>(n) + 1, 99);
        std::vector<int32_t> sums(static_cast<size_t>(n) + 1, 10);
        f.max(taps, 5, n, flip, most.data());
        f.sum(x.data(), 200, 5, n, flip, sums.data());
        for (int64_t i = 0; i < n; ++i) {
          int32_t m = 0, s = 10;
          for (int t = 0; t < 5; ++t) m = std::max(m, taps[t][i] ^ flip), s += taps[t][i] ^ flip;
          ASSERT_EQ(most[static_cast<size_t>(i)] ^ flip, m);
          ASSERT_EQ(sums[static_cast<size_t>(i)], s);
        }
        ASSERT_EQ(most.back(), 99);
        ASSERT_EQ(sums.back(), 10);
      }
  }
}

}  // namespace
}  // namespace sardonyx::simd
