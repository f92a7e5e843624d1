#include "simd/choose.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>

#define SDX_SIMD_WANT_DL
#include "base/platform.h"
#include "hwy/base.h"
#include "simd/hwy_config.h"

#if HWY_ARCH_X86
#include <cpuid.h>
#endif

namespace sardonyx::simd {
namespace {

constexpr std::string_view kNames[kTargetCount] = {"avx3_dl",  "avx3", "avx2", "sse4",  "ssse3",
                                                   "neon_dot", "neon", "wasm", "scalar"};

constexpr Target kCompiled[] = {
#if HWY_TARGETS & HWY_AVX3_DL
    Target::kAvx3Dl,
#endif
#if HWY_TARGETS & HWY_AVX3
    Target::kAvx3,
#endif
#if HWY_TARGETS & HWY_AVX2
    Target::kAvx2,
#endif
#if HWY_TARGETS & HWY_SSE4
    Target::kSse4,
#endif
#if HWY_TARGETS & HWY_SSSE3
    Target::kSsse3,
#endif
#if SDX_SIMD_HAS_NEON_DOT
    Target::kNeonDot,
#endif
#if HWY_TARGETS & HWY_NEON
    Target::kNeon,
#endif
#if HWY_TARGETS & HWY_WASM
    Target::kWasm,
#endif
    Target::kScalar,
};

#if HWY_ARCH_X86

struct CpuBits {
  uint32_t c1 = 0, b7 = 0, c7 = 0, c81 = 0;
  uint64_t xcr0 = 0;
};

constexpr bool has(uint32_t reg, std::initializer_list<int> bits) {
  for (int b : bits) {
    if ((reg >> b & 1) == 0) return false;
  }
  return true;
}

CpuBits read_cpu() {
  CpuBits r;
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return r;
  r.c1 = c;
  if (has(c, {27})) {  // OSXSAVE
    unsigned lo = 0, hi = 0;
    asm volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
    r.xcr0 = (uint64_t{hi} << 32) | lo;
  }
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) r.b7 = b, r.c7 = c;
  if (__get_cpuid(0x80000001u, &a, &b, &c, &d)) r.c81 = c;
  return r;
}

bool detect(Target t) {
  const CpuBits r = read_cpu();
  const bool ssse3 = has(r.c1, {0, 9});
  const bool sse4 = ssse3 && has(r.c1, {19, 20, 1, 25});  // SSE4.1, SSE4.2, PCLMUL, AES
  const bool avx2 = sse4 && has(r.c1, {28, 12, 29}) && has(r.b7, {3, 5, 8}) && has(r.c81, {5}) && (r.xcr0 & 6) == 6;
  const bool avx3 = avx2 && has(r.b7, {16, 17, 30, 31}) && (r.xcr0 & 0xE6) == 0xE6;  // F, DQ, BW, VL
  const bool dl =
      avx3 && has(r.c7, {1, 6, 9, 10, 11, 12, 14});  // VBMI, VBMI2, VAES, VPCLMULQDQ, VNNI, BITALG, VPOPCNTDQ
  switch (t) {
    case Target::kAvx3Dl: return dl;
    case Target::kAvx3: return avx3;
    case Target::kAvx2: return avx2;
    case Target::kSse4: return sse4;
    case Target::kSsse3: return ssse3;
    case Target::kScalar: return true;
    default: return false;
  }
}

#else

// Elsewhere vectors are part of the platform's baseline.
bool detect(Target t) {
  if (t == Target::kNeonDot) return SDX_SIMD_HAS_NEON_DOT && platform::cpu_multiplies_bytes();
  for (Target c : kCompiled)
    if (c == t) return true;
  return false;
}

#endif

uint32_t detect_all() {
  uint32_t mask = 0;
  for (int t = 0; t < kTargetCount; ++t) mask |= static_cast<uint32_t>(detect(static_cast<Target>(t))) << t;
  return mask;
}

Target choose() {
  int first = 0;
  if (const char* env = std::getenv("SDX_TARGET"); env != nullptr) {
    if (auto t = target_from_name(env); t && cpu_runs(*t)) first = static_cast<int>(*t);
  }
  for (Target t : kCompiled) {
    if (static_cast<int>(t) >= first && cpu_runs(t)) return t;
  }
  return Target::kScalar;
}

constinit std::atomic<int> chosen{-1};

}  // namespace

std::string_view target_name(Target t) { return kNames[static_cast<int>(t)]; }

std::optional<Target> target_from_name(std::string_view name) {
  for (int t = 0; t < kTargetCount; ++t) {
    if (kNames[t] == name) return static_cast<Target>(t);
  }
  return std::nullopt;
}

std::span<const Target> compiled_targets() { return kCompiled; }

bool cpu_runs(Target t) {
  static const uint32_t mask = detect_all();
  return (mask >> static_cast<int>(t) & 1) != 0;
}

Target best_target() {
  int t = chosen.load(std::memory_order_relaxed);
  if (t < 0) {
    t = static_cast<int>(choose());
    chosen.store(t, std::memory_order_relaxed);
  }
  return static_cast<Target>(t);
}

bool force_target(std::optional<Target> t) {
  if (!t) {
    chosen.store(-1, std::memory_order_relaxed);
    return true;
  }
  for (Target c : kCompiled) {
    if (c == *t && cpu_runs(c)) {
      chosen.store(static_cast<int>(c), std::memory_order_relaxed);
      return true;
    }
  }
  return false;
}

}  // namespace sardonyx::simd

#if HWY_IS_ASAN || HWY_IS_TSAN || HWY_IS_MSAN
// Under sanitizers Highway checks itself and wants this from its library, which we do without.
namespace hwy {
void Abort(const char*, int, const char* format, ...) {
  std::fputs(format, stderr);
  std::abort();
}
}  // namespace hwy
#endif
