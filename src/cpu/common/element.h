// Elements seen as storage only: kernels that move data are written once per width, not per type.
// F16 and BF16 give arithmetic kernels the narrow floats as types. Pure functions, thread-safe.
#pragma once
#include <cstring>
#include <string>
#include <type_traits>

#include "base/status.h"
#include "tensor/codec.h"
#include "tensor/dtype.h"

namespace sardonyx {

struct Wide16 {
  uint64_t low, high;
};

// Bytes of one element; sizeof(std::string) for strings, 0 for packed types.
constexpr int64_t element_bytes(DType t) {
  return t == DType::kString ? static_cast<int64_t>(sizeof(std::string)) : dtype_bits(t) / 8;
}
constexpr bool is_packed(DType t) { return dtype_bits(t) == 4 || dtype_bits(t) == 2; }

// fn(std::type_identity<T>) with T: uint8_t, uint16_t, uint32_t, uint64_t, Wide16 or std::string; returns its Status.
template <class F>
Status visit_storage(DType t, F&& fn) {
  if (t == DType::kString) return fn(std::type_identity<std::string>());
  switch (dtype_bits(t)) {
    case 8: return fn(std::type_identity<uint8_t>());
    case 16: return fn(std::type_identity<uint16_t>());
    case 32: return fn(std::type_identity<uint32_t>());
    case 64: return fn(std::type_identity<uint64_t>());
    case 128: return fn(std::type_identity<Wide16>());
    default: return fail(Code::kType, "elements of type ", dtype_name(t), " cannot be addressed one by one");
  }
}

struct F16 {
  uint16_t bits;
  F16() = default;
  explicit F16(float v) : bits(f16_from_f32(v)) {}
  operator float() const { return f32_from_f16(bits); }
};
struct BF16 {
  uint16_t bits;
  BF16() = default;
  explicit BF16(float v) : bits(bf16_from_f32(v)) {}
  operator float() const { return f32_from_bf16(bits); }
};

// fn(std::type_identity<T>) for the numeric types of at least 8 bits (bool is uint8_t); returns its Status.
template <class F>
Status visit_number(DType t, F&& fn) {
  switch (t) {
    case DType::kF32: return fn(std::type_identity<float>());
    case DType::kF64: return fn(std::type_identity<double>());
    case DType::kF16: return fn(std::type_identity<F16>());
    case DType::kBF16: return fn(std::type_identity<BF16>());
    case DType::kI8: return fn(std::type_identity<int8_t>());
    case DType::kI16: return fn(std::type_identity<int16_t>());
    case DType::kI32: return fn(std::type_identity<int32_t>());
    case DType::kI64: return fn(std::type_identity<int64_t>());
    case DType::kBool:
    case DType::kU8: return fn(std::type_identity<uint8_t>());
    case DType::kU16: return fn(std::type_identity<uint16_t>());
    case DType::kU32: return fn(std::type_identity<uint32_t>());
    case DType::kU64: return fn(std::type_identity<uint64_t>());
    default: return fail(Code::kType, "no arithmetic on elements of type ", dtype_name(t));
  }
}

// The same for the floats only.
template <class F>
Status visit_float(DType t, F&& fn) {
  switch (t) {
    case DType::kF32: return fn(std::type_identity<float>());
    case DType::kF64: return fn(std::type_identity<double>());
    case DType::kF16: return fn(std::type_identity<F16>());
    case DType::kBF16: return fn(std::type_identity<BF16>());
    default: return fail(Code::kType, "expected floating-point elements, got ", dtype_name(t));
  }
}

// Copies n elements between contiguous places that start at element offsets; any type, packed ones bit by bit if need
// be.
void copy_elements(DType t, const void* src, int64_t src_at, void* dst, int64_t dst_at, int64_t n);

// Sets n elements from element offset `at` on to element 0 of `value`.
void fill_elements(DType t, void* dst, int64_t at, int64_t n, const void* value);

// Sets n elements to zero, false or "".
void zero_elements(DType t, void* dst, int64_t at, int64_t n);

}  // namespace sardonyx
