#include "base/str.h"

#include <algorithm>
#include <cstdio>
#include <vector>

namespace sardonyx {

Piece::Piece(int64_t v, bool is_unsigned) {
  size_ = static_cast<uint8_t>(is_unsigned
                                   ? std::snprintf(digits_, sizeof digits_, "%llu", static_cast<unsigned long long>(v))
                                   : std::snprintf(digits_, sizeof digits_, "%lld", static_cast<long long>(v)));
}

Piece::Piece(double v) { size_ = static_cast<uint8_t>(std::snprintf(digits_, sizeof digits_, "%.9g", v)); }

std::string cat_pieces(std::initializer_list<Piece> pieces) {
  size_t n = 0;
  for (const Piece& p : pieces) n += p.view().size();
  std::string s;
  s.reserve(n);
  for (const Piece& p : pieces) s += p.view();
  return s;
}

bool is_identifier(std::string_view s) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !s.empty() && letter(s[0]) &&
         std::all_of(s.begin(), s.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

std::string quoted(std::string_view name) {
  constexpr size_t kMost = 80;
  std::string s = "\"";
  for (size_t i = 0; i < name.size() && i < kMost; ++i) {
    const unsigned char c = static_cast<unsigned char>(name[i]);
    if (c >= 0x20 && c != 0x7f && c != '"' && c < 0x80) {
      s += static_cast<char>(c);
    } else {
      char hex[8];
      std::snprintf(hex, sizeof hex, "\\x%02x", c);
      s += hex;
    }
  }
  if (name.size() > kMost) s += "…";
  return s += '"';
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
  std::string_view best;
  size_t best_cost = word.size() / 3 + 2;
  for (std::string_view c : candidates) {
    std::vector<size_t> row(c.size() + 1);
    for (size_t j = 0; j <= c.size(); ++j) row[j] = j;
    for (size_t i = 1; i <= word.size(); ++i) {
      size_t diagonal = row[0]++;
      for (size_t j = 1; j <= c.size(); ++j) {
        const size_t up = row[j];
        row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (word[i - 1] != c[j - 1])});
        diagonal = up;
      }
    }
    if (row.back() < best_cost) best_cost = row.back(), best = c;
  }
  return best;
}

}  // namespace sardonyx
