#include "onnx/tensor_writer.h"

namespace sardonyx {
namespace {

void write_header(protozero::pbf_writer& to, const Tensor& t, std::string_view name) {
  for (int64_t d : t.dims()) to.add_int64(1, d);
  to.add_int32(2, static_cast<int32_t>(t.dtype()));
  if (!name.empty()) to.add_string(8, name.data(), name.size());
}

void write_entry(protozero::pbf_writer& to, std::string_view key, std::string_view value) {
  protozero::pbf_writer entry(to, 13);
  entry.add_string(1, key.data(), key.size());
  entry.add_string(2, value.data(), value.size());
}

}  // namespace

void write_tensor(protozero::pbf_writer& to, const Tensor& t, std::string_view name) {
  write_header(to, t, name);
  if (t.dtype() == DType::kString) {
    for (const std::string& s : t.strings()) to.add_bytes(6, s);
  } else {
    to.add_bytes(9, t.as<char>(), t.bytes());
  }
}

void write_external_tensor(protozero::pbf_writer& to, const Tensor& t, std::string_view name,
                           const ExternalPlace& place) {
  write_header(to, t, name);
  write_entry(to, "location", place.file);
  write_entry(to, "offset", cat(place.offset));
  write_entry(to, "length", cat(place.bytes));
  to.add_enum(14, 1);
}

}  // namespace sardonyx
