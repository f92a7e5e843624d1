// Types and shapes of values as ONNX messages.
#pragma once
#include <protozero/pbf_writer.hpp>

#include "ir/fact.h"

namespace sardonyx {

// pbf_writer wants texts as pointer and size; a field of the second form is left out if it is empty.
inline void add_text(protozero::pbf_writer& to, uint32_t field, std::string_view text) {
  to.add_string(field, text.data(), text.size());
}
inline void add_text_if(protozero::pbf_writer& to, uint32_t field, std::string_view text) {
  if (!text.empty()) add_text(to, field, text);
}

// A TypeProto; `shape`, a TensorShapeProto, goes into that of a tensor.
std::string type_message(const Type& t, const std::string* shape = nullptr);
// A ValueInfoProto as field `field` of `graph`.
void write_value_info(protozero::pbf_writer& graph, uint32_t field, std::string_view name, const Fact& f,
                      const SymbolTable& symbols);

}  // namespace sardonyx
