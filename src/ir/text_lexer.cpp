#include "ir/text_lexer.h"

#include <charconv>
#include <limits>

#include "base/chars.h"

namespace sardonyx {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

}  // namespace

void Lexer::skip_blanks() {
  while (pos_ < text_.size()) {
    const char c = text_[pos_];
    if (c == '#') {
      while (pos_ < text_.size() && text_[pos_] != '\n') ++pos_;
    } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      ++pos_;
    } else {
      return;
    }
  }
}

char Lexer::peek() {
  skip_blanks();
  return pos_ < text_.size() ? text_[pos_] : '\0';
}

bool Lexer::take(char c) {
  if (pos_ >= text_.size() || peek() != c) return false;
  ++pos_;
  return true;
}

bool Lexer::take(std::string_view mark) {
  skip_blanks();
  if (!text_.substr(pos_).starts_with(mark)) return false;
  pos_ += mark.size();
  return true;
}

Status Lexer::expect(char c) {
  const char mark[] = {'"', c, '"', '\0'};
  return take(c) ? Status() : expected(mark);
}

Status Lexer::expect(std::string_view mark) { return take(mark) ? Status() : expected(cat("\"", mark, "\"")); }

std::string_view Lexer::peek_identifier() {
  if (!is_letter(peek())) return {};
  size_t end = pos_;
  while (end < text_.size() && (is_letter(text_[end]) || is_digit(text_[end]))) ++end;
  return text_.substr(pos_, end - pos_);
}

std::string_view Lexer::take_identifier() {
  const std::string_view id = peek_identifier();
  pos_ += id.size();
  return id;
}

bool Lexer::take_keyword(std::string_view word) {
  if (peek_identifier() != word) return false;
  pos_ += word.size();
  return true;
}

Result<std::string_view> Lexer::identifier(std::string_view what) {
  const std::string_view id = take_identifier();
  if (id.empty()) return expected(what);
  return id;
}

Result<std::string> Lexer::string(std::string_view what) {
  const size_t start = (peek(), pos_);
  if (!take('"')) return expected(what);
  std::string s;
  while (pos_ < text_.size() && text_[pos_] != '"') {
    char c = text_[pos_++];
    if (c == '\\' && pos_ < text_.size()) {
      c = text_[pos_++];
      if (c == 'n')
        c = '\n';
      else if (c == 't')
        c = '\t';
      else if (c == 'r')
        c = '\r';
      else if (c == 'x') {
        const int high = pos_ + 1 < text_.size() ? hex_digit(text_[pos_]) : -1;
        const int low = high < 0 ? -1 : hex_digit(text_[pos_ + 1]);
        if (low < 0) return error(pos_, "expected two hexadecimal digits after \\x");
        c = static_cast<char>(high * 16 + low);
        pos_ += 2;
      } else if (c != '"' && c != '\\') {
        return error(pos_ - 1, "unknown escape; expected one of \\\\ \\\" \\n \\t \\r \\xNN");
      }
    }
    s += c;
  }
  if (pos_ >= text_.size()) return error(start, "the string does not end");
  ++pos_;
  return s;
}

Result<std::string> Lexer::name(std::string_view what) {
  if (peek() == '"') return string(what);
  SDX_TRY(const std::string_view id, identifier(what));
  return std::string(id);
}

bool Lexer::at_number() {
  const char c = peek();
  if (is_digit(c)) return true;
  const std::string_view rest = text_.substr(pos_);
  if (c == '-' || c == '+') {
    const bool infinite =
        rest.substr(1).starts_with("inf") && (rest.size() == 4 || !(is_letter(rest[4]) || is_digit(rest[4])));
    return infinite || (rest.size() > 1 && (is_digit(rest[1]) || rest[1] == '.'));
  }
  if (c == '.') return rest.size() > 1 && is_digit(rest[1]);
  const std::string_view id = peek_identifier();
  return id == "inf" || id == "nan";
}

Result<Number> Lexer::number() {
  if (!at_number()) return expected("a number");
  const size_t start = pos_;
  const bool negative = text_[pos_] == '-';
  if (negative || text_[pos_] == '+') ++pos_;
  if (const std::string_view word = peek_identifier(); word == "inf" || word == "nan") {
    pos_ += word.size();
    if (word == "nan") return Number{false, negative, 0, std::numeric_limits<double>::quiet_NaN()};
    return Number::of_real(negative ? -std::numeric_limits<double>::infinity()
                                    : std::numeric_limits<double>::infinity());
  }
  const char *first = text_.data() + pos_, *last = text_.data() + text_.size();
  Number n;
  n.negative = negative;
  const auto whole = std::from_chars(first, last, n.magnitude);
  const auto real = chars::from_chars(first, last, n.real);
  if (real.ec != std::errc() && real.ec != std::errc::result_out_of_range) return error(start, "expected a number");
  if (real.ec == std::errc::result_out_of_range) return error(start, "the number is out of range");
  n.is_int = whole.ec == std::errc() && whole.ptr == real.ptr;
  if (negative) n.real = -n.real;
  pos_ = static_cast<size_t>(real.ptr - text_.data());
  if (pos_ < text_.size() && is_letter(text_[pos_])) return error(start, "expected a number, then a blank or a mark");
  return n;
}

Result<int64_t> Lexer::integer(std::string_view what) {
  const size_t start = (peek(), pos_);
  if (!at_number()) return expected(what);
  SDX_TRY(const Number n, number());
  const uint64_t limit = uint64_t{1} << 63;
  if (!n.is_int || n.magnitude > limit - (n.negative ? 0 : 1)) return error(start, cat("expected ", what));
  return static_cast<int64_t>(n.negative ? uint64_t{0} - n.magnitude : n.magnitude);
}

Status Lexer::expected(std::string_view what) {
  std::string got = "the end of the text";
  if (peek() != 0) {
    std::string_view token = peek_identifier();
    if (token.empty()) token = text_.substr(pos_, 1);
    got = quoted(token);
  }
  return error(pos_, cat("expected ", what, ", got ", got));
}

Status Lexer::error(size_t pos, std::string_view message) const {
  size_t line = 1, column = 1;
  for (size_t i = 0; i < pos && i < text_.size(); ++i) {
    if (text_[i] == '\n') {
      ++line;
      column = 1;
    } else if ((text_[i] & 0xC0) != 0x80) {
      ++column;
    }
  }
  return fail(Code::kProto, line, ":", column, ": ", message);
}

}  // namespace sardonyx
