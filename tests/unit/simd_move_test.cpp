#include <gtest/gtest.h>

#include <numeric>

#include "simd/move.h"
#include "simd_test_util.h"

namespace sardonyx::simd {
namespace {

using Sizes = std::vector<int64_t>;

// dst after the copy that plan_move promises, element by element.
void reference(int size, const Sizes& extents, const Sizes& src_strides, const Sizes& dst_strides, const uint8_t* src,
               uint8_t* dst) {
  Sizes index(extents.size(), 0);
  for (int64_t e : extents) {
    if (e == 0) return;
  }
  while (true) {
    int64_t s = 0, d = 0;
    for (size_t i = 0; i < index.size(); ++i) s += index[i] * src_strides[i], d += index[i] * dst_strides[i];
    std::memcpy(dst + d * size, src + s * size, static_cast<size_t>(size));
    size_t i = index.size();
    while (i > 0 && ++index[i - 1] == extents[i - 1]) index[--i] = 0;
    if (i == 0) return;
  }
}

Sizes dense(const Sizes& extents) {
  Sizes s(extents.size());
  int64_t stride = 1;
  for (size_t i = extents.size(); i-- > 0;) s[i] = stride, stride *= extents[i];
  return s;
}

void check(int size, const Sizes& extents, const Sizes& src_strides, const Sizes& dst_strides, int64_t src_base,
           size_t src_elements, size_t dst_elements) {
  std::mt19937 rng(7);
  std::vector<uint8_t> src(src_elements * static_cast<size_t>(size));
  for (uint8_t& b : src) b = static_cast<uint8_t>(rng());
  std::vector<uint8_t> got((dst_elements + 2) * static_cast<size_t>(size), 0xA5), want = got;
  const uint8_t* origin = src.data() + src_base * size;
  reference(size, extents, src_strides, dst_strides, origin, want.data() + size);
  MovePlan plan;
  ASSERT_TRUE(
      plan_move(plan, size, static_cast<int>(extents.size()), extents.data(), src_strides.data(), dst_strides.data()));
  int64_t count = 1;
  for (int64_t e : extents) count *= e;
  ASSERT_EQ(plan.tasks * plan.task_elements, count);
  for (int64_t t = 0; t < plan.tasks;) {  // in uneven ranges
    const int64_t m = std::min<int64_t>(plan.tasks - t, 1 + t % 3);
    run_move(plan, origin, got.data() + size, t, t + m);
    t += m;
  }
  ASSERT_EQ(got, want) << "element size " << size;
}

TEST(SimdMove, TransposesOfEveryPermutation) {
  for (Target target : targets_to_test()) {
    ASSERT_TRUE(force_target(target));
    for (const Sizes& extents : {Sizes{}, Sizes{5}, Sizes{7, 40}, Sizes{33, 17}, Sizes{3, 17, 9}, Sizes{2, 3, 4, 5},
                                 Sizes{1, 16, 1, 32}, Sizes{2, 3, 2, 3, 2}, Sizes{0, 3, 2}, Sizes{64, 48}}) {
      std::vector<int> perm(extents.size());
      std::iota(perm.begin(), perm.end(), 0);
      do {
        const Sizes in = dense(extents);
        Sizes out_extents, src;
        int64_t count = 1;
        for (int p : perm) {
          out_extents.push_back(extents[static_cast<size_t>(p)]);
          src.push_back(in[static_cast<size_t>(p)]);
          count *= out_extents.back();
        }
        for (int size : {1, 2, 4, 8, 16}) {
          check(size, out_extents, src, dense(out_extents), 0, static_cast<size_t>(count), static_cast<size_t>(count));
          if (HasFatalFailure()) return;
          MovePlan a, b;
          ASSERT_TRUE(plan_transpose(a, size, static_cast<int>(perm.size()), extents.data(), perm.data()));
          ASSERT_TRUE(plan_move(b, size, static_cast<int>(perm.size()), out_extents.data(), src.data(),
                                dense(out_extents).data()));
          ASSERT_EQ(a.tasks, b.tasks);
          ASSERT_EQ(a.kernel, b.kernel);
        }
      } while (std::next_permutation(perm.begin(), perm.end()));
    }
  }
  force_target(std::nullopt);
}

TEST(SimdMove, SlicesExpansionsAndFlips) {
  for (int size : {1, 2, 4, 8, 16}) {
    check(size, {3, 4}, {20, 2}, {4, 1}, 3, 64, 12);            // step 2
    check(size, {3, 4}, {8, -1}, {4, 1}, 7, 32, 12);            // flip
    check(size, {3, 4}, {-8, -2}, {4, 1}, 23, 32, 12);          // flip both, step 2
    check(size, {5, 6}, {0, 1}, {6, 1}, 0, 6, 30);              // expand rows
    check(size, {5, 6}, {1, 0}, {6, 1}, 0, 5, 30);              // expand columns
    check(size, {5, 6}, {0, 0}, {6, 1}, 0, 1, 30);              // expand a scalar
    check(size, {4, 5}, {5, 1}, {9, 1}, 0, 20, 40);             // into the middle of rows (Concat, Pad)
    check(size, {4, 5}, {5, 1}, {1, 4}, 0, 20, 20);             // destination walked down columns
    check(size, {2, 3, 4}, {12, 4, 1}, {24, 8, 2}, 0, 24, 48);  // destination with gaps
    check(size, {2, 0, 4}, {0, 4, 1}, {0, 4, 1}, 0, 4, 4);
  }
}

TEST(SimdMove, LargeCopiesAreCutIntoTasks) {
  MovePlan plan;
  const int64_t extents[] = {1 << 20}, one[] = {1};
  ASSERT_TRUE(plan_move(plan, 4, 1, extents, one, one));
  EXPECT_GT(plan.tasks, 8);
  check(4, {1 << 20}, {1}, {1}, 0, 1 << 20, 1 << 20);
  check(4, {1024, 512}, {1, 1024}, {512, 1}, 0, 1 << 19, 1 << 19);
}

TEST(SimdMove, TooManyAxes) {
  const Sizes extents(17, 2);
  Sizes src(17), dst(17);
  for (int i = 0; i < 17; ++i)
    src[static_cast<size_t>(i)] = int64_t{1} << i, dst[static_cast<size_t>(i)] = int64_t{1} << (16 - i);
  MovePlan plan;
  EXPECT_FALSE(plan_move(plan, 4, 17, extents.data(), src.data(), dst.data()));
  EXPECT_TRUE(plan_move(plan, 4, 17, extents.data(), dst.data(), dst.data()));  // one run after merging
}

}  // namespace
}  // namespace sardonyx::simd
