#include "table.h"

#include <algorithm>

namespace sardonyx {
namespace {

// Code points, which is near enough to cells for names.
size_t width(const std::string& s) {
  return static_cast<size_t>(std::count_if(s.begin(), s.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string printed(const char* format, int digits, double v) {
  char text[400];
  std::snprintf(text, sizeof text, format, digits, v);
  return text;
}

}  // namespace

Table::Table(std::vector<std::string> titles) {
  for (std::string& t : titles) {
    right_.push_back(t.starts_with('>'));
    if (right_.back()) t.erase(0, 1);
  }
  rows_.push_back(std::move(titles));
}

void Table::add(std::vector<std::string> cells) {
  cells.resize(right_.size());
  rows_.push_back(std::move(cells));
}

void Table::print(std::FILE* out) const {
  std::vector<size_t> widths(right_.size());
  for (const auto& row : rows_)
    for (size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], width(row[c]));
  const bool colours = TerminalStyle::of(out).colours;
  for (size_t r = 0; r < rows_.size(); ++r) {
    std::string line;
    for (size_t c = 0; c < widths.size(); ++c) {
      const std::string pad(widths[c] - width(rows_[r][c]), ' ');
      line += c == 0 ? "  " : "   ";
      line += right_[c] ? pad + rows_[r][c] : rows_[r][c] + pad;
    }
    line.resize(line.find_last_not_of(' ') == line.npos ? 0 : line.find_last_not_of(' ') + 1);
    std::fprintf(out, r == 0 && colours ? "\x1b[2m%s\x1b[0m\n" : "%s\n", line.c_str());
  }
}

std::string fixed(double v, int digits) { return printed("%.*f", digits, v); }
std::string general(double v, int digits) { return printed("%.*g", digits, v); }

std::string bytes_text(double bytes) {
  static constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB"};
  size_t unit = 0;
  for (; bytes >= 1000 && unit + 1 < std::size(kUnits); ++unit) bytes /= 1000;
  return fixed(bytes, unit == 0 ? 0 : 1) + " " + kUnits[unit];
}

}  // namespace sardonyx
