// NumPy's files: .npy, one array, and .npz, a zip archive of them. Numeric and bool types, little-endian, in either
// order of axes; when read, also arrays of text (dtype "<U…"). Files are not trusted: every size is checked.
#pragma once
#include <string>
#include <string_view>

#include "tensor/tensor.h"

namespace sardonyx {

Result<Tensor> read_npy(const std::string& path);
// `origin` names the bytes in messages.
Result<Tensor> parse_npy(std::string_view bytes, const std::string& origin);
// The array `name` of an archive; its only one may have any name.
Result<Tensor> read_npz(const std::string& path, const std::string& name);

// Types that NumPy lacks (bfloat16, float8, 4- and 2-bit integers, strings) are refused.
Status write_npy(const std::string& path, const Tensor& tensor);

}  // namespace sardonyx
