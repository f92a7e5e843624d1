// The byte kernels of qgemm_kernel.cpp once more, for ARM cores with FEAT_DotProd. Highway has no target for these: one
// of ours stands in for HWY_NEON in this file.
#if defined(__aarch64__)
#define SDX_SIMD_NEON_DOT
#include "simd/qgemm_kernel.cpp"
#endif
