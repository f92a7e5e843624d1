// Which instruction-set target the compute tables of simd/ use on this machine.
// Every family header declares a struct of function pointers XxxTable and two getters:
//   const XxxTable& xxx();              the table of the best target this CPU runs (kernels keep the reference)
//   const XxxTable* xxx_for(Target t);  the table of one target, nullptr if the family was not compiled for it
// A caller may use a table only if cpu_runs(t). Thread-safe, except that force_target is for tests: call it while
// nothing computes. Environment: SDX_TARGET=avx2 (a target_name) caps the choice; names this CPU cannot run are
// ignored.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace sardonyx::simd {

// Best first within a machine family. kScalar runs everywhere and is always compiled.
enum class Target : uint8_t { kAvx3Dl, kAvx3, kAvx2, kSse4, kSsse3, kNeonDot, kNeon, kWasm, kScalar };
inline constexpr int kTargetCount = 9;

// "avx3_dl", "avx3", "avx2", "sse4", "ssse3", "neon_dot", "neon", "wasm", "scalar".
std::string_view target_name(Target t);
std::optional<Target> target_from_name(std::string_view name);

// Targets compiled into this library, best first. A family may lack those that add dot products of bytes, kAvx3Dl and
// kNeonDot (see foreach-inl.h).
std::span<const Target> compiled_targets();

// True if this CPU and operating system run the instructions of t.
bool cpu_runs(Target t);

// The best compiled target this CPU runs, unless forced or capped by SDX_TARGET. Cheap: one atomic load.
Target best_target();

// Makes best_target() return t (nullopt: back to the automatic choice). False and no change if t cannot run here.
bool force_target(std::optional<Target> t);

// The table for the best target: the first non-null one at or after `best` in order of Target.
template <class Table>
const Table& best_table(const Table* (*table_for)(Target)) {
  for (int t = static_cast<int>(best_target()); t < kTargetCount; ++t) {
    const Target target = static_cast<Target>(t);
    if (const Table* table = table_for(target); table != nullptr && cpu_runs(target)) return *table;
  }
  return *table_for(Target::kScalar);
}

}  // namespace sardonyx::simd
