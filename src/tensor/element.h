// Single elements of a tensor as numbers, whatever its element type: for constants, text and messages, not for compute.
#pragma once
#include "tensor/tensor.h"

namespace sardonyx {

// A number as written or read: an exact integer (sign and magnitude) or a floating-point value.
struct Number {
  bool is_int = true;
  bool negative = false;
  uint64_t magnitude = 0;
  double real = 0;  // the value in either case, rounded

  static Number of(int64_t v) {
    const uint64_t m = v < 0 ? uint64_t{0} - static_cast<uint64_t>(v) : static_cast<uint64_t>(v);
    return {true, v < 0, m, static_cast<double>(v)};
  }
  static Number of_unsigned(uint64_t v) { return {true, false, v, static_cast<double>(v)}; }
  static Number of_real(double v) { return {false, v < 0, 0, v}; }
};

// Stores v as element i. False if it does not fit: an integer type's range or a fraction, or a string tensor.
// Floating-point types round to nearest even and overflow to infinity (to the largest value where there is none);
// complex types take it as the real part.
bool store_number(const Tensor& t, int64_t i, const Number& v);
// Element i; the real part of a complex one. Not for strings.
Number load_number(const Tensor& t, int64_t i);
double imaginary_part(const Tensor& t, int64_t i);

// A rank-0 tensor. kRange if v does not fit the type.
Result<Tensor> make_scalar(DType type, const Number& v);
// `v` as a float scalar or integer scalar, whatever the type is. kRange if v does not fit the type.
Result<Tensor> make_scalar(DType type, double v);

}  // namespace sardonyx
