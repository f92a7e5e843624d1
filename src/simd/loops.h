// SDX_IVDEP before a loop: iterations touch disjoint elements or the same index only, so it may be vectorised without
// checking whether in and out overlap.
// SDX_UNROLLED before a loop of constant length: arrays it indexes then live in registers; without it the compiler
// keeps accumulators in memory.
#pragma once

#if defined(__clang__)
#define SDX_IVDEP _Pragma("clang loop vectorize(assume_safety)")
#elif defined(__GNUC__)
#define SDX_IVDEP _Pragma("GCC ivdep")
#else
#define SDX_IVDEP
#endif

#if defined(__clang__) || defined(__GNUC__)
#define SDX_UNROLLED _Pragma("GCC unroll 32")
#else
#define SDX_UNROLLED
#endif
