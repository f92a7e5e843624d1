#include <gtest/gtest.h>

#include "simd/eltwise_misc.h"
#include "simd_test_util.h"

namespace sardonyx::simd {
namespace {

constexpr int64_t kLengths[] = {0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 33, 49, 100};

std::vector<uint8_t> random_bytes(size_t n, uint32_t seed) {
  std::mt19937 rng(seed);
  std::vector<uint8_t> v(n);
  for (uint8_t& b : v) b = static_cast<uint8_t>(rng());
  return v;
}

TEST(SimdWhere, EverySizeAndFormOnEveryTarget) {
  const std::vector<uint8_t> x = random_bytes(2000, 1), y = random_bytes(2000, 2);
  std::vector<uint8_t> cond = random_bytes(128, 3);
  for (uint8_t& c : cond) c = c % 3 == 0 ? 0 : c;
  for (Target target : targets_to_test()) {
    for (int size : {1, 2, 4, 8, 16}) {
      for (int form = 0; form < 4; ++form) {
        const bool xs = (form & 1) != 0, ys = (form & 2) != 0;
        const WhereFn fn = where_for(target, size, xs, ys);
        ASSERT_NE(fn, nullptr);
        for (int64_t n : kLengths) {
          std::vector<uint8_t> out(static_cast<size_t>((n + 2) * size), 0xA5);
          const uint8_t* c = cond.data() + n % 3;
          fn(c, x.data() + size, y.data() + size, out.data() + size, n);
          for (int64_t i = 0; i < n; ++i) {
            const uint8_t* want =
                c[i] != 0 ? x.data() + size * (1 + (xs ? 0 : i)) : y.data() + size * (1 + (ys ? 0 : i));
            ASSERT_EQ(std::memcmp(out.data() + size * (1 + i), want, static_cast<size_t>(size)), 0)
                << size << ' ' << form << ' ' << i;
          }
          ASSERT_EQ(out[static_cast<size_t>(size) - 1], 0xA5);
          ASSERT_EQ(out[static_cast<size_t>((n + 1) * size)], 0xA5);
        }
      }
    }
  }
  EXPECT_EQ(where(3, false, false), nullptr);
  EXPECT_EQ(where(32, false, false), nullptr);
}

TEST(SimdClip, EveryTypeOnEveryTarget) {
  for (Target target : targets_to_test()) {
    int types = 0;
    for (int ti = 0; ti < kDTypeCount; ++ti) {
      const DType t = static_cast<DType>(ti);
      const ClipFn fn = clip_for(target, t);
      if (fn == nullptr) continue;
      ++types;
      const int64_t bytes = dtype_bits(t) / 8;
      const std::vector<uint8_t> in = sample(t, 700, 5), limits = sample(t, 40, 6);
      for (int64_t n : {0, 1, 2, 3, 5, 8, 15, 17, 33, 300, 600}) {
        const uint8_t *lo = limits.data() + (n % 20) * bytes, *hi = lo + bytes;  // sometimes lo > hi
        std::vector<uint8_t> out(static_cast<size_t>((n + 2) * bytes), 0xA5);
        fn(in.data() + bytes, out.data() + bytes, n, lo, hi);
        for (int64_t i = 0; i < n; ++i) {
          const uint8_t* v = in.data() + (1 + i) * bytes;
          const auto less = [&](const uint8_t* a, const uint8_t* b) {
            if (is_float(t)) return value_at(t, a, 0) < value_at(t, b, 0);
            return is_signed_int(t) ? static_cast<int64_t>(int_at(t, a, 0)) < static_cast<int64_t>(int_at(t, b, 0))
                                    : int_at(t, a, 0) < int_at(t, b, 0);
          };
          const uint8_t* raised = less(v, lo) ? lo : v;
          const uint8_t* want = less(hi, raised) ? hi : raised;
          const uint8_t* got = out.data() + (1 + i) * bytes;
          if (is_float(t) && std::isnan(value_at(t, want, 0))) {
            ASSERT_TRUE(std::isnan(value_at(t, got, 0))) << dtype_name(t);
          } else {
            ASSERT_EQ(std::memcmp(got, want, static_cast<size_t>(bytes)), 0)
                << target_name(target) << dtype_name(t) << n << ' ' << i;
          }
        }
        ASSERT_EQ(out[static_cast<size_t>((n + 1) * bytes)], 0xA5);
      }
    }
    EXPECT_EQ(types, 12);
  }
}

TEST(SimdFill, EverySize) {
  const std::vector<uint8_t> value = random_bytes(16, 9);
  for (int size : {1, 2, 4, 8, 16}) {
    for (int64_t n : kLengths) {
      std::vector<uint8_t> out(static_cast<size_t>(n * size) + 1, 0xA5);
      fill(out.data(), value.data(), size, n);
      for (int64_t i = 0; i < n; ++i)
        ASSERT_EQ(std::memcmp(out.data() + i * size, value.data(), static_cast<size_t>(size)), 0);
      ASSERT_EQ(out.back(), 0xA5);
    }
  }
}

}  // namespace
}  // namespace sardonyx::simd
