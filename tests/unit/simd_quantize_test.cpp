#include <gtest/gtest.h>

#include "simd/quantize.h"
#include "simd_test_util.h"

namespace sardonyx::simd {
namespace {

constexpr int64_t kLengths[] = {0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 33, 49, 500};

template <class Q>
Q quantized(float x, float scale, int32_t zero) {
  const float v = std::nearbyint(x / scale) + static_cast<float>(zero);
  const float lo = std::numeric_limits<Q>::lowest(), hi = std::numeric_limits<Q>::max();
  if (!(v > lo)) return std::numeric_limits<Q>::lowest();
  return v < hi ? static_cast<Q>(v) : std::numeric_limits<Q>::max();
}

std::vector<float> inputs() {
  std::vector<float> v = {0.0f,  -0.0f,  0.05f,  0.15f, 0.25f,  -0.25f,   12.75f,    25.5f,
                          25.6f, -12.8f, -12.9f, 1e30f, -1e30f, INFINITY, -INFINITY, NAN};
  std::mt19937 rng(1);
  std::normal_distribution<float> normal(0, 2000);
  while (v.size() < 600) v.push_back(normal(rng) / (v.size() % 2 == 0 ? 100 : 1));
  return v;
}

template <class Q>
void check_to(void (*fn)(const float*, Q*, int64_t, float, int32_t),
              void (*each)(const float*, Q*, int64_t, const float*, const int32_t*)) {
  const std::vector<float> x = inputs();
  std::vector<float> scales;
  std::vector<int32_t> zeros;
  for (int i = 0; i < 600; ++i) {
    scales.push_back(0.1f * static_cast<float>(1 + i % 7));
    zeros.push_back(std::numeric_limits<Q>::lowest() + (i * 37) % (sizeof(Q) == 1 ? 256 : 65536));
  }
  for (int64_t n : kLengths) {
    std::vector<Q> out(static_cast<size_t>(n) + 1, Q{77});
    const size_t offset = static_cast<size_t>(n % 3);
    for (int k = 0; k < 5; ++k) {
      fn(x.data() + offset, out.data(), n, scales[static_cast<size_t>(k)], zeros[static_cast<size_t>(k * 3)]);
      for (size_t i = 0; i < static_cast<size_t>(n); ++i) {
        ASSERT_EQ(out[i],
                  quantized<Q>(x[i + offset], scales[static_cast<size_t>(k)], zeros[static_cast<size_t>(k * 3)]))
            << x[i + offset];
      }
      ASSERT_EQ(out.back(), Q{77});
    }
    each(x.data() + offset, out.data(), n, scales.data(), zeros.data());
    for (size_t i = 0; i < static_cast<size_t>(n); ++i)
      ASSERT_EQ(out[i], quantized<Q>(x[i + offset], scales[i], zeros[i])) << x[i + offset];
    ASSERT_EQ(out.back(), Q{77});
  }
}

template <class Q>
void check_from(void (*fn)(const Q*, float*, int64_t, float, int32_t),
                void (*each)(const Q*, float*, int64_t, const float*, const int32_t*)) {
  std::vector<Q> q;
  std::vector<float> scales;
  std::vector<int32_t> zeros;
  std::mt19937 rng(2);
  for (int i = 0; i < 600; ++i) {
    q.push_back(static_cast<Q>(rng()));
    scales.push_back(0.01f * static_cast<float>(1 + i % 5));
    zeros.push_back(sizeof(Q) == 4 ? 0 : static_cast<int32_t>(static_cast<Q>(rng())));
  }
  q[0] = std::numeric_limits<Q>::lowest(), q[1] = std::numeric_limits<Q>::max();
  const auto want = [](Q v, float scale, int32_t zero) {
    return static_cast<float>(static_cast<int64_t>(v) - zero) * scale;
  };
  for (int64_t n : kLengths) {
    std::vector<float> out(static_cast<size_t>(n) + 1, -5);
    fn(q.data(), out.data(), n, 0.37f, zeros[3]);
    for (size_t i = 0; i < static_cast<size_t>(n); ++i) ASSERT_EQ(out[i], want(q[i], 0.37f, zeros[3]));
    each(q.data(), out.data(), n, scales.data(), zeros.data());
    for (size_t i = 0; i < static_cast<size_t>(n); ++i) ASSERT_EQ(out[i], want(q[i], scales[i], zeros[i]));
    ASSERT_EQ(out.back(), -5);
  }
}

TEST(SimdQuantize, EveryTypeAndTarget) {
  for (Target target : targets_to_test()) {
    const QuantizeTable& f = *quantize_for(target);
    check_to<uint8_t>(f.to_u8, f.to_u8_each);
    check_to<int8_t>(f.to_i8, f.to_i8_each);
    check_to<uint16_t>(f.to_u16, f.to_u16_each);
    check_to<int16_t>(f.to_i16, f.to_i16_each);
    check_from<uint8_t>(f.from_u8, f.from_u8_each);
    check_from<int8_t>(f.from_i8, f.from_i8_each);
    check_from<uint16_t>(f.from_u16, f.from_u16_each);
    check_from<int16_t>(f.from_i16, f.from_i16_each);
    check_from<int32_t>(f.from_i32, f.from_i32_each);
    if (HasFatalFailure()) FAIL() << target_name(target);
  }
}

// Quotients at ties and a little beside them, and scales whose reciprocal is not a normal number.
TEST(SimdQuantize, TiesAreThoseOfTheDivision) {
  for (Target target : targets_to_test())
    for (const float scale : {0.1f, 0.3f, 0.007843138f, 1.7f, -0.3f, 1e-38f, 1e-42f, 3e38f, 0x1p-3f}) {
      std::vector<float> x;
      for (int k = -300; k < 300; ++k) {
        const float tie = (static_cast<float>(k) + 0.5f) * scale;
        for (const float v : {tie, std::nextafter(tie, 1e30f), std::nextafter(tie, -1e30f)}) x.push_back(v);
      }
      const float inf = std::numeric_limits<float>::infinity();
      for (const float v : {inf, -inf, std::nanf(""), 0.0f, -0.0f, 1e-40f}) x.push_back(v);
      std::vector<int8_t> out(x.size());
      quantize_for(target)->to_i8(x.data(), out.data(), static_cast<int64_t>(x.size()), scale, 3);
      for (size_t i = 0; i < x.size(); ++i)
        ASSERT_EQ(out[i], quantized<int8_t>(x[i], scale, 3)) << x[i] << " / " << scale << " on " << target_name(target);
    }
}

TEST(SimdQuantize, RangeIgnoresNan) {
  for (Target target : targets_to_test()) {
    const QuantizeTable& f = *quantize_for(target);
    float lo = 0, hi = 0;
    for (int64_t n : kLengths) {
      if (n == 0) continue;
      std::vector<float> x(static_cast<size_t>(n), 1.5f);
      x[static_cast<size_t>(n / 2)] = -3;
      f.range(x.data(), n, &lo, &hi);
      EXPECT_EQ(lo, -3);
      EXPECT_EQ(hi, n == 1 ? -3 : 1.5f);
      x[0] = NAN;
      f.range(x.data(), n, &lo, &hi);
      EXPECT_EQ(lo, n == 1 ? 0 : n / 2 == 0 ? 1.5f : -3);
      x.assign(x.size(), INFINITY);
      f.range(x.data(), n, &lo, &hi);
      EXPECT_EQ(lo, INFINITY);
      EXPECT_EQ(hi, INFINITY);
    }
  }
}

}  // namespace
}  // namespace sardonyx::simd
