// Compiles the including file once per Highway target. Deliberately without include guard. A family file reads:
//
//   #include "simd/norm.h"                       // NormTable, norm(), norm_for()
//   #undef HWY_TARGET_INCLUDE
//   #define HWY_TARGET_INCLUDE "simd/norm.cpp"   // this file
//   #include "simd/foreach-inl.h"                // last include, but for other -inl.h files: they come after it
//   HWY_BEFORE_NAMESPACE();
//   namespace sardonyx::simd { namespace HWY_NAMESPACE { namespace {
//   namespace hn = hwy::HWY_NAMESPACE;
//   ... kernels ...
//   constexpr NormTable kNormTable = {...};
//   }}}  // namespaces
//   HWY_AFTER_NAMESPACE();
//   #if HWY_ONCE
//   namespace sardonyx::simd { SDX_SIMD_GETTERS(norm, NormTable, kNormTable) }
//   #endif
//
// The unnamed namespace keeps equal helper names of two families apart. Inside HWY_NAMESPACE only Highway operations,
// helpers of the same namespace and raw pointers are allowed: an inline function from elsewhere, std:: templates
// included, may be emitted with this target's instructions and win at link time. Lambdas need HWY_ATTR.
// Highway 1.0.3: Ne is false for NaN on x86 (use IsNaN), and Min and Max treat NaN differently per target (see
// act::Clip).
//
// Before including: define SDX_SIMD_WANT_DL, and SDX_SIMD_NEON_DOT_TABLE, in families that use the dot-product
// instructions; the others fall back to their kAvx3 table. There, byte dot products must go through compat-inl.h:
// Highway's flags for this target let the compiler use VEX-coded VNNI, which not every CPU with AVX-512 VNNI has.
// SDX_SIMD_DEV compiles AVX2 and SCALAR only.

#ifndef SDX_SIMD_CONFIGURED
#define SDX_SIMD_CONFIGURED
#include "simd/choose.h"
#include "simd/hwy_config.h"

#if HWY_TARGETS & HWY_AVX3_DL
#define SDX_SIMD_CASE_AVX3_DL(table) \
  case Target::kAvx3Dl:              \
    return &N_AVX3_DL::table;
#else
#define SDX_SIMD_CASE_AVX3_DL(table)
#endif
#if HWY_TARGETS & HWY_AVX3
#define SDX_SIMD_CASE_AVX3(table) \
  case Target::kAvx3:             \
    return &N_AVX3::table;
#else
#define SDX_SIMD_CASE_AVX3(table)
#endif
#if HWY_TARGETS & HWY_AVX2
#define SDX_SIMD_CASE_AVX2(table) \
  case Target::kAvx2:             \
    return &N_AVX2::table;
#else
#define SDX_SIMD_CASE_AVX2(table)
#endif
#if HWY_TARGETS & HWY_SSE4
#define SDX_SIMD_CASE_SSE4(table) \
  case Target::kSse4:             \
    return &N_SSE4::table;
#else
#define SDX_SIMD_CASE_SSE4(table)
#endif
#if HWY_TARGETS & HWY_SSSE3
#define SDX_SIMD_CASE_SSSE3(table) \
  case Target::kSsse3:             \
    return &N_SSSE3::table;
#else
#define SDX_SIMD_CASE_SSSE3(table)
#endif
// A family with dot products names the function that gives its table for kNeonDot before including this.
#if SDX_SIMD_HAS_NEON_DOT && defined(SDX_SIMD_NEON_DOT_TABLE)
#define SDX_SIMD_CASE_NEON_DOT \
  case Target::kNeonDot:       \
    return SDX_SIMD_NEON_DOT_TABLE();
#else
#define SDX_SIMD_CASE_NEON_DOT
#endif
#if HWY_TARGETS & HWY_NEON
#define SDX_SIMD_CASE_NEON(table) \
  case Target::kNeon:             \
    return &N_NEON::table;
#else
#define SDX_SIMD_CASE_NEON(table)
#endif
#if HWY_TARGETS & HWY_WASM
#define SDX_SIMD_CASE_WASM(table) \
  case Target::kWasm:             \
    return &N_WASM::table;
#else
#define SDX_SIMD_CASE_WASM(table)
#endif
#if HWY_TARGETS & HWY_SCALAR
#define SDX_SIMD_CASE_SCALAR(table) \
  case Target::kScalar:             \
    return &N_SCALAR::table;
#else
// A static build has one table; it answers for kScalar too, so that best_table always ends.
#define SDX_SIMD_CASE_SCALAR(table) \
  case Target::kScalar:             \
    return &HWY_NAMESPACE::table;
#endif

#define SDX_SIMD_GETTERS(getter, Table, table) \
  const Table* getter##_for(Target t) {        \
    switch (t) {                               \
      SDX_SIMD_CASE_AVX3_DL(table)             \
      SDX_SIMD_CASE_AVX3(table)                \
      SDX_SIMD_CASE_AVX2(table)                \
      SDX_SIMD_CASE_SSE4(table)                \
      SDX_SIMD_CASE_SSSE3(table)               \
      SDX_SIMD_CASE_NEON_DOT                   \
      SDX_SIMD_CASE_NEON(table)                \
      SDX_SIMD_CASE_WASM(table)                \
      SDX_SIMD_CASE_SCALAR(table)              \
      default: return nullptr;                 \
    }                                          \
  }                                            \
  const Table& getter() { return best_table<Table>(getter##_for); }
#endif  // SDX_SIMD_CONFIGURED

#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#if HWY_TARGET == HWY_WASM
#include "simd/wasm_f64-inl.h"
#endif

#if HWY_TARGET == HWY_AVX3_DL
#undef HWY_TARGET_STR
#define HWY_TARGET_STR \
  HWY_TARGET_STR_AVX3 ",vpclmulqdq,avx512vbmi,avx512vbmi2,vaes,avxvnni,avx512vnni,avx512bitalg,avx512vpopcntdq"
#endif

#ifdef SDX_SIMD_NEON_DOT
#undef HWY_TARGET_STR
#define HWY_TARGET_STR "arch=armv8.2-a+crypto+dotprod"
#endif

// The Target this pass compiles.
#undef SDX_SIMD_TARGET
#if HWY_TARGET == HWY_AVX3_DL
#define SDX_SIMD_TARGET Target::kAvx3Dl
#elif HWY_TARGET == HWY_AVX3
#define SDX_SIMD_TARGET Target::kAvx3
#elif HWY_TARGET == HWY_AVX2
#define SDX_SIMD_TARGET Target::kAvx2
#elif HWY_TARGET == HWY_SSE4
#define SDX_SIMD_TARGET Target::kSse4
#elif HWY_TARGET == HWY_SSSE3
#define SDX_SIMD_TARGET Target::kSsse3
#elif defined(SDX_SIMD_NEON_DOT)
#define SDX_SIMD_TARGET Target::kNeonDot
#elif HWY_TARGET == HWY_NEON
#define SDX_SIMD_TARGET Target::kNeon
#elif HWY_TARGET == HWY_WASM
#define SDX_SIMD_TARGET Target::kWasm
#else
#define SDX_SIMD_TARGET Target::kScalar
#endif
