#include "simd/move.h"

#include <cstring>

#include "simd/eltwise_misc.h"
#include "simd/move_tile.h"

namespace sardonyx::simd {
namespace {

// Elements move as unsigned integers of their size, loaded and stored byte-wise: any alignment will do.
template <size_t kSize>
void gather(const MovePlan& p, const char* src, char* dst) {
  for (int64_t r = 0; r < p.rows; ++r) {
    const char* s = src + r * p.src_row;
    char* d = dst + r * p.dst_row;
    for (int64_t c = 0; c < p.cols; ++c) std::memcpy(d + c * p.dst_col, s + c * p.src_col, kSize);
  }
}

void gather(const MovePlan& p, const char* src, char* dst) {
  switch (p.element_size) {
    case 1: gather<1>(p, src, dst); break;
    case 2: gather<2>(p, src, dst); break;
    case 4: gather<4>(p, src, dst); break;
    case 8: gather<8>(p, src, dst); break;
    case 16: gather<16>(p, src, dst); break;
    default: break;
  }
}

void repeat(const MovePlan& p, const char* src, char* dst) {
  for (int64_t r = 0; r < p.rows; ++r) fill(dst + r * p.dst_row, src + r * p.src_row, p.element_size, p.cols);
}

void copy_rows(const MovePlan& p, const char* src, char* dst) {
  const size_t bytes = static_cast<size_t>(p.cols) * p.element_size;
  for (int64_t r = 0; r < p.rows; ++r) std::memcpy(dst + r * p.dst_row, src + r * p.src_row, bytes);
}

template <size_t kSize>
void small_transpose(const char* src, char* dst, int64_t rows, int64_t cols, int64_t src_col, int64_t dst_row) {
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; c < cols; ++c) {
      std::memcpy(dst + r * dst_row + c * static_cast<int64_t>(kSize),
                  src + c * src_col + r * static_cast<int64_t>(kSize), kSize);
    }
  }
}

// Tiles of kTile x kTile elements stay in cache whatever the strides; whole tiles go to the vector code.
void transpose(const MovePlan& p, const char* src, char* dst) {
  const MoveTile& tile = move_tile();
  const TileFn fn = p.element_size == 1   ? tile.b1
                    : p.element_size == 2 ? tile.b2
                    : p.element_size == 4 ? tile.b4
                                          : tile.b8;
  const int64_t size = p.element_size, step = size <= 8 ? kTileOf(p.element_size) : 4;
  for (int64_t r = 0; r < p.rows; r += step) {
    const int64_t rows = p.rows - r < step ? p.rows - r : step;
    for (int64_t c = 0; c < p.cols; c += step) {
      const int64_t cols = p.cols - c < step ? p.cols - c : step;
      const char* s = src + r * size + c * p.src_col;
      char* d = dst + r * p.dst_row + c * size;
      if (rows == step && cols == step && size <= 8) {
        fn(s, p.src_col, d, p.dst_row);
        continue;
      }
      switch (size) {
        case 1: small_transpose<1>(s, d, rows, cols, p.src_col, p.dst_row); break;
        case 2: small_transpose<2>(s, d, rows, cols, p.src_col, p.dst_row); break;
        case 4: small_transpose<4>(s, d, rows, cols, p.src_col, p.dst_row); break;
        case 8: small_transpose<8>(s, d, rows, cols, p.src_col, p.dst_row); break;
        default: small_transpose<16>(s, d, rows, cols, p.src_col, p.dst_row); break;
      }
    }
  }
}

}  // namespace

void run_move(const MovePlan& plan, const void* src, void* dst, int64_t begin, int64_t end) {
  int64_t index[kMaxMoveRank] = {};
  const char* s = static_cast<const char*>(src);
  char* d = static_cast<char*>(dst);
  int64_t rest = begin;
  for (int i = plan.rank - 1; i >= 0; --i) {
    index[i] = rest % plan.extents[i];
    rest /= plan.extents[i];
    s += index[i] * plan.src_strides[i];
    d += index[i] * plan.dst_strides[i];
  }
  for (int64_t task = begin; task < end; ++task) {
    switch (plan.kernel) {
      case MoveKernel::kRows: copy_rows(plan, s, d); break;
      case MoveKernel::kRepeat: repeat(plan, s, d); break;
      case MoveKernel::kGather: gather(plan, s, d); break;
      case MoveKernel::kTranspose: transpose(plan, s, d); break;
    }
    for (int i = plan.rank - 1; i >= 0; --i) {
      s += plan.src_strides[i];
      d += plan.dst_strides[i];
      if (++index[i] < plan.extents[i]) break;
      index[i] = 0;
      s -= plan.extents[i] * plan.src_strides[i];
      d -= plan.extents[i] * plan.dst_strides[i];
    }
  }
}

}  // namespace sardonyx::simd
