#include "tensor/dtype.h"

namespace sardonyx {
namespace {

constexpr std::string_view kNames[kDTypeCount] = {
    "undefined", "float",      "uint8",      "int8",         "uint16",         "int16",      "int32",
    "int64",     "string",     "bool",       "float16",      "double",         "uint32",     "uint64",
    "complex64", "complex128", "bfloat16",   "float8e4m3fn", "float8e4m3fnuz", "float8e5m2", "float8e5m2fnuz",
    "uint4",     "int4",       "float4e2m1", "float8e8m0",   "uint2",          "int2"};

}  // namespace

std::string_view dtype_name(DType t) {
  const int i = static_cast<int>(t);
  return kNames[i < kDTypeCount ? i : 0];
}

DType dtype_from_name(std::string_view name) {
  for (int i = 1; i < kDTypeCount; ++i) {
    if (kNames[i] == name) return static_cast<DType>(i);
  }
  return DType::kUndefined;
}

}  // namespace sardonyx
