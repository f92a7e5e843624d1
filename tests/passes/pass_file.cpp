#include "passes/pass_file.h"

#include "ir/text_lexer.h"

namespace sardonyx::passes {

namespace {

bool begins_block(std::string_view line) { return line.starts_with("rewrite ") || line.starts_with("keep "); }

// with p, q   opset 13   dims N = 2, M = 3   rtol 1e-4   atol 1e-5
Status parse_head(Lexer& lex, PassCase& c) {
  c.keep = lex.take_identifier() == "keep";
  SDX_TRY(c.name, lex.name("the name of the case"));
  while (!lex.at_end()) {
    const std::string_view key = lex.take_identifier();
    if (key == "with") {
      do {
        SDX_TRY(const std::string_view pass, lex.identifier("a pass"));
        c.also.emplace_back(pass);
      } while (lex.take(','));
    } else if (key == "dims") {
      do {
        SDX_TRY(const std::string_view name, lex.identifier("a symbol"));
        SDX_RETURN_IF_ERROR(lex.expect('='));
        SDX_TRY(c.dims[std::string(name)], lex.integer("an extent"));
      } while (lex.take(','));
    } else if (key == "opset") {
      SDX_TRY(const int64_t v, lex.integer("a version"));
      c.opset = static_cast<int>(v);
    } else if (key == "rtol" || key == "atol") {
      SDX_TRY(const Number v, lex.number());
      (key == "rtol" ? c.rtol : c.atol) = v.real;
    } else {
      return lex.expected("with, dims, opset, rtol or atol");
    }
  }
  return {};
}

// A graph ends with the brace that closes its nodes; constants between the outputs and the nodes have braces too.
size_t end_of_graph(std::string_view text) {
  int depth = 0;
  for (size_t i = text.find("=>") + 2; i < text.size(); ++i) {
    if (text[i] == '"') i = std::min(text.find('"', i + 1), text.size());
    if (depth == 0 && text[i] == '<') i = std::min(text.find('>', i), text.size());
    if (text[i] == '{') ++depth;
    if (text[i] == '}' && --depth == 0) return i + 1;
  }
  return text.size();
}

Status parse_body(std::string_view text, PassCase& c) {
  Lexer lex(text);
  while (!lex.at_end()) {
    const std::string_view key = lex.take_identifier();
    if (key == "before" || key == "after") {
      const size_t from = lex.position();
      if (text.find("=>", from) == text.npos) return lex.expected("a graph");
      const size_t n = end_of_graph(text.substr(from));
      (key == "before" ? c.before : c.after) = text.substr(from, n);
      lex.seek(from + n);
    } else if (key == "note") {
      SDX_TRY(std::string note, lex.string("text"));
      c.notes.push_back(std::move(note));
    } else {
      return lex.expected("before, after or note");
    }
  }
  if (c.before.empty()) return fail(Code::kProto, "there is no graph before");
  if (c.after.empty() != c.keep) return fail(Code::kProto, "a rewrite needs a graph after, a keep has none");
  return {};
}

}  // namespace

Result<std::vector<PassCase>> parse_pass_file(std::string_view text) {
  std::vector<PassCase> cases;
  std::vector<std::pair<size_t, size_t>> bodies;
  int number = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    ++number;
    if (begins_block(line)) {
      PassCase c;
      c.line = number;
      Lexer head(line);
      if (Status s = parse_head(head, c); !s.ok()) return fail(Code::kProto, "line ", number, ": ", s.message());
      cases.push_back(std::move(c));
      bodies.emplace_back(end, end);
    } else if (!bodies.empty()) {
      bodies.back().second = end;
    } else if (!Lexer(line).at_end()) {
      return fail(Code::kProto, "line ", number, ": expected rewrite or keep");
    }
    at = end + 1;
  }
  for (size_t i = 0; i < cases.size(); ++i) {
    Status s = parse_body(text.substr(bodies[i].first, bodies[i].second - bodies[i].first), cases[i]);
    if (!s.ok()) return fail(Code::kProto, "line ", cases[i].line, ": ", s.message());
  }
  return cases;
}

}  // namespace sardonyx::passes
