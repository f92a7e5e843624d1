// NumPy's .npy files: one array each. Numeric and bool types in C order; little-endian files only.
#pragma once
#include <string>

#include "tensor/tensor.h"

namespace sardonyx {

Result<Tensor> read_npy(const std::string& path);

// Types that NumPy lacks (bfloat16, float8, 4- and 2-bit integers, strings) are refused.
Status write_npy(const std::string& path, const Tensor& tensor);

}  // namespace sardonyx
