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

namespace {

// Characters that end lines, show nothing or turn the direction of writing, above ASCII.
bool is_invisible(uint32_t c) {
  return c < 0xa0 || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
         c == 0xfeff || (c >= 0xfff0 && c <= 0xffff);
}

// Length of the visible UTF-8 character at the front of s; 0 if there is none.
size_t visible_character(std::string_view s) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(s[i]); };
  if (byte(0) < 0x80) return byte(0) >= 0x20 && byte(0) != 0x7f && byte(0) != '"';
  const size_t n = byte(0) >= 0xf0 ? 4 : byte(0) >= 0xe0 ? 3 : 2;
  if (byte(0) < 0xc2 || byte(0) > 0xf4 || s.size() < n) return 0;
  uint32_t c = byte(0) & (0xffu >> (n + 1));
  for (size_t i = 1; i < n; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
    c = c << 6 | (byte(i) & 0x3f);
  }
  constexpr uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (c < kSmallest[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) return 0;
  return is_invisible(c) ? 0 : n;
}

}  // namespace

std::string quoted(std::string_view name) {
  constexpr size_t kMost = 80;
  std::string s = "\"";
  size_t i = 0;
  while (i < name.size() && i < kMost) {
    if (const size_t n = visible_character(name.substr(i)); n > 0) {
      s += name.substr(i, n);
      i += n;
      continue;
    }
    char hex[8];
    std::snprintf(hex, sizeof hex, "\\x%02x", static_cast<unsigned char>(name[i++]));
    s += hex;
  }
  if (name.size() > kMost) s += "…";
  return s += '"';
}

std::string identifier_or_quoted(std::string_view name) {
  constexpr size_t kLongest = 80;
  return is_identifier(name) && name.size() <= kLongest ? std::string(name) : quoted(name);
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
  constexpr size_t kLongest = 100;
  if (word.size() > kLongest) return {};
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
