// Tensor to TensorProto: raw data, except strings.
#pragma once
#include <protozero/pbf_writer.hpp>
#include <string_view>

#include "tensor/tensor.h"

namespace sardonyx {

// Writes the fields of a TensorProto.
void write_tensor(protozero::pbf_writer& to, const Tensor& t, std::string_view name);
// The same with the bytes elsewhere: `offset` of them in the file `location` beside the model.
void write_external_tensor(protozero::pbf_writer& to, const Tensor& t, std::string_view name, std::string_view location,
                           size_t offset);

}  // namespace sardonyx
