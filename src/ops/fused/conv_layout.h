// Which layouts suit a convolution of few channels. Pure; from extents that are known before any run.
#pragma once
#include <cstdint>

namespace sardonyx {

struct ConvSizes {
  int64_t in_channels = 0, out_channels = 0, groups = 1;
  int64_t taps = 1, kernel_w = 1;  // of the kernel; its columns
  int64_t out_width = -1;          // -1: not known
};

inline constexpr int64_t kMaxPlaneColumns = 64;

// Channels-first: pixels in the lanes of a vector, where output channels would leave many of them idle. Groups are
// worth it only for rows that are known to be long.
inline bool suits_planes(const ConvSizes& s) {
  const bool wide = s.groups == 1 ? s.out_width < 0 || s.out_width >= 12 : s.out_width >= 32;
  return wide && s.out_channels / s.groups <= 10 && s.taps > 1 && s.kernel_w <= kMaxPlaneColumns;
}

// Channels-last from channels-first rows: output channels in the lanes, for the few channels of pictures and spectra.
inline bool suits_first_layer(const ConvSizes& s) {
  return s.groups == 1 && s.in_channels <= 8 && s.out_channels > 4 && s.taps > 1 && s.in_channels * s.taps <= 256 &&
         (s.out_width < 0 || s.out_width >= 4);
}

// Channels-last from rows that are copied with their padding, instead of gathering pixels at the borders. All weights
// are read again for every row, so they must stay in the second-level cache.
inline bool suits_copied_rows(const ConvSizes& s) {
  return s.groups == 1 && s.in_channels <= 32 && s.taps > 1 && s.in_channels * s.taps <= 1024 &&
         s.in_channels * s.taps * s.out_channels <= 65536 && (s.out_width < 0 || s.out_width >= 7);
}

}  // namespace sardonyx
