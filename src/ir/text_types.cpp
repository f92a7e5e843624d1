#include "ir/text_types.h"

#include <cmath>
#include <cstring>
#include <vector>

#include "base/chars.h"

namespace sardonyx {
namespace {

Status too_deep(Lexer& lex) { return lex.error(lex.position(), cat("nested deeper than ", kMaxTextDepth)); }

bool is_container(std::string_view id) {
  return id == "seq" || id == "optional" || id == "map" || id == "sparse_tensor" || id == "sparse" || id == "opaque";
}

Result<Dim> parse_dim_call(Lexer& lex, SymbolTable& sym, std::string_view f, int depth) {
  SDX_RETURN_IF_ERROR(lex.expect('('));
  SDX_TRY(const Dim a, parse_dim(lex, sym, depth + 1));
  SDX_RETURN_IF_ERROR(lex.expect(','));
  SDX_TRY(const Dim b, parse_dim(lex, sym, depth + 1));
  SDX_RETURN_IF_ERROR(lex.expect(')'));
  return f == "min" ? sym.min(a, b) : f == "max" ? sym.max(a, b) : sym.ceil_div(a, b);
}

Result<Dim> parse_dim_factor(Lexer& lex, SymbolTable& sym, int depth) {
  if (depth > kMaxTextDepth) return too_deep(lex);
  if (lex.take('?')) return sym.fresh();
  if (lex.take('(')) {
    SDX_TRY(const Dim d, parse_dim(lex, sym, depth + 1));
    SDX_RETURN_IF_ERROR(lex.expect(')'));
    return d;
  }
  if (lex.take('-')) {
    SDX_TRY(const Dim d, parse_dim_factor(lex, sym, depth + 1));
    return sym.sub(0, d);
  }
  if (const std::string_view id = lex.peek_identifier(); !id.empty()) {
    lex.take_identifier();
    const bool call = (id == "min" || id == "max" || id == "ceil_div") && lex.peek() == '(';
    return call ? parse_dim_call(lex, sym, id, depth) : sym.symbol(id);
  }
  if (lex.peek() == '"') {
    SDX_TRY(const std::string name, lex.string("an extent"));
    return sym.symbol(name);
  }
  SDX_TRY(const int64_t v, lex.integer("an extent (a number, a symbol or ?)"));
  return Dim(v);
}

Result<Dim> parse_dim_term(Lexer& lex, SymbolTable& sym, int depth) {
  SDX_TRY(Dim d, parse_dim_factor(lex, sym, depth));
  for (;;) {
    const char op = lex.peek();
    if (op != '*' && op != '/' && op != '%') return d;
    lex.take(op);
    SDX_TRY(const Dim r, parse_dim_factor(lex, sym, depth));
    d = op == '*' ? sym.mul(d, r) : op == '/' ? sym.floor_div(d, r) : sym.mod(d, r);
  }
}

Result<Fact> parse_container(Lexer& lex, SymbolTable& sym, std::string_view kind, int depth) {
  Fact f;
  SDX_RETURN_IF_ERROR(lex.expect('('));
  if (kind == "opaque") {
    f.type.kind = Type::Kind::kOpaque;
    while (!lex.at_end() && lex.peek() != ')') {
      if (lex.take_identifier().empty() && !lex.take('.') && !lex.take(',')) return lex.expected("a name or \")\"");
    }
    SDX_RETURN_IF_ERROR(lex.expect(')'));
    return f;
  }
  DType key = DType::kUndefined;
  if (kind == "map") {
    key = dtype_from_name(lex.peek_identifier());
    if (key == DType::kUndefined) return lex.expected("an element type");
    lex.take_identifier();
    SDX_RETURN_IF_ERROR(lex.expect(','));
  }
  SDX_TRY(Fact inner, parse_type(lex, sym, depth + 1));
  SDX_RETURN_IF_ERROR(lex.expect(')'));
  if (kind == "seq") {
    f.type = Type::sequence(inner.type);
  } else if (kind == "optional") {
    f.type = Type::optional(inner.type);
  } else if (kind == "map") {
    f.type = Type::map(key, inner.type);
  } else {
    f = std::move(inner);
    f.type.kind = Type::Kind::kSparse;
  }
  return f;
}

}  // namespace

bool at_type(Lexer& lex) {
  if (lex.peek() == '?') return true;
  const size_t start = lex.position();
  const std::string_view id = lex.take_identifier();
  const char next = lex.peek();
  const bool named = lex.at_name();
  lex.seek(start);
  if (is_container(id)) return next == '(';
  return dtype_from_name(id) != DType::kUndefined && (next == '[' || named);
}

Result<Fact> parse_type(Lexer& lex, SymbolTable& sym, int depth) {
  if (depth > kMaxTextDepth) return too_deep(lex);
  if (lex.take('?')) return Fact{};
  const std::string_view id = lex.peek_identifier();
  if (is_container(id)) {
    lex.take_identifier();
    return parse_container(lex, sym, id, depth);
  }
  const DType type = dtype_from_name(id);
  if (type == DType::kUndefined) return lex.expected("a type");
  lex.take_identifier();
  if (!lex.take('[')) return Fact::of(type, {});
  if (lex.take(']')) return Fact::unknown_rank(type);
  Shape shape;
  do {
    SDX_TRY(const Dim d, parse_dim(lex, sym, depth));
    if (d.known() && d.value() < 0) return lex.error(lex.position(), "an extent must not be negative");
    shape.push_back(d);
  } while (lex.take(','));
  SDX_RETURN_IF_ERROR(lex.expect(']'));
  return Fact::of(type, std::move(shape));
}

Result<Dim> parse_dim(Lexer& lex, SymbolTable& sym, int depth) {
  if (depth > kMaxTextDepth) return too_deep(lex);
  SDX_TRY(Dim d, parse_dim_term(lex, sym, depth));
  for (;;) {
    const char op = lex.peek();
    if (op != '+' && op != '-') return d;
    lex.take(op);
    SDX_TRY(const Dim r, parse_dim_term(lex, sym, depth));
    d = op == '+' ? sym.add(d, r) : sym.sub(d, r);
  }
}

namespace {

// Elements in reading order; complex ones as two.
Result<std::vector<Number>> parse_numbers(Lexer& lex, size_t most) {
  std::vector<Number> out;
  while (lex.peek() != '}') {
    if (out.size() == most) return lex.error(lex.position(), cat("more elements than the extents allow (", most, ")"));
    if (lex.take_keyword("true")) {
      out.push_back(Number::of(1));
    } else if (lex.take_keyword("false")) {
      out.push_back(Number::of(0));
    } else if (lex.take("…")) {
      return lex.error(lex.position(), "the constant was shortened when it was printed");
    } else {
      SDX_TRY(const Number n, lex.number());
      out.push_back(n);
    }
    if (!lex.take(',')) break;
  }
  return out;
}

Status fill_complex(const Tensor& t, const std::vector<Number>& parts) {
  for (size_t i = 0; i < parts.size(); ++i) {
    if (t.dtype() == DType::kC64)
      t.as<float>()[i] = static_cast<float>(parts[i].real);
    else
      t.as<double>()[i] = parts[i].real;
  }
  return {};
}

}  // namespace

Result<Tensor> parse_elements(Lexer& lex, DType type, const Shape& shape) {
  Extents dims;
  for (Dim d : shape) {
    if (!d.known()) return lex.error(lex.position(), "the extents of a constant must be numbers");
    dims.push_back(d.value());
  }
  SDX_RETURN_IF_ERROR(lex.expect('{'));
  const size_t start = (lex.peek(), lex.position());
  const auto bytes = checked_storage_bytes(type, dims);
  if (!bytes.ok() || *bytes > (size_t{1} << 30))
    return lex.error(start, "the extents are too large for a constant in text");
  SDX_TRY(Tensor t, Tensor::make(type, dims));
  if (type != DType::kString) std::memset(t.data(), 0, t.bytes());
  const size_t count = static_cast<size_t>(t.count()) * (is_complex(type) ? 2 : 1);
  size_t given = 0;
  if (type == DType::kString) {
    while (lex.peek() == '"' && given < count) {
      SDX_TRY(t.strings()[given++], lex.string("a string"));
      if (!lex.take(',')) break;
    }
  } else {
    SDX_TRY(const std::vector<Number> numbers, parse_numbers(lex, count));
    given = numbers.size();
    if (is_complex(type)) SDX_RETURN_IF_ERROR(fill_complex(t, numbers));
    for (size_t i = 0; !is_complex(type) && i < given; ++i)
      if (!store_number(t, static_cast<int64_t>(i), numbers[i]))
        return lex.error(start, cat("element ", i, " is not a value of type ", dtype_name(type)));
  }
  SDX_RETURN_IF_ERROR(lex.expect('}'));
  if (given != count) return lex.error(start, cat(given, " elements given, the extents ask for ", count));
  return t;
}

std::string print_float(float v) {
  if (std::isnan(v)) return "nan";
  if (std::isinf(v)) return v < 0 ? "-inf" : "inf";
  char buffer[64];
  const auto end = chars::to_chars(buffer, buffer + sizeof buffer, v).ptr;
  std::string s(buffer, end);
  if (s.find_first_of(".e") == s.npos) s += ".0";
  return s;
}

std::string print_string(std::string_view s) {
  std::string out = "\"";
  for (const char c : s) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      constexpr char digits[] = "0123456789abcdef";
      out += "\\x";
      out += digits[static_cast<unsigned char>(c) >> 4];
      out += digits[c & 15];
    } else {
      out += c;
    }
  }
  return out += '"';
}

std::string print_name(std::string_view name) {
  const bool plain = is_identifier(name) && name != "inf" && name != "nan";
  return plain ? std::string(name) : print_string(name);
}

std::string print_element(const Tensor& t, int64_t i) {
  if (t.dtype() == DType::kString) return print_string(t.strings()[static_cast<size_t>(i)]);
  const Number n = load_number(t, i);
  if (n.is_int) return cat(n.negative && n.magnitude ? "-" : "", n.magnitude);
  const auto real = [&](double v) {
    if (t.dtype() != DType::kF64 && t.dtype() != DType::kC128) return print_float(static_cast<float>(v));
    if (!std::isfinite(v)) return print_float(static_cast<float>(v));
    char buffer[64];
    return std::string(buffer, chars::to_chars(buffer, buffer + sizeof buffer, v).ptr);
  };
  return is_complex(t.dtype()) ? cat(real(n.real), ", ", real(imaginary_part(t, i))) : real(n.real);
}

std::string print_elements(const Tensor& t, int64_t limit) {
  std::string s = "{";
  for (int64_t i = 0; i < t.count(); ++i) {
    if (i) s += ", ";
    if (i == limit) {
      s += "…";
      break;
    }
    s += print_element(t, i);
  }
  return s += "}";
}

std::string print_fact(const Fact& f, const SymbolTable& sym) {
  std::string s = to_string(f.type);
  if (f.type.kind == Type::Kind::kSparse) s = cat("sparse_tensor(", dtype_name(f.type.elem), ")");
  if (!f.type.is_tensor()) return s;
  if (!f.has_rank) return s + "[]";
  return f.shape.empty() ? s : s + sym.to_string(f.shape);
}

}  // namespace sardonyx
