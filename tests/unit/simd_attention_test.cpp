// Attention against softmax(scale * Q K' + mask) V in double, over extents that end inside tiles and key blocks.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "simd/attention.h"
#include "simd/choose.h"

namespace sardonyx::simd {
namespace {

struct Problem {
  int64_t batch, q_heads, kv_heads, q_length, kv_length, qk_size, v_size;
};

struct Data {
  std::vector<float> q, k, v, mask, out;
  std::vector<uint8_t> seen;
  std::vector<int64_t> lengths;
};

std::vector<float> random_floats(int64_t n, uint32_t seed) {
  std::mt19937 rng(seed);
  std::uniform_real_distribution<float> d(-1, 1);
  std::vector<float> x(static_cast<size_t>(n));
  for (float& e : x) e = d(rng);
  return x;
}

HeadStrides dense(int64_t heads, int64_t length, int64_t size) { return {heads * length * size, length * size, size}; }
HeadStrides joined(int64_t heads, int64_t length, int64_t size) { return {heads * length * size, size, heads * size}; }

AttentionArgs make(const Problem& p, Data& d, bool rows_joined) {
  AttentionArgs a;
  a.batch = p.batch, a.q_heads = p.q_heads, a.kv_heads = p.kv_heads;
  a.q_length = p.q_length, a.kv_length = p.kv_length, a.qk_size = p.qk_size, a.v_size = p.v_size;
  const auto at = rows_joined ? joined : dense;
  a.q_at = at(p.q_heads, p.q_length, p.qk_size), a.k_at = at(p.kv_heads, p.kv_length, p.qk_size);
  a.v_at = at(p.kv_heads, p.kv_length, p.v_size), a.out_at = at(p.q_heads, p.q_length, p.v_size);
  d.q = random_floats(p.batch * a.q_at.batch, 1), d.k = random_floats(p.batch * a.k_at.batch, 2);
  d.v = random_floats(p.batch * a.v_at.batch, 3);
  d.out.assign(static_cast<size_t>(p.batch * a.out_at.batch), 7.0f);
  a.q = d.q.data(), a.k = d.k.data(), a.v = d.v.data(), a.out = d.out.data();
  a.scale = 1.5f;
  return a;
}

bool sees(const AttentionArgs& a, int64_t b, int64_t i, int64_t j) {
  const int64_t offset = a.lengths ? a.lengths[b] - a.q_length : a.q_offset;
  if (a.lengths && j >= a.lengths[b]) return false;
  if ((a.mask || a.bool_mask) && j >= a.mask_length) return false;
  if (a.left >= 0 && j < offset + i - a.left) return false;
  return a.right < 0 || j <= offset + i + a.right;
}

// One row in double.
std::vector<double> expected_row(const AttentionArgs& a, int64_t b, int64_t h, int64_t i) {
  const int64_t kv = h / (a.q_heads / a.kv_heads);
  std::vector<double> s(static_cast<size_t>(a.kv_length), -INFINITY), y(static_cast<size_t>(a.v_size));
  const float* q = a.q + b * a.q_at.batch + h * a.q_at.head + i * a.q_at.row;
  double max = -INFINITY, sum = 0;
  for (int64_t j = 0; j < a.kv_length; ++j) {
    if (!sees(a, b, i, j)) continue;
    const float* k = a.k + b * a.k_at.batch + kv * a.k_at.head + j * a.k_at.row;
    double x = 0;
    for (int64_t d = 0; d < a.qk_size; ++d) x += static_cast<double>(q[d]) * static_cast<double>(k[d]);
    x *= static_cast<double>(a.scale);
    const double cap = static_cast<double>(a.softcap);
    if (cap != 0) x = cap * std::tanh(x / cap);
    const int64_t m = b * a.mask_at.batch + h * a.mask_at.head + i * a.mask_at.row + j;
    if (a.mask) x += static_cast<double>(a.mask[m]);
    if (a.bool_mask && !a.bool_mask[m]) x = -INFINITY;
    s[static_cast<size_t>(j)] = x;
    max = std::max(max, x);
  }
  if (max == -INFINITY) return y;
  for (double& x : s) sum += x = std::exp(x - max);
  for (int64_t j = 0; j < a.kv_length; ++j)
    for (int64_t d = 0; d < a.v_size; ++d)
      y[static_cast<size_t>(d)] += s[static_cast<size_t>(j)] / sum *
                                   static_cast<double>(a.v[b * a.v_at.batch + kv * a.v_at.head + j * a.v_at.row + d]);
  return y;
}

void run(const AttentionArgs& a, int64_t step) {
  std::vector<float> scratch(attention_scratch_bytes(a) / sizeof(float) + 16, std::numeric_limits<float>::quiet_NaN());
  const int64_t tasks = attention_tasks(a);
  for (int64_t t = 0; t < tasks; t += step) attention_run(a, t, std::min(tasks, t + step), scratch.data());
}

void check(const AttentionArgs& a, Data& d) {
  run(a, attention_tasks(a));
  const std::vector<float> whole = d.out;
  for (int64_t b = 0; b < a.batch; ++b)
    for (int64_t h = 0; h < a.q_heads; ++h)
      for (int64_t i = 0; i < a.q_length; ++i) {
        const std::vector<double> y = expected_row(a, b, h, i);
        const float* got = a.out + b * a.out_at.batch + h * a.out_at.head + i * a.out_at.row;
        for (int64_t e = 0; e < a.v_size; ++e)
          ASSERT_NEAR(static_cast<double>(got[e]), y[static_cast<size_t>(e)], 2e-5)
              << "batch " << b << " head " << h << " row " << i << " column " << e;
      }
  run(a, 1);
  EXPECT_EQ(whole, d.out) << "another split of the tasks gives other bits";
}

constexpr Problem kProblems[] = {{1, 1, 1, 1, 1, 1, 1},      {2, 3, 3, 5, 7, 4, 6},    {1, 2, 1, 9, 33, 20, 17},
                                 {1, 4, 2, 1, 900, 64, 64},  {1, 8, 2, 1, 40, 48, 33}, {1, 1, 1, 300, 10, 16, 16},
                                 {1, 2, 2, 70, 500, 32, 32}, {2, 1, 1, 3, 0, 8, 8},    {1, 1, 1, 17, 385, 8, 80},
                                 {1, 1, 1, 15, 1100, 8, 8}};

class AttentionTest : public ::testing::TestWithParam<bool> {
 protected:
  void TearDown() override { force_target(std::nullopt); }
};

TEST_P(AttentionTest, PlainAndCausal) {
  for (Target t : compiled_targets()) {
    if (!cpu_runs(t)) continue;
    force_target(t);
    for (const Problem& p : kProblems) {
      Data d;
      AttentionArgs a = make(p, d, GetParam());
      check(a, d);
      a.right = 0;
      a.q_offset = std::max<int64_t>(0, p.kv_length - p.q_length);
      check(a, d);
      a.softcap = 0.5f;
      check(a, d);
    }
  }
}

TEST_P(AttentionTest, Masks) {
  for (const Problem& p : kProblems) {
    Data d;
    AttentionArgs a = make(p, d, GetParam());
    d.mask = random_floats(p.q_heads * p.q_length * p.kv_length, 5);
    for (size_t i = 0; i < d.mask.size(); i += 3) d.mask[i] = -INFINITY;
    for (int64_t j = 0; j < p.kv_length; ++j) d.mask[static_cast<size_t>(j)] = -INFINITY;  // a row that sees nothing
    a.mask = d.mask.data(), a.mask_length = p.kv_length;
    a.mask_at = {0, p.q_length * p.kv_length, p.kv_length};
    check(a, d);
    a.mask_length = p.kv_length / 2;
    check(a, d);
    d.seen.resize(static_cast<size_t>(p.batch * p.kv_length));
    for (size_t i = 0; i < d.seen.size(); ++i) d.seen[i] = i % 4 != 1;
    a.mask = nullptr, a.bool_mask = reinterpret_cast<const bool*>(d.seen.data());
    a.mask_length = p.kv_length;
    a.mask_at = {p.kv_length, 0, 0};
    check(a, d);
  }
}

TEST_P(AttentionTest, WindowsAndLengths) {
  for (const Problem& p : kProblems) {
    Data d;
    AttentionArgs a = make(p, d, GetParam());
    a.left = 3, a.right = 2;
    check(a, d);
    for (int64_t b = 0; b < p.batch; ++b) d.lengths.push_back(b % 2 ? 0 : std::max<int64_t>(0, p.kv_length - 2));
    a.lengths = d.lengths.data();
    check(a, d);
    a.left = -1, a.right = 0;
    check(a, d);
  }
}

TEST_P(AttentionTest, NanStaysInItsRow) {
  Data d;
  AttentionArgs a = make({1, 1, 1, 20, 400, 16, 16}, d, GetParam());
  d.q[0] = std::numeric_limits<float>::quiet_NaN();
  run(a, attention_tasks(a));
  for (int64_t e = 0; e < a.v_size; ++e) {
    EXPECT_TRUE(std::isnan(d.out[static_cast<size_t>(e)]));
    EXPECT_FALSE(std::isnan(d.out[static_cast<size_t>(a.out_at.row + e)]));
  }
}

INSTANTIATE_TEST_SUITE_P(Layouts, AttentionTest, ::testing::Values(false, true));

}  // namespace
}  // namespace sardonyx::simd
