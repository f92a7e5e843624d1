// A convolution as one or more phases with affine taps. Internal to simd/.
// A plain convolution is one phase. A transposed one has a phase per residue of the output position modulo the
// stride; within a phase every output pixel sees the same taps, so each phase is a plain convolution with stride 1
// whose outputs lie `stride` apart.
#pragma once
#include "simd/conv_kernel.h"

namespace sardonyx::simd {

// Tap i of output j reads input position j * in_step + offset + i * tap_step, if that lies in [0, in). Output j is at
// position out_base + j * out_step. Tap i uses kernel element k0 + i * k_step.
struct ConvAxis {
  int64_t in, count, in_step, offset, tap_step, taps;
  int64_t out_base, out_step, k0, k_step;
};

struct ConvPhase {
  ConvAxis axis[3];
  int64_t taps() const { return axis[0].taps * axis[1].taps * axis[2].taps; }
  int64_t pixels() const { return axis[0].count * axis[1].count * axis[2].count; }
};

int64_t conv_phases(const ConvArgs& c);
ConvPhase conv_phase(const ConvArgs& c, int64_t index);

// Convolutions by lanes: groups with as many outputs as inputs, and so few that several groups share a vector. Each
// lane is an output channel. Depthwise is the case of one channel per group.
inline bool by_lanes(const GemmTable& f, const ConvArgs& c) {
  if (c.groups <= 1 || c.in_channels != c.out_channels) return false;
  const int64_t group = c.in_channels / c.groups;
  return group == 1 || ((group == 2 || group == 4 || group == 8) && group < f.lanes);
}

// Elements of one group's packed panels for k taps-times-channels, and of a whole phase.
int64_t packed_group_size(const GemmTable& f, const ConvArgs& c, int64_t k);
int64_t packed_phase_size(const ConvTable& f, const ConvArgs& c, const ConvPhase& p);

// The two ways to run tasks of one phase, [begin, end) within the phase.
int64_t dense_phase_tasks(const GemmTable& f, const ConvArgs& c, const ConvPhase& p);
void dense_phase_run(const GemmTable& f, const ConvArgs& c, const ConvPhase& p, const float* w, int64_t begin,
                     int64_t end, float* scratch);
int64_t lane_phase_tasks(const ConvArgs& c, const ConvPhase& p);
void lane_phase_run(const ConvTable& f, const ConvArgs& c, const ConvPhase& p, const float* w, int64_t begin,
                    int64_t end);

// Floats of scratch per thread that dense_phase_run needs for any phase.
int64_t dense_scratch(const GemmTable& f);

}  // namespace sardonyx::simd
