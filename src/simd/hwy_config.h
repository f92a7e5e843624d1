// Which Highway targets are compiled. Comes before any Highway header; used by choose.cpp and foreach-inl.h only.
// SDX_SIMD_WANT_DL: also AVX3_DL. SDX_SIMD_DEV: AVX2 and SCALAR only. SVE is off: kernels keep vectors in structs.
#pragma once
#ifdef SDX_SIMD_WANT_DL
#define HWY_WANT_AVX3_DL
#endif
#define HWY_BROKEN_EMU128 1  // one fallback (SCALAR) whatever the compiler
#if !defined(__wasm__) && !defined(SDX_SIMD_NEON_DOT)
#define HWY_COMPILE_ALL_ATTAINABLE
#endif
#ifdef SDX_SIMD_NEON_DOT
#define HWY_COMPILE_ONLY_STATIC
#endif
#define SDX_SIMD_SVE (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)
#ifdef SDX_SIMD_DEV
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3 | HWY_AVX3_DL | SDX_SIMD_SVE)
#else
#define HWY_DISABLED_TARGETS SDX_SIMD_SVE
#endif
#include "hwy/detect_targets.h"

// Whether the families with dot products are also compiled for ARM cores that have them.
#if HWY_ARCH_ARM_A64 && (HWY_TARGETS & HWY_NEON)
#define SDX_SIMD_HAS_NEON_DOT 1
#else
#define SDX_SIMD_HAS_NEON_DOT 0
#endif
