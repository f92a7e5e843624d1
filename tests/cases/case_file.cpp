#include "cases/case_file.h"

#include "ir/text_types.h"

namespace sardonyx::cases {
namespace {

// Positions in the file: the head is a line, the body lasts to the next head.
struct Block {
  size_t head = 0, body = 0, end = 0;
  int line = 0;
};

bool begins_block(std::string_view line) {
  for (std::string_view word : {"case ", "facts ", "error "})
    if (line.starts_with(word)) return true;
  return false;
}

// A block begins with "case", "facts" or "error" at the first column.
Result<std::vector<Block>> split_blocks(std::string_view text) {
  std::vector<Block> blocks;
  int line_number = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    ++line_number;
    if (begins_block(line)) {
      blocks.push_back({at, end, end, line_number});
    } else if (!blocks.empty()) {
      blocks.back().end = end;
    } else if (!Lexer(line).at_end()) {
      return fail(Code::kProto, line_number, ":1: expected \"case\", \"facts\" or \"error\"");
    }
    at = end + 1;
  }
  return blocks;
}

Status parse_head(Lexer& lex, Case& c) {
  const std::string_view kind = lex.take_identifier();
  c.kind = kind == "case" ? Case::Kind::kRun : kind == "facts" ? Case::Kind::kFacts : Case::Kind::kError;
  SDX_TRY(c.name, lex.name("the name of the case"));
  while (!lex.at_end()) {
    const size_t pos = (lex.peek(), lex.position());
    const std::string_view key = lex.take_identifier();
    if (key == "static_extents") {
      c.static_extents = true;
      continue;
    }
    const bool version = key == "opset" || key == "ml_opset";
    if (!version && key != "rtol" && key != "atol")
      return lex.error(pos, "expected opset, ml_opset, rtol, atol or static_extents");
    if (version) {
      SDX_TRY(const int64_t v, lex.integer("a version"));
      (key == "opset" ? c.opset : c.ml_opset) = static_cast<int>(v);
    } else {
      SDX_TRY(const Number v, lex.number());
      (key == "rtol" ? c.rtol : c.atol) = v.real;
    }
  }
  return {};
}

// Where the text of a graph ends: behind the brace that closes its nodes. Works without understanding the graph, so
// that errors in it are the reader's to report.
size_t end_of_graph(std::string_view text) {
  int angles = 0, braces = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      while (++i < text.size() && text[i] != '"')
        if (text[i] == '\\') ++i;
    } else if (c == '#') {
      while (i < text.size() && text[i] != '\n') ++i;
    } else if (c == '=' && i + 1 < text.size() && text[i + 1] == '>') {
      ++i;
    } else if (c == '<' && braces == 0) {
      ++angles;
    } else if (c == '>' && braces == 0) {
      --angles;
    } else if (c == '{' && angles == 0) {
      ++braces;
    } else if (c == '}' && angles == 0 && --braces == 0) {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

// What an error case expects, with blanks collapsed and comment lines dropped.
std::string collapse(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    at = end + 1;
    const size_t first = line.find_first_not_of(" \t\r");
    if (first == line.npos || line[first] == '#') continue;
    for (char c : line.substr(first)) {
      const bool blank = c == ' ' || c == '\t' || c == '\r';
      if (!blank)
        out += c;
      else if (!out.empty() && out.back() != ' ')
        out += ' ';
    }
    if (!out.empty() && out.back() != ' ') out += ' ';
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

// The contents that a fact should know: an extent or a list of them.
Status skip_dims(Lexer& lex) {
  SymbolTable scratch;
  if (!lex.take('[')) return parse_dim(lex, scratch).status();
  while (lex.peek() != ']') {
    SDX_RETURN_IF_ERROR(parse_dim(lex, scratch).status());
    if (!lex.take(',')) break;
  }
  return lex.expect(']');
}

Result<Binding> parse_binding(Lexer& lex, Case::Kind kind) {
  Binding b;
  SDX_TRY(b.name, lex.name("the name of an input or output"));
  if (lex.take(':')) {
    lex.peek();
    const size_t start = lex.position();
    SymbolTable scratch;
    SDX_RETURN_IF_ERROR(parse_type(lex, scratch).status());
    b.type = lex.since(start);
  }
  if (lex.take('=')) {
    lex.peek();
    const size_t start = lex.position();
    if (kind == Case::Kind::kFacts) {
      SDX_RETURN_IF_ERROR(skip_dims(lex));
    } else {
      SDX_TRY(b.value, parse_literal(lex));
    }
    b.value_text = lex.since(start);
  } else if (b.type.empty()) {
    return lex.expected("\":\" and a type, or \"=\" and a value");
  }
  return b;
}

Result<Case> parse_block(std::string_view file, const Block& block) {
  Case c;
  c.line = block.line;
  Lexer head(file.substr(0, block.body));
  head.seek(block.head);
  SDX_RETURN_IF_ERROR(parse_head(head, c));
  Lexer lex(file.substr(0, block.end));
  lex.seek(block.body);
  if (lex.peek() != '<' && !lex.take_keyword("graph")) return lex.expected("\"graph\"");
  const size_t start = lex.position();
  const size_t length = end_of_graph(file.substr(start, block.end - start));
  if (length == std::string_view::npos) return lex.error(start, "the graph has no end");
  c.graph = file.substr(start, length);
  lex.seek(start + length);
  while (!lex.at_end()) {
    if (c.kind == Case::Kind::kError && lex.peek_identifier().starts_with("SDX_E_")) {
      c.error = collapse(file.substr(lex.position(), block.end - lex.position()));
      return c;
    }
    SDX_TRY(Binding b, parse_binding(lex, c.kind));
    c.bindings.push_back(std::move(b));
  }
  if (c.kind == Case::Kind::kError) return lex.expected("the expected error, beginning with SDX_E_");
  return c;
}

Result<Literal> parse_call(Lexer& lex, Literal::Kind kind, size_t least, size_t most) {
  Literal out;
  out.kind = kind;
  if (lex.take('(')) {
    while (lex.peek() != ')') {
      SDX_TRY(const Number n, lex.number());
      out.args.push_back(n);
      if (!lex.take(',')) break;
    }
    SDX_RETURN_IF_ERROR(lex.expect(')'));
  }
  if (out.args.size() < least || out.args.size() > most)
    return lex.error(lex.position(), cat("expected ", least, " to ", most, " arguments"));
  return out;
}

Result<Literal> parse_items(Lexer& lex, char end, int depth) {
  Literal out;
  while (lex.peek() != end) {
    std::string type;
    if (end == ')' && at_type(lex)) {
      const size_t start = lex.position();
      SymbolTable scratch;
      SDX_RETURN_IF_ERROR(parse_type(lex, scratch).status());
      type = lex.since(start);
    }
    SDX_TRY(Literal item, parse_literal(lex, depth + 1));
    out.items.push_back(std::move(item));
    out.types.push_back(std::move(type));
    if (end == '}') {
      SDX_RETURN_IF_ERROR(lex.expect(':'));
      SDX_TRY(Literal value, parse_literal(lex, depth + 1));
      out.items.push_back(std::move(value));
    }
    if (!lex.take(',')) break;
  }
  SDX_RETURN_IF_ERROR(lex.expect(end));
  out.kind = end == ']' ? Literal::Kind::kList : end == ')' ? Literal::Kind::kSequence : Literal::Kind::kMap;
  return out;
}

}  // namespace

Result<Literal> parse_literal(Lexer& lex, int depth) {
  if (depth > kMaxTextDepth) return lex.error(lex.position(), "nested too deeply");
  for (const auto& [open, close] : {std::pair('[', ']'), std::pair('(', ')'), std::pair('{', '}')})
    if (lex.take(open)) return parse_items(lex, close, depth);
  if (lex.take_keyword("iota")) return parse_call(lex, Literal::Kind::kIota, 0, 2);
  if (lex.take_keyword("random")) return parse_call(lex, Literal::Kind::kRandom, 1, 3);
  if (lex.take_keyword("fill")) return parse_call(lex, Literal::Kind::kFill, 1, 1);
  Literal out;
  if (lex.take_keyword("none")) return out;
  if (lex.peek() == '"') {
    out.kind = Literal::Kind::kString;
    SDX_TRY(out.text, lex.string("text"));
    return out;
  }
  out.kind = Literal::Kind::kNumber;
  if (lex.take_keyword("true")) {
    out.number = Number::of(1);
  } else if (lex.take_keyword("false")) {
    out.number = Number::of(0);
  } else if (lex.at_number()) {
    SDX_TRY(out.number, lex.number());
  } else {
    return lex.expected("a value: a number, text, a list, iota, random(seed), fill(v), (…), {…} or none");
  }
  return out;
}

Result<std::vector<Case>> parse_cases(std::string_view text) {
  SDX_TRY(const std::vector<Block> blocks, split_blocks(text));
  std::vector<Case> cases;
  for (const Block& b : blocks) {
    SDX_TRY(Case c, parse_block(text, b));
    for (const Case& other : cases)
      if (other.name == c.name && other.kind == c.kind)
        return fail(Code::kProto, b.line, ":1: the name ", quoted(c.name), " is taken by line ", other.line);
    cases.push_back(std::move(c));
  }
  if (cases.empty()) return fail(Code::kProto, "the file has no case");
  return cases;
}

}  // namespace sardonyx::cases
