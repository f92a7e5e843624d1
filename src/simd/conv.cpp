#include "simd/conv.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "simd/conv_phase.h"

namespace sardonyx::simd {
namespace {

int64_t div_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

ConvAxis plain_axis(const ConvArgs& c, int i) {
  return {c.in[i], c.out[i], c.stride[i], -c.pad_begin[i], c.dilation[i], c.kernel[i], 0, 1, 0, 1};
}

// Outputs o = residue + j * s see the kernel elements k with o + pad - k * dilation divisible by s. Taps are listed
// with falling k, so that the input positions rise.
ConvAxis transposed_axis(const ConvArgs& c, int i, int64_t residue) {
  const int64_t s = c.stride[i], q = residue + c.pad_begin[i];
  ConvAxis a{c.in[i], 0, 1, 0, 1, 0, residue, s, 0, 0};
  if (residue < c.out[i]) a.count = div_up(c.out[i] - residue, s);
  const int64_t period = s / std::gcd(c.dilation[i], s);
  for (int64_t first = 0; first < std::min(period, c.kernel[i]); ++first) {
    if ((q - first * c.dilation[i]) % s != 0) continue;
    a.taps = (c.kernel[i] - 1 - first) / period + 1;
    a.k0 = first + (a.taps - 1) * period;
    a.k_step = -period;
    a.offset = (q - a.k0 * c.dilation[i]) / s;
    a.tap_step = period * c.dilation[i] / s;
    break;
  }
  return a;
}

// Visits the phases with their tasks: visit(phase, packed weights of the phase, first task, task count).
template <class Visit>
void for_phases(const ConvTable& f, const ConvArgs& c, Visit visit) {
  int64_t first = 0, weight = 0;
  for (int64_t i = 0, n = conv_phases(c); i < n; ++i) {
    const ConvPhase p = conv_phase(c, i);
    const int64_t tasks = by_lanes(gemm_of(f), c) ? lane_phase_tasks(c, p) : dense_phase_tasks(gemm_of(f), c, p);
    visit(p, c.packed_w + weight, first, tasks);
    first += tasks;
    weight += packed_phase_size(f, c, p);
  }
}

// Position of the weight that multiplies input channel ci of group g for its output channel co at kernel element k.
int64_t weight_index(const ConvArgs& c, int64_t g, int64_t ci, int64_t co, int64_t k) {
  const int64_t cg = c.in_channels / c.groups, og = c.out_channels / c.groups;
  const int64_t taps = c.kernel[0] * c.kernel[1] * c.kernel[2];
  const int64_t channels = c.transposed ? (g * cg + ci) * og + co : (g * og + co) * cg + ci;
  return channels * taps + k;
}

// Calls visit(kernel element) for the taps of a phase, in packed order.
template <class Visit>
void for_taps(const ConvArgs& c, const ConvPhase& p, Visit visit) {
  const ConvAxis *d = &p.axis[0], *h = &p.axis[1], *w = &p.axis[2];
  for (int64_t i = 0; i < d->taps; ++i) {
    for (int64_t j = 0; j < h->taps; ++j) {
      for (int64_t l = 0; l < w->taps; ++l) {
        const int64_t kd = d->k0 + i * d->k_step, kh = h->k0 + j * h->k_step, kw = w->k0 + l * w->k_step;
        visit((kd * c.kernel[1] + kh) * c.kernel[2] + kw);
      }
    }
  }
}

// Weights [cols][cg][taps] to [taps][cg][width]: a block is transposed to [cg * taps][width], whose rows are then
// whole runs of the panel.
void pack_plain_panel(const GemmTable& f, const float* w, int64_t cols, int64_t cg, int64_t taps, int64_t width,
                      float* dst) {
  constexpr int64_t kBlockFloats = 4096;  // stays in the first-level cache
  alignas(64) float block[kBlockFloats];
  const int64_t depth = cg * taps, most = kBlockFloats / width;
  const size_t row = static_cast<size_t>(width) * sizeof(float);
  int64_t ci = 0, k = 0;
  for (int64_t begin = 0; begin < depth; begin += most) {
    const int64_t n = std::min(most, depth - begin);
    f.pack_panel(w + begin, depth, /*trans=*/true, n, cols, width, block);
    for (int64_t i = 0; i < n; ++i) {
      std::memcpy(dst + (k * cg + ci) * width, block + i * width, row);
      if (++k == taps) k = 0, ++ci;
    }
  }
}

void pack_panel(const GemmTable& f, const ConvArgs& c, const ConvPhase& p, const float* w, int64_t group, int64_t panel,
                float* dst) {
  const int64_t cg = c.in_channels / c.groups, og = c.out_channels / c.groups;
  const int64_t col = panel * f.nr, cols = std::min<int64_t>(f.nr, og - col), width = panel_width(f, cols);
  dst += group * packed_group_size(f, c, p.taps() * cg) + col * p.taps() * cg;
  if (!c.transposed) {
    const float* first = w + (group * og + col) * cg * p.taps();
    if (p.taps() == 1) return f.pack_panel(first, cg, /*trans=*/true, cg, cols, width, dst);
    return pack_plain_panel(f, first, cols, cg, p.taps(), width, dst);
  }
  for_taps(c, p, [&](int64_t k) {
    for (int64_t ci = 0; ci < cg; ++ci, dst += width) {
      for (int64_t co = 0; co < cols; ++co) dst[co] = w[weight_index(c, group, ci, col + co, k)];
      for (int64_t co = cols; co < width; ++co) dst[co] = 0;
    }
  });
}

void pack_lanes(const ConvArgs& c, const ConvPhase& p, const float* w, float* dst) {
  const int64_t group = c.in_channels / c.groups;
  for_taps(c, p, [&](int64_t k) {
    for (int64_t ci = 0; ci < group; ++ci) {
      for (int64_t o = 0; o < c.out_channels; ++o) *dst++ = w[weight_index(c, o / group, ci, o % group, k)];
    }
  });
}

int64_t panels_of(const GemmTable& f, const ConvArgs& c) { return gemm_b_panels(f, c.out_channels / c.groups); }

}  // namespace

int64_t conv_phases(const ConvArgs& c) { return c.transposed ? c.stride[0] * c.stride[1] * c.stride[2] : 1; }

ConvPhase conv_phase(const ConvArgs& c, int64_t index) {
  ConvPhase p;
  for (int i = 2; i >= 0; --i) {
    p.axis[i] = c.transposed ? transposed_axis(c, i, index % c.stride[i]) : plain_axis(c, i);
    index /= c.stride[i];
  }
  return p;
}

int64_t packed_group_size(const GemmTable& f, const ConvArgs& c, int64_t k) {
  return static_cast<int64_t>(gemm_packed_b_bytes(f, k, c.out_channels / c.groups) / sizeof(float));
}

int64_t packed_phase_size(const ConvTable& f, const ConvArgs& c, const ConvPhase& p) {
  if (by_lanes(gemm_of(f), c)) return p.taps() * c.in_channels / c.groups * c.out_channels;
  return c.groups * packed_group_size(gemm_of(f), c, p.taps() * (c.in_channels / c.groups));
}

size_t conv_packed_weight_bytes(const ConvTable& f, const ConvArgs& c) {
  int64_t floats = 0;
  for (int64_t i = 0; i < conv_phases(c); ++i) floats += packed_phase_size(f, c, conv_phase(c, i));
  return static_cast<size_t>(floats) * sizeof(float);
}

int64_t conv_pack_tasks(const ConvTable& f, const ConvArgs& c) {
  return conv_phases(c) * (by_lanes(gemm_of(f), c) ? 1 : c.groups * panels_of(gemm_of(f), c));
}

void conv_pack_weights(const ConvTable& f, const ConvArgs& c, const float* w, int64_t task_begin, int64_t task_end,
                       float* dst) {
  const int64_t per_phase = conv_pack_tasks(f, c) / conv_phases(c), panels = panels_of(gemm_of(f), c);
  for (int64_t i = 0; i < conv_phases(c); ++i) {
    const ConvPhase p = conv_phase(c, i);
    const int64_t first = i * per_phase;
    for (int64_t t = std::max(task_begin, first); t < std::min(task_end, first + per_phase); ++t) {
      if (by_lanes(gemm_of(f), c)) {
        pack_lanes(c, p, w, dst);
      } else {
        pack_panel(gemm_of(f), c, p, w, (t - first) / panels, (t - first) % panels, dst);
      }
    }
    dst += packed_phase_size(f, c, p);
  }
}

int64_t conv_tasks(const ConvTable& f, const ConvArgs& c) {
  int64_t total = 0;
  for_phases(f, c, [&](const ConvPhase&, const float*, int64_t, int64_t tasks) { total += tasks; });
  return total;
}

size_t conv_scratch_bytes(const ConvTable& f, const ConvArgs& c) {
  return by_lanes(gemm_of(f), c) ? 0 : static_cast<size_t>(dense_scratch(gemm_of(f))) * sizeof(float);
}

void conv_run(const ConvTable& f, const ConvArgs& c, int64_t task_begin, int64_t task_end, void* scratch) {
  for_phases(f, c, [&](const ConvPhase& p, const float* w, int64_t first, int64_t tasks) {
    const int64_t begin = std::max<int64_t>(0, task_begin - first), end = std::min(tasks, task_end - first);
    if (begin >= end) return;
    if (by_lanes(gemm_of(f), c)) {
      lane_phase_run(f, c, p, w, begin, end);
    } else {
      dense_phase_run(gemm_of(f), c, p, w, begin, end, static_cast<float*>(scratch));
    }
  });
}

}  // namespace sardonyx::simd
