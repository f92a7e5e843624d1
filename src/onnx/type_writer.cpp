#include "onnx/type_writer.h"

namespace sardonyx {

using protozero::pbf_writer;

namespace {

// Fresh symbols ("_1") have no meaning outside this process, nor have expressions with them.
bool has_fresh_symbol(std::string_view text) {
  const auto is_word = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  for (size_t i = 0; i + 1 < text.size(); ++i)
    if (text[i] == '_' && text[i + 1] >= '0' && text[i + 1] <= '9' && (i == 0 || !is_word(text[i - 1]))) return true;
  return false;
}

// Messages that may be empty are made as strings: pbf_writer leaves an empty submessage out, but an empty shape is a
// scalar's.
std::string shape_message(const Shape& shape, const SymbolTable& symbols) {
  std::string bytes;
  pbf_writer to(bytes);
  for (Dim d : shape) {
    std::string dim;
    if (d.known()) {
      pbf_writer(dim).add_int64(1, d.value());
    } else if (const std::string text = symbols.to_string(d); !has_fresh_symbol(text)) {
      pbf_writer(dim).add_string(2, text);
    }
    to.add_message(1, dim);
  }
  return bytes;
}

}  // namespace

std::string type_message(const Type& t, const std::string* shape) {
  std::string content, bytes;
  pbf_writer to(content);
  const std::string inner = t.inner ? type_message(*t.inner) : std::string();
  uint32_t field = 0;
  switch (t.kind) {
    case Type::Kind::kTensor:
    case Type::Kind::kSparse:
      field = t.is_tensor() ? 1 : 8;
      to.add_int32(1, static_cast<int32_t>(t.elem));
      if (shape != nullptr) to.add_message(2, *shape);
      break;
    case Type::Kind::kSequence:
    case Type::Kind::kOptional:
      field = t.kind == Type::Kind::kSequence ? 4 : 9;
      to.add_message(1, inner);
      break;
    case Type::Kind::kMap:
      field = 5;
      to.add_int32(1, static_cast<int32_t>(t.elem));
      to.add_message(2, inner);
      break;
    case Type::Kind::kOpaque: field = 7; break;
    case Type::Kind::kUnknown: return bytes;
  }
  pbf_writer(bytes).add_message(field, content);
  return bytes;
}

void write_value_info(pbf_writer& graph, uint32_t field, std::string_view name, const Fact& f,
                      const SymbolTable& symbols) {
  pbf_writer to(graph, field);
  add_text(to, 1, name);
  const std::string shape = shape_message(f.shape, symbols);
  if (f.type.kind != Type::Kind::kUnknown) to.add_message(2, type_message(f.type, f.has_rank ? &shape : nullptr));
}

}  // namespace sardonyx
