// Text helpers for messages: cat("A is ", 3, " wide") builds a string from pieces without iostreams or templates to
// instantiate.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace sardonyx {

// One piece of a message; converts from text, integers, bools and floating-point numbers.
class Piece {
 public:
  Piece(std::string_view s) : text_(s) {}
  Piece(const char* s) : text_(s) {}
  Piece(const std::string& s) : text_(s) {}
  Piece(bool v) : text_(v ? "true" : "false") {}
  Piece(double v);
  Piece(float v) : Piece(static_cast<double>(v)) {}
  template <class T, class = std::enable_if_t<std::is_integral_v<T> && !std::is_same_v<T, bool>>>
  Piece(T v) : Piece(static_cast<int64_t>(v), std::is_same_v<T, uint64_t>) {}
  std::string_view view() const { return text_.data() ? text_ : std::string_view(digits_, size_); }

 private:
  Piece(int64_t v, bool is_unsigned);
  std::string_view text_;
  char digits_[32];
  uint8_t size_ = 0;
};

std::string cat_pieces(std::initializer_list<Piece> pieces);

template <class... T>
std::string cat(const T&... pieces) {
  return cat_pieces({Piece(pieces)...});
}

// Letters, digits and '_', not beginning with a digit.
bool is_identifier(std::string_view s);

// "\"name\"" cut after 80 bytes; what is not visible UTF-8 (control characters, marks of direction) becomes \xNN.
std::string quoted(std::string_view name);
// Exact matches, so that std::quoted is never preferred.
inline std::string quoted(const std::string& name) { return quoted(std::string_view(name)); }
inline std::string quoted(std::string& name) { return quoted(std::string_view(name)); }
// An identifier as it is, anything else (and what is too long to read) quoted.
std::string identifier_or_quoted(std::string_view name);

// The candidate closest to `word` by edit distance, or "" if none is near (for "did you mean").
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);
inline std::string_view nearest(std::string_view word, std::initializer_list<std::string_view> candidates) {
  return nearest(word, std::span<const std::string_view>(candidates.begin(), candidates.size()));
}

}  // namespace sardonyx
