// Transposes one square tile: dst[r][c] = src[c][r], where src_stride separates source columns c and dst_stride
// destination rows r, in bytes. Tiles are kTileOf(element size) elements on a side.
#pragma once
#include <cstdint>

#include "simd/choose.h"

namespace sardonyx::simd {

constexpr int64_t kTileOf(int element_size) { return element_size <= 2 ? 16 : 8; }

using TileFn = void (*)(const char* src, int64_t src_stride, char* dst, int64_t dst_stride);

struct MoveTile {
  TileFn b1, b2, b4, b8;
};

const MoveTile& move_tile();
const MoveTile* move_tile_for(Target target);

}  // namespace sardonyx::simd
