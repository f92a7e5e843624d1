// Which convolutions are worth Winograd's transforms, and their weights.
#include <algorithm>

#include "simd/winograd.h"
#include "simd/winograd_kernel.h"

namespace sardonyx::simd {
namespace {

constexpr int64_t kFewChannels = 16;  // with fewer, transforms outweigh what they save

int64_t div_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

// Estimates per input and output channel, in multiplications. Weights are read once a run, often from memory, at the
// cost of kWeightCost multiplications each; transforms cost so many per tile and channel.
constexpr double kWeightCost = 20, kIn[2] = {110, 260}, kOut[2] = {80, 200};

double direct_cost(const ConvArgs& c) { return 9 * (static_cast<double>(c.batch * c.out[1] * c.out[2]) + kWeightCost); }

double winograd_cost(const ConvArgs& c, int tile) {
  const double tiles = static_cast<double>(c.batch * div_up(c.out[1], tile) * div_up(c.out[2], tile));
  const int i = tile / 4;
  const double transforms = kIn[i] / static_cast<double>(c.out_channels) + kOut[i] / static_cast<double>(c.in_channels);
  return (tile + 2) * (tile + 2) * (tiles * 1.1 + kWeightCost) + tiles * transforms;
}

// Rows of G: a filter's three taps to frequencies.
struct FilterMatrix {
  int n;
  double g[6][3];
};

FilterMatrix filter_matrix(int tile) {
  if (tile == 2) return {4, {{1, 0, 0}, {0.5, 0.5, 0.5}, {0.5, -0.5, 0.5}, {0, 0, 1}}};
  FilterMatrix m{6, {}};
  const double a = kWinogradA, b = kWinogradB;
  const auto row = [&m](int i, double point, double divisor) {
    m.g[i][0] = 1 / divisor, m.g[i][1] = point / divisor, m.g[i][2] = point * point / divisor;
  };
  row(0, 0, a * a * b * b);
  row(1, a, 2 * a * a * (a * a - b * b)), row(2, -a, 2 * a * a * (a * a - b * b));
  row(3, b, 2 * b * b * (b * b - a * a)), row(4, -b, 2 * b * b * (b * b - a * a));
  m.g[5][2] = 1;
  return m;
}

constexpr int kFilters = 16;  // that are transformed together: a cache line of each frequency

// Filters w[i * stride + tap], i < count <= kFilters, to dst[frequency * step + i].
void transform_filters(const FilterMatrix& m, const float* w, int64_t stride, int64_t count, float* dst, int64_t step) {
  double taps[9][kFilters] = {}, half[3][6][kFilters];
  for (int64_t i = 0; i < count; ++i)
    for (int k = 0; k < 9; ++k) taps[k][i] = w[i * stride + k];
  for (int j = 0; j < 3; ++j)
    for (int f = 0; f < m.n; ++f)
      for (int i = 0; i < kFilters; ++i)
        half[j][f][i] = m.g[f][0] * taps[j][i] + m.g[f][1] * taps[3 + j][i] + m.g[f][2] * taps[6 + j][i];
  for (int f = 0; f < m.n; ++f)
    for (int j = 0; j < m.n; ++j) {
      float u[kFilters];
      for (int i = 0; i < kFilters; ++i)
        u[i] = static_cast<float>(m.g[j][0] * half[0][f][i] + m.g[j][1] * half[1][f][i] + m.g[j][2] * half[2][f][i]);
      std::copy_n(u, count, dst + (f * m.n + j) * step);
    }
}

}  // namespace

WinogradChoice choose_winograd(const ConvTable& f, const ConvArgs& c) {
  if (f.target == Target::kScalar) return {0, "without vectors the transforms cost too much"};
  if (c.transposed || c.groups != 1) return {0, "plain convolutions with one group only"};
  if (c.kernel[0] != 1 || c.kernel[1] != 3 || c.kernel[2] != 3 || c.in[0] != 1) return {0, "3x3 kernels only"};
  for (int i = 0; i < 3; ++i) {
    if (c.stride[i] != 1 || c.dilation[i] != 1) return {0, "stride 1 and dilation 1 only"};
  }
  if (std::min(c.in_channels, c.out_channels) < kFewChannels) return {0, "too few channels"};
  if (c.batch <= 0 || c.out[1] <= 0 || c.out[2] <= 0) return {0, "the picture's extents are not known"};
  const double direct = direct_cost(c), two = winograd_cost(c, 2), four = winograd_cost(c, 4);
  if (std::min(two, four) > 0.8 * direct) return {0, "few pixels: the larger weights cost more than is saved"};
  return {four < 0.85 * two ? 4 : 2, nullptr};
}

size_t winograd_packed_weight_bytes(const ConvTable& f, const ConvArgs& c, int tile) {
  return gemm_packed_b_bytes(gemm_of(f), (tile + 2) * (tile + 2) * c.in_channels, c.out_channels);
}

int64_t winograd_pack_tasks(const ConvTable& f, const ConvArgs& c) { return gemm_b_panels(gemm_of(f), c.out_channels); }

// [panel][frequency][input channel][width].
void winograd_pack_weights(const ConvTable& f, const ConvArgs& c, int tile, const float* w, int64_t task_begin,
                           int64_t task_end, float* dst) {
  const GemmTable& g = gemm_of(f);
  const FilterMatrix matrix = filter_matrix(tile);
  const int64_t points = (tile + 2) * (tile + 2), in = c.in_channels;
  for (int64_t panel = task_begin; panel < task_end; ++panel) {
    const int64_t col = panel * g.nr, cols = std::min<int64_t>(g.nr, c.out_channels - col);
    const int64_t width = panel_width(g, cols);
    float* to = dst + col * in * points;
    if (cols < width) std::fill_n(to, points * in * width, 0.0f);
    for (int64_t ci = 0; ci < in; ++ci) {
      for (int64_t co = 0; co < cols; co += kFilters)
        transform_filters(matrix, w + ((col + co) * in + ci) * 9, in * 9, std::min<int64_t>(kFilters, cols - co),
                          to + ci * width + co, in * width);
    }
  }
}

}  // namespace sardonyx::simd
