#include "simd/move_tile.h"

#include "simd/loops.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/move_tile.cpp"
#include "simd/foreach-inl.h"

HWY_BEFORE_NAMESPACE();
namespace sardonyx::simd {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR

template <class T, int kSide>
void Tile(const char* src, int64_t src_stride, char* dst, int64_t dst_stride) {
  for (int r = 0; r < kSide; ++r) {
    for (int c = 0; c < kSide; ++c) {
      T v;
      __builtin_memcpy(&v, src + c * src_stride + r * static_cast<int64_t>(sizeof(T)), sizeof(T));
      __builtin_memcpy(dst + r * dst_stride + c * static_cast<int64_t>(sizeof(T)), &v, sizeof(T));
    }
  }
}
constexpr MoveTile kMoveTile = {Tile<uint8_t, 16>, Tile<uint16_t, 16>, Tile<uint32_t, 8>, Tile<uint64_t, 8>};

#else

// Transposes a block of N x N elements held in N 128-bit vectors (16 bytes each), by log2(N) rounds of interleaving
// element i of one half with element i of the other.
template <class T, int kN>
HWY_INLINE void Block(const char* src, int64_t src_stride, char* dst, int64_t dst_stride) {
  using D = hn::Simd<T, 16 / sizeof(T), 0>;
  const D d;
  hn::Vec<D> v[kN], w[kN];
  SDX_UNROLLED
  for (int i = 0; i < kN; ++i) v[i] = hn::LoadU(d, reinterpret_cast<const T*>(src + i * src_stride));
  SDX_UNROLLED
  for (int round = 1; round < kN; round *= 2) {
    SDX_UNROLLED
    for (int i = 0; i < kN / 2; ++i) {
      w[2 * i] = hn::InterleaveLower(d, v[i], v[i + kN / 2]);
      w[2 * i + 1] = hn::InterleaveUpper(d, v[i], v[i + kN / 2]);
    }
    SDX_UNROLLED
    for (int i = 0; i < kN; ++i) v[i] = w[i];
  }
  SDX_UNROLLED
  for (int i = 0; i < kN; ++i) hn::StoreU(v[i], d, reinterpret_cast<T*>(dst + i * dst_stride));
}

template <class T, int kSide>
void Tile(const char* src, int64_t src_stride, char* dst, int64_t dst_stride) {
  constexpr int kN = 16 / sizeof(T);
  for (int r = 0; r < kSide; r += kN) {
    for (int c = 0; c < kSide; c += kN) {
      Block<T, kN>(src + c * src_stride + r * static_cast<int64_t>(sizeof(T)), src_stride,
                   dst + r * dst_stride + c * static_cast<int64_t>(sizeof(T)), dst_stride);
    }
  }
}
constexpr MoveTile kMoveTile = {Tile<uint8_t, 16>, Tile<uint16_t, 16>, Tile<uint32_t, 8>, Tile<uint64_t, 8>};

#endif

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace sardonyx::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sardonyx::simd {
SDX_SIMD_GETTERS(move_tile, MoveTile, kMoveTile)
}  // namespace sardonyx::simd
#endif
