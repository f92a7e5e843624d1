// Element types of tensors, numbered as in ONNX (TensorProto.DataType), and what a type's bytes look like.
// Sub-byte types are packed: the first element sits in the low bits of the first byte.
// Thread-safe: constants and pure functions only.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sardonyx {

enum class DType : uint8_t {
  kUndefined = 0,
  kF32 = 1,
  kU8 = 2,
  kI8 = 3,
  kU16 = 4,
  kI16 = 5,
  kI32 = 6,
  kI64 = 7,
  kString = 8,
  kBool = 9,
  kF16 = 10,
  kF64 = 11,
  kU32 = 12,
  kU64 = 13,
  kC64 = 14,
  kC128 = 15,
  kBF16 = 16,
  kF8E4M3FN = 17,
  kF8E4M3FNUZ = 18,
  kF8E5M2 = 19,
  kF8E5M2FNUZ = 20,
  kU4 = 21,
  kI4 = 22,
  kF4E2M1 = 23,
  kF8E8M0 = 24,
  kU2 = 25,
  kI2 = 26,
};
inline constexpr int kDTypeCount = 27;

// Storage width in bits; 0 for kUndefined and kString (whose elements are std::string objects).
constexpr int dtype_bits(DType t) {
  constexpr uint8_t bits[kDTypeCount] = {0,  32,  8,  8, 16, 16, 32, 64, 0, 8, 16, 64, 32, 64,
                                         64, 128, 16, 8, 8,  8,  8,  4,  4, 4, 8,  2,  2};
  return static_cast<int>(t) < kDTypeCount ? bits[static_cast<int>(t)] : 0;
}

// ONNX's lower-case name ("float", "int64", "float8e4m3fn", …), and back (kUndefined if unknown).
std::string_view dtype_name(DType t);
DType dtype_from_name(std::string_view name);

// A set of element types, one bit per DType number.
using TypeMask = uint32_t;
constexpr TypeMask mask_of(DType t) { return TypeMask{1} << static_cast<int>(t); }
constexpr bool contains(TypeMask m, DType t) { return (m & mask_of(t)) != 0; }

constexpr bool is_float(DType t) {
  return t == DType::kF32 || t == DType::kF16 || t == DType::kF64 || t == DType::kBF16;
}
constexpr bool is_float8(DType t) { return (t >= DType::kF8E4M3FN && t <= DType::kF8E5M2FNUZ) || t == DType::kF8E8M0; }
constexpr bool is_signed_int(DType t) {
  return t == DType::kI8 || t == DType::kI16 || t == DType::kI32 || t == DType::kI64 || t == DType::kI4 ||
         t == DType::kI2;
}
constexpr bool is_unsigned_int(DType t) {
  return t == DType::kU8 || t == DType::kU16 || t == DType::kU32 || t == DType::kU64 || t == DType::kU4 ||
         t == DType::kU2;
}
constexpr bool is_int(DType t) { return is_signed_int(t) || is_unsigned_int(t); }
constexpr bool is_complex(DType t) { return t == DType::kC64 || t == DType::kC128; }

}  // namespace sardonyx
