// Lexer: a cursor over the text format that skips blanks and comments (# to the end of the line) and reports where it
// is. Refers to the text, which must outlive it.
#pragma once
#include <string>
#include <string_view>

#include "base/status.h"
#include "tensor/element.h"

namespace sardonyx {

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  char peek();  // the next significant character; 0 at the end
  bool at_end() { return peek() == 0; }
  bool take(char c);
  bool take(std::string_view mark);  // "=>"
  Status expect(char c);
  Status expect(std::string_view mark);

  // Letters, digits and '_', not beginning with a digit; "" if something else comes next.
  std::string_view peek_identifier();
  std::string_view take_identifier();
  bool take_keyword(std::string_view word);
  Result<std::string_view> identifier(std::string_view what);
  // "text" with the escapes \\ \" \n \t \r \xNN.
  Result<std::string> string(std::string_view what);
  // An identifier or a string.
  bool at_name() { return peek() == '"' || !peek_identifier().empty(); }
  Result<std::string> name(std::string_view what);

  // Signed integers and decimals, inf, nan.
  bool at_number();
  Result<Number> number();
  Result<int64_t> integer(std::string_view what);

  size_t position() const { return pos_; }
  void seek(size_t pos) { pos_ = pos; }
  std::string_view since(size_t pos) const { return text_.substr(pos, pos_ - pos); }
  // kProto "line:column: expected `what`, got …" at the cursor.
  Status expected(std::string_view what);
  // kProto "line:column: message" at `pos`.
  Status error(size_t pos, std::string_view message) const;

 private:
  void skip_blanks();
  std::string_view text_;
  size_t pos_ = 0;
};

}  // namespace sardonyx
