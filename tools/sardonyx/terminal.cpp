#include "terminal.h"

#include <strings.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string_view>

namespace sardonyx {
namespace {

bool set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

bool locale_is_utf8() {
  for (const char* variable : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    if (!set(variable)) continue;
    const std::string_view value = std::getenv(variable);
    const size_t dot = value.find('.');
    const std::string encoding(dot == value.npos ? "" : value.substr(dot + 1));
    return strcasecmp(encoding.c_str(), "utf-8") == 0 || strcasecmp(encoding.c_str(), "utf8") == 0;
  }
  return true;
}

// The 24 greys of the 256-colour palette start at 232.
std::string grey_code(uint8_t value) { return std::to_string(232 + value * 24 / 256); }

const char* half_block(bool top, bool bottom) { return top ? (bottom ? "█" : "▀") : (bottom ? "▄" : " "); }

}  // namespace

TerminalStyle TerminalStyle::of(std::FILE* out) {
  const char* term = std::getenv("TERM");
  const bool dumb = term != nullptr && std::string_view(term) == "dumb";
  return {isatty(fileno(out)) == 1 && !set("NO_COLOR") && !dumb, locale_is_utf8()};
}

std::vector<std::string> draw_grey(std::span<const uint8_t> pixels, int width, int height, TerminalStyle style) {
  constexpr std::string_view kShades = " .:-=+*#%@";
  const auto at = [&](int x, int y) -> uint8_t {
    return y < height ? pixels[static_cast<size_t>(y) * static_cast<size_t>(width) + static_cast<size_t>(x)] : 0;
  };
  std::vector<std::string> lines;
  for (int y = 0; y < height; y += 2) {
    std::string line;
    for (int x = 0; x < width; ++x) {
      const uint8_t top = at(x, y), bottom = at(x, y + 1);
      if (!style.blocks) {
        line += kShades[static_cast<size_t>((top + bottom) / 2) * kShades.size() / 256];
      } else if (style.colours) {
        line += "\x1b[38;5;" + grey_code(top) + ";48;5;" + grey_code(bottom) + "m▀";
      } else {
        line += half_block(top >= 128, bottom >= 128);
      }
    }
    if (style.blocks && style.colours) line += "\x1b[0m";
    lines.push_back(std::move(line));
  }
  return lines;
}

std::string bar(double share, int cells, TerminalStyle style) {
  static constexpr const char* kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const double filled = std::isfinite(share) ? std::clamp(share, 0.0, 1.0) * cells : 0.0;
  int eighths = static_cast<int>(std::lround(filled * 8));
  std::string text;
  if (!style.blocks) {
    const auto full = static_cast<size_t>(std::lround(filled));
    return std::string(full, '#') + std::string(static_cast<size_t>(cells) - full, ' ');
  }
  int used = 0;
  for (; eighths >= 8; eighths -= 8, ++used) text += "█";
  if (eighths > 0) {
    text += kEighths[eighths];
    ++used;
  }
  return text + std::string(static_cast<size_t>(cells - used), ' ');
}

std::string emphasised(const std::string& text, TerminalStyle style) {
  return style.colours ? "\x1b[1;32m" + text + "\x1b[0m" : text;
}

}  // namespace sardonyx
