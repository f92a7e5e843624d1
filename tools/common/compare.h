// Compares what a model gave with what it should have given: types, extents, then contents.
// Floats pass when |got - want| <= atol + rtol * |want| (NaN equals NaN); integers, bools and strings must be equal.
#pragma once
#include <string>
#include <vector>

#include "tensor/value.h"

namespace sardonyx {

struct Tolerance {
  double rtol = 1e-3, atol = 1e-7;
  bool scale_atol = false;  // multiply atol by the largest |want|
};

struct Difference {
  bool same = true;
  std::string text;     // the first difference, for people
  double max_abs = 0;   // largest |got - want| of finite elements
  double max_want = 0;  // largest |want| of finite elements
  double relative() const { return max_want > 0 ? max_abs / max_want : max_abs; }
};

Difference compare(const Value& got, const Value& want, const Tolerance& tolerance);

// The elements of a numeric or bool tensor of any type as doubles (complex types: two each).
std::vector<double> to_doubles(const Tensor& t);

}  // namespace sardonyx
