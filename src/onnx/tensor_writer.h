// Tensor to TensorProto: raw data, except strings.
#pragma once
#include <protozero/pbf_writer.hpp>
#include <string_view>

#include "tensor/tensor.h"

namespace sardonyx {

// Writes the fields of a TensorProto.
void write_tensor(protozero::pbf_writer& to, const Tensor& t, std::string_view name);
struct ExternalPlace {
  std::string_view file;  // beside the model
  int64_t offset = 0;
  size_t bytes = 0;
};
// The same with the bytes elsewhere.
void write_external_tensor(protozero::pbf_writer& to, const Tensor& t, std::string_view name,
                           const ExternalPlace& place);

}  // namespace sardonyx
